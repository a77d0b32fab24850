import Domain
import Postgres

/// A claim for an operator to judge, on its way into the table.
public struct NewLeadConflict: Sendable {
  public let id: ID<LeadConflict>
  public let fingerprint: ID<LeadRecord>
  public let why: IntakeGrouping.Why
  public let leads: [ID<Lead>]
  public let source: String
  public let asOf: Timestamp
  /// JSON: fields by their names.
  public let facts: String
  /// JSON as it came.
  public let record: String?
  public let importID: ID<LeadImport>?

  public init(
    id: ID<LeadConflict>, fingerprint: ID<LeadRecord>, why: IntakeGrouping.Why, leads: [ID<Lead>],
    source: String, asOf: Timestamp, facts: String, record: String?, importID: ID<LeadImport>?
  ) {
    self.id = id
    self.fingerprint = fingerprint
    self.why = why
    self.leads = leads
    self.source = source
    self.asOf = asOf
    self.facts = facts
    self.record = record
    self.importID = importID
  }
}

/// A claim as it is stored.
public struct StoredLeadConflict: Hashable, Sendable {
  public enum Status: String, CaseIterable, Hashable, Sendable {
    case open, merged, separate
  }

  public let id: ID<LeadConflict>
  public let why: IntakeGrouping.Why
  public let status: Status
  /// As they were when the claim was made; a lead may have been merged since.
  public let leads: [ID<Lead>]
  public let source: String
  public let asOf: Timestamp
  /// What the record says. JSON: fields by their names.
  public let facts: String
  /// JSON as it came.
  public let record: String?
  public let importID: ID<LeadImport>?
  public let foundAt: Timestamp
  public let resolvedAt: Timestamp?
  public let resolvedBy: String?
  public let merges: [ID<LeadMerger>]
}

/// One lead made one with another.
public enum LeadMerger {}

/// Records that claim two leads, or share an address with somebody else.
public enum LeadConflictStore {
  private static let columns =
    "id, why, status, lead_ids, source, as_of, facts, record, import_id, found_at, resolved_at, resolved_by, "
    + "merge_ids"

  /// Writes a claim down, unless it was made before: then its row is answered.
  public static func insert(
    _ conflict: NewLeadConflict, now: Timestamp, in transaction: inout Transaction
  ) throws -> ID<LeadConflict> {
    let rows = try transaction.query(
      """
      INSERT INTO lead_conflicts (id, fingerprint, why, lead_ids, source, as_of, facts, record, import_id,
        found_at)
      VALUES (\(conflict.id), \(conflict.fingerprint), \(conflict.why.rawValue), \(conflict.leads),
        \(conflict.source), \(conflict.asOf), \(PostgresJSON(text: conflict.facts)),
        \(conflict.record)::json, \(conflict.importID), \(now))
      ON CONFLICT ON CONSTRAINT lead_conflicts_once DO NOTHING RETURNING id
      """)
    if let row = rows.first { return try row.decode(at: 0) }
    return try transaction.query(
      "SELECT id FROM lead_conflicts WHERE fingerprint = \(conflict.fingerprint)"
    )[0].decode(at: 0)
  }

  public static func find(
    _ id: ID<LeadConflict>, in transaction: inout Transaction
  ) throws -> StoredLeadConflict? {
    try transaction.query("SELECT \(unescaped: columns) FROM lead_conflicts WHERE id = \(id)").first
      .map(conflict)
  }

  public static func lock(
    _ id: ID<LeadConflict>, in transaction: inout Transaction
  ) throws -> StoredLeadConflict? {
    try transaction.query("SELECT \(unescaped: columns) FROM lead_conflicts WHERE id = \(id) FOR UPDATE")
      .first.map(conflict)
  }

  /// In the order in which they were found.
  public static func list(
    _ status: StoredLeadConflict.Status?, after id: ID<LeadConflict>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [StoredLeadConflict] {
    let id = id ?? ID(high: 0, low: 0)
    let chosen: SQL =
      if let status {
        """
        SELECT \(unescaped: columns) FROM lead_conflicts WHERE status = \(status.rawValue) AND id > \(id)
        ORDER BY id LIMIT \(limit)
        """
      } else {
        "SELECT \(unescaped: columns) FROM lead_conflicts WHERE id > \(id) ORDER BY id LIMIT \(limit)"
      }
    return try transaction.query(chosen).map(conflict)
  }

  public static func resolve(
    _ id: ID<LeadConflict>, as status: StoredLeadConflict.Status, by actor: Actor,
    merges: [ID<LeadMerger>] = [], now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_conflicts SET status = \(status.rawValue), resolved_at = \(now),
        resolved_by = \(actor.text), merge_ids = \(merges)
      WHERE id = \(id)
      """, expecting: 1)
  }

  /// What a merge had settled is open again.
  public static func reopen(_ merge: ID<LeadMerger>, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE lead_conflicts SET status = 'open', resolved_at = NULL, resolved_by = NULL, merge_ids = '{}'
      WHERE \(merge) = ANY (merge_ids)
      """)
  }

  private static func conflict(_ row: Row) throws -> StoredLeadConflict {
    guard let why = IntakeGrouping.Why(rawValue: try row.decode("why")),
      let status = StoredLeadConflict.Status(rawValue: try row.decode("status"))
    else { preconditionFailure("lead_conflicts has words that its constraints do not know") }
    return StoredLeadConflict(
      id: try row.decode("id"), why: why, status: status, leads: try row.decode("lead_ids"),
      source: try row.decode("source"), asOf: try row.decode("as_of"),
      facts: try row.decode("facts", as: PostgresJSON.self).text,
      record: try row.decode("record", as: PostgresJSON?.self)?.text, importID: try row.decode("import_id"),
      foundAt: try row.decode("found_at"), resolvedAt: try row.decode("resolved_at"),
      resolvedBy: try row.decode("resolved_by"), merges: try row.decode("merge_ids"))
  }
}
