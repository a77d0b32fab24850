/// Where the caller would like the number to be from: an area code or a territory.
///
/// Selection goes from an exact match over the same region to any number. A text that is neither an area code
/// nor a known place is a territory of the operator's own, and only matches exactly.
public struct Near: Hashable, Sendable {
  /// As it was given, trimmed.
  public let text: String
  /// Area codes of the wanted code or city.
  public let exactAreaCodes: Set<AreaCode>
  /// Territories, in lower case, that mean the wanted place itself.
  public let exactTerritories: Set<String>
  /// Area codes of the same state, province or country, with the exact ones.
  public let regionAreaCodes: Set<AreaCode>
  /// Territories, in lower case, that name that state, province or country, with the exact ones.
  public let regionTerritories: Set<String>

  /// How close a number is; the smaller, the better.
  public enum Rank: Int, Comparable, CaseIterable, Sendable {
    case exact, region, any

    public static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
  }

  /// "424", "+1424", "CA", "California", "Los Angeles" or a territory of one's own. Nil when it is empty,
  /// longer than 100 characters or has control characters.
  public init?(_ text: String) {
    let text = text.trimmed
    guard text.isPlainLine(1...100) else { return nil }
    self.text = text
    let folded = text.lowercased()
    if let code = Self.areaCode(folded) {
      exactAreaCodes = [code]
      exactTerritories = [folded, code.description]
      (regionAreaCodes, regionTerritories) = Self.surroundings(code.regions, [code], exactTerritories)
      return
    }
    let cityCodes = Geography.northAmerica.cities[folded] ?? []
    if let region = Region(text) {
      // "New York" is a state and a city in it; "Ontario" is a province, and a city elsewhere.
      exactAreaCodes = cityCodes.intersection(region.areaCodes)
      exactTerritories = [folded, region.code.lowercased(), region.name.lowercased()]
      (regionAreaCodes, regionTerritories) = Self.surroundings([region], exactAreaCodes, exactTerritories)
    } else {
      exactAreaCodes = cityCodes
      exactTerritories = [folded]
      let regions = Set(cityCodes.flatMap(\.regions))
      (regionAreaCodes, regionTerritories) = Self.surroundings(regions, cityCodes, exactTerritories)
    }
  }

  public func rank(areaCode: AreaCode?, territories: [String]) -> Rank {
    let territories = territories.map { $0.lowercased() }
    if areaCode.map(exactAreaCodes.contains) ?? false { return .exact }
    if territories.contains(where: exactTerritories.contains) { return .exact }
    if areaCode.map(regionAreaCodes.contains) ?? false { return .region }
    return territories.contains(where: regionTerritories.contains) ? .region : .any
  }

  private static func areaCode(_ text: String) -> AreaCode? {
    AreaCode(text.hasPrefix("+1") ? String(text.dropFirst(2)) : text)
  }

  private static func surroundings(
    _ regions: some Collection<Region>, _ codes: Set<AreaCode>, _ territories: Set<String>
  ) -> (Set<AreaCode>, Set<String>) {
    var (codes, territories) = (codes, territories)
    for region in regions {
      codes.formUnion(region.areaCodes)
      territories.insert(region.code.lowercased())
      territories.insert(region.name.lowercased())
    }
    return (codes, territories)
  }
}
