/// The id that the telephony provider gave to a number: the primary key of the pool.
public struct ProviderNumberID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  /// Nil unless 1 to 100 visible ASCII characters.
  public init?(_ text: String) {
    let bytes = text.utf8
    guard (1...100).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    self.text = text
  }

  /// An id that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }

  /// The order of the bytes, as in SQL with `COLLATE "C"`.
  public static func < (a: ProviderNumberID, b: ProviderNumberID) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }
}
