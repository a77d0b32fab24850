import Domain
import Postgres

/// What orders buy, by name.
public enum OrderValueStore {
  /// In the order of the names.
  public static func list(
    of order: ID<ResourceOrder>, kind: ResourceKind, in transaction: inout Transaction
  ) throws -> [OrderValue] {
    try transaction.query(
      """
      SELECT value, state, quoted_cents, sent_at, provider_id, resource_id
      FROM resource_order_values WHERE order_id = \(order) ORDER BY value COLLATE "C"
      """
    ).map { row in
      OrderValue(
        value: ResourceValue(unchecked: try row.decode("value"), kind: kind), state: try row.decode("state"),
        quotedInCents: try row.decode("quoted_cents", as: Int32?.self).map(Int.init),
        sentAt: try row.decode("sent_at"), providerID: try row.decode("provider_id"),
        resourceID: try row.decode("resource_id"))
    }
  }

  /// Adds values, or changes what is known of them; how many. One that another order has is left out.
  public static func save(
    _ values: [OrderValue], of order: ID<ResourceOrder>, now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    guard !values.isEmpty else { return 0 }
    return try transaction.execute(
      """
      INSERT INTO resource_order_values AS v (order_id, value, state, quoted_cents, sent_at, provider_id,
        resource_id, changed_at)
      SELECT \(order), n.value, n.state, n.quoted, n.sent, n.provider, n.resource, \(now)
      FROM unnest(\(values.map(\.value.text)), \(values.map(\.state))::text[],
        \(values.map { $0.quotedInCents.map { Int32(clamping: $0) } }), \(values.map(\.sentAt)),
        \(values.map(\.providerID)), \(values.map(\.resourceID)))
        AS n (value, state, quoted, sent, provider, resource)
      WHERE NOT EXISTS (
        SELECT FROM resource_order_values o
        WHERE o.value = n.value AND o.state <> 'dropped' AND o.order_id <> \(order))
      ON CONFLICT ON CONSTRAINT resource_order_values_pkey DO UPDATE
      SET state = EXCLUDED.state, quoted_cents = EXCLUDED.quoted_cents, sent_at = EXCLUDED.sent_at,
        provider_id = EXCLUDED.provider_id, resource_id = EXCLUDED.resource_id,
        changed_at = EXCLUDED.changed_at
      """)
  }

  /// Which of these names the pool has, or an order asked for at any time.
  public static func taken(_ values: [String], in transaction: inout Transaction) throws -> Set<String> {
    let rows = try transaction.query(
      """
      SELECT value FROM resource_order_values WHERE value = ANY (\(values))
      UNION SELECT resource_value FROM resource_pool WHERE resource_value = ANY (\(values))
      """)
    return Set(try rows.map { try $0.decode(at: 0, as: String.self) })
  }

  /// Which order brings these values, or has brought them, and as which resource.
  public static func owners(
    of values: [String], in transaction: inout Transaction
  ) throws -> [String: (order: ID<ResourceOrder>, resource: ID<Resource>?)] {
    let rows = try transaction.query(
      """
      SELECT value, order_id, resource_id FROM resource_order_values
      WHERE value = ANY (\(values)) AND state <> 'dropped'
      """)
    return Dictionary(
      uniqueKeysWithValues: try rows.map {
        (try $0.decode(at: 0, as: String.self), (try $0.decode(at: 1), try $0.decode(at: 2)))
      })
  }

  /// What the order brought into the pool, as it is there.
  public static func resources(
    of order: ID<ResourceOrder>, in transaction: inout Transaction
  ) throws -> [Resource] {
    try transaction.query(
      """
      SELECT \(unescaped: Resource.columns)
      FROM resource_order_values v JOIN resource_pool r ON r.id = v.resource_id
      WHERE v.order_id = \(order) ORDER BY r.id
      """
    ).map(Resource.init)
  }
}

/// The history of orders.
public enum OrderLedgerStore {
  public struct Entry: Hashable, Sendable {
    public let at: Timestamp
    /// The order of what happened.
    public let change: Int64
    /// The status of the order after it; for one of its values `value_` and the value's state.
    public let status: String
    public let actor: String
    public let reason: String?
    /// The value that changed; nil when the order did.
    public let value: String?
    public let lastError: String?
  }

  /// Newest first.
  public static func page(
    of order: ID<ResourceOrder>, after change: Int64?, limit: Int, in transaction: inout Transaction
  ) throws -> [Entry] {
    try transaction.query(
      """
      SELECT at, change, status, actor, reason, state->>'value' AS value, state->>'last_error' AS last_error
      FROM resource_order_ledger
      WHERE order_id = \(order) AND change < \(change ?? .max)
      ORDER BY change DESC LIMIT \(limit)
      """
    ).map { row in
      Entry(
        at: try row.decode("at"), change: try row.decode("change"), status: try row.decode("status"),
        actor: try row.decode("actor"), reason: try row.decode("reason"), value: try row.decode("value"),
        lastError: try row.decode("last_error"))
    }
  }
}

extension OrderValue.State: PostgresEncodable, PostgresDecodable {}
