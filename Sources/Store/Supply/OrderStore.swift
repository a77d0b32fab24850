import Domain
import Postgres

/// Orders of resources: `resource_orders`. Triggers write their ledger.
public enum OrderStore {
  private static let columns = """
    o.id, o.resource_type, o.quantity, o.delivered, o.unit_price_cents, o.provider, o.status, o.since,
    o.is_automatic, o.reason, o.requested_at, o.requested_by, o.approved_at, o.approved_by, o.placed_at,
    o.provider_reference, o.term, o.failures, o.next_attempt_at, o.last_error, o.closed_at
    """

  /// Those that are not at their end, oldest first.
  public static func open(in transaction: inout Transaction) throws -> [ResourceOrder] {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM resource_orders o WHERE o.closed_at IS NULL ORDER BY o.id"
    ).map { try record($0).order }
  }

  public static func find(
    _ id: ID<ResourceOrder>, in transaction: inout Transaction
  ) throws -> OrderRecord? {
    try transaction.query("SELECT \(unescaped: columns) FROM resource_orders o WHERE o.id = \(id)")
      .first.map(record)
  }

  /// Locks it until the end of the transaction.
  public static func lock(
    _ id: ID<ResourceOrder>, in transaction: inout Transaction
  ) throws -> OrderRecord? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM resource_orders o WHERE o.id = \(id) FOR NO KEY UPDATE"
    ).first.map(record)
  }

  /// What a list shows.
  public struct Filter: Hashable, Sendable {
    public var kind: ResourceKind?
    public var status: OrderStatus?

    public init(kind: ResourceKind? = nil, status: OrderStatus? = nil) {
      self.kind = kind
      self.status = status
    }
  }

  /// Newest first.
  public static func list(
    _ filter: Filter, after id: ID<ResourceOrder>?, limit: Int, in transaction: inout Transaction
  ) throws -> [OrderRecord] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM resource_orders o
      WHERE o.id < \(id ?? ID(high: .max, low: .max))
        AND (\(filter.kind)::text IS NULL OR o.resource_type = \(filter.kind))
        AND (\(filter.status)::text IS NULL OR o.status = \(filter.status))
      ORDER BY o.id DESC LIMIT \(limit)
      """
    ).map(record)
  }

  public static func insert(_ record: OrderRecord, in transaction: inout Transaction) {
    let order = record.order
    transaction.enqueue(
      """
      INSERT INTO resource_orders (id, resource_type, quantity, unit_price_cents, provider, status, since,
        is_automatic, reason, requested_at, requested_by, approved_at, approved_by)
      VALUES (\(order.id), \(order.kind), \(Int32(clamping: order.quantity)),
        \(Int32(clamping: order.unitPriceInCents)), \(record.provider.text), \(order.status),
        \(order.since), \(record.isAutomatic), \(record.reason), \(record.requestedAt),
        \(record.requestedBy), \(record.approvedAt), \(record.approvedBy))
      """, expecting: 1)
  }

  /// Writes what may change of a locked order.
  public static func update(_ record: OrderRecord, in transaction: inout Transaction) {
    let order = record.order
    transaction.enqueue(
      """
      UPDATE resource_orders
      SET provider = \(record.provider.text), quantity = \(Int32(clamping: order.quantity)),
        delivered = \(Int32(clamping: order.delivered)),
        status = \(order.status), since = \(order.since), approved_at = \(record.approvedAt),
        approved_by = \(record.approvedBy), placed_at = \(record.placedAt),
        provider_reference = \(record.reference), term = \(record.term),
        failures = \(Int32(clamping: record.failures)), next_attempt_at = \(record.nextAttemptAt),
        last_error = \(record.lastError), closed_at = \(record.closedAt)
      WHERE id = \(order.id)
      """, expecting: 1)
  }

  /// Takes orders that are due for work: nobody else gets them before `until`, and each gets a new term.
  ///
  /// - Parameter providers: those that this server can speak to. Orders in the pool that only warm up are
  ///   everybody's.
  public static func claim(
    of providers: [ProviderName], now: Timestamp, until: Timestamp, limit: Int,
    in transaction: inout Transaction
  ) throws -> [OrderRecord] {
    try transaction.query(
      """
      UPDATE resource_orders o SET term = o.term + 1, next_attempt_at = \(until)
      FROM (
        SELECT id FROM resource_orders
        WHERE closed_at IS NULL AND (next_attempt_at IS NULL OR next_attempt_at <= \(now))
          AND (status = 'warming'
            OR status IN ('approved', 'placed', 'arriving') AND provider = ANY (\(providers.map(\.text))))
        ORDER BY next_attempt_at NULLS FIRST, id LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED) AS due
      WHERE o.id = due.id
      RETURNING \(unescaped: columns)
      """
    ).map(record)
  }

  /// When the latest automatic orders of the kind failed, newest first, up to the latest that did not.
  public static func recentFailures(
    of kind: ResourceKind, limit: Int, in transaction: inout Transaction
  ) throws -> [Timestamp] {
    let latest = try transaction.query(
      """
      SELECT status, closed_at FROM resource_orders
      WHERE resource_type = \(kind) AND is_automatic ORDER BY id DESC LIMIT \(limit)
      """
    ).map { (try $0.decode(at: 0, as: OrderStatus.self), try $0.decode(at: 1, as: Timestamp?.self)) }
    return latest.prefix { $0.0 == .failed }.compactMap(\.1)
  }

  /// How many orders have each status.
  public static func counts(in transaction: inout Transaction) throws -> [OrderStatus: Int] {
    Dictionary(
      uniqueKeysWithValues: try transaction.query(
        "SELECT status, count(*) FROM resource_orders GROUP BY status"
      ).map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }

  private static func record(_ row: Row) throws -> OrderRecord {
    func count(_ name: String) throws -> Int { Int(try row.decode(name, as: Int32.self)) }
    return OrderRecord(
      order: ResourceOrder(
        id: try row.decode("id"), kind: try row.decode("resource_type"), quantity: try count("quantity"),
        delivered: try count("delivered"), unitPriceInCents: try count("unit_price_cents"),
        status: try row.decode("status"), since: try row.decode("since")),
      provider: ProviderName(unchecked: try row.decode("provider")),
      isAutomatic: try row.decode("is_automatic"), reason: try row.decode("reason"),
      requestedAt: try row.decode("requested_at"), requestedBy: try row.decode("requested_by"),
      approvedAt: try row.decode("approved_at"), approvedBy: try row.decode("approved_by"),
      placedAt: try row.decode("placed_at"), reference: try row.decode("provider_reference"),
      term: try row.decode("term"), failures: try count("failures"),
      nextAttemptAt: try row.decode("next_attempt_at"), lastError: try row.decode("last_error"),
      closedAt: try row.decode("closed_at"))
  }
}

extension OrderStatus: PostgresEncodable, PostgresDecodable {}
