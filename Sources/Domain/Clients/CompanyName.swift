/// The name of a client's company, unique among clients and matched exactly, byte by byte.
public struct CompanyName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// Nil unless 1 to 200 characters, none of them a control character, no white space at the ends.
  public init?(_ text: String) {
    guard text.isPlainLine(1...200) else { return nil }
    self.text = text
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }
}
