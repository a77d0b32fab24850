/// The short exclusive right of a lead over a phone number of a client's pool.
public struct Lease: Hashable, Sendable {
  public let id: ID<Lease>
  /// Rises by one with each lease of the number, so that a late call can tell that it is late.
  public let term: Int64
  public let number: PhoneNumber
  public let providerNumberID: ProviderNumberID
  public let clientID: ID<Client>
  public let company: CompanyName
  public let leadID: ID<Lead>
  public var customerPhone: PhoneNumber?
  public let leasedAt: Timestamp
  /// From here on the number counts as free, swept or not.
  public var releaseAt: Timestamp
  public var appointmentAt: Timestamp?
  public var lastOutcome: CallOutcome.Kind?
  /// Calls without an answer since the last conversation; the second one ends the lease (R17).
  public var missedCalls: Int
  public var endedAt: Timestamp?
  public var endReason: EndReason?

  public init(
    id: ID<Lease>, term: Int64, number: PhoneNumber, providerNumberID: ProviderNumberID,
    clientID: ID<Client>, company: CompanyName, leadID: ID<Lead>, customerPhone: PhoneNumber? = nil,
    leasedAt: Timestamp, releaseAt: Timestamp, appointmentAt: Timestamp? = nil,
    lastOutcome: CallOutcome.Kind? = nil, missedCalls: Int = 0, endedAt: Timestamp? = nil,
    endReason: EndReason? = nil
  ) {
    self.id = id
    self.term = term
    self.number = number
    self.providerNumberID = providerNumberID
    self.clientID = clientID
    self.company = company
    self.leadID = leadID
    self.customerPhone = customerPhone
    self.leasedAt = leasedAt
    self.releaseAt = releaseAt
    self.appointmentAt = appointmentAt
    self.lastOutcome = lastOutcome
    self.missedCalls = missedCalls
    self.endedAt = endedAt
    self.endReason = endReason
  }

  /// The lease that a claim grants at `now`: the number's next term, for the base hold of R17.
  public init(
    id: ID<Lease>, granting claim: LeaseClaim, of clientID: ID<Client>, company: CompanyName,
    to leadID: ID<Lead>, customerPhone: PhoneNumber?, at now: Timestamp
  ) {
    self.init(
      id: id, term: claim.term, number: claim.number.number,
      providerNumberID: claim.number.providerNumberID, clientID: clientID, company: company, leadID: leadID,
      customerPhone: customerPhone, leasedAt: now, releaseAt: now + LeaseRule.baseHold)
  }

  /// Whether its holder may use the number at `now`: not ended and not due.
  public func isLive(at now: Timestamp) -> Bool {
    endedAt == nil && !LeaseRule.isFree(releaseAt: releaseAt, assigned: true, now: now)
  }
}

/// Why a lease ended.
public enum EndReason: String, CaseIterable, Hashable, Sendable {
  /// By its holder.
  case released
  /// Its time was over, and a sweep or the next claim ended it.
  case expired
  /// The second call without an answer.
  case noAnswer = "no_answer"
  /// The appointment was cancelled after the base hold had passed.
  case cancelled
  /// An operator or an SQL statement took the number away.
  case forced
}
