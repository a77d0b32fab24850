import Domain
import Postgres

/// What clients pay for.
public enum SubscriptionStore {
  private static let columns = """
    s.client_id, s.tier, s.state, s.signed_up_on::text AS signed_up_on, s.next_tier, s.next_tier_at,
    s.held_until
    """

  public static func find(
    _ client: ID<Client>, in transaction: inout Transaction
  ) throws -> Subscription? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM subscriptions s WHERE s.client_id = \(client)"
    ).first.map(subscription(_:))
  }

  /// Takes the client's turn: until the end of the transaction nobody else changes what it pays for or has.
  /// Nil when there is no such client; the subscription is nil when it never had one.
  public static func lock(
    _ client: ID<Client>, in transaction: inout Transaction
  ) throws -> (client: Client, policy: WarmupPolicy, subscription: Subscription?)? {
    // The key of the client stays free for the references of its assignments. What it is and pays for is read
    // once it is locked, in the same round trip.
    transaction.enqueue("SELECT FROM clients WHERE id = \(client) FOR NO KEY UPDATE")
    let found = try transaction.query(
      """
      SELECT \(unescaped: ClientStore.columns), c.warmup_policy, s.client_id IS NOT NULL AS is_subscribed,
        \(unescaped: columns)
      FROM clients c LEFT JOIN subscriptions s ON s.client_id = c.id WHERE c.id = \(client)
      """)
    return try found.first.map { row in
      (
        try ClientStore.client(row), try row.decode("warmup_policy"),
        try row.decode("is_subscribed") ? try subscription(row) : nil
      )
    }
  }

  /// Nil when there is no such client.
  public static func warmupPolicy(
    of client: ID<Client>, in transaction: inout Transaction
  ) throws -> WarmupPolicy? {
    try transaction.query("SELECT warmup_policy FROM clients WHERE id = \(client)").first?.decode(at: 0)
  }

  public static func save(
    _ subscription: Subscription, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO subscriptions (client_id, tier, state, signed_up_on, next_tier, next_tier_at, held_until,
        updated_at)
      VALUES (\(subscription.clientID), \(subscription.tier.text), \(subscription.state),
        \(subscription.signedUpOn.description)::text::date, \(subscription.next?.tier.text),
        \(subscription.next?.at), \(subscription.heldUntil), \(now))
      ON CONFLICT ON CONSTRAINT subscriptions_pkey DO UPDATE
      SET tier = EXCLUDED.tier, state = EXCLUDED.state, signed_up_on = EXCLUDED.signed_up_on,
        next_tier = EXCLUDED.next_tier, next_tier_at = EXCLUDED.next_tier_at,
        held_until = EXCLUDED.held_until, updated_at = EXCLUDED.updated_at
      """, expecting: 1)
  }

  /// Clients whose next tier is due or whose hold is over, longest due first.
  public static func due(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> [ID<Client>] {
    try transaction.query(
      """
      SELECT client_id FROM subscriptions
      WHERE (next_tier_at IS NOT NULL OR held_until IS NOT NULL) AND least(next_tier_at, held_until) <= \(now)
      ORDER BY least(next_tier_at, held_until), client_id LIMIT \(limit)
      """
    ).map { try $0.decode(at: 0) }
  }

  private static func subscription(_ row: Row) throws -> Subscription {
    let next: String? = try row.decode("next_tier")
    let at: Timestamp? = try row.decode("next_tier_at")
    guard let signedUpOn = CivilDate(try row.decode("signed_up_on", as: String.self)) else {
      preconditionFailure("PostgreSQL writes dates by ISO 8601")
    }
    return Subscription(
      clientID: try row.decode("client_id"), tier: PricingTierName(unchecked: try row.decode("tier")),
      state: try row.decode("state"), signedUpOn: signedUpOn,
      next: next.flatMap { name in at.map { .init(tier: PricingTierName(unchecked: name), at: $0) } },
      heldUntil: try row.decode("held_until"))
  }
}

extension Subscription.State: PostgresEncodable, PostgresDecodable {}
extension WarmupPolicy: PostgresEncodable, PostgresDecodable {}
