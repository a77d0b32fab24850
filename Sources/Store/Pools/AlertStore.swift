import Domain
import Postgres

/// Warnings about pools that ran low or dry.
public enum AlertStore {
  private static let columns = """
    a.id, a.kind, a.client_id, c.company_name, a.available, a.total, a.raised_at, a.cleared_at
    """

  /// The standing of clients in the order of their ids. Without an open alert numbers are counted only as far
  /// as it matters: one more than the low-water mark. What clears an alert hangs on the whole pool.
  public static func standings(
    only client: ID<Client>?, after id: ID<Client>?, limit: Int, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [(clientID: ID<Client>, standing: PoolStanding)] {
    let rows = try transaction.query(
      """
      SELECT c.id, c.low_water_mark, free.count + due.count AS available, serving.count AS total, a.kind,
        a.seen_at
      FROM (
        SELECT * FROM clients
        WHERE id > \(id ?? ID(high: 0, low: 0)) AND (\(client)::uuid IS NULL OR id = \(client))
        ORDER BY id LIMIT \(limit)) AS c
      LEFT JOIN LATERAL (SELECT kind, seen_at FROM alerts
        WHERE client_id = c.id AND cleared_at IS NULL ORDER BY kind LIMIT 1) AS a ON true
      CROSS JOIN LATERAL (SELECT
        CASE WHEN a.kind IS NULL THEN c.low_water_mark::bigint + 1 END AS available,
        CASE WHEN a.kind IS NULL THEN 1 END AS total) AS enough
      CROSS JOIN LATERAL (SELECT count(*) FROM (
        SELECT FROM signalwire_phone_numbers n
        WHERE n.assigned_broker_company = c.company_name AND n.assignment_status = 'available'
          AND n.status = 'active'
        LIMIT enough.available) AS n) AS free
      CROSS JOIN LATERAL (SELECT count(*) FROM (
        SELECT FROM signalwire_phone_numbers n
        WHERE n.assigned_broker_company = c.company_name AND n.assignment_status = 'assigned'
          AND n.release_at <= \(now) AND n.status = 'active'
        LIMIT enough.available) AS n) AS due
      CROSS JOIN LATERAL (SELECT count(*) FROM (
        SELECT FROM signalwire_phone_numbers n
        WHERE n.assigned_broker_company = c.company_name AND n.status = 'active'
        LIMIT enough.total) AS n) AS serving
      ORDER BY c.id
      """)
    return try rows.map { row in
      let (available, total): (Int, Int) = (try row.decode("available"), try row.decode("total"))
      let kind: PoolAlert.Kind? = try row.decode("kind")
      let seenAt: Timestamp? = try row.decode("seen_at")
      let alert = kind.flatMap { kind in seenAt.map { PoolStanding.OpenAlert(kind: kind, seenAt: $0) } }
      return (
        try row.decode("id"),
        PoolStanding(
          available: available, total: max(available, total),
          lowWaterMark: Int(try row.decode("low_water_mark", as: Int32.self)), alert: alert)
      )
    }
  }

  /// Until the end of the transaction nobody else changes the client's alerts. False when it is gone.
  public static func lock(_ client: ID<Client>, in transaction: inout Transaction) throws -> Bool {
    try !transaction.query("SELECT FROM clients WHERE id = \(client) FOR NO KEY UPDATE").isEmpty
  }

  /// Notes that the client's pool is still as its open alert says.
  public static func confirm(of client: ID<Client>, now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE alerts SET seen_at = greatest(seen_at, \(now)) WHERE client_id = \(client) AND cleared_at IS NULL
      """)
  }

  /// Clears the client's open alerts and returns them.
  public static func clear(
    of client: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) throws -> [PoolAlert] {
    try transaction.query(
      """
      UPDATE alerts a SET cleared_at = \(now) FROM clients c
      WHERE a.client_id = \(client) AND c.id = a.client_id AND a.cleared_at IS NULL
      RETURNING \(unescaped: columns)
      """
    ).map(alert)
  }

  public static func insert(_ alert: PoolAlert, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      INSERT INTO alerts (id, client_id, kind, available, total, raised_at, seen_at)
      VALUES (\(alert.id), \(alert.clientID), \(alert.kind), \(Int32(clamping: alert.available)),
        \(Int32(clamping: alert.total)), \(alert.raisedAt), \(alert.raisedAt))
      """, expecting: 1)
  }

  /// Newest first.
  public static func list(
    _ state: PoolAlert.State, client: ID<Client>?, after id: ID<PoolAlert>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [PoolAlert] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM alerts a JOIN clients c ON c.id = a.client_id
      WHERE a.id < \(id ?? ID(high: .max, low: .max)) AND (\(client)::uuid IS NULL OR a.client_id = \(client))
        AND (\(state) = 'all' OR (a.cleared_at IS NULL) = (\(state) = 'open'))
      ORDER BY a.id DESC LIMIT \(limit)
      """
    ).map(alert)
  }

  private static func alert(_ row: Row) throws -> PoolAlert {
    PoolAlert(
      id: try row.decode("id"), kind: try row.decode("kind"), clientID: try row.decode("client_id"),
      company: try row.decode("company_name"), available: Int(try row.decode("available", as: Int32.self)),
      total: Int(try row.decode("total", as: Int32.self)), raisedAt: try row.decode("raised_at"),
      clearedAt: try row.decode("cleared_at"))
  }
}

extension PoolAlert.Kind: PostgresEncodable, PostgresDecodable {}
extension PoolAlert.State: PostgresEncodable {}
