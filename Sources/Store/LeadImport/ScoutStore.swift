import Domain
import Postgres

/// What scouts spend, and whom the pool knows already.
public enum ScoutStore {
  /// - Parameter isStated: whether the provider said what it took.
  public static func spend(
    _ credits: Double, for people: Int, on operation: String, at provider: String, isStated: Bool,
    import id: ID<LeadImport>, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO scout_credits (import_id, at, provider, operation, people, credits, is_stated)
      VALUES (\(id), \(now), \(provider), \(operation), \(Int32(clamping: people)), \(credits)::float8,
        \(isStated))
      """, expecting: 1)
  }

  /// By a run, and by all in a calendar month (UTC).
  public static func spent(
    by id: ID<LeadImport>, at provider: String, now: Timestamp, in transaction: inout Transaction
  ) throws -> (run: Double, month: Double) {
    let row = try transaction.query(
      """
      SELECT coalesce(sum(credits) FILTER (WHERE import_id = \(id)), 0)::float8,
        coalesce(sum(credits) FILTER (WHERE at >= date_trunc('month', \(now), 'UTC')), 0)::float8
      FROM scout_credits WHERE provider = \(provider)
        AND (import_id = \(id) OR at >= date_trunc('month', \(now), 'UTC'))
      """)[0]
    return (try row.decode(at: 0), try row.decode(at: 1))
  }

  /// Which of these the pool has a record of, as of `since` or later, or must not keep, because they were
  /// forgotten.
  public static func known(
    _ ids: [String], at provider: String, since: Timestamp?, in transaction: inout Transaction
  ) throws -> Set<String> {
    guard !ids.isEmpty else { return [] }
    return Set(
      try transaction.query(
        """
        SELECT v.id FROM contact_salt s
        CROSS JOIN LATERAL (SELECT a.id, contact_key('apollo', a.id, s.salt) AS key
          FROM unnest(\(ids)) AS a (id)) AS v
        WHERE EXISTS (SELECT FROM lead_identities i
            JOIN lead_pool o ON o.id = i.lead_id
            JOIN lead_records r ON r.lead_id = coalesce(o.merged_into_id, o.id)
            WHERE i.key = v.key AND r.provider = \(provider)
              AND (\(since)::timestamptz IS NULL OR r.received_at >= \(since)))
          OR EXISTS (SELECT FROM suppressions e
            WHERE e.key = v.key AND e.reason = 'erased' AND e.lifted_at IS NULL)
        """
      ).map { try $0.decode(at: 0, as: String.self) })
  }
}
