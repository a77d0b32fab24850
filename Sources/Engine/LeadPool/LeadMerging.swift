import Domain
import JSON
import Postgres
import Store

/// Makes two leads one, and two again, within a transaction.
enum LeadMerging {
  enum Outcome {
    case merged(StoredLeadMerge)
    case unknown
    case refused(LeadMergeDecision.Refusal)
  }

  static func merge(
    _ merged: ID<Lead>, into kept: ID<Lead>, because reason: String, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> Outcome {
    if kept == merged { return .refused(.sameLead) }
    SuppressionStore.holdOffErasures(in: &transaction)
    let leads = try PoolLeadStore.lock([kept, merged], in: &transaction)
    guard let keptLead = leads.first(where: { $0.id == kept }),
      let mergedLead = leads.first(where: { $0.id == merged })
    else { return .unknown }
    let owners = try LeadMergeStore.owners(of: [kept, merged], in: &transaction)
    let decision = LeadMergeDecision.decide(
      kept: keptLead, keptOwner: owners[kept], merged: mergedLead, mergedOwner: owners[merged])
    guard case .merge(let ownership) = decision else {
      guard case .refused(let refusal) = decision else { preconditionFailure("a decision is one of two") }
      return .refused(refusal)
    }
    let image = try LeadMergeStore.image(of: owners.values.map(\.assignment), in: &transaction)
    let moved = try LeadMergeStore.point(merged, to: kept, now: now, in: &transaction)
    let learnt = LeadMerge.both(keptLead, mergedLead, sameJSON: LeadUpdate.sameJSON)
    var after = keptLead
    after.facts = learnt.facts
    after.provenance = learnt.provenance
    after.bouncedAt = earliest(keptLead.bouncedAt, mergedLead.bouncedAt)
    after.complainedAt = earliest(keptLead.complainedAt, mergedLead.complainedAt)
    after.unsubscribedAt = earliest(keptLead.unsubscribedAt, mergedLead.unsubscribedAt)
    write(after, learnt.changed, now: now, in: &transaction)
    settle(ownership, kept, now: now, in: &transaction)
    let before = MergeImage(
      before: keptLead, after: after, changed: learnt.changed, keys: moved.keys, followers: moved.followers,
      owner: owners[kept]?.assignment ?? owners[merged]?.assignment, ownership: ownership, assignments: image)
    let merge = StoredLeadMerge(
      id: ID(at: now), kept: kept, merged: merged, mergedAt: now, mergedBy: actor.text, reason: reason,
      before: before.text)
    LeadMergeStore.insert(merge, in: &transaction)
    let client = owners[kept]?.client ?? owners[merged]?.client
    record("merged", merge, of: client, because: reason, learnt.changed, now: now, in: &transaction)
    return .merged(merge)
  }

  private static func earliest(_ a: Timestamp?, _ b: Timestamp?) -> Timestamp? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }

  private static func write(
    _ lead: PoolLead, _ changed: [LeadField], now: Timestamp, in transaction: inout Transaction
  ) {
    let row = JSON.write { writer in
      writer.array { writer in
        writer.object { object in
          object.field("id", lead.id.description)
          object.name("provenance")
          object.provenance(lead.provenance)
          for field in changed {
            if let value = lead.facts[field] { object.field(named: field.name, value) }
          }
        }
      }
    }
    LeadIntakeStore.overwrite(
      changed, rows: String(decoding: row, as: UTF8.self), count: 1, now: now, in: &transaction)
    LeadMergeStore.setStates(of: lead, now: now, in: &transaction)
  }

  private static func settle(
    _ ownership: LeadMergeDecision.Ownership, _ kept: ID<Lead>, now: Timestamp,
    in transaction: inout Transaction
  ) {
    switch ownership {
    case .stays: break
    case .moves(let assignment): LeadMergeStore.move(assignment, to: kept, in: &transaction)
    case .joins(let assignment, let released):
      LeadMergeStore.join(released, into: assignment, now: now, in: &transaction)
    }
  }

  /// Both leads' histories tell it.
  private static func record(
    _ kind: String, _ merge: StoredLeadMerge, of client: ID<Client>?, because reason: String,
    _ changed: [LeadField], now: Timestamp, in transaction: inout Transaction
  ) {
    for (lead, other, word) in [
      (merge.kept, merge.merged, kind), (merge.merged, merge.kept, kind + "_away"),
    ] {
      let details = JSON.write { writer in
        writer.object { object in
          object.field("merge_id", merge.id.description)
          object.field("other_id", other.description)
          if lead == merge.kept { object.field("fields", changed.map(\.name)) }
        }
      }
      LeadLedgerStore.record(
        word, [lead], of: client, because: reason, details: String(decoding: details, as: UTF8.self),
        now: now, in: &transaction)
    }
  }

  // MARK: Undo

  enum UndoOutcome {
    case undone(StoredLeadMerge)
    case unknown
    case refused(LeadUnmergeRefusal)
  }

  /// What was merged is two leads again. Fields that the kept lead has learnt since stay as they are.
  static func undo(
    _ id: ID<LeadMerger>, actor: Actor, now: Timestamp, in transaction: inout Transaction
  ) throws -> UndoOutcome {
    SuppressionStore.holdOffErasures(in: &transaction)
    guard let merge = try LeadMergeStore.lock(id, in: &transaction) else { return .unknown }
    guard merge.undoneAt == nil else { return .refused(.undone) }
    let leads = try PoolLeadStore.lock([merge.kept, merge.merged], in: &transaction)
    guard let kept = leads.first(where: { $0.id == merge.kept }),
      let merged = leads.first(where: { $0.id == merge.merged }), kept.erasedAt == nil,
      merged.erasedAt == nil, let image = try MergeImage(text: merge.before)
    else { return .refused(.erased) }
    guard kept.mergedIntoID == nil, merged.mergedIntoID == kept.id else { return .refused(.mergedOn) }
    let owners = try LeadMergeStore.owners(of: [kept.id], in: &transaction)
    guard owners[kept.id]?.assignment == image.owner else { return .refused(.changedHands) }
    guard try !image.broughtConversion else { return .refused(.converted) }
    LeadMergeStore.pointBack(
      merged.id, from: kept.id, keys: image.keys, followers: image.followers, now: now, in: &transaction)
    let restored = image.restored(kept)
    write(restored.lead, restored.fields, now: now, in: &transaction)
    switch image.ownership {
    case .stays: break
    case .moves(let assignment): LeadMergeStore.moveBack(assignment, to: merged.id, in: &transaction)
    case .joins(let assignment, let released):
      LeadMergeStore.part(released, from: assignment, image: image.assignments, in: &transaction)
    }
    LeadMergeStore.markUndone(id, by: actor, now: now, in: &transaction)
    LeadConflictStore.reopen(id, in: &transaction)
    record(
      "unmerged", merge, of: owners[kept.id]?.client, because: "undo", restored.fields, now: now,
      in: &transaction)
    return .undone(try LeadMergeStore.lock(id, in: &transaction) ?? merge)
  }
}
