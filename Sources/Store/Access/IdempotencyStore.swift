import Domain
import Postgres

/// Answers kept for idempotency keys, in the transaction of their effect.
public enum IdempotencyStore {
  /// For how long the answer to a key is kept.
  public static let lifetime: Duration = .hours(24)

  /// A key in use: whose it is, what it is, and the SHA-256 of the request that it stands for.
  public struct Use: Hashable, Sendable {
    /// The zero id for the key of the environment.
    public let principalID: ID<APIKey>
    public let key: String
    public let fingerprint: [UInt8]

    public init(principalID: ID<APIKey>?, key: String, fingerprint: [UInt8]) {
      self.principalID = principalID ?? ID(high: 0, low: 0)
      self.key = key
      self.fingerprint = fingerprint
    }
  }

  public struct Kept: Hashable, Sendable {
    public let fingerprint: [UInt8]
    public let status: Int
    public let body: [UInt8]

    public init(fingerprint: [UInt8], status: Int, body: [UInt8]) {
      self.fingerprint = fingerprint
      self.status = status
      self.body = body
    }
  }

  /// Locks the keys until the end of the transaction, so that the same key is never at work twice, and
  /// returns the answers that are kept, in the order of `uses`. The locks are taken in one order: no
  /// deadlock.
  public static func lock(
    _ uses: [Use], now: Timestamp, in transaction: inout Transaction
  ) throws -> [Kept?] {
    let names = uses.map { "\($0.principalID)/\($0.key)" }
    let answers = try transaction.query([
      """
      SELECT pg_advisory_xact_lock(key)
      FROM (SELECT DISTINCT hashtextextended(name, 7) AS key FROM unnest(\(names)) AS name
        ORDER BY key) AS keys
      """,
      """
      SELECT u.ordinal, k.fingerprint, k.status, k.body
      FROM unnest(\(uses.map(\.principalID)), \(uses.map(\.key)))
        WITH ORDINALITY AS u (principal_id, key, ordinal)
      JOIN idempotency_keys k ON k.principal_id = u.principal_id AND k.key = u.key
        AND k.created_at > \(now - lifetime)
      """,
    ])
    var kept = [Kept?](repeating: nil, count: uses.count)
    for row in answers[1] {
      kept[try row.decode("ordinal", as: Int.self) - 1] = Kept(
        fingerprint: try row.decode("fingerprint"), status: Int(try row.decode("status", as: Int16.self)),
        body: try row.decode("body"))
    }
    return kept
  }

  /// Keeps answers with the effects of this transaction. The keys must have been locked in it.
  public static func keep(
    _ answers: [(use: Use, status: Int, body: [UInt8])], now: Timestamp, in transaction: inout Transaction
  ) {
    for answer in answers {
      transaction.enqueue(
        """
        INSERT INTO idempotency_keys (principal_id, key, fingerprint, status, body, created_at)
        VALUES (\(answer.use.principalID), \(answer.use.key), \(answer.use.fingerprint),
          \(Int16(answer.status)), \(answer.body), \(now))
        ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status, body = EXCLUDED.body,
          created_at = EXCLUDED.created_at
        """)
    }
  }

  /// Forgets at most `limit` answers that are past their lifetime; returns how many.
  public static func forgetExpired(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE created_at <= \(now - lifetime)
        ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED))
      """)
  }
}
