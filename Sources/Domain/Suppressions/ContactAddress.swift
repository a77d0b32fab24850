/// Something by which a person, or everybody at a domain, is reached or known: what a suppression is about.
public struct ContactAddress: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case email
    /// All at this domain and at those below it.
    case domain
    case phone
    case linkedin
    /// Apollo's id of a person.
    case apollo

    /// Completes "expected …".
    public var expectation: String {
      switch self {
      case .email: "an email address"
      case .domain: "a domain such as example.com"
      case .phone: "a telephone number such as +14155550100"
      case .linkedin: "a URL of a LinkedIn profile"
      case .apollo: "an id of Apollo"
      }
    }
  }

  public let kind: Kind
  /// Normalised, so that the same address is the same text: a folded email address, a domain in ASCII, E.164,
  /// `LinkedInKey.text`, Apollo's id.
  public let value: String

  /// Reads an address as people write it. Nil when it is none of this kind.
  ///
  /// - Parameter region: the ISO 3166 country of a telephone number without a plus.
  public init?(_ kind: Kind, _ text: String, region: String = "US") {
    guard let value = Self.normalised(kind, text.trimmed, region) else { return nil }
    self.kind = kind
    self.value = value
  }

  /// An address that was normalised when it was stored.
  public init(_ kind: Kind, unchecked value: String) {
    self.kind = kind
    self.value = value
  }

  /// Reads an address of whatever kind it looks like. Nil when it looks like none, or is none of that kind.
  ///
  /// `@example.com` and `*.example.com` are domains.
  public init?(guessing text: String, region: String = "US") {
    let text = text.trimmed
    self.init(Self.looks(text), text, region: region)
  }

  private static func looks(_ text: String) -> Kind {
    if text.hasPrefix("@") || text.hasPrefix("*.") { return .domain }
    if text.contains("@") { return .email }
    if text.lowercased().contains("linkedin.com/") || isKey(text) { return .linkedin }
    if text.utf8.count == 24, text.utf8.allSatisfy(isHexadecimal) { return .apollo }
    if text.hasPrefix("+") || !text.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) {
      return .phone
    }
    return .domain
  }

  private static func normalised(_ kind: Kind, _ text: String, _ region: String) -> String? {
    switch kind {
    case .email: return EmailAddress(text)?.folded.text
    case .domain:
      let name = text.hasPrefix("*.") ? text.dropFirst(2) : text.hasPrefix("@") ? text.dropFirst() : text[...]
      return DomainName(String(name))?.text
    case .phone: return PhoneNumber(parsing: text, defaultRegion: region)?.e164
    case .linkedin: return LinkedInKey(isKey(text) ? "linkedin.com/" + text : text)?.text
    case .apollo: return text.isPlainLine(1...100) ? text : nil
    }
  }

  /// `in/dana-whitlock-1`, as lists that were exported have it.
  private static func isKey(_ text: String) -> Bool { text.hasPrefix("in/") || text.hasPrefix("pub/") }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...70, 97...102: true
    default: false
    }
  }

  /// A domain and those above it, down to two labels; for an email address those of its domain.
  public var domains: [ContactAddress] {
    let name: Substring
    switch kind {
    case .domain: name = value[...]
    case .email: name = value[(value.lastIndex(of: "@").map(value.index(after:)) ?? value.startIndex)...]
    case .phone, .linkedin, .apollo: return []
    }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2 else { return [] }
    return (0...labels.count - 2).map {
      ContactAddress(.domain, unchecked: labels[$0...].joined(separator: "."))
    }
  }

  /// All by which a suppression can mean it: itself, and its domains.
  public var covering: [ContactAddress] { kind == .domain ? domains : [self] + domains }
}

extension ContactAddress: CustomStringConvertible, CustomDebugStringConvertible {
  /// The kind only: an address is personal.
  public var description: String { "\(kind.rawValue) address" }
  public var debugDescription: String { description }
}

/// The key of an address: half a salted SHA-256, so that it tells nothing elsewhere. Made by the database.
public typealias ContactKey = ID<ContactAddress>
