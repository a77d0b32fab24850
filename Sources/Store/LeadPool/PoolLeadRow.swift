import Domain
import Postgres

/// How a row of `lead_pool` is read: all of its columns, or facts of some fields.
enum PoolLeadRow {
  /// What to select for a whole lead from `lead_pool AS p`.
  static let columns =
    "p.id, p.provenance, p.bounced_at, p.complained_at, p.unsubscribed_at, p.merged_into_id, p.erased_at, "
    + "p.created_at, p.updated_at, " + factColumns(LeadField.all)

  private static let leading = 9

  /// What to select for the facts of these fields.
  static func factColumns(_ fields: [LeadField]) -> String {
    fields.map { $0.kind == .date ? "p.\($0.name)::text" : "p.\($0.name)" }.joined(separator: ", ")
  }

  static func lead(_ row: Row) throws -> PoolLead {
    PoolLead(
      id: try row.decode(at: 0), facts: try facts(row, LeadField.all, from: leading),
      provenance: try ProvenanceText.read(try row.decode(at: 1, as: PostgresJSON.self).text),
      bouncedAt: try row.decode(at: 2), complainedAt: try row.decode(at: 3),
      unsubscribedAt: try row.decode(at: 4), mergedIntoID: try row.decode(at: 5),
      erasedAt: try row.decode(at: 6), createdAt: try row.decode(at: 7), updatedAt: try row.decode(at: 8))
  }

  /// The values of `fields`, which stand in the row from the column `start` on.
  static func facts(_ row: Row, _ fields: [LeadField], from start: Int) throws -> LeadFacts {
    var facts = LeadFacts()
    for (offset, field) in fields.enumerated() {
      facts[field] = try value(row, field.kind, at: start + offset)
    }
    return facts
  }

  private static func value(_ row: Row, _ kind: LeadField.Kind, at column: Int) throws -> LeadValue? {
    switch kind {
    case .text: try row.decode(at: column, as: String?.self).map { .text($0) }
    case .integer: try row.decode(at: column, as: Int?.self).map { .integer($0) }
    case .number: try row.decode(at: column, as: Double?.self).map { .number($0) }
    case .flag: try row.decode(at: column, as: Bool?.self).map { .flag($0) }
    case .date: try row.decode(at: column, as: String?.self).flatMap { CivilDate($0) }.map { .date($0) }
    case .texts: try row.decode(at: column, as: [String]?.self).map { .texts($0) }
    case .json: try row.decode(at: column, as: PostgresJSON?.self).map { .json($0.text) }
    }
  }
}
