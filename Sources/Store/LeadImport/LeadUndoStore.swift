import Domain
import Postgres

/// What undoing an import looks at, and takes back.
public enum LeadUndoStore {
  /// Rows that are not undone yet and have a lead, the last first.
  public static func next(
    of id: ID<LeadImport>, limit: Int, in transaction: inout Transaction
  ) throws -> [LeadImportRow] {
    try transaction.query(
      """
      SELECT row_number, lead_id, is_new FROM lead_import_rows
      WHERE import_id = \(id) AND undone IS NULL AND lead_id IS NOT NULL
      ORDER BY row_number DESC LIMIT \(limit)
      """
    ).map {
      LeadImportRow(
        row: try $0.decode(at: 0), verdict: .updated, isNew: try $0.decode(at: 2),
        leadID: try $0.decode(at: 1))
    }
  }

  public static func note(
    _ outcomes: [(row: Int, outcome: LeadUndoOutcome)], of id: ID<LeadImport>,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_import_rows r SET undone = o.outcome
      FROM unnest(\(outcomes.map(\.row)), \(outcomes.map(\.outcome))) AS o (row_number, outcome)
      WHERE r.import_id = \(id) AND r.row_number = o.row_number
      """, expecting: outcomes.count)
  }

  /// How many rows ended how.
  public static func outcomes(
    of id: ID<LeadImport>, in transaction: inout Transaction
  ) throws -> [LeadUndoOutcome: Int] {
    var counts: [LeadUndoOutcome: Int] = [:]
    let rows = try transaction.query(
      """
      SELECT undone, count(*) FROM lead_import_rows
      WHERE import_id = \(id) AND undone IS NOT NULL GROUP BY undone
      """)
    for row in rows { counts[try row.decode(at: 0)] = try row.decode(at: 1) }
    return counts
  }

  /// Which of these leads the import made.
  public static func made(
    _ leads: [ID<Lead>], by id: ID<LeadImport>, in transaction: inout Transaction
  ) throws -> Set<ID<Lead>> {
    Set(
      try transaction.query(
        """
        SELECT DISTINCT lead_id FROM lead_import_rows
        WHERE import_id = \(id) AND lead_id = ANY (\(leads)) AND is_new
        """
      ).map { try $0.decode(at: 0, as: ID<Lead>.self) })
  }

  /// What is known of leads that the import made and that are still there; locks them.
  public static func facts(
    of leads: [ID<Lead>], made id: ID<LeadImport>, in transaction: inout Transaction
  ) throws -> [MadeLead] {
    guard !leads.isEmpty else { return [] }
    _ = try transaction.query(
      "SELECT id FROM lead_pool WHERE id = ANY (\(leads)) ORDER BY id FOR UPDATE")
    return try transaction.query(
      """
      SELECT p.id, p.erased_at IS NOT NULL,
        p.merged_into_id IS NOT NULL OR EXISTS (SELECT FROM lead_pool m WHERE m.merged_into_id = p.id)
          OR EXISTS (SELECT FROM lead_merges g WHERE p.id IN (g.kept_id, g.merged_id)),
        EXISTS (SELECT FROM lead_assignments a WHERE a.lead_id = p.id),
        EXISTS (SELECT FROM lead_conflicts c
            WHERE c.lead_ids @> ARRAY[p.id] AND c.import_id IS DISTINCT FROM \(id))
          OR EXISTS (SELECT FROM lead_ledger l
            WHERE l.lead_id = p.id
              AND l.kind NOT IN ('assigned', 'released', 'converted', 'withdrawn', 'scored')
              AND NOT EXISTS (
                SELECT FROM lead_changes c
                WHERE c.import_id = \(id) AND c.lead_id = p.id AND c.at = l.at))
          OR EXISTS (SELECT FROM permits q WHERE q.lead_id = p.id),
        EXISTS (SELECT FROM lead_import_rows r JOIN lead_imports i ON i.id = r.import_id
          WHERE r.lead_id = p.id AND r.import_id <> \(id) AND i.state <> 'undone' AND NOT i.is_rehearsal)
      FROM lead_pool p WHERE p.id = ANY (\(leads)) ORDER BY p.id
      """
    ).map { row in
      var lead = MadeLead(id: try row.decode(at: 0))
      lead.isErased = try row.decode(at: 1)
      lead.isMerged = try row.decode(at: 2)
      lead.wasAssigned = try row.decode(at: 3)
      lead.hasChangedSince = try row.decode(at: 4)
      lead.isInOtherImport = try row.decode(at: 5)
      return lead
    }
  }

  /// - Returns: those that are gone; the others have something that refers to them.
  public static func delete(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Set<ID<Lead>> {
    guard !leads.isEmpty else { return [] }
    return Set(
      try transaction.query(
        "SELECT l.id FROM unnest(\(leads)) AS l (id) WHERE delete_unused_lead(l.id)"
      ).map { try $0.decode(at: 0, as: ID<Lead>.self) })
  }

  /// What an import replaced of a lead, at one time.
  public struct Change: Sendable {
    public let leadID: ID<Lead>
    public let at: Timestamp
    /// JSON: `{"facts": {"title": "CTO", "city": null}, "provenance": {…}}`.
    public let before: String
    /// Fields that something else changed since.
    public let changedSince: Set<String>
  }

  /// The latest first.
  public static func changes(
    of leads: [ID<Lead>], by id: ID<LeadImport>, in transaction: inout Transaction
  ) throws -> [Change] {
    guard !leads.isEmpty else { return [] }
    return try transaction.query(
      """
      SELECT c.lead_id, c.at, c.before, ARRAY(
        SELECT DISTINCT f.name FROM lead_ledger l
        CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(l.details->'fields', '[]')) AS f (name)
        WHERE l.lead_id = c.lead_id AND l.kind IN ('updated', 'merged', 'unmerged') AND l.at >= c.at
          AND NOT EXISTS (
          SELECT FROM lead_changes o
          WHERE o.import_id = \(id) AND o.lead_id = c.lead_id AND o.at = l.at))
      FROM lead_changes c WHERE c.import_id = \(id) AND c.lead_id = ANY (\(leads))
      ORDER BY c.at DESC, c.id DESC
      """
    ).map { row in
      Change(
        leadID: try row.decode(at: 0), at: try row.decode(at: 1),
        before: try row.decode(at: 2, as: PostgresJSON.self).text,
        changedSince: Set(try row.decode(at: 3, as: [String].self)))
    }
  }

  /// Takes back what was kept of an import beside the facts: before-images, the record that it took, and by
  /// what else the lead was known through it. What a lead that was merged into it brought stays.
  public static func forget(
    _ leads: [ID<Lead>], _ identities: [(identity: LeadIdentity, lead: ID<Lead>)], of run: LeadImport,
    in transaction: inout Transaction
  ) {
    guard !leads.isEmpty else { return }
    transaction.enqueue(
      """
      DELETE FROM lead_records r USING lead_changes c
      WHERE c.import_id = \(run.id) AND c.lead_id = ANY (\(leads)) AND r.lead_id = c.lead_id
        AND r.provider = \(run.source) AND r.taken_at = c.at
      """)
    transaction.enqueue(
      "DELETE FROM lead_changes WHERE import_id = \(run.id) AND lead_id = ANY (\(leads))")
    guard !identities.isEmpty else { return }
    transaction.enqueue(
      """
      DELETE FROM lead_identities i
      USING contact_salt s, unnest(\(identities.map(\.identity.kind.rawValue)),
        \(identities.map(\.identity.value)), \(identities.map(\.lead))) AS v (kind, value, lead_id)
      WHERE i.key = contact_key(v.kind, v.value, s.salt) AND i.lead_id = v.lead_id
        AND NOT EXISTS (
          SELECT FROM lead_merges g
          WHERE g.kept_id = i.lead_id AND g.undone_at IS NULL AND g.before->'keys' ? i.key::text)
      """)
  }

  /// Conflicts that only this import claimed.
  public static func forgetConflicts(of id: ID<LeadImport>, in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM lead_conflicts WHERE import_id = \(id) AND status = 'open'")
  }
}
