/// What a new lead is made of; what is not known yet is nil.
public struct NewLead: Hashable, Sendable {
  public var primaryEmail: EmailAddress?
  /// As `Lead.isName` allows.
  public var firstName: String?
  public var lastName: String?

  public init(primaryEmail: EmailAddress? = nil, firstName: String? = nil, lastName: String? = nil) {
    self.primaryEmail = primaryEmail
    self.firstName = firstName
    self.lastName = lastName
  }
}
