/// Something by which a person is the same in two records (`facts/providers/apollo.md` §4). A value belongs
/// to one lead of the pool only: the table `lead_identities` holds a key of each.
public struct LeadIdentity: Hashable, Sendable {
  /// In the order of their strength.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case apollo, linkedin, email
  }

  public let kind: Kind
  /// Normalised: Apollo's id, `LinkedInKey.text`, `EmailAddress.folded`.
  public let value: String

  public init(_ kind: Kind, _ value: String) {
    self.kind = kind
    self.value = value
  }
}

extension LeadIdentity: CustomStringConvertible {
  /// The kind only: an identity is personal.
  public var description: String { "\(kind.rawValue) identity" }
}

extension LeadFacts {
  /// By what this lead is known, the strongest first.
  public var identities: [LeadIdentity] {
    var found: [LeadIdentity] = []
    if let id = text(.apolloID) { found.append(LeadIdentity(.apollo, id)) }
    if let key = text(.linkedInKey) { found.append(LeadIdentity(.linkedin, key)) }
    if let email = text(.email) { found.append(LeadIdentity(.email, email)) }
    return found
  }
}
