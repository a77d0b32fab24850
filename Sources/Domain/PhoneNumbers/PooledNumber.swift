/// A number of the pool with its state: one row of `signalwire_phone_numbers`.
public struct PooledNumber: Hashable, Sendable {
  public let providerNumberID: ProviderNumberID
  public var number: PhoneNumber
  public var name: String
  /// The client that owns it; nil while it is nobody's.
  public var clientID: ID<Client>?
  public var company: CompanyName?
  public var status: PhoneNumberStatus
  public var territories: [String]
  public var notes: String?

  public var assignmentStatus: AssignmentStatus
  /// When it was last leased; a release does not wipe it (R18). Nil when it never was.
  public var assignedAt: Timestamp?
  public var releaseAt: Timestamp?
  /// The lease that is live, or due and not yet swept.
  public var leaseID: ID<Lease>?
  /// The term of the latest lease; 0 before the first.
  public var term: Int64
  public var leadID: ID<Lead>?
  public var customerPhone: PhoneNumber?
  /// As stored; SQL users may have written words of their own.
  public var lastCallOutcome: String?
  public var appointmentAt: Timestamp?
  /// Calls of the live lease without an answer.
  public var missedCalls: Int
  /// Rises with every change of the row.
  public var revision: Int64
  /// When it last changed: what changes next is not before that.
  public var updatedAt: Timestamp

  public init(
    providerNumberID: ProviderNumberID, number: PhoneNumber, name: String, clientID: ID<Client>? = nil,
    company: CompanyName? = nil, status: PhoneNumberStatus = .active, territories: [String] = [],
    notes: String? = nil, assignmentStatus: AssignmentStatus = .available, assignedAt: Timestamp? = nil,
    releaseAt: Timestamp? = nil, leaseID: ID<Lease>? = nil, term: Int64 = 0, leadID: ID<Lead>? = nil,
    customerPhone: PhoneNumber? = nil, lastCallOutcome: String? = nil, appointmentAt: Timestamp? = nil,
    missedCalls: Int = 0, revision: Int64 = 0, updatedAt: Timestamp = Timestamp(microseconds: 0)
  ) {
    self.providerNumberID = providerNumberID
    self.number = number
    self.name = name
    self.clientID = clientID
    self.company = company
    self.status = status
    self.territories = territories
    self.notes = notes
    self.assignmentStatus = assignmentStatus
    self.assignedAt = assignedAt
    self.releaseAt = releaseAt
    self.leaseID = leaseID
    self.term = term
    self.leadID = leadID
    self.customerPhone = customerPhone
    self.lastCallOutcome = lastCallOutcome
    self.appointmentAt = appointmentAt
    self.missedCalls = missedCalls
    self.revision = revision
    self.updatedAt = updatedAt
  }

  /// Whether it could be leased at `now`: active, and free by the one rule.
  public func isLeasable(at now: Timestamp) -> Bool {
    status == .active
      && LeaseRule.isFree(releaseAt: releaseAt, assigned: assignmentStatus == .assigned, now: now)
  }
}
