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
    var candidates: [ResourceKind: [Resource]] = [:]
    for kind in [ResourceKind.emailDomain, .phoneNumber, .linkedInSeat] where counts[kind] > 0 {
      candidates[kind] = try lockBest(
        counts[kind], of: kind, except: owned, now: now, in: &transaction)
    }
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
    _ count: Int, of kind: ResourceKind, except owned: [Resource], now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [Resource] {
    var found: [Resource] = []
    var seen = owned.filter { $0.kind == kind }.map(\.id)
    for isPatient in [false, true] {
      // Those that are unfit, which only Domain can tell, are passed over and others asked for.
      while found.count < count {
        let rows = try transaction.query(
          """
          SELECT \(unescaped: Resource.columns) FROM resource_pool r
          WHERE r.resource_type = \(kind) AND r.status = 'available' AND r.current_clients < r.max_clients
            AND r.id <> ALL (\(seen))
          ORDER BY (r.warmup_completed_at IS NULL), r.reputation_score DESC, r.current_clients, r.created_at,
            r.id
          LIMIT \(count - found.count) FOR NO KEY UPDATE OF r \(unescaped: isPatient ? "" : "SKIP LOCKED")
          """
        ).map(Resource.init)
        guard !rows.isEmpty else { break }
        seen += rows.map(\.id)
        found += rows.filter { Assignability(of: $0, policy: .strict, now: now).isAssignable }
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

  /// Gives these back to the pool.
  public static func release(
    _ resources: [ID<Resource>], of client: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) {
    guard !resources.isEmpty else { return }
    transaction.enqueue(
      """
      UPDATE client_resources
      SET released_at = greatest(\(now), assigned_at), held_until = NULL, release_due_at = NULL
      WHERE client_id = \(client) AND resource_pool_id = ANY (\(resources)) AND released_at IS NULL
      """)
  }

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
