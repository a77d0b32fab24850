/// A request's target (RFC 9112 §3.2), split but not decoded. Origin form, or absolute form with http or
/// https, whose authority is ignored.
struct Target: Sendable {
  let bytes: [UInt8]
  let pathRange: Range<Int>
  /// Without the question mark; empty when there is none.
  let queryRange: Range<Int>

  /// Nil when the target is of another form or has a character that must be percent-encoded.
  init?(_ bytes: [UInt8]) {
    for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "#") { return nil }
    guard let start = Self.pathStart(bytes) else { return nil }
    let question = bytes[start...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
    self.bytes = bytes
    pathRange = start..<question
    queryRange = min(question + 1, bytes.count)..<bytes.count
  }

  var query: String { String(decoding: bytes[queryRange], as: UTF8.self) }
  var path: String { String(decoding: bytes[pathRange], as: UTF8.self) }

  private static func pathStart(_ bytes: [UInt8]) -> Int? {
    if bytes.first == UInt8(ascii: "/") { return 0 }
    for scheme in ["http://", "https://"] {
      let count = scheme.utf8.count
      guard bytes.count > count, zip(bytes, scheme.utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
        continue
      }
      let end = bytes[count...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
      return end.flatMap { bytes[$0] == UInt8(ascii: "/") ? $0 : nil }
    }
    return nil
  }
}
