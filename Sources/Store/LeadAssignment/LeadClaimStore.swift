import Domain
import Postgres

/// Leads that are about to be given to a client.
public enum LeadClaimStore {
  /// A lead, locked, with what its score follows from.
  public struct Claimed: Hashable, Sendable {
    public var claim: AssignableLead
    public let scored: ScoredFacts
  }

  /// Takes the key by which nobody looks past another at the people of one company; before any lead.
  ///
  /// - Parameter alone: for a client that claims companies.
  public static func takeCompanies(alone: Bool, in transaction: inout Transaction) {
    transaction.enqueue(alone ? "SELECT hold_companies()" : "SELECT share_companies()")
  }

  /// Locks leads in the order of their ids until the end of the transaction, and reads what is decided by.
  /// Those that there are not are left out.
  ///
  /// - Parameter skipsLocked: leaves out those that somebody else is at.
  public static func lock(
    _ leads: [ID<Lead>], for client: ID<Client>, claimsCompanies: Bool, skipsLocked: Bool = false,
    in transaction: inout Transaction
  ) throws -> [Claimed] {
    let skip = skipsLocked ? " SKIP LOCKED" : ""
    let answers = try transaction.query([
      """
      SELECT p.id FROM lead_pool p WHERE p.id = ANY (\(leads)) ORDER BY p.id
      FOR NO KEY UPDATE\(unescaped: skip)
      """,
      """
      SELECT EXISTS (
        SELECT FROM suppressions WHERE lifted_at IS NULL AND (client_id IS NULL OR client_id = \(client)))
      """,
    ])
    let locked: [ID<Lead>] = try answers[0].map { try $0.decode(at: 0) }
    // With its own snapshot, which sees what those did that we waited for.
    var claimed = try read(
      locked, for: client, looksAtSuppressions: try answers[1][0].decode(at: 0), in: &transaction)
    let owners = try companyOwners(
      of: claimed.compactMap(\.claim.companyDomain), besides: client, claims: claimsCompanies,
      in: &transaction)
    guard !owners.isEmpty else { return claimed }
    for index in claimed.indices {
      claimed[index].claim.companyOwners = claimed[index].claim.companyDomain.flatMap { owners[$0] } ?? []
    }
    return claimed
  }

  private static func read(
    _ leads: [ID<Lead>], for client: ID<Client>, looksAtSuppressions: Bool,
    in transaction: inout Transaction
  ) throws -> [Claimed] {
    let suppression =
      looksAtSuppressions
      ? """
      LEFT JOIN LATERAL (
        SELECT bool_or(x.client_id IS NULL) AS for_all, bool_or(x.client_id IS NOT NULL) AS for_client
        FROM lead_suppressions(p, asking.client) x) AS s ON true
      """ : "CROSS JOIN (VALUES (false, false)) AS s (for_all, for_client)"
    let rows = try transaction.query(
      """
      WITH asking (client) AS (SELECT \(client)::uuid)
      SELECT \(unescaped: ScoredFactsStore.columns), p.merged_into_id, p.erased_at IS NOT NULL,
        a.client_id,
        coalesce(s.for_all, false) OR num_nonnulls(p.unsubscribed_at, p.complained_at) > 0,
        coalesce(s.for_client, false)
      FROM lead_pool p CROSS JOIN asking
      LEFT JOIN lead_assignments a ON a.lead_id = p.id AND a.released_at IS NULL
      \(unescaped: suppression)
      WHERE p.id = ANY (\(leads)) ORDER BY p.id
      """)
    let start = ScoredFactsStore.columnCount
    return try rows.map { row in
      let scored = try ScoredFactsStore.facts(row)
      return Claimed(
        claim: AssignableLead(
          id: scored.lead, companyDomain: scored.facts.text(.companyDomain),
          owner: try row.decode(at: start + 2), mergedInto: try row.decode(at: start),
          isErased: try row.decode(at: start + 1), isSuppressedForAll: try row.decode(at: start + 3),
          isSuppressedForClient: try row.decode(at: start + 4)),
        scored: scored)
    }
  }

  /// Who else has people of these companies, as far as it matters to this client.
  ///
  /// - Parameter claims: whether the client claims companies: then anybody's people matter, else those of
  ///   clients that do.
  public static func companyOwners(
    of domains: [String], besides client: ID<Client>, claims: Bool, in transaction: inout Transaction
  ) throws -> [String: [AssignableLead.CompanyOwner]] {
    guard !domains.isEmpty else { return [:] }
    let rows = try transaction.query(
      """
      SELECT a.company_domain, a.client_id, bool_or(a.claims_company) FROM lead_assignments a
      WHERE a.company_domain = ANY (\(Array(Set(domains)))) AND a.client_id <> \(client)
        AND a.released_at IS NULL AND (\(claims) OR a.claims_company)
      GROUP BY a.company_domain, a.client_id
      """)
    var owners: [String: [AssignableLead.CompanyOwner]] = [:]
    for row in rows {
      owners[try row.decode(at: 0), default: []].append(
        .init(client: try row.decode(at: 1), claims: try row.decode(at: 2)))
    }
    return owners
  }

  /// Those of the leads that somebody forbids to contact: for all, or for this client.
  public static func suppressed(
    _ leads: [ID<Lead>], for client: ID<Client>, in transaction: inout Transaction
  ) throws -> Set<ID<Lead>> {
    let rows = try transaction.query(
      """
      SELECT p.id FROM lead_pool p
      WHERE p.id = ANY (\(leads)) AND EXISTS (
          SELECT FROM suppressions WHERE lifted_at IS NULL AND (client_id IS NULL OR client_id = \(client)))
        AND EXISTS (SELECT FROM lead_suppressions(p, \(client)))
      """)
    return Set(try rows.map { try $0.decode(at: 0) })
  }

  /// Gives locked leads to the client; those that it got. One that is missing somebody else has taken without
  /// locking it: the index `lead_assignments_one_owner` decides.
  public static func assign(
    _ claims: [AssignableLead], to client: ID<Client>, campaign: ID<Campaign>?, claimsCompanies: Bool,
    now: Timestamp, in transaction: inout Transaction
  ) throws -> Set<ID<Lead>> {
    guard !claims.isEmpty else { return [] }
    let rows = try transaction.query(
      """
      INSERT INTO lead_assignments (id, lead_id, client_id, campaign_id, assigned_at, company_domain,
        claims_company)
      SELECT uuid_v7(\(now)), u.lead_id, \(client), \(campaign), \(now), u.domain,
        \(claimsCompanies) AND u.domain IS NOT NULL
      FROM unnest(\(claims.map(\.id)), \(claims.map(\.companyDomain))) AS u (lead_id, domain)
      ON CONFLICT (lead_id) WHERE released_at IS NULL DO NOTHING
      RETURNING lead_id
      """)
    return Set(try rows.map { try $0.decode(at: 0) })
  }

  /// A client that begins to claim companies has those to itself of which nobody else has people; one that
  /// no longer does has none.
  public static func setClaims(
    _ claims: Bool, of client: ID<Client>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_assignments a SET claims_company = \(claims)
      WHERE a.client_id = \(client) AND a.released_at IS NULL AND a.company_domain IS NOT NULL
        AND a.claims_company <> \(claims) AND (NOT \(claims) OR NOT EXISTS (
          SELECT FROM lead_assignments o
          WHERE o.company_domain = a.company_domain AND o.client_id <> a.client_id
            AND o.released_at IS NULL))
      """)
  }
}
