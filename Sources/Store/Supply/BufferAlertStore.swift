import Domain
import Postgres

/// Warnings that too little of a kind lies ready.
public enum BufferAlertStore {
  private static let columns =
    "id, resource_type, level, assigned, available, required, raised_at, cleared_at"

  /// The open one of each kind that has one.
  public static func open(in transaction: inout Transaction) throws -> [ResourceKind: BufferAlert] {
    let alerts = try transaction.query(
      "SELECT \(unescaped: columns) FROM buffer_alerts WHERE cleared_at IS NULL"
    ).map(alert)
    return Dictionary(uniqueKeysWithValues: alerts.map { ($0.kind, $0) })
  }

  public static func clear(_ id: ID<BufferAlert>, now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue("UPDATE buffer_alerts SET cleared_at = \(now) WHERE id = \(id)", expecting: 1)
  }

  public static func insert(_ alert: BufferAlert, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      INSERT INTO buffer_alerts (id, resource_type, level, assigned, available, required, raised_at)
      VALUES (\(alert.id), \(alert.kind), \(alert.level), \(Int32(clamping: alert.assigned)),
        \(Int32(clamping: alert.available)), \(Int32(clamping: alert.required)), \(alert.raisedAt))
      """, expecting: 1)
  }

  /// Newest first.
  public static func list(
    _ state: BufferAlert.State, after id: ID<BufferAlert>?, limit: Int, in transaction: inout Transaction
  ) throws -> [BufferAlert] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM buffer_alerts
      WHERE id < \(id ?? ID(high: .max, low: .max))
        AND (\(state) = 'all' OR (cleared_at IS NULL) = (\(state) = 'open'))
      ORDER BY id DESC LIMIT \(limit)
      """
    ).map(alert)
  }

  private static func alert(_ row: Row) throws -> BufferAlert {
    func count(_ name: String) throws -> Int { Int(try row.decode(name, as: Int32.self)) }
    return BufferAlert(
      id: try row.decode("id"), kind: try row.decode("resource_type"), level: try row.decode("level"),
      assigned: try count("assigned"), available: try count("available"), required: try count("required"),
      raisedAt: try row.decode("raised_at"), clearedAt: try row.decode("cleared_at"))
  }
}

extension BufferLevel: PostgresEncodable, PostgresDecodable {}
extension BufferAlert.State: PostgresEncodable {}
