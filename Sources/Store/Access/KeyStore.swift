import Domain
import Postgres

/// Keys of the HTTP interface. Of the key itself only the SHA-256 is here.
public enum KeyStore {
  /// Where the ids of revoked keys are notified.
  public static let revocationChannel = "reservoir_keys_revoked"

  private static let columns = "id, name, prefix, role, client_id, created_at, revoked_at"

  /// False when the key's client does not exist.
  public static func insert(
    _ key: APIKey, hash: [UInt8], in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO api_keys (id, name, role, client_id, prefix, hash, created_at)
      SELECT \(key.id), \(key.name), \(key.role), \(key.clientID), \(key.prefix), \(hash), \(key.createdAt)
      WHERE \(key.clientID)::uuid IS NULL OR EXISTS (SELECT FROM clients WHERE id = \(key.clientID))
      """) == 1
  }

  /// The key with this SHA-256, unless it is revoked.
  public static func find(hash: [UInt8], in transaction: inout Transaction) throws -> APIKey? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM api_keys WHERE hash = \(hash) AND revoked_at IS NULL"
    ).first.map(key)
  }

  /// In the order of their creation, revoked ones too.
  public static func list(
    after id: ID<APIKey>?, limit: Int, in transaction: inout Transaction
  ) throws -> [APIKey] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM api_keys WHERE id > \(id ?? ID(high: 0, low: 0))
      ORDER BY id LIMIT \(limit)
      """
    ).map(key)
  }

  /// The key as it is now, and a notification to all servers; nil when there is no such key. The first
  /// revocation counts.
  public static func revoke(
    _ id: ID<APIKey>, now: Timestamp, in transaction: inout Transaction
  ) throws -> APIKey? {
    try transaction.query([
      """
      UPDATE api_keys SET revoked_at = coalesce(revoked_at, \(now)) WHERE id = \(id)
      RETURNING \(unescaped: columns)
      """,
      "SELECT pg_notify(\(revocationChannel), \(id.description))",
    ])[0].first.map(key)
  }

  private static func key(_ row: Row) throws -> APIKey {
    APIKey(
      id: try row.decode("id"), name: try row.decode("name"), prefix: try row.decode("prefix"),
      role: try row.decode("role"), clientID: try row.decode("client_id"),
      createdAt: try row.decode("created_at"), revokedAt: try row.decode("revoked_at"))
  }
}
