/// One wish for a number, as part of a round.
public struct LeaseRequest: Hashable, Sendable {
  /// Nil when no client has the company's name.
  public var clientID: ID<Client>?
  public var leadID: ID<Lead>
  public var near: Near?

  public init(clientID: ID<Client>?, leadID: ID<Lead>, near: Near? = nil) {
    self.clientID = clientID
    self.leadID = leadID
    self.near = near
  }
}

/// A lead at a client: a lead has at most one lease per company.
public struct LeaseHolder: Hashable, Sendable {
  public var clientID: ID<Client>
  public var leadID: ID<Lead>

  public init(clientID: ID<Client>, leadID: ID<Lead>) {
    self.clientID = clientID
    self.leadID = leadID
  }
}

/// What a round must know, read and locked in the transaction that will apply its decisions.
public struct LeaseFacts: Sendable {
  /// Those leads of the requests that exist.
  public var leads: Set<ID<Lead>>
  /// The lease of a holder that has not ended, due or not. At most one each.
  public var unended: [LeaseHolder: Lease]
  /// The number that a holder had last, whatever became of it.
  public var previous: [LeaseHolder: ProviderNumberID]
  /// Locked rows of each client: the least recently used that are free, those near the wishes, and the free
  /// previous numbers. In any order; a number may appear twice; what is not free is passed over.
  public var candidates: [ID<Client>: [PooledNumber]]

  public init(
    leads: Set<ID<Lead>> = [], unended: [LeaseHolder: Lease] = [:],
    previous: [LeaseHolder: ProviderNumberID] = [:], candidates: [ID<Client>: [PooledNumber]] = [:]
  ) {
    self.leads = leads
    self.unended = unended
    self.previous = previous
    self.candidates = candidates
  }
}

/// A number that a request gets, under a new term.
public struct LeaseClaim: Hashable, Sendable {
  /// The row as it was before the claim.
  public let number: PooledNumber
  /// Leases whose time is over and which must be ended, as expired, before the new one begins: the one on
  /// this number, and the lead's own on another number.
  public let endsExpired: [ID<Lease>]

  public init(number: PooledNumber, endsExpired: [ID<Lease>] = []) {
    self.number = number
    self.endsExpired = endsExpired
  }

  public var term: Int64 { number.term + 1 }
}

/// The answer to one request of a round.
public enum LeaseDecision: Hashable, Sendable {
  /// The lead has a live lease of this company already.
  case held(Lease)
  case claim(LeaseClaim)
  /// The same lead and company as an earlier request of the round, given by its place, which claimed.
  case sameAs(Int)
  case unknownCompany
  case unknownLead
  /// No number of the company is free.
  case exhausted
}

extension LeaseDecision {
  /// Decides a round: one answer for each request, in order. O(n log n) in requests and candidates.
  ///
  /// A lead keeps what it holds. Otherwise it gets back the number that it had last, if that is free (R18);
  /// else the least recently used number, exactly near first, then of the same region, then any. An earlier
  /// request has the first choice, and no number is given twice.
  public static func decide(
    _ requests: [LeaseRequest], facts: LeaseFacts, now: Timestamp
  ) -> [LeaseDecision] {
    var pools = facts.candidates.mapValues { CandidatePool($0, now: now) }
    var claimed: [LeaseHolder: Int] = [:]
    var ended: Set<ID<Lease>> = []
    return requests.enumerated().map { place, request in
      guard let clientID = request.clientID else { return .unknownCompany }
      guard facts.leads.contains(request.leadID) else { return .unknownLead }
      let holder = LeaseHolder(clientID: clientID, leadID: request.leadID)
      if let earlier = claimed[holder] { return .sameAs(earlier) }
      let own = facts.unended[holder]
      if let own, own.isLive(at: now) { return .held(own) }
      let previous = own?.providerNumberID ?? facts.previous[holder]
      guard let number = pools[clientID]?.take(previous: previous, near: request.near)
      else { return .exhausted }
      claimed[holder] = place
      let due = [number.leaseID, own?.id].compactMap { $0 }.filter { ended.insert($0).inserted }
      return .claim(LeaseClaim(number: number, endsExpired: due))
    }
  }
}
