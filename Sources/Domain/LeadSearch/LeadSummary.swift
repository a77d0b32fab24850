/// A lead as a list shows it.
public struct LeadSummary: Hashable, Sendable {
  public let id: ID<Lead>
  /// Of the fields that were asked for.
  public var facts: LeadFacts
  public var states: [LeadQuery.State]
  /// The client whose it is now; nil when it is free.
  public var clientID: ID<Client>?
  /// The number that it holds, or held last.
  public var assignedPhoneNumberID: ProviderNumberID?
  public var phoneAssignedAt: Timestamp?
  public let createdAt: Timestamp
  public var updatedAt: Timestamp

  public init(
    id: ID<Lead>, facts: LeadFacts, states: [LeadQuery.State] = [], clientID: ID<Client>? = nil,
    assignedPhoneNumberID: ProviderNumberID? = nil, phoneAssignedAt: Timestamp? = nil, createdAt: Timestamp,
    updatedAt: Timestamp
  ) {
    self.id = id
    self.facts = facts
    self.states = states
    self.clientID = clientID
    self.assignedPhoneNumberID = assignedPhoneNumberID
    self.phoneAssignedAt = phoneAssignedAt
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  /// What a list always shows.
  public static let fields: [LeadField] = [
    .email, .emailStatus, .firstName, .lastName, .fullName, .title, .seniority, .country, .companyName,
    .companyDomain,
  ]
}

extension LeadSummary: CustomStringConvertible {
  /// The id only: the rest is personal.
  public var description: String { "lead \(id)" }
}

/// How many leads a search finds.
public struct LeadCount: Hashable, Sendable {
  public let value: Int
  /// Made from the statistics of the tables, since counting would take long.
  public let isEstimate: Bool

  public init(_ value: Int, isEstimate: Bool) {
    self.value = value
    self.isEstimate = isEstimate
  }

  /// Up to so many are counted one by one.
  public static let exact = 10_000
}
