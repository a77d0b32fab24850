import Domain
import JSON
import Postgres
import Store

/// What a lead of the pool knows after some records.
struct LeadUpdate {
  let before: PoolLead
  private(set) var facts: LeadFacts
  private(set) var provenance: [LeadFactGroup: Provenance]
  /// Fields whose value is another one now.
  private(set) var changed: [LeadField] = []
  private let sources: [String]

  /// The records count in their order.
  init(_ lead: PoolLead, learning records: [IncomingLead]) {
    before = lead
    facts = lead.facts
    provenance = lead.provenance
    sources = records.map(\.source)
    for record in records {
      let merge = LeadMerge.decide(
        known: facts, provenance, incoming: record.facts,
        from: Provenance(source: record.source, at: record.asOf), sameJSON: Self.sameJSON)
      facts = merge.facts
      provenance = merge.provenance
      changed = records.count == 1 ? merge.changed : Array(Set(changed).union(merge.changed))
    }
    if records.count > 1 {
      changed = changed.sorted { $0.ordinal < $1.ordinal }.filter { field in
        guard facts[field] != lead.facts[field] else { return false }
        guard case .json(let old)? = lead.facts[field], case .json(let new)? = facts[field] else {
          return true
        }
        return !Self.sameJSON(old, new)
      }
    }
  }

  /// PostgreSQL writes members and white space in its own way.
  static func sameJSON(_ a: String, _ b: String) -> Bool {
    if a == b { return true }
    let limits = JSONLimits(depth: 2_048)
    guard let a = try? JSONValue(parsing: a, limits: limits),
      let b = try? JSONValue(parsing: b, limits: limits)
    else { return false }
    return a == b
  }

  /// Writes what changed, the ledger, and for an import what was before.
  static func write(
    _ updates: [LeadUpdate], importID: ID<LeadImport>?, now: Timestamp, in transaction: inout Transaction
  ) {
    guard !updates.isEmpty else { return }
    let fields = Set(updates.flatMap(\.changed)).sorted { $0.ordinal < $1.ordinal }
    let rows = JSON.write { writer in
      writer.array { writer in
        for update in updates { update.writeRow(fields, to: &writer) }
      }
    }
    LeadIntakeStore.overwrite(
      fields, rows: String(decoding: rows, as: UTF8.self), count: updates.count, now: now, in: &transaction)
    let learnt = updates.filter { !$0.changed.isEmpty }
    LeadIntakeStore.recordUpdates(
      learnt.map(\.before.id), details: learnt.map(\.details), because: importID == nil ? "" : "import",
      now: now, in: &transaction)
    guard let importID else { return }
    LeadChangeStore.record(
      updates.map(\.before.id), before: updates.map(\.replaced), import: importID, now: now, in: &transaction)
  }

  private func writeRow(_ fields: [LeadField], to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", before.id.description)
      object.name("provenance")
      object.provenance(provenance)
      for field in fields {
        if let value = facts[field] { object.field(named: field.name, value) }
      }
    }
  }

  /// For the ledger: nothing personal.
  private var details: String {
    let text = JSON.write { writer in
      writer.object { object in
        object.field("fields", changed.map(\.name))
        object.field("sources", Array(Set(sources)).sorted())
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// What was before, of what changed.
  private var replaced: String {
    let text = JSON.write { writer in
      writer.object { object in
        object.object("facts") { object in
          for field in changed { object.field(named: field.name, before.facts[field]) }
        }
        object.name("provenance")
        object.provenance(before.provenance)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension JSONWriter {
  /// Source and time of each group, in the order of the groups.
  mutating func provenance(_ provenance: [LeadFactGroup: Provenance]) {
    object { object in
      for group in LeadFactGroup.allCases {
        guard let known = provenance[group] else { continue }
        object.name(dynamic: group.rawValue)
        object.object { member in
          member.field("source", known.source)
          member.field("at", known.at.description)
        }
      }
    }
  }
}
