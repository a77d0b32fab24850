import Domain
import Postgres

/// What clients have used of their leads.
public enum LeadQuotaStore {
  /// Counted from the assignments, also those that were released since. Exact for who has the client's turn
  /// (`SubscriptionStore.lock`).
  public static func use(
    of client: ID<Client>, monthFrom start: Timestamp, todayFrom dawn: Timestamp,
    in transaction: inout Transaction
  ) throws -> LeadUse {
    let row = try transaction.query(
      """
      SELECT count(*), count(*) FILTER (WHERE assigned_at >= \(dawn)) FROM lead_assignments
      WHERE client_id = \(client) AND assigned_at >= \(start)
      """)[0]
    return LeadUse(month: try row.decode(at: 0), today: try row.decode(at: 1))
  }
}
