import Domain
import Postgres

/// Idempotency keys of commands that take many transactions. Such a command claims its key before it begins,
/// so that nobody begins it a second time before its answer is kept.
public enum IdempotencyClaimStore {
  public enum Claim: Hashable, Sendable {
    case claimed
    /// The key has an answer.
    case kept(IdempotencyStore.Kept)
    /// For the request with this fingerprint.
    case underWay(fingerprint: [UInt8])
  }

  /// Claims the key until `end`, unless it has an answer or a claim that is not past its end.
  public static func claim(
    _ use: IdempotencyStore.Use, now: Timestamp, until end: Timestamp, in transaction: inout Transaction
  ) throws -> Claim {
    if let kept = try IdempotencyStore.lock([use], now: now, in: &transaction)[0] { return .kept(kept) }
    let claimed = try transaction.execute(
      """
      INSERT INTO idempotency_claims AS c (principal_id, key, fingerprint, claimed_until)
      VALUES (\(use.principalID), \(use.key), \(use.fingerprint), \(end))
      ON CONFLICT ON CONSTRAINT idempotency_claims_pkey DO UPDATE
      SET fingerprint = EXCLUDED.fingerprint, claimed_until = EXCLUDED.claimed_until
      WHERE c.claimed_until <= \(now)
      """)
    if claimed == 1 { return .claimed }
    return .underWay(
      fingerprint: try transaction.query(
        """
        SELECT fingerprint FROM idempotency_claims
        WHERE principal_id = \(use.principalID) AND key = \(use.key)
        """)[0].decode(at: 0))
  }

  /// Gives up the claim that was made until `end`; one that somebody else has taken over since stays.
  public static func release(
    _ use: IdempotencyStore.Use, until end: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      DELETE FROM idempotency_claims
      WHERE principal_id = \(use.principalID) AND key = \(use.key) AND claimed_until = \(end)
      """)
  }

  /// Forgets the claims of servers that are taken for dead.
  public static func forgetExpired(now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM idempotency_claims WHERE claimed_until <= \(now)")
  }
}
