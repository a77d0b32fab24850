import Domain
import Postgres

/// What must not be contacted: the table `suppressions`. Triggers write its ledger.
public enum SuppressionStore {
  static let columns =
    "s.id, s.client_id, s.kind, s.key, s.value, s.reason, s.source, s.lead_id, s.created_at, s.lifted_at"

  /// Keeps people from being forgotten until the end of the transaction, so that nothing is written of
  /// somebody in the instant in which that happens. Taken before any row is locked.
  public static func holdOffErasures(in transaction: inout Transaction) {
    transaction.enqueue("SELECT pg_advisory_xact_lock_shared(hashtextextended('erasures', 7))")
  }

  /// Waits for those who hold off erasures, and keeps new ones out until the end of the transaction.
  public static func beginErasure(in transaction: inout Transaction) {
    transaction.enqueue("SELECT pg_advisory_xact_lock(hashtextextended('erasures', 7))")
  }

  /// The keys of addresses, in their order.
  public static func keys(
    of addresses: [ContactAddress], in transaction: inout Transaction
  ) throws -> [ContactKey] {
    try transaction.query(
      """
      SELECT contact_key(a.kind, a.value, s.salt)
      FROM contact_salt s CROSS JOIN unnest(\(addresses.map(\.kind))::text[], \(addresses.map(\.value)))
        WITH ORDINALITY AS a (kind, value, place)
      ORDER BY a.place
      """
    ).map { try $0.decode(at: 0) }
  }

  /// What became of an address that was to be suppressed.
  public struct Added: Hashable, Sendable {
    public let suppression: Suppression
    /// False when it was suppressed already: for the same reason, or because its person was forgotten.
    public let isNew: Bool
  }

  /// Adds what is new, in the order given. Whoever calls holds off erasures; the client exists.
  public static func add(
    _ news: [NewSuppression], now: Timestamp, in transaction: inout Transaction
  ) throws -> [Added] {
    guard !news.isEmpty else { return [] }
    let keys = try keys(of: news.map(\.address), in: &transaction)
    // In the order of the keys, so that two lists that overlap do not wait for each other in a circle.
    let inserted = try transaction.query(
      """
      INSERT INTO suppressions (id, client_id, kind, key, value, reason, source, lead_id, created_at)
      SELECT DISTINCT ON (g.key, coalesce(g.client_id, '00000000-0000-0000-0000-000000000000'), g.reason)
        g.id, g.client_id, g.kind, g.key, g.value, g.reason, g.source, g.lead_id, \(now)
      FROM unnest(\(news.map { _ in ID<Suppression>(at: now) }), \(news.map(\.clientID)),
        \(news.map(\.address.kind))::text[], \(keys), \(news.map(\.address.value)),
        \(news.map(\.reason))::text[], \(news.map(\.source)), \(news.map(\.leadID)))
        WITH ORDINALITY AS g (id, client_id, kind, key, value, reason, source, lead_id, place)
      WHERE NOT EXISTS (
        SELECT FROM suppressions e
        WHERE e.key = g.key AND e.reason = 'erased' AND e.lifted_at IS NULL)
      ORDER BY g.key, coalesce(g.client_id, '00000000-0000-0000-0000-000000000000'), g.reason, g.place
      ON CONFLICT DO NOTHING
      RETURNING id
      """
    ).map { try $0.decode(at: 0, as: ID<Suppression>.self) }
    let rows = try transaction.query(
      """
      SELECT \(unescaped: columns)
      FROM unnest(\(keys), \(news.map(\.clientID)), \(news.map(\.reason))::text[])
        WITH ORDINALITY AS g (key, client_id, reason, place)
      CROSS JOIN LATERAL (
        SELECT * FROM suppressions s
        WHERE s.key = g.key AND s.lifted_at IS NULL
          AND (s.reason = 'erased' OR s.reason = g.reason AND s.client_id IS NOT DISTINCT FROM g.client_id)
        ORDER BY (s.reason = 'erased') DESC LIMIT 1) AS s
      ORDER BY g.place
      """)
    var new = Set(inserted)
    return try rows.map { row in
      let suppression = try Self.suppression(row)
      // A second time in the same list it is known.
      return Added(suppression: suppression, isNew: new.remove(suppression.id) != nil)
    }
  }

  public static func find(
    _ id: ID<Suppression>, in transaction: inout Transaction
  ) throws -> Suppression? {
    try transaction.query("SELECT \(unescaped: columns) FROM suppressions s WHERE s.id = \(id)")
      .first.map(suppression)
  }

  /// Locks it until the end of the transaction.
  public static func lock(
    _ id: ID<Suppression>, in transaction: inout Transaction
  ) throws -> Suppression? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM suppressions s WHERE s.id = \(id) FOR NO KEY UPDATE"
    ).first.map(suppression)
  }

  public static func lift(_ id: ID<Suppression>, now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue("UPDATE suppressions SET lifted_at = \(now) WHERE id = \(id)", expecting: 1)
  }

  /// Those that count now and have one of these keys, for everybody and for `client`, the oldest first.
  public static func counting(
    _ keys: [ContactKey], for client: ID<Client>?, in transaction: inout Transaction
  ) throws -> [Suppression] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM suppressions s
      WHERE s.key = ANY (\(keys)) AND s.lifted_at IS NULL
        AND (s.client_id IS NULL OR s.client_id = \(client))
      ORDER BY s.id
      """
    ).map(suppression)
  }

  /// What a list shows.
  public struct Filter: Hashable, Sendable {
    public enum State: String, CaseIterable, Hashable, Sendable { case active, lifted, all }
    public enum Scope: String, CaseIterable, Hashable, Sendable { case everybody, client }

    /// Only this client's own.
    public var clientID: ID<Client>?
    public var scope: Scope?
    public var kind: ContactAddress.Kind?
    public var reason: Suppression.Reason?
    public var state = State.active

    public init() {}
  }

  /// In the order of their ids, which is that of their making.
  public static func list(
    _ filter: Filter, after id: ID<Suppression>?, limit: Int, in transaction: inout Transaction
  ) throws -> [Suppression] {
    // A client's own, and those for everybody, by their index.
    let owner =
      filter.clientID != nil
      ? "s.client_id = given.client_id" : filter.scope == .everybody ? "s.client_id IS NULL" : "true"
    return try transaction.query(
      """
      SELECT \(unescaped: columns)
      FROM (SELECT \(filter.clientID)::uuid AS client_id) AS given CROSS JOIN suppressions s
      WHERE \(unescaped: owner) AND s.id > \(id ?? ID(high: 0, low: 0))
        AND (\(filter.scope?.rawValue)::text IS NULL
          OR (s.client_id IS NULL) = (\(filter.scope?.rawValue) = 'everybody'))
        AND (\(filter.kind)::text IS NULL OR s.kind = \(filter.kind))
        AND (\(filter.reason)::text IS NULL OR s.reason = \(filter.reason))
        AND (\(filter.state.rawValue)::text = 'all'
          OR (s.lifted_at IS NULL) = (\(filter.state.rawValue) = 'active'))
      ORDER BY s.id LIMIT \(limit)
      """
    ).map(suppression)
  }

  static func suppression(_ row: Row) throws -> Suppression {
    Suppression(
      id: try row.decode("id"), clientID: try row.decode("client_id"), kind: try row.decode("kind"),
      key: try row.decode("key"), value: try row.decode("value"), reason: try row.decode("reason"),
      source: try row.decode("source"), leadID: try row.decode("lead_id"),
      createdAt: try row.decode("created_at"), liftedAt: try row.decode("lifted_at"))
  }
}

extension ContactAddress.Kind: PostgresEncodable, PostgresDecodable {}
extension Suppression.Reason: PostgresEncodable, PostgresDecodable {}
