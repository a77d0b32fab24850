/// What a resource is called outside: a domain, a mailbox's address, a number in E.164, a seat's id.
/// Normalised, so that the same thing has one text; unique in the pool.
public struct ResourceValue: Hashable, Sendable {
  public let text: String
  private let kind: ResourceKind

  /// Reads what people write. White space at both ends is ignored.
  ///
  /// - Parameter region: the ISO 3166 country of a phone number without a plus.
  public init(_ text: String, kind: ResourceKind, region: String = "US") throws(ResourceValueFault) {
    let text = text.trimmed
    guard !text.isEmpty else { throw .empty }
    self.kind = kind
    switch kind {
    case .emailDomain: self.text = try Self.domain(text)
    case .mailbox: self.text = try Self.mailbox(text)
    case .phoneNumber:
      guard let number = PhoneNumber(parsing: text, defaultRegion: region) else { throw .notAPhoneNumber }
      self.text = number.e164
    case .linkedInSeat:
      guard text.isPlainLine(1...200), !text.unicodeScalars.contains(where: \.properties.isWhitespace)
      else { throw .notASeat }
      self.text = text
    }
  }

  /// A value that was valid when it was stored.
  public init(unchecked text: String, kind: ResourceKind) {
    self.text = text
    self.kind = kind
  }

  /// The domain of an email domain or a mailbox.
  public var domain: DomainName? {
    switch kind {
    case .emailDomain: DomainName(unchecked: text)
    case .mailbox:
      text.lastIndex(of: "@").map { DomainName(unchecked: String(text[text.index(after: $0)...])) }
    case .phoneNumber, .linkedInSeat: nil
    }
  }

  private static func domain(_ text: String) throws(ResourceValueFault) -> String {
    guard !text.contains("@") else { throw .addressInsteadOfDomain }
    guard !text.contains("/"), !text.contains(":") else { throw .urlInsteadOfDomain }
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    guard let domain = DomainName(name) else { throw .notADomain }
    return domain.text
  }

  /// The local part in lower case too: no provider of mailboxes tells `Jo@` from `jo@`.
  private static func mailbox(_ text: String) throws(ResourceValueFault) -> String {
    guard let at = text.lastIndex(of: "@"), let domain = DomainName(String(text[text.index(after: at)...])),
      let address = EmailAddress("\(text[..<at].lowercased())@\(domain)")
    else { throw .notAnAddress }
    return address.text
  }
}

extension ResourceValue: CustomStringConvertible, CustomDebugStringConvertible {
  /// Numbers and addresses print masked, domains and seats whole. Use `text` for the value.
  public var description: String {
    switch kind {
    case .emailDomain, .linkedInSeat: text
    case .mailbox: EmailAddress(unchecked: text).masked
    case .phoneNumber: PhoneNumber(unchecked: text).masked
    }
  }

  public var debugDescription: String { description }
}

/// Why a text is no value of a kind of resource.
public enum ResourceValueFault: String, Error, CaseIterable, Hashable, Sendable {
  case empty
  case notADomain = "not_a_domain"
  case addressInsteadOfDomain = "address_instead_of_domain"
  case urlInsteadOfDomain = "url_instead_of_domain"
  case notAnAddress = "not_an_address"
  case notAPhoneNumber = "not_a_phone_number"
  case notASeat = "not_a_seat"

  /// What was expected, without the value.
  public var detail: String {
    switch self {
    case .empty: "must not be empty"
    case .notADomain: "must be a domain name such as acme-growth.com, with two labels or more"
    case .addressInsteadOfDomain: "must be a domain name, not an email address"
    case .urlInsteadOfDomain: "must be a domain name, not a URL: without scheme, port and path"
    case .notAnAddress: "must be an email address such as jo@acme-growth.com"
    case .notAPhoneNumber: "must be a valid phone number, best in E.164 such as +61412345678"
    case .notASeat: "must be the seat's id: 1 to 200 visible characters without white space"
    }
  }
}
