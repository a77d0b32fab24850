import Domain
import Postgres
import Runtime
import Store

/// The people whom clients contact.
public struct LeadService: Sendable {
  /// What came of a lead that somebody told us of.
  public enum Outcome: Hashable, Sendable {
    case created(LeadDetail)
    /// The pool knows this person; what was new of it has been learnt.
    case known(LeadDetail)
    /// What was told names two leads: an operator decides.
    case conflict(ID<LeadConflict>)
    /// The person was forgotten and must not be kept.
    case forgotten
  }

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Makes a lead, in the pool first, or finds the one that this person is.
  ///
  /// - Parameter source: who says so, for the provenance of facts.
  public func create(
    _ new: NewLead, source: String = "api", actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await LeadIntake.transaction(database) { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        let told = IncomingLead(row: 1, facts: new.facts, source: source, asOf: now)
        let verdict = try LeadIntake.take([told], actor: actor, now: now, in: &transaction)[0]
        let isNew: Bool
        let id: ID<Lead>
        switch verdict {
        case .conflict(let conflict): return .conflict(conflict)
        case .rejected: return .forgotten
        case .duplicate: preconditionFailure("one record is no duplicate")
        case .new(let lead): (id, isNew) = (lead, true)
        case .updated(let lead, _), .unchanged(let lead), .merged(let lead): (id, isNew) = (lead, false)
        case .suppressed(let lead):
          (id, isNew) = (lead, try PoolLeadStore.find(lead, in: &transaction)?.createdAt == now)
        }
        LeadStore.insert(new, id: id, now: now, in: &transaction)
        if isNew { LeadLedgerStore.record("created", [id], because: source, now: now, in: &transaction) }
        guard let detail = try Self.detail(id, in: &transaction) else {
          preconditionFailure("a lead is gone that was just taken in")
        }
        return isNew ? .created(detail) : .known(detail)
      }
    }
  }

  /// Nil when there is no such lead.
  public func get(_ id: ID<Lead>) async throws -> LeadDetail? {
    try await database.transaction(.init(isReadOnly: true)) { try Self.detail(id, in: &$0) }
  }

  /// What providers sent of the lead and of those that were merged into it, as it came; nil when there is no
  /// such lead.
  public func records(of id: ID<Lead>) async throws -> [StoredLeadRecord]? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard try Self.detail(id, in: &transaction) != nil else { return nil }
      return try LeadRecordStore.list(of: id, in: &transaction)
    }
  }

  private static func detail(_ id: ID<Lead>, in transaction: inout Transaction) throws -> LeadDetail? {
    LeadDetail(
      lead: try LeadStore.find(id, in: &transaction), pool: try PoolLeadStore.find(id, in: &transaction),
      clientID: try PoolLeadStore.owner(of: id, in: &transaction))
  }

  /// In the order of their creation, from the one after `id` on.
  /// - Parameter email: only leads with exactly this address.
  public func list(
    email: EmailAddress? = nil, after id: ID<Lead>? = nil, limit: Int
  ) async throws -> [Lead] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadStore.list(email: email, after: id, limit: limit, in: &$0)
    }
  }
}
