/// A person whom clients contact.
public struct Lead: Hashable, Sendable {
  public let id: ID<Lead>
  public var primaryEmail: EmailAddress?
  public var firstName: String?
  public var lastName: String?
  /// The number that the lead holds now, or held last when it holds none.
  public var assignedPhoneNumberID: ProviderNumberID?
  public var phoneAssignedAt: Timestamp?
  public let createdAt: Timestamp

  public init(
    id: ID<Lead>, primaryEmail: EmailAddress? = nil, firstName: String? = nil, lastName: String? = nil,
    assignedPhoneNumberID: ProviderNumberID? = nil, phoneAssignedAt: Timestamp? = nil, createdAt: Timestamp
  ) {
    self.id = id
    self.primaryEmail = primaryEmail
    self.firstName = firstName
    self.lastName = lastName
    self.assignedPhoneNumberID = assignedPhoneNumberID
    self.phoneAssignedAt = phoneAssignedAt
    self.createdAt = createdAt
  }

  /// Whether `text` can be a person's first or last name: 1 to 100 characters on one line.
  public static func isName(_ text: String) -> Bool { text.isPlainLine(1...100) }
}

extension Lead: CustomStringConvertible {
  /// The id only: names and addresses are personal.
  public var description: String { "lead \(id)" }
}
