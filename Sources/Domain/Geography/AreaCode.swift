/// An area code of the North American Numbering Plan: 200 to 999.
public struct AreaCode: Hashable, Comparable, Sendable, CustomStringConvertible, LosslessStringConvertible {
  public let value: UInt16

  public init?(_ value: Int) {
    guard (200...999).contains(value) else { return nil }
    self.value = UInt16(value)
  }

  /// Exactly three digits.
  public init?(_ text: String) {
    guard text.utf8.count == 3, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text)
    else { return nil }
    self.init(value)
  }

  public var description: String { String(value) }

  public static func < (a: AreaCode, b: AreaCode) -> Bool { a.value < b.value }

  /// The states, provinces or countries that the code serves; several where they share it, none for codes
  /// that belong to no place (toll-free) or that the library does not know.
  public var regions: [Region] { Geography.northAmerica.regions[self] ?? [] }
}
