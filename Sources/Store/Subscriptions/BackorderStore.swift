import Domain
import Postgres

/// What was paid for and could not be given yet (R6).
public enum BackorderStore {
  /// What is still missing of the client's open backorders.
  public static func open(
    of client: ID<Client>, in transaction: inout Transaction
  ) throws -> ResourceCounts {
    var counts = ResourceCounts.zero
    for row in try transaction.query(
      """
      SELECT resource_type, wanted - filled FROM backorders
      WHERE client_id = \(client) AND closed_at IS NULL
      """)
    { counts[try row.decode(at: 0)] += Int(try row.decode(at: 1, as: Int32.self)) }
    return counts
  }

  /// Makes the client's open backorders say that exactly this is missing: they grow, shrink or close, and
  /// keep their place in the line. One that closes before it is filled was called off.
  ///
  /// - Parameter given: what they were filled with just now.
  public static func set(
    _ missing: ResourceCounts, given: ResourceCounts = .zero, of client: ID<Client>, now: Timestamp,
    in transaction: inout Transaction
  ) {
    let kinds = ResourceKind.allCases
    let counts = kinds.map { Int32(clamping: missing[$0]) }
    transaction.enqueue(
      """
      WITH change AS (
        SELECT * FROM unnest(\(kinds)::text[], \(counts), \(kinds.map { Int32(clamping: given[$0]) }))
          AS c (kind, missing, given))
      UPDATE backorders b
      SET filled = b.filled + c.given,
        wanted = CASE WHEN c.missing = 0 THEN greatest(b.wanted, b.filled + c.given)
          ELSE b.filled + c.given + c.missing END,
        closed_at = CASE WHEN c.missing = 0 THEN \(now) END
      FROM change c
      WHERE b.client_id = \(client) AND b.closed_at IS NULL AND b.resource_type = c.kind
        AND (c.given > 0 OR b.wanted - b.filled <> c.missing)
      """)
    transaction.enqueue(
      """
      INSERT INTO backorders (id, client_id, resource_type, wanted, created_at)
      SELECT uuid_v7(\(now)), \(client), kind, count, \(now)
      FROM unnest(\(kinds)::text[], \(counts)) AS m (kind, count)
      WHERE count > 0 AND NOT EXISTS (
        SELECT FROM backorders b
        WHERE b.client_id = \(client) AND b.resource_type = m.kind AND b.closed_at IS NULL)
      """)
  }

  /// Clients that wait for something of the kind, those who wait longest first.
  public static func waiting(
    for kind: ResourceKind, limit: Int, in transaction: inout Transaction
  ) throws -> [ID<Client>] {
    try transaction.query(
      """
      SELECT client_id FROM backorders WHERE resource_type = \(kind) AND closed_at IS NULL
      ORDER BY created_at, id LIMIT \(limit)
      """
    ).map { try $0.decode(at: 0) }
  }
}
