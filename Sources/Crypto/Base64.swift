/// Base 64 (RFC 4648): the URL alphabet without padding for tokens and cursors, the standard one for
/// signatures of webhooks.
public enum Base64 {
  /// The alphabet of §5 (`-` and `_`), without padding.
  public static func encodeURL(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: encode(bytes, alphabet: url), as: UTF8.self)
  }

  /// The alphabet of §4 (`+` and `/`), padded with `=`.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text = encode(bytes, alphabet: standard)
    while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads the URL alphabet without padding. Nil for anything else, also for bits left over that are
  /// not zero: each value has exactly one text, so a changed cursor is never taken for the same one.
  public static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
    decode(Array(text.utf8), alphabet: url)
  }

  /// Reads the standard alphabet with its padding. Nil for anything else.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var text = Array(text.utf8)
    guard text.count.isMultiple(of: 4) else { return nil }
    for _ in 0..<2 where text.last == UInt8(ascii: "=") { text.removeLast() }
    return decode(text, alphabet: standard)
  }

  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  private static let standard = Array((letters + "+/").utf8)
  private static let url = Array((letters + "-_").utf8)

  private static func encode(_ bytes: some Sequence<UInt8>, alphabet: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 4 / 3 + 3)
    var buffer = 0
    var bits = 0
    for byte in bytes {
      buffer = (buffer << 8 | Int(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[buffer >> bits & 63])
      }
    }
    if bits > 0 { text.append(alphabet[buffer << (6 - bits) & 63]) }
    return text
  }

  private static func decode(_ text: [UInt8], alphabet: [UInt8]) -> [UInt8]? {
    guard text.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var buffer = 0
    var bits = 0
    for letter in text {
      guard let value = value(of: letter, alphabet: alphabet) else { return nil }
      buffer = (buffer << 6 | value) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
      }
    }
    return buffer & ((1 << bits) - 1) == 0 ? bytes : nil
  }

  private static func value(of letter: UInt8, alphabet: [UInt8]) -> Int? {
    switch letter {
    case 65...90: Int(letter) - 65
    case 97...122: Int(letter) - 71
    case 48...57: Int(letter) + 4
    case alphabet[62]: 62
    case alphabet[63]: 63
    default: nil
    }
  }
}
