import Domain
import Postgres

/// Permits, the touches that follow from them, and their ledger.
public enum PermitStore {
  static let columns = """
    p.id, p.client_id, p.lead_id, p.channel, p.resource_id, p.sender_id, p.sender, p.campaign_id,
    p.day::text AS day, p.issued_at, p.expires_at, p.daily_limit, p.used, p.resets_at, p.status, p.sent_at,
    p.provider_message_id
    """

  /// Writes new permits and the touches that they count as.
  public static func insert(_ permits: [Permit], in transaction: inout Transaction) {
    guard !permits.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO permits (id, client_id, lead_id, channel, resource_id, sender_id, sender, campaign_id, day,
        issued_at, expires_at, daily_limit, used, resets_at)
      SELECT id, client_id, lead_id, channel, resource_id, sender_id, sender, campaign_id, day::date,
        issued_at, expires_at, daily_limit, used, resets_at
      FROM unnest(\(permits.map(\.id)), \(permits.map(\.clientID)), \(permits.map(\.leadID)),
        \(permits.map(\.channel))::text[], \(permits.map(\.resourceID)), \(permits.map(\.senderID)),
        \(permits.map(\.sender)), \(permits.map(\.campaignID)), \(permits.map(\.day.description)),
        \(permits.map(\.issuedAt)), \(permits.map(\.expiresAt)), \(permits.map { Int32($0.dailyLimit) }),
        \(permits.map { Int32($0.used) }), \(permits.map(\.resetsAt)))
        AS n (id, client_id, lead_id, channel, resource_id, sender_id, sender, campaign_id, day, issued_at,
          expires_at, daily_limit, used, resets_at)
      """, expecting: permits.count)
    transaction.enqueue(
      """
      INSERT INTO last_touches AS t (lead_id, client_id, channel, touched_at, sender_id, permit_id)
      SELECT * FROM unnest(\(permits.map(\.leadID)), \(permits.map(\.clientID)),
        \(permits.map(\.channel))::text[], \(permits.map(\.issuedAt)), \(permits.map(\.senderID)),
        \(permits.map(\.id)))
      ON CONFLICT ON CONSTRAINT last_touches_pkey DO UPDATE
      SET touched_at = EXCLUDED.touched_at, sender_id = EXCLUDED.sender_id, permit_id = EXCLUDED.permit_id
      """, expecting: permits.count)
  }

  public static func find(_ id: ID<Permit>, in transaction: inout Transaction) throws -> Permit? {
    try transaction.query("SELECT \(unescaped: columns) FROM permits p WHERE p.id = \(id)").first
      .map(permit)
  }

  /// Locks it until the end of the transaction; its lead's assignment first, as whoever issues permits.
  public static func lock(_ id: ID<Permit>, in transaction: inout Transaction) throws -> Permit? {
    transaction.enqueue(
      """
      SELECT FROM lead_assignments
      WHERE lead_id = (SELECT lead_id FROM permits WHERE id = \(id)) AND released_at IS NULL
      FOR NO KEY UPDATE
      """)
    return try transaction.query(
      "SELECT \(unescaped: columns) FROM permits p WHERE p.id = \(id) FOR NO KEY UPDATE"
    ).first.map(permit)
  }

  /// A client's, in the order of their ids, which is that of their issue.
  public static func list(
    of client: ID<Client>, status: Permit.Status?, after id: ID<Permit>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Permit] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM permits p
      WHERE p.client_id = \(client) AND (\(status)::text IS NULL OR p.status = \(status))
        AND p.id > \(id ?? ID(high: 0, low: 0))
      ORDER BY p.id LIMIT \(limit)
      """
    ).map(permit)
  }

  /// A lead's, in the same order; nil: of whatever client.
  public static func list(
    for lead: ID<Lead>, of client: ID<Client>?, status: Permit.Status?, after id: ID<Permit>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Permit] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM permits p
      WHERE p.lead_id = \(lead) AND (\(client)::uuid IS NULL OR p.client_id = \(client))
        AND (\(status)::text IS NULL OR p.status = \(status)) AND p.id > \(id ?? ID(high: 0, low: 0))
      ORDER BY p.id LIMIT \(limit)
      """
    ).map(permit)
  }

  /// Locks issued permits whose time is over, at most so many, passing over what is locked.
  public static func lockOverdue(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> [Permit] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM permits p
      WHERE p.status = 'issued' AND p.expires_at <= \(now)
      ORDER BY p.expires_at LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED
      """
    ).map(permit)
  }

  /// Writes what may change.
  public static func update(_ permits: [Permit], in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE permits p
      SET status = n.status, sent_at = n.sent_at, provider_message_id = n.provider_message_id
      FROM unnest(\(permits.map(\.id)), \(permits.map(\.status))::text[], \(permits.map(\.sentAt)),
        \(permits.map(\.providerMessageID))) AS n (id, status, sent_at, provider_message_id)
      WHERE p.id = n.id
      """, expecting: permits.count)
  }

  /// When a permit's touch was: a report that comes late tells of a send within the permit's time.
  static let touchedAt =
    "CASE WHEN sent_at IS NULL THEN issued_at ELSE least(sent_at, expires_at) END"

  /// Counts a send for the client's assignment of the lead, or of the one that it was merged into.
  public static func countContact(_ permit: Permit, at time: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE lead_assignments SET contacts = contacts + 1,
        last_contacted_at = greatest(last_contacted_at, \(time))
      WHERE released_at IS NULL AND client_id = \(permit.clientID)
        AND lead_id = (SELECT coalesce(merged_into_id, id) FROM lead_pool WHERE id = \(permit.leadID))
      """)
  }

  /// Makes the last touch of a lead what its permits say, after one of them changed.
  public static func settleTouch(of permit: Permit, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      DELETE FROM last_touches WHERE lead_id = \(permit.leadID) AND client_id = \(permit.clientID)
        AND channel = \(permit.channel)
      """)
    transaction.enqueue(
      """
      INSERT INTO last_touches (lead_id, client_id, channel, touched_at, sender_id, permit_id)
      SELECT lead_id, client_id, channel, \(unescaped: touchedAt), sender_id, id FROM permits
      WHERE lead_id = \(permit.leadID) AND client_id = \(permit.clientID) AND channel = \(permit.channel)
        AND status <> 'failed'
      ORDER BY \(unescaped: touchedAt) DESC, id DESC LIMIT 1
      ON CONFLICT ON CONSTRAINT last_touches_pkey DO UPDATE
      SET touched_at = EXCLUDED.touched_at, sender_id = EXCLUDED.sender_id, permit_id = EXCLUDED.permit_id
      """)
  }

  static func permit(_ row: Row) throws -> Permit {
    guard let day = CivilDate(try row.decode("day", as: String.self)) else {
      preconditionFailure("PostgreSQL writes dates by ISO 8601")
    }
    func count(_ name: String) throws -> Int { Int(try row.decode(name, as: Int32.self)) }
    return Permit(
      id: try row.decode("id"), clientID: try row.decode("client_id"), leadID: try row.decode("lead_id"),
      channel: try row.decode("channel"), resourceID: try row.decode("resource_id"),
      senderID: try row.decode("sender_id"), sender: try row.decode("sender"),
      campaignID: try row.decode("campaign_id"), day: day, issuedAt: try row.decode("issued_at"),
      expiresAt: try row.decode("expires_at"), dailyLimit: try count("daily_limit"),
      used: try count("used"), resetsAt: try row.decode("resets_at"), status: try row.decode("status"),
      sentAt: try row.decode("sent_at"), providerMessageID: try row.decode("provider_message_id"))
  }
}

extension Permit.Status: PostgresEncodable, PostgresDecodable {}
