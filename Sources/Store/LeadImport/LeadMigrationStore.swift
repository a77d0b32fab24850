import Domain
import Postgres

/// Whose the leads of an older platform are: claims, their decision, and what was tied together.
public enum LeadMigrationStore {
  /// Clients by what a table calls them: their ids or company names.
  public static func clients(
    _ names: [String], in transaction: inout Transaction
  ) throws -> [String: ID<Client>] {
    guard !names.isEmpty else { return [:] }
    let rows = try transaction.query(
      """
      SELECT n.name, c.id FROM unnest(\(names)) AS n (name)
      JOIN clients c ON c.id::text = lower(n.name) OR c.company_name = btrim(n.name)
      """)
    var found: [String: ID<Client>] = [:]
    for row in rows { found[try row.decode(at: 0)] = try row.decode(at: 1) }
    return found
  }

  public static func insert(
    _ claims: [(lead: ID<Lead>, claim: FormerClaim)], of id: ID<LeadImport>,
    in transaction: inout Transaction
  ) {
    guard !claims.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_migration_claims (import_id, row_number, lead_id, client_id, converted_at, replied_at,
        last_contacted_at, contacts, assigned_at)
      SELECT \(id), c.* FROM unnest(\(claims.map(\.claim.row)), \(claims.map(\.lead)),
        \(claims.map(\.claim.clientID)), \(claims.map(\.claim.convertedAt)),
        \(claims.map(\.claim.repliedAt)), \(claims.map(\.claim.lastContactedAt)),
        \(claims.map { Int32(clamping: $0.claim.contacts) }), \(claims.map(\.claim.assignedAt))) AS c
      """, expecting: claims.count)
  }

  /// Ties rows of `leads` to their leads of the pool, those that have none yet.
  public static func tie(
    _ ties: [(row: Int, old: ID<Lead>, lead: ID<Lead>)], of id: ID<LeadImport>,
    in transaction: inout Transaction
  ) {
    guard !ties.isEmpty else { return }
    transaction.enqueue(
      """
      WITH tied AS (
        UPDATE leads l SET lead_pool_id = t.lead_id
        FROM unnest(\(ties.map(\.row)), \(ties.map(\.old)), \(ties.map(\.lead)))
          AS t (row_number, old_id, lead_id)
        WHERE l.id = t.old_id AND l.lead_pool_id IS NULL
        RETURNING t.row_number, l.id, t.lead_id)
      INSERT INTO lead_migration_ties (import_id, row_number, old_lead_id, lead_id)
      SELECT \(id), t.* FROM tied t
      """)
  }

  /// A lead with all that claim it.
  public struct Claimed: Sendable {
    public let leadID: ID<Lead>
    /// Nil when nobody has it.
    public let owner: ID<Client>?
    /// Forgotten, or made one with another lead.
    public let isGone: Bool
    public var claims: [FormerClaim]
  }

  /// The next leads whose claims are not decided; locks them.
  public static func undecided(
    of id: ID<LeadImport>, limit: Int, in transaction: inout Transaction
  ) throws -> [Claimed] {
    let leads = try transaction.query(
      """
      SELECT DISTINCT lead_id FROM lead_migration_claims
      WHERE import_id = \(id) AND outcome IS NULL ORDER BY lead_id LIMIT \(limit)
      """
    ).map { try $0.decode(at: 0, as: ID<Lead>.self) }
    guard !leads.isEmpty else { return [] }
    _ = try transaction.query(
      "SELECT id FROM lead_pool WHERE id = ANY (\(leads)) ORDER BY id FOR NO KEY UPDATE")
    let rows = try transaction.query(
      """
      SELECT c.lead_id, a.client_id, p.erased_at IS NOT NULL OR p.merged_into_id IS NOT NULL, c.row_number,
        c.client_id, c.converted_at, c.replied_at, c.last_contacted_at, c.contacts, c.assigned_at
      FROM lead_migration_claims c LEFT JOIN lead_pool p ON p.id = c.lead_id
      LEFT JOIN lead_assignments a ON a.lead_id = c.lead_id AND a.released_at IS NULL
      WHERE c.import_id = \(id) AND c.lead_id = ANY (\(leads)) ORDER BY c.lead_id, c.row_number
      """)
    var found: [Claimed] = []
    for row in rows {
      let lead: ID<Lead> = try row.decode(at: 0)
      if found.last?.leadID != lead {
        found.append(
          Claimed(
            leadID: lead, owner: try row.decode(at: 1),
            isGone: try row.decode(at: 2, as: Bool?.self) ?? false,
            claims: []))
      }
      found[found.count - 1].claims.append(
        FormerClaim(
          row: try row.decode(at: 3), clientID: try row.decode(at: 4), convertedAt: try row.decode(at: 5),
          repliedAt: try row.decode(at: 6), lastContactedAt: try row.decode(at: 7),
          contacts: Int(try row.decode(at: 8, as: Int32.self)), assignedAt: try row.decode(at: 9)))
    }
    return found
  }

  /// Gives leads to the clients that keep them. Who got one meanwhile keeps it, and nobody gets one of a
  /// company that another client has to itself; a migration claims no companies.
  ///
  /// - Returns: the leads that were given, with the assignment's id.
  public static func assign(
    _ kept: [(lead: ID<Lead>, claim: FormerClaim)], now: Timestamp, in transaction: inout Transaction
  ) throws -> [ID<Lead>: ID<FormerClaim>] {
    guard !kept.isEmpty else { return [:] }
    let ids = kept.map { _ in ID<FormerClaim>(at: now) }
    LeadClaimStore.takeCompanies(alone: false, in: &transaction)
    let rows = try transaction.query(
      """
      INSERT INTO lead_assignments (id, lead_id, client_id, status, assigned_at, converted_at, replied_at,
        last_contacted_at, contacts, company_domain, claims_company)
      SELECT k.id, k.lead_id, k.client_id,
        CASE WHEN k.converted_at IS NULL THEN 'active' ELSE 'converted' END,
        k.assigned_at, k.converted_at, k.replied_at, k.last_contacted_at, k.contacts, p.company_domain, false
      FROM unnest(\(ids), \(kept.map(\.lead)), \(kept.map(\.claim.clientID)),
        \(kept.map(\.claim.assignedAt)), \(kept.map(\.claim.convertedAt)), \(kept.map(\.claim.repliedAt)),
        \(kept.map(\.claim.lastContactedAt)), \(kept.map { Int32(clamping: $0.claim.contacts) }))
        AS k (id, lead_id, client_id, assigned_at, converted_at, replied_at, last_contacted_at, contacts)
      JOIN lead_pool p ON p.id = k.lead_id
      WHERE NOT EXISTS (
        SELECT FROM lead_assignments o
        WHERE o.company_domain = p.company_domain AND o.client_id <> k.client_id AND o.released_at IS NULL
          AND o.claims_company)
      ORDER BY k.lead_id
      ON CONFLICT (lead_id) WHERE released_at IS NULL DO NOTHING
      RETURNING lead_id, id
      """)
    var given: [ID<Lead>: ID<FormerClaim>] = [:]
    for row in rows { given[try row.decode(at: 0)] = try row.decode(at: 1) }
    return given
  }

  /// Writes what was decided, by row.
  public static func decide(
    _ outcomes: [(row: Int, outcome: FormerClaim.Outcome, assignment: ID<FormerClaim>?)],
    of id: ID<LeadImport>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_migration_claims c SET outcome = o.outcome, assignment_id = o.assignment_id
      FROM unnest(\(outcomes.map(\.row)), \(outcomes.map(\.outcome)), \(outcomes.map(\.assignment)))
        AS o (row_number, outcome, assignment_id)
      WHERE c.import_id = \(id) AND c.row_number = o.row_number
      """, expecting: outcomes.count)
  }

  public static func outcomes(
    of id: ID<LeadImport>, in transaction: inout Transaction
  ) throws -> [FormerClaim.Outcome: Int] {
    var counts: [FormerClaim.Outcome: Int] = [:]
    let rows = try transaction.query(
      """
      SELECT outcome, count(*) FROM lead_migration_claims
      WHERE import_id = \(id) AND outcome IS NOT NULL GROUP BY outcome
      """)
    for row in rows { counts[try row.decode(at: 0)] = try row.decode(at: 1) }
    return counts
  }

  /// A client that does not get a lead that it had.
  public struct Collision: Hashable, Sendable {
    public let row: Int
    /// Nil in a rehearsal, for one that is not there yet.
    public let leadID: ID<Lead>?
    public let clientID: ID<Client>
    /// Who keeps it.
    public let keeperID: ID<Client>?
    public let outcome: FormerClaim.Outcome
  }

  /// In the order of the rows.
  public static func collisions(
    of id: ID<LeadImport>, after row: Int, limit: Int, in transaction: inout Transaction
  ) throws -> [Collision] {
    try transaction.query(
      """
      SELECT c.row_number, p.id, c.client_id, coalesce(
          (SELECT k.client_id FROM lead_migration_claims k
           WHERE k.import_id = c.import_id AND k.lead_id = c.lead_id AND k.outcome = 'keeps'),
          (SELECT a.client_id FROM lead_assignments a WHERE a.lead_id = c.lead_id AND a.released_at IS NULL)),
        c.outcome
      FROM lead_migration_claims c LEFT JOIN lead_pool p ON p.id = c.lead_id
      WHERE c.import_id = \(id) AND c.outcome IN ('loses', 'owned_before') AND c.row_number > \(row)
      ORDER BY c.row_number LIMIT \(limit)
      """
    ).map {
      Collision(
        row: try $0.decode(at: 0), leadID: try $0.decode(at: 1), clientID: try $0.decode(at: 2),
        keeperID: try $0.decode(at: 3), outcome: try $0.decode(at: 4))
    }
  }

  /// Takes back what a migration gave, where nobody has done anything with it since, and unties rows of
  /// `leads`.
  public static func release(
    _ leads: [ID<Lead>], of id: ID<LeadImport>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      DELETE FROM lead_assignments a USING lead_migration_claims c
      WHERE c.import_id = \(id) AND c.lead_id = ANY (\(leads)) AND c.outcome = 'keeps'
        AND a.id = c.assignment_id AND a.status <> 'released' AND a.campaign_id IS NULL
        AND NOT EXISTS (
          SELECT FROM lead_ledger l
          WHERE l.lead_id = a.lead_id AND l.client_id = a.client_id AND l.kind NOT IN ('assigned', 'scored')
            AND NOT (l.kind = 'converted' AND EXISTS (
              SELECT FROM lead_ledger b
              WHERE b.lead_id = l.lead_id AND b.client_id = l.client_id AND b.kind = 'assigned'
                AND b.at = l.at)))
        AND NOT EXISTS (SELECT FROM permits q WHERE q.lead_id = a.lead_id AND q.client_id = a.client_id)
      """)
    transaction.enqueue(
      """
      UPDATE leads l SET lead_pool_id = NULL FROM lead_migration_ties t
      WHERE t.import_id = \(id) AND t.lead_id = ANY (\(leads)) AND l.id = t.old_lead_id
        AND l.lead_pool_id = t.lead_id
        AND NOT EXISTS (SELECT FROM lead_assignments a WHERE a.lead_id = t.lead_id)
      """)
  }
}

extension FormerClaim.Outcome: PostgresEncodable, PostgresDecodable {}
