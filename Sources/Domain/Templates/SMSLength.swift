/// How long a text is as an SMS: in septets of the GSM alphabet (3GPP TS 23.038), where some characters take
/// two, or in UTF-16 units when one character is outside of that alphabet.
public struct SMSLength: Hashable, Sendable {
  public enum Encoding: String, CaseIterable, Hashable, Sendable {
    case gsm7, ucs2
  }

  public let encoding: Encoding
  public let units: Int
  /// Of one segment: 160 septets or 70 units.
  public var limit: Int { encoding == .gsm7 ? 160 : 70 }
  public var fits: Bool { units <= limit }

  public init(_ text: String) {
    var septets = 0
    for scalar in text.unicodeScalars {
      if Self.basic.contains(scalar) {
        septets += 1
      } else if Self.extended.contains(scalar) {
        septets += 2
      } else {
        (encoding, units) = (.ucs2, text.utf16.count)
        return
      }
    }
    (encoding, units) = (.gsm7, septets)
  }

  private static let basic = Set(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      + "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
  private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}
