import Domain
import Postgres

/// The totals of single pools, for the answer that one is exhausted.
public enum PoolTotalsStore {
  public static func totals(
    of companies: [CompanyName], now: Timestamp, in transaction: inout Transaction
  ) throws -> [CompanyName: PoolTotals] {
    var totals: [CompanyName: PoolTotals] = [:]
    for row in try transaction.query(
      """
      SELECT company, count(status), count(*) FILTER (WHERE status = 'active' AND is_free),
        count(*) FILTER (WHERE status = 'active' AND NOT is_free),
        count(*) FILTER (WHERE status <> 'active'),
        min(release_at) FILTER (WHERE status = 'active' AND NOT is_free)
      FROM unnest(\(companies)::text[]) AS company
      LEFT JOIN LATERAL (
        SELECT status, release_at, assignment_status = 'available' OR release_at <= \(now) AS is_free
        FROM signalwire_phone_numbers WHERE assigned_broker_company = company) AS n ON true
      GROUP BY company
      """)
    {
      totals[try row.decode(at: 0)] = PoolTotals(
        total: try row.decode(at: 1), available: try row.decode(at: 2), leased: try row.decode(at: 3),
        outOfService: try row.decode(at: 4), nextFreeAt: try row.decode(at: 5))
    }
    return totals
  }

  /// Whether a number of the pool is free, locked by somebody or not, or the lead's own by now.
  public static func hasNumber(
    of company: CompanyName, for lead: ID<Lead>, now: Timestamp, in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.query(
      """
      SELECT EXISTS (
          SELECT FROM signalwire_phone_numbers
          WHERE assigned_broker_company = \(company) AND assignment_status = 'available'
            AND status = 'active')
        OR EXISTS (
          SELECT FROM signalwire_phone_numbers
          WHERE assigned_broker_company = \(company) AND assignment_status = 'assigned'
            AND release_at <= \(now) AND status = 'active')
        OR EXISTS (
          SELECT FROM signalwire_phone_numbers
          WHERE currently_assigned_to = \(lead) AND assigned_broker_company = \(company)
            AND release_at > \(now))
      """
    ).first?.decode(at: 0) ?? false
  }
}
