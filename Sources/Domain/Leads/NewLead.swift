/// What a new lead is made of; what is not known yet is nil.
public struct NewLead: Hashable, Sendable {
  public var primaryEmail: EmailAddress?
  /// As `Lead.isName` allows.
  public var firstName: String?
  public var lastName: String?
  /// Whatever else is known, normalised.
  public var fields: LeadFacts

  public init(
    primaryEmail: EmailAddress? = nil, firstName: String? = nil, lastName: String? = nil,
    fields: LeadFacts = LeadFacts()
  ) {
    self.primaryEmail = primaryEmail
    self.firstName = firstName
    self.lastName = lastName
    self.fields = fields
  }

  /// All of it as facts for the pool.
  public var facts: LeadFacts {
    var facts = fields
    if let primaryEmail { facts[.email] = .text(primaryEmail.text) }
    if let firstName { facts[.firstName] = .text(firstName) }
    if let lastName { facts[.lastName] = .text(lastName) }
    return facts.normalised().facts
  }
}
