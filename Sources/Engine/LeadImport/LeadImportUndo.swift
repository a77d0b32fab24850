import Domain
import JSON
import Postgres
import Store

extension LeadImportService {
  public enum UndoOutcome: Hashable, Sendable {
    case done(LeadImport, outcomes: [LeadUndoOutcome: Int])
    /// There is more to undo.
    case more(LeadImport, undone: Int)
    case unknown
    /// A rehearsal changed nothing.
    case rehearsal
  }

  /// Undoes some rows of an import, the last first; again and again until it is `done`. What stops it half
  /// way is gone on with by the next call; an import that is undone stays as it is.
  public func undo(_ id: ID<LeadImport>, rows limit: Int = 500, actor: Actor) async throws -> UndoOutcome {
    let now = time.now
    return try await LeadIntake.transaction(database) { transaction in
      ActorStore.act(as: actor, because: "undo", now: now, in: &transaction)
      SuppressionStore.holdOffErasures(in: &transaction)
      guard var run = try LeadImportStore.lock(id, in: &transaction) else { return .unknown }
      guard !run.isRehearsal else { return .rehearsal }
      guard run.state != .undone else {
        return .done(run, outcomes: try LeadUndoStore.outcomes(of: id, in: &transaction))
      }
      if run.state != .undoing {
        LeadUndoStore.forgetConflicts(of: id, in: &transaction)
        run.state = .undoing
        run.finishedAt = run.finishedAt ?? now
        LeadImportStore.update(run, in: &transaction)
      }
      let rows = try LeadUndoStore.next(of: id, limit: limit, in: &transaction)
      guard !rows.isEmpty else {
        run.state = .undone
        run.finishedAt = now
        LeadImportStore.update(run, in: &transaction)
        return .done(run, outcomes: try LeadUndoStore.outcomes(of: id, in: &transaction))
      }
      try LeadUndoTurn(run: run, now: now).undo(rows, in: &transaction)
      LeadImportStore.update(run, in: &transaction)
      return .more(run, undone: rows.count)
    }
  }

  /// Undoes all of it.
  public func undoWhole(
    _ id: ID<LeadImport>, actor: Actor, onProgress: @Sendable (Int) -> Void = { _ in }
  ) async throws -> UndoOutcome {
    while true {
      let outcome = try await undo(id, actor: actor)
      guard case .more(_, let count) = outcome else { return outcome }
      onProgress(count)
      try Task.checkCancellation()
    }
  }
}

/// Some rows of an import, taken back within their transaction.
struct LeadUndoTurn {
  let run: LeadImport
  let now: Timestamp

  func undo(_ rows: [LeadImportRow], in transaction: inout Transaction) throws {
    let leads = Array(Set(rows.compactMap(\.leadID))).sorted()
    if run.kind == .migration {
      LeadMigrationStore.release(leads, of: run.id, in: &transaction)
    }
    let made = try LeadUndoStore.made(leads, by: run.id, in: &transaction)
    // Those that it made go with their first row; until then they stay, with what later rows told.
    let going = Set(rows.filter(\.isNew).compactMap(\.leadID))
    let fates = try takeBack(Array(going).sorted(), in: &transaction)
    let restored = try restore(leads.filter { !made.contains($0) }, in: &transaction)
    let outcomes = rows.map { row -> (row: Int, outcome: LeadUndoOutcome) in
      guard let lead = row.leadID else { return (row.row, .nothing) }
      if row.isNew { return (row.row, fates[lead] ?? .deleted) }
      return (row.row, restored[lead] ?? .nothing)
    }
    LeadUndoStore.note(outcomes, of: run.id, in: &transaction)
  }

  private func takeBack(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: LeadUndoOutcome] {
    let facts = try LeadUndoStore.facts(of: leads, made: run.id, in: &transaction)
    var fates = Dictionary(uniqueKeysWithValues: facts.map { ($0.id, $0.outcome) })
    let wanted = facts.map(\.id).filter { fates[$0] == .deleted }
    let gone = try LeadUndoStore.delete(wanted, in: &transaction)
    for lead in wanted where !gone.contains(lead) { fates[lead] = .keptChanged }
    LeadLedgerStore.record("deleted", gone.sorted(), because: "undo of an import", now: now, in: &transaction)
    return fates
  }

  private func restore(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: LeadUndoOutcome] {
    let locked = try PoolLeadStore.lock(leads, in: &transaction)
    let changes = Dictionary(
      grouping: try LeadUndoStore.changes(of: leads, by: run.id, in: &transaction), by: \.leadID)
    var outcomes: [ID<Lead>: LeadUndoOutcome] = [:]
    var writes: [(lead: PoolLead, restoration: LeadRestoration)] = []
    for lead in locked {
      guard let before = changes[lead.id] else { continue }
      if lead.erasedAt != nil {
        outcomes[lead.id] = .keptErased
      } else if lead.mergedIntoID != nil {
        outcomes[lead.id] = .keptMerged
      } else {
        let restoration = LeadRestoration(lead, undoing: try before.map(Self.before))
        outcomes[lead.id] = restoration.kept.isEmpty ? .restored : .keptChanged
        writes.append((lead, restoration))
      }
    }
    write(writes, in: &transaction)
    LeadUndoStore.forget(
      writes.map(\.lead.id),
      writes.flatMap { one in one.restoration.lostIdentities(of: one.lead).map { ($0, one.lead.id) } },
      of: run, in: &transaction)
    return outcomes
  }

  private static func before(_ change: LeadUndoStore.Change) throws -> LeadRestoration.Before {
    let document = try JSONValue(parsing: change.before, limits: JSONLimits(depth: 2_048))
    let members = document["facts"]?.object ?? JSONMap()
    return LeadRestoration.Before(
      fields: members.compactMap { LeadField(named: $0.key) }, facts: LeadFacts(members: members),
      provenance: try ProvenanceText.read((document["provenance"] ?? .null).text()),
      changedSince: Set(change.changedSince.compactMap { LeadField(named: $0) }))
  }

  private func write(
    _ writes: [(lead: PoolLead, restoration: LeadRestoration)], in transaction: inout Transaction
  ) {
    guard !writes.isEmpty else { return }
    let fields = Set(writes.flatMap(\.restoration.restored)).sorted { $0.ordinal < $1.ordinal }
    let rows = JSON.write { writer in
      writer.array { writer in
        for (lead, restoration) in writes {
          writer.object { object in
            object.field("id", lead.id.description)
            object.name("provenance")
            object.provenance(restoration.provenance)
            for field in fields {
              if let value = restoration.facts[field] { object.field(named: field.name, value) }
            }
          }
        }
      }
    }
    LeadIntakeStore.overwrite(
      fields, rows: String(decoding: rows, as: UTF8.self), count: writes.count, now: now, in: &transaction)
    let learnt = writes.filter { !$0.restoration.restored.isEmpty }
    LeadIntakeStore.recordUpdates(
      learnt.map(\.lead.id),
      details: learnt.map { one in
        JSONValue.object(["fields": .array(one.restoration.restored.map { .string($0.name) })]).text()
      }, because: "undo of an import", now: now, in: &transaction)
  }
}
