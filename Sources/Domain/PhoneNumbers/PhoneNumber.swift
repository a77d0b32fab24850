import CPhoneNumber

/// A telephone number in E.164: a plus and at most 15 digits.
public struct PhoneNumber: Hashable, Sendable {
  public let e164: String

  /// A valid number that is written in E.164 already, such as `+14244851544`. Nil for anything else.
  public init?(e164 text: String) {
    guard text.hasPrefix("+"), let number = PhoneNumber(parsing: text, defaultRegion: "ZZ"),
      number.e164 == text
    else { return nil }
    self = number
  }

  /// A valid number as people write it: "650-530-0051", "(650) 530-0051", "+44 20 7946 0958".
  ///
  /// `defaultRegion` is the ISO 3166 country of a number without a plus. Extensions and text around the
  /// number are refused, because a caller's mistake should not become a number.
  public init?(parsing text: String, defaultRegion: String = "US") {
    guard text.utf8.count <= 40, text.utf8.allSatisfy(Self.isPunctuationOrDigit) else { return nil }
    var buffer = [CChar](repeating: 0, count: 24)
    guard cpn_normalize(text, defaultRegion, &buffer, buffer.count) else { return nil }
    e164 = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A number that was valid when it was stored.
  public init(unchecked text: String) { e164 = text }

  private static func isPunctuationOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: " "):
      true
    default: false
    }
  }

  /// The area code of a number of the North American plan (+1 and ten digits), else nil.
  public var areaCode: AreaCode? {
    let bytes = e164.utf8
    guard bytes.count == 12, e164.hasPrefix("+1") else { return nil }
    return AreaCode(String(e164.dropFirst(2).prefix(3)))
  }
}

extension PhoneNumber: CustomStringConvertible, CustomDebugStringConvertible {
  /// Enough to recognise a number, too little to call it: `+1424•••1544`. Use `e164` for the number.
  public var masked: String {
    let isLong = e164.utf8.count >= 12
    return "\(e164.prefix(isLong ? 5 : 3))•••\(e164.suffix(isLong ? 4 : 2))"
  }

  public var description: String { masked }
  public var debugDescription: String { masked }
}
