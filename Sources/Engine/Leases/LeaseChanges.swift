import Domain
import Postgres
import Store

/// A call about one lease.
public struct LeaseCall: Sendable {
  public enum Kind: Hashable, Sendable {
    case outcome(CallOutcome)
    case renew
    case release
  }

  public var id: ID<Lease>
  public var kind: Kind
  /// The term that the caller believes the lease to have.
  public var term: Int64?
  /// The only client whose leases the caller may touch; nil for an operator.
  public var allowed: ID<Client>?
  public var actor: Actor

  public init(
    id: ID<Lease>, kind: Kind, term: Int64? = nil, allowed: ID<Client>? = nil, actor: Actor
  ) {
    self.id = id
    self.kind = kind
    self.term = term
    self.allowed = allowed
    self.actor = actor
  }
}

/// What a call about a lease came to. The lease is as it is afterwards.
public enum LeaseCallOutcome: Hashable, Sendable {
  case applied(Lease)
  case unchanged(LeaseChange.Unchanged, Lease)
  case refused(LeaseChange.OutcomeRefusal)
  /// No such lease, or not the caller's.
  case unknown
}

extension LeaseCall {
  /// Loads and locks the lease, lets R17 decide, applies. A call that waited for another one happens after
  /// it.
  func perform(now: Timestamp, in transaction: inout Transaction) throws -> LeaseCallOutcome {
    guard let (lease, updatedAt) = try LeaseStore.lock(id, in: &transaction),
      allowed == nil || allowed == lease.clientID
    else { return .unknown }
    let now = max(now, updatedAt)
    switch try decide(lease, now, &transaction) {
    case .unchanged(let reason): return .unchanged(reason, lease)
    case .refused(let reason): return .refused(reason)
    case .extended(let changed):
      let storedKind: LeaseStore.Kind = if case .outcome = kind { .outcome } else { .extended }
      LeaseStore.extend(
        changed, kind: storedKind, reason: reason, actor: actor, now: now, in: &transaction)
      return .applied(changed)
    case .ended(let ended):
      LeaseEndStore.end(
        [.init(leaseID: ended.id, numberID: ended.providerNumberID)], because: ended.endReason ?? .released,
        lastOutcome: ended.lastOutcome,
        missedCalls: ended.missedCalls, actor: actor, now: now, in: &transaction)
      return .applied(ended)
    }
  }

  private func decide(
    _ lease: Lease, _ now: Timestamp, _ transaction: inout Transaction
  ) throws -> LeaseChange {
    switch kind {
    case .outcome(let outcome):
      let timeZone = try ClientStore.timeZone(of: lease.clientID, in: &transaction)
      return LeaseRule.apply(outcome, to: lease, term: term, at: now, timeZone: timeZone)
    case .renew: return LeaseRule.renew(lease, term: term, at: now)
    case .release: return LeaseRule.release(lease, term: term, at: now)
    }
  }

  private var reason: String {
    switch kind {
    case .outcome(let outcome): outcome.kind.rawValue
    case .renew: "renewed"
    case .release: "released"
    }
  }
}

extension LeaseService {
  /// Reports an outcome, renews or releases. Late and repeated calls change nothing and say so.
  public func change(
    _ call: LeaseCall, idempotency: Idempotency<LeaseCallOutcome>? = nil
  ) async throws -> Answered<LeaseCallOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) {
        try call.perform(now: now, in: &$0)
      }
    }
  }

  public func find(_ id: ID<Lease>) async throws -> Lease? {
    try await database.transaction(.init(isReadOnly: true)) { try LeaseStore.find(id, in: &$0) }
  }

  /// A page of leases, newest first.
  public func list(
    _ filter: LeaseListStore.Filter, after place: LeaseListStore.Place?, limit: Int
  ) async throws -> [Lease] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeaseListStore.page(filter, after: place, limit: limit, in: &$0)
    }
  }

  /// Who held the number at that instant.
  public func holder(of number: ProviderNumberID, at instant: Timestamp) async throws -> Lease? {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeaseListStore.holder(of: number, at: instant, in: &$0)
    }
  }

  /// How many leases one transaction of a sweep ends at the most, and how many while others are leased.
  private static let (sweepChunk, smallSweepChunk) = (1_000, 100)

  /// Ends at most `limit` leases that are due; returns how many. Leases go on meanwhile, and go first: while
  /// rounds are under way the sweep takes small steps and rests twice as long as it works.
  public func sweep(now: Timestamp, limit: Int, actor: Actor = .job("sweep")) async throws -> Int {
    var ended = 0
    while ended < limit {
      let wanted = min(limit - ended, isLeasing ? Self.smallSweepChunk : Self.sweepChunk)
      let start = ContinuousClock.now
      let count = try await database.transaction { transaction in
        let due = try LeaseEndStore.lockDue(now: now, limit: wanted, in: &transaction)
        if !due.isEmpty {
          LeaseEndStore.end(due, because: .expired, actor: actor, now: now, in: &transaction)
        }
        return due.count
      }
      ended += count
      if count < wanted { break }
      if isLeasing { try await Task.sleep(for: min((.now - start) * 2, .milliseconds(100))) }
    }
    return ended
  }
}
