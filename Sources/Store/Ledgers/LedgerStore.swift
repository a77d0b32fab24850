import Domain
import Postgres

/// The months of all ledgers.
public enum LedgerStore {
  /// Makes the partitions of each ledger for the months from `now` to `last`; returns how many were new. Does
  /// nothing while another server is at it.
  public static func prepare(
    now: Timestamp, through last: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    let made: Int32 = try transaction.query(
      """
      SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended('ledgers', 7))
        THEN prepare_ledgers(\(now), \(last)) ELSE 0 END AS made
      """)[0].decode("made")
    return Int(made)
  }
}
