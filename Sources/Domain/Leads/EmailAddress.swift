/// An email address, its domain in lower case.
///
/// A practical check, not RFC 5322: what mail providers accept. Quoted local parts, comments and address
/// literals are refused.
public struct EmailAddress: Hashable, Sendable {
  public let text: String

  /// Nil unless `local@domain`: at most 254 bytes, the local part at most 64; no white space or control
  /// character; dots only between other characters; a domain of two labels or more, as in RFC 1035.
  public init?(_ text: String) {
    guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return nil }
    let local = text[..<at]
    let domain = text[text.index(after: at)...].lowercased()
    guard Self.isLocalPart(local), Self.isDomain(domain) else { return nil }
    self.text = "\(local)@\(domain)"
  }

  /// An address that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  private static func isLocalPart(_ text: Substring) -> Bool {
    guard (1...64).contains(text.utf8.count), text.first != ".", text.last != "." else { return false }
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      guard isWordScalar(scalar) || "!#$%&'*+-/=?^_`{|}~.".unicodeScalars.contains(scalar),
        !(scalar == "." && previous == ".")
      else { return false }
      previous = scalar
    }
    return true
  }

  private static func isDomain(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, !last.utf8.allSatisfy({ (48...57).contains($0) })
    else { return false }
    return labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.unicodeScalars.allSatisfy { isWordScalar($0) || $0 == "-" }
    }
  }

  /// Letters, marks and digits of any script: addresses may be international (RFC 6531).
  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": true
      default: false
      }
    }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber:
      true
    default: false
    }
  }
}

extension EmailAddress: CustomStringConvertible, CustomDebugStringConvertible {
  /// The first character and the domain: `j•••@example.com`. Use `text` for the address itself.
  public var masked: String {
    guard let first = text.first, let at = text.lastIndex(of: "@") else { return "•••" }
    return "\(first)•••\(text[at...])"
  }

  public var description: String { masked }
  public var debugDescription: String { masked }
}

extension EmailAddress {
  /// As people are told apart by it: all in lower case, the domain in ASCII (IDNA).
  public var folded: EmailAddress {
    guard let at = text.lastIndex(of: "@") else { return self }
    let domain = String(text[text.index(after: at)...])
    return EmailAddress(
      unchecked: "\(text[..<at].lowercased())@\(DomainName(domain)?.text ?? domain.lowercased())")
  }

  /// The part after the `@`.
  public var domain: DomainName {
    DomainName(
      unchecked: String(text[(text.lastIndex(of: "@").map(text.index(after:)) ?? text.startIndex)...]))
  }
}
