/// Something by which a suppression can mean a lead: what it is known by, its numbers, its own and its
/// company's domain. The SQL function `lead_contact_keys` says the same of a lead that is stored.
public struct LeadContact: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case apollo, linkedin, email, phone, domain
  }

  public let kind: Kind
  /// Normalised.
  public let value: String

  public init(_ kind: Kind, _ value: String) {
    self.kind = kind
    self.value = value
  }

  public init(_ address: ContactAddress) {
    kind =
      switch address.kind {
      case .apollo: .apollo
      case .linkedin: .linkedin
      case .email: .email
      case .phone: .phone
      case .domain: .domain
      }
    value = address.value
  }

  public init(_ identity: LeadIdentity) {
    kind =
      switch identity.kind {
      case .apollo: .apollo
      case .linkedin: .linkedin
      case .email: .email
      }
    value = identity.value
  }
}

extension LeadContact: CustomStringConvertible {
  /// The kind only: the value is personal.
  public var description: String { "\(kind.rawValue) contact" }
}

extension LeadFacts {
  /// Everything by which a suppression can mean this lead; its identities first.
  public var contacts: [LeadContact] {
    let known = identities.map { LeadContact($0) }
    let all = addresses.map { LeadContact($0.address) }
    return known + all.filter { !known.contains($0) }
  }
}
