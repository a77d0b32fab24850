import CPhoneNumber

/// An internet domain name in ASCII and lower case, as DNS knows it: `bücher.example` is
/// `xn--bcher-kva.example`.
public struct DomainName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  /// Reads a name as people write it, without white space or a final dot, by UTS #46 (ICU).
  ///
  /// Nil unless it has two labels or more of 1 to 63 letters, digits and inner hyphens, 253 bytes at most,
  /// and a last label that is not a number: a URL, an email address and an IP address are refused.
  public init?(_ text: String) {
    guard (1...1_000).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
    var buffer = [CChar](repeating: 0, count: 256)
    guard cpn_domain_to_ascii(text, &buffer, buffer.count) else { return nil }
    let ascii = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard ascii.utf8.count <= 253, Self.isHostName(ascii) else { return nil }
    self.text = ascii
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }

  /// The order of the bytes, as in SQL with `COLLATE "C"`.
  public static func < (a: DomainName, b: DomainName) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  private static func isHostName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, !last.utf8.allSatisfy({ (48...57).contains($0) })
    else { return false }
    return labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { byte in
          (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
  }
}
