import Domain
import Postgres

/// Who has which resource: `client_resources`. Exclusivity is the database's: partial unique indexes and the
/// counts that triggers keep.
public enum AssignmentStore {
  /// Locks what one client may get: of each kind the best that are free by R5's order, and every free mailbox
  /// of those domains and of the client's own.
  public static func lockFacts(
    for counts: ResourceCounts, of client: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) throws -> SelectionFacts {
    let owned = try self.owned(by: client, in: &transaction)
    var candidates = try lockBest(counts, except: owned, now: now, in: &transaction)
    if counts.mailboxes > 0 {
      let domains =
        owned.filter { $0.kind == .emailDomain }.map(\.id) + (candidates[.emailDomain] ?? []).map(\.id)
      candidates[.mailbox] = try transaction.query(
        """
        SELECT \(unescaped: Resource.columns) FROM resource_pool r
        WHERE r.domain_id = ANY (\(domains)) AND r.status = 'available'
          AND r.current_clients < r.max_clients AND r.id <> ALL (\(owned.map(\.id)))
        ORDER BY r.id FOR NO KEY UPDATE OF r SKIP LOCKED
        """
      ).map(Resource.init)
    }
    return SelectionFacts(candidates: candidates, owned: owned)
  }

  /// First what nobody else has locked, so that many sign-ups go on side by side; if that is too little, what
  /// others have locked is waited for: a shortage must be real.
  private static func lockBest(
    _ counts: ResourceCounts, except owned: [Resource], now: Timestamp, in transaction: inout Transaction
  ) throws -> [ResourceKind: [Resource]] {
    var found: [ResourceKind: [Resource]] = [:]
    var seen = owned.map(\.id)
    func missing(_ kind: ResourceKind) -> Int { counts[kind] - (found[kind]?.count ?? 0) }
    for isPatient in [false, true] {
      var open = ResourceKind.allCases.filter { $0 != .mailbox && missing($0) > 0 }
      // Those that are unfit, which only Domain can tell, are passed over and others asked for.
      while !open.isEmpty {
        let rows = try transaction.query(
          """
          SELECT \(unescaped: Resource.columns)
          FROM unnest(\(open)::text[], \(open.map { Int32(clamping: missing($0)) })) AS wanted (kind, count)
          CROSS JOIN LATERAL (
            SELECT * FROM resource_pool p
            WHERE p.resource_type = wanted.kind AND p.status = 'available'
              AND p.current_clients < p.max_clients AND p.id <> ALL (\(seen))
            ORDER BY (p.warmup_completed_at IS NULL), p.reputation_score DESC, p.current_clients,
              p.created_at, p.id
            LIMIT wanted.count
            FOR NO KEY UPDATE OF p \(unescaped: isPatient ? "" : "SKIP LOCKED")) AS r
          """
        ).map(Resource.init)
        seen += rows.map(\.id)
        for row in rows where Assignability(of: row, policy: .strict, now: now).isAssignable {
          found[row.kind, default: []].append(row)
        }
        open.removeAll { kind in missing(kind) <= 0 || !rows.contains { $0.kind == kind } }
      }
    }
    return found
  }

  /// What the client has, those on hold included, in the order of ids.
  public static func owned(
    by client: ID<Client>, in transaction: inout Transaction
  ) throws -> [Resource] {
    try transaction.query(
      """
      SELECT \(unescaped: Resource.columns)
      FROM client_resources c JOIN resource_pool r ON r.id = c.resource_pool_id
      WHERE c.client_id = \(client) AND c.released_at IS NULL ORDER BY r.id
      """
    ).map(Resource.init)
  }

  /// Whether the client has the resource now, on hold or not.
  public static func has(
    _ client: ID<Client>, _ resource: ID<Resource>, in transaction: inout Transaction
  ) throws -> Bool {
    try !transaction.query(
      """
      SELECT FROM client_resources
      WHERE client_id = \(client) AND resource_pool_id = \(resource) AND released_at IS NULL
      """
    ).isEmpty
  }

  /// Gives locked resources to a client. A warm-up that was never begun begins.
  public static func assign(
    _ resources: [Resource], to client: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) {
    guard !resources.isEmpty else { return }
    let unwarmed = resources.filter { $0.kind.needsWarmup && $0.warmup == Warmup() }.map(\.id)
    if !unwarmed.isEmpty {
      transaction.enqueue(
        "UPDATE resource_pool SET warmup_started_at = \(now) WHERE id = ANY (\(unwarmed))",
        expecting: unwarmed.count)
    }
    transaction.enqueue(
      """
      INSERT INTO client_resources (client_id, resource_pool_id, assigned_at)
      SELECT \(client), id, \(now) FROM unnest(\(resources.map(\.id))) AS id ORDER BY id
      """, expecting: resources.count)
  }

  /// Gives these back to the pool. A number that a lead leases now goes when that lease is over, and is
  /// leased to nobody else until then.
  public static func release(
    _ resources: [ID<Resource>], of client: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) {
    guard !resources.isEmpty else { return }
    transaction.enqueue(
      """
      UPDATE client_resources a
      SET released_at = CASE WHEN lease.ends_at IS NULL THEN greatest(\(now), a.assigned_at) END,
        release_due_at = lease.ends_at, held_until = NULL
      FROM unnest(\(resources)) AS given (id)
      LEFT JOIN (\(unescaped: liveLeases)) AS lease (id, ends_at) ON lease.id = given.id
        AND lease.ends_at > \(now)
      WHERE a.client_id = \(client) AND a.resource_pool_id = given.id AND a.released_at IS NULL
      """)
  }

  /// Gives back what waited for the end of a lease; how many. Those whose lease was made longer wait on.
  public static func releaseDue(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.query(
      """
      UPDATE client_resources a
      SET released_at = CASE WHEN due.ends_at IS NULL THEN greatest(\(now), a.assigned_at) END,
        release_due_at = due.ends_at
      FROM (
        SELECT w.id, lease.ends_at
        FROM client_resources w
        LEFT JOIN (\(unescaped: liveLeases)) AS lease (id, ends_at)
          ON lease.id = w.resource_pool_id AND lease.ends_at > \(now)
        WHERE w.released_at IS NULL AND w.release_due_at <= \(now)
        ORDER BY w.release_due_at LIMIT \(limit) FOR NO KEY UPDATE OF w SKIP LOCKED) AS due
      WHERE a.id = due.id
      RETURNING a.released_at IS NOT NULL
      """
    ).map { try $0.decode(at: 0, as: Bool.self) }.count { $0 }
  }

  /// Numbers that are leased, by the resource that they are.
  private static let liveLeases = """
    SELECT r.id, n.release_at
    FROM resource_pool r JOIN signalwire_phone_numbers n ON n.number = r.resource_value
    WHERE r.resource_type = 'phone_number' AND n.currently_assigned_to IS NOT NULL
    """

  /// R7: all that the client has, on hold until then; nil ends a hold.
  public static func hold(
    of client: ID<Client>, until instant: Timestamp?, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE client_resources SET held_until = \(instant)
      WHERE client_id = \(client) AND released_at IS NULL AND held_until IS DISTINCT FROM \(instant)
      """)
  }
}
