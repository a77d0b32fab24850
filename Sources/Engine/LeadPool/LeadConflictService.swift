import Domain
import JSON
import Postgres
import Runtime
import Store

/// What intake could not decide, and merges: an operator says who is one person.
public struct LeadConflictService: Sendable {
  /// What an operator says of a claim.
  public enum Resolution: Hashable, Sendable {
    /// All of the claim's leads are the one that is given, and the record is theirs.
    case merge(into: ID<Lead>)
    /// They are different persons: nothing changes.
    case separate
  }

  public enum Outcome: Sendable {
    case done(StoredLeadConflict)
    case unknown
    case alreadyResolved
    /// The lead that is to stay is not one that the claim names.
    case notAmongThem
    /// By something that the record says another lead is known, which the claim does not name.
    case anotherLead
    case refused(LeadMergeDecision.Refusal)
  }

  public enum MergeOutcome: Sendable {
    case done(StoredLeadMerge)
    case unknown
    case refused(LeadMergeDecision.Refusal)
  }

  public enum UndoOutcome: Sendable {
    case done(StoredLeadMerge)
    case unknown
    case refused(LeadUnmergeRefusal)
  }

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// In the order in which they were found; of all states without a `status`.
  public func list(
    _ status: StoredLeadConflict.Status? = nil, after id: ID<LeadConflict>? = nil, limit: Int
  ) async throws -> [StoredLeadConflict] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadConflictStore.list(status, after: id, limit: limit, in: &$0)
    }
  }

  public func find(_ id: ID<LeadConflict>) async throws -> StoredLeadConflict? {
    try await database.transaction(.init(isReadOnly: true)) { try LeadConflictStore.find(id, in: &$0) }
  }

  /// All or nothing: when one of several merges is refused, none is made.
  public func resolve(
    _ id: ID<LeadConflict>, _ resolution: Resolution, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    do {
      return try await LeadIntake.transaction(database) { transaction in
        try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
          ActorStore.act(as: actor, because: "conflict", now: now, in: &transaction)
          SuppressionStore.holdOffErasures(in: &transaction)
          return try Self.resolve(id, resolution, actor: actor, now: now, in: &transaction)
        }
      }
    } catch let refusal as Refused {
      return .fresh(.refused(refusal.why))
    }
  }

  /// Ends the transaction: merges before this one are not to stay.
  private struct Refused: Error { let why: LeadMergeDecision.Refusal }

  private static func resolve(
    _ id: ID<LeadConflict>, _ resolution: Resolution, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> Outcome {
    guard let conflict = try LeadConflictStore.lock(id, in: &transaction) else { return .unknown }
    guard conflict.status == .open else { return .alreadyResolved }
    guard case .merge(let kept) = resolution else {
      LeadConflictStore.resolve(id, as: .separate, by: actor, now: now, in: &transaction)
      return .done(try LeadConflictStore.find(id, in: &transaction) ?? conflict)
    }
    let leads = try survivors(of: conflict, in: &transaction)
    guard leads.contains(kept) else { return .notAmongThem }
    let said = FlatRecord.read(try JSONValue(parsing: conflict.facts).object ?? [:]).facts
    let known = try LeadIntakeStore.lookUp(said.identities.map { LeadContact($0) }, in: &transaction).leads
    guard known.values.allSatisfy({ leads.contains($0.id) }) else { return .anotherLead }
    var merges: [ID<LeadMerger>] = []
    for lead in leads where lead != kept {
      let outcome = try LeadMerging.merge(
        lead, into: kept, because: "conflict", actor: actor, now: now, in: &transaction)
      switch outcome {
      case .merged(let merge): merges.append(merge.id)
      case .refused(let why): throw Refused(why: why)
      case .unknown: return .unknown
      }
    }
    try learn(conflict, kept, now: now, in: &transaction)
    LeadConflictStore.resolve(id, as: .merged, by: actor, merges: merges, now: now, in: &transaction)
    return .done(try LeadConflictStore.find(id, in: &transaction) ?? conflict)
  }

  /// The leads that the claim names, or those that they were merged into since.
  private static func survivors(
    of conflict: StoredLeadConflict, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    var found: [ID<Lead>] = []
    for lead in try PoolLeadStore.find(conflict.leads, in: &transaction) where lead.erasedAt == nil {
      let id = lead.mergedIntoID ?? lead.id
      if !found.contains(id) { found.append(id) }
    }
    return found.sorted()
  }

  /// The record that made the claim is the lead's, unless somebody who was forgotten is in it.
  private static func learn(
    _ conflict: StoredLeadConflict, _ kept: ID<Lead>, now: Timestamp, in transaction: inout Transaction
  ) throws {
    guard let lead = try PoolLeadStore.lock([kept], in: &transaction).first else { return }
    let facts = FlatRecord.read(try JSONValue(parsing: conflict.facts).object ?? [:]).facts
    guard try LeadIntakeStore.lookUp(facts.contacts, in: &transaction).erased.isEmpty else {
      throw Refused(why: .erased)
    }
    let record = IncomingLead(
      row: 1, facts: facts, source: conflict.source, asOf: conflict.asOf, record: conflict.record)
    let update = LeadUpdate(lead, learning: [record])
    LeadIntakeStore.add(facts.identities.map { ($0, kept) }, in: &transaction)
    if !update.changed.isEmpty || update.provenance != lead.provenance {
      LeadUpdate.write([update], importID: nil, now: now, in: &transaction)
    }
    guard let text = conflict.record else { return }
    LeadRecordStore.replace(
      [
        NewLeadRecord(
          lead: kept, provider: conflict.source, receivedAt: conflict.asOf,
          fingerprint: IntakeRound.fingerprint(of: text), record: text)
      ], now: now, in: &transaction)
  }

  /// Makes one lead of two that are known to be one person. The client that owns one of them stays the owner.
  public func merge(
    _ lead: ID<Lead>, into kept: ID<Lead>, actor: Actor, idempotency: Idempotency<MergeOutcome>? = nil
  ) async throws -> Answered<MergeOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "merge", now: now, in: &transaction)
        let outcome = try LeadMerging.merge(
          lead, into: kept, because: "merge", actor: actor, now: now, in: &transaction)
        return switch outcome {
        case .merged(let merge): .done(merge)
        case .unknown: .unknown
        case .refused(let why): .refused(why)
        }
      }
    }
  }

  /// Two leads are two again, each as it was, with what it has learnt since.
  public func undo(
    _ merge: ID<LeadMerger>, actor: Actor, idempotency: Idempotency<UndoOutcome>? = nil
  ) async throws -> Answered<UndoOutcome> {
    let now = time.now
    do {
      return try await database.transaction { transaction in
        try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
          ActorStore.act(as: actor, because: "undo", now: now, in: &transaction)
          let outcome = try LeadMerging.undo(merge, actor: actor, now: now, in: &transaction)
          return switch outcome {
          case .undone(let merge): .done(merge)
          case .unknown: .unknown
          case .refused(let why): .refused(why)
          }
        }
      }
    } catch let error as PostgresError where error.constraint == "one_client_per_claimed_company" {
      // The company of the assignment that would be active again is another client's alone by now.
      return .fresh(.refused(.changedHands))
    }
  }
}
