import CPhoneNumber

/// Which places the area codes of North America serve, computed from libphonenumber's geocoder.
///
/// Making it takes about a fifth of a second, once, when it is first used; a server uses it at its start.
public struct Geography: Sendable {
  let regions: [AreaCode: [Region]]
  let areaCodes: [Region: Set<AreaCode>]
  /// Area codes by city, under "los angeles" and "los angeles, ca".
  let cities: [String: Set<AreaCode>]

  public static let northAmerica = Geography()

  private init() {
    var regions: [AreaCode: [Region]] = [:]
    var cities: [String: Set<AreaCode>] = [:]
    var cityCodes: [AreaCode: String] = [:]
    for code in (200...999).compactMap({ AreaCode($0) }) {
      if let country = Self.country(of: code) {
        regions[code] = [country]
        continue
      }
      for place in Self.places(of: code) {
        let found = Self.regions(of: place)
        if regions[code] == nil || found.count > 1 { regions[code] = found.isEmpty ? nil : found }
        guard found.count == 1, let comma = place.firstIndex(of: ",") else {
          if found.isEmpty { cityCodes[code] = place.lowercased() }
          continue
        }
        cities[place.lowercased(), default: []].insert(code)
        cities[place[..<comma].lowercased(), default: []].insert(code)
      }
    }
    // A few codes are described by a bare city; its state is known from the city's other codes.
    for (code, city) in cityCodes where regions[code] == nil {
      guard let sibling = cities[city]?.min(), let region = regions[sibling] else { continue }
      regions[code] = region
      cities[city, default: []].insert(code)
    }
    var areaCodes: [Region: Set<AreaCode>] = [:]
    for (code, served) in regions { for region in served { areaCodes[region, default: []].insert(code) } }
    self.regions = regions
    self.areaCodes = areaCodes
    self.cities = cities
  }

  private static func country(of code: AreaCode) -> Region? {
    text { cpn_country("+1\(code)5550100", $0, $1) }.flatMap(Region.init(country:))
  }

  /// The descriptions found under the code: samples of its exchanges, so that its larger cities appear.
  private static func places(of code: AreaCode) -> [String] {
    var places: [String] = []
    for exchange in stride(from: 200, to: 1000, by: 37) {
      guard let place = text({ cpn_describe_place("+1\(code)\(exchange)0100", $0, $1) }) else {
        // Exchanges of an area code that is in use are nearly all valid.
        if places.isEmpty && exchange > 300 { return [] }
        continue
      }
      if place == "United States" || place == "Canada" { return [] }
      if !places.contains(place) { places.append(place) }
    }
    return places
  }

  /// "California", "Los Angeles, CA", "Nova Scotia/Prince Edward Island".
  private static func regions(of place: String) -> [Region] {
    if let comma = place.lastIndex(of: ","),
      let region = Region(String(place[place.index(after: comma)...]).trimmed)
    {
      return [region]
    }
    return place.split(separator: "/").compactMap { Region(String($0)) }
  }

  private static func text(_ write: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      write(buffer.baseAddress!, 128) ? String(cString: buffer.baseAddress!) : nil
    }
  }
}
