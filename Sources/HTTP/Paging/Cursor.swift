import JSON

/// A place in a list that is ordered by a key, opaque to the client. It holds the key of the last row shown
/// and the name of the list, so that a cursor of one list is refused by another. A checksum finds accidents
/// and idle tampering; it is no secret, and a cursor grants nothing that its key would not.
public struct Cursor: Sendable, Equatable {
  public let list: String
  /// The ordering columns of the last row, as text.
  public let key: [String]

  public init(list: String, key: [String]) {
    self.list = list
    self.key = key
  }

  public var text: String {
    let payload = JSON.write(capacity: 64) { $0.value([list] + key) }
    return Base64URL.encode([Self.version] + Self.checksum(payload) + payload)
  }

  /// Nil when the text was not made by `text`.
  public init?(_ text: String) {
    guard text.utf8.count <= 1024, let bytes = Base64URL.decode(text), bytes.first == Self.version,
      bytes.count > 5, Self.checksum(Array(bytes[5...])) == Array(bytes[1..<5]),
      let parts = try? JSON.read(Array(bytes[5...]), .array(of: .string(), 1...16))
    else { return nil }
    self.init(list: parts[0], key: Array(parts.dropFirst()))
  }

  private static let version: UInt8 = 1

  /// FNV-1a, 32 bits.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hash >> $0) }
  }
}
