import Domain
import Postgres

/// What became of the rows of imports: `lead_import_rows`.
public enum LeadImportRowStore {
  public static func insert(
    _ rows: [LeadImportRow], of id: ID<LeadImport>, in transaction: inout Transaction
  ) {
    guard !rows.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_import_rows (import_id, row_number, verdict, is_new, lead_id, earlier_row, conflict_id,
        detail)
      SELECT \(id), r.* FROM unnest(\(rows.map(\.row)), \(rows.map(\.verdict)), \(rows.map(\.isNew)),
        \(rows.map(\.leadID)), \(rows.map(\.earlierRow)), \(rows.map(\.conflictID)), \(rows.map(\.detail)))
        AS r
      """, expecting: rows.count)
  }

  /// In the order of the rows.
  ///
  /// - Parameter verdicts: only these; nil for all.
  public static func list(
    of id: ID<LeadImport>, verdicts: [LeadRowVerdict]? = nil, after row: Int, limit: Int,
    in transaction: inout Transaction
  ) throws -> [LeadImportRow] {
    try transaction.query(
      """
      SELECT row_number, verdict, is_new, lead_id, earlier_row, conflict_id, detail, undone
      FROM lead_import_rows
      WHERE import_id = \(id) AND row_number > \(row)
        AND (\(verdicts)::text[] IS NULL OR verdict = ANY (\(verdicts)))
      ORDER BY row_number LIMIT \(limit)
      """
    ).map(record)
  }

  /// The first row of the import that made, changed or found each of these leads.
  public static func earliest(
    of leads: [ID<Lead>], in id: ID<LeadImport>, _ transaction: inout Transaction
  ) throws -> [ID<Lead>: Int] {
    guard !leads.isEmpty else { return [:] }
    let rows = try transaction.query(
      """
      SELECT lead_id, min(row_number) FROM lead_import_rows
      WHERE import_id = \(id) AND lead_id = ANY (\(leads)) AND verdict <> 'conflict'
      GROUP BY lead_id
      """)
    var found: [ID<Lead>: Int] = [:]
    for row in rows { found[try row.decode(at: 0)] = try row.decode(at: 1) }
    return found
  }

  /// Which of these leads were made at this instant, by this transaction.
  public static func made(
    _ leads: [ID<Lead>], at now: Timestamp, in transaction: inout Transaction
  ) throws -> Set<ID<Lead>> {
    guard !leads.isEmpty else { return [] }
    return Set(
      try transaction.query(
        "SELECT id FROM lead_pool WHERE id = ANY (\(leads)) AND created_at = \(now)"
      ).map { try $0.decode(at: 0, as: ID<Lead>.self) })
  }

  private static func record(_ row: Row) throws -> LeadImportRow {
    LeadImportRow(
      row: try row.decode("row_number"), verdict: try row.decode("verdict"), isNew: try row.decode("is_new"),
      leadID: try row.decode("lead_id"), earlierRow: try row.decode("earlier_row"),
      conflictID: try row.decode("conflict_id"), detail: try row.decode("detail"),
      undone: try row.decode("undone"))
  }
}

/// Who was met in a rehearsal: `lead_import_keys`.
public enum LeadImportKeyStore {
  /// Who is known by an identity in this rehearsal.
  public struct Person: Hashable, Sendable {
    public let row: Int
    /// Nil for somebody whom the rehearsal would make.
    public let lead: ID<Lead>?

    public init(row: Int, lead: ID<Lead>?) {
      self.row = row
      self.lead = lead
    }
  }

  public static func find(
    _ identities: [LeadIdentity], in id: ID<LeadImport>, _ transaction: inout Transaction
  ) throws -> [LeadIdentity: Person] {
    guard !identities.isEmpty else { return [:] }
    let rows = try transaction.query(
      """
      SELECT v.place, k.row_number, k.lead_id
      FROM contact_salt s CROSS JOIN unnest(\(identities.map(\.kind.rawValue)), \(identities.map(\.value)))
        WITH ORDINALITY AS v (kind, value, place)
      JOIN lead_import_keys k ON k.import_id = \(id) AND k.key = contact_key(v.kind, v.value, s.salt)
      """)
    var found: [LeadIdentity: Person] = [:]
    for row in rows {
      let place = Int(try row.decode(at: 0, as: Int64.self)) - 1
      found[identities[place]] = Person(row: try row.decode(at: 1), lead: try row.decode(at: 2))
    }
    return found
  }

  public static func insert(
    _ known: [(identity: LeadIdentity, person: Person)], in id: ID<LeadImport>,
    _ transaction: inout Transaction
  ) {
    guard !known.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_import_keys (import_id, key, row_number, lead_id)
      SELECT \(id), contact_key(v.kind, v.value, s.salt), v.row_number, v.lead_id
      FROM contact_salt s CROSS JOIN unnest(\(known.map(\.identity.kind.rawValue)),
        \(known.map(\.identity.value)), \(known.map(\.person.row)), \(known.map(\.person.lead)))
        AS v (kind, value, row_number, lead_id)
      ON CONFLICT ON CONSTRAINT lead_import_keys_pkey DO NOTHING
      """)
  }

  public static func forget(_ id: ID<LeadImport>, in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM lead_import_keys WHERE import_id = \(id)")
  }
}
