import Domain
import Postgres

/// Which server runs which job, and how the last runs went.
public enum JobStore {
  public enum Claim: Hashable, Sendable {
    case claimed(term: Int64, failures: Int)
    case notDue(Timestamp)
    case running(until: Timestamp)
  }

  /// One row of the table.
  public struct Record: Hashable, Sendable {
    public let name: String
    public let nextRunAt: Timestamp
    public let claimedUntil: Timestamp?
    public let startedAt: Timestamp?
    public let finishedAt: Timestamp?
    /// Nil before the first run has ended.
    public let result: Result?
    /// Why the last run failed; nil when it succeeded.
    public let error: String?
    public let failures: Int
  }

  public struct Result: Hashable, Sendable {
    public let processed: Int
    public let hasMore: Bool
    public let details: [String: Int]

    public init(processed: Int, hasMore: Bool, details: [String: Int]) {
      self.processed = processed
      self.hasMore = hasMore
      self.details = details
    }
  }

  /// Takes the job if nobody has it and it is due, or forced. One statement decides, so that of two servers
  /// one gets it; a job that is not known yet is entered.
  public static func claim(
    _ name: String, now: Timestamp, until: Timestamp, isForced: Bool, in transaction: inout Transaction
  ) throws -> Claim {
    let answers = try transaction.query([
      """
      INSERT INTO jobs AS j (name, next_run_at, claimed_until, term, last_started_at)
      VALUES (\(name), \(now), \(until), 1, \(now))
      ON CONFLICT ON CONSTRAINT jobs_pkey DO UPDATE
      SET claimed_until = EXCLUDED.claimed_until, term = j.term + 1,
        last_started_at = EXCLUDED.last_started_at
      WHERE (j.claimed_until IS NULL OR j.claimed_until <= \(now))
        AND (\(isForced) OR j.next_run_at <= \(now))
      RETURNING j.term, j.failures
      """,
      "SELECT claimed_until, next_run_at FROM jobs WHERE name = \(name)",
    ])
    if let row = answers[0].first {
      return .claimed(
        term: try row.decode("term"), failures: Int(try row.decode("failures", as: Int32.self)))
    }
    guard let row = answers[1].first else { preconditionFailure("a job that conflicts is there") }
    if let until: Timestamp = try row.decode("claimed_until"), until > now { return .running(until: until) }
    return .notDue(try row.decode("next_run_at"))
  }

  /// False when another server has taken the job over.
  public static func renew(
    _ name: String, term: Int64, until: Timestamp, in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.execute(
      """
      UPDATE jobs SET claimed_until = \(until)
      WHERE name = \(name) AND term = \(term) AND claimed_until IS NOT NULL
      """) == 1
  }

  /// Nothing happens when another server has taken the job over.
  public static func finish(
    _ name: String, term: Int64, at time: Timestamp, result: Result, error: String?, failures: Int,
    nextRunAt: Timestamp, in transaction: inout Transaction
  ) throws {
    let details = result.details.sorted { $0.key < $1.key }
    _ = try transaction.execute(
      """
      UPDATE jobs SET claimed_until = NULL, last_finished_at = \(time), last_error = \(error),
        failures = \(Int32(clamping: failures)), next_run_at = \(nextRunAt),
        last_result = jsonb_build_object('processed', \(result.processed), 'has_more', \(result.hasMore),
          'details', jsonb_object(\(details.map(\.key)), \(details.map { String($0.value) })))
      WHERE name = \(name) AND term = \(term)
      """)
  }

  /// All jobs that ever ran, by name.
  public static func all(in transaction: inout Transaction) throws -> [Record] {
    try transaction.query(
      """
      SELECT name, next_run_at, claimed_until, last_started_at, last_finished_at, last_error, failures,
        (last_result->>'processed')::bigint AS processed, (last_result->>'has_more')::boolean AS has_more,
        d.keys, d.counts
      FROM jobs CROSS JOIN LATERAL (
        SELECT array_agg(key ORDER BY key) AS keys, array_agg(value::bigint ORDER BY key) AS counts
        FROM jsonb_each_text(last_result->'details')) AS d
      ORDER BY name COLLATE "C"
      """
    ).map(record)
  }

  private static func record(_ row: Row) throws -> Record {
    let keys = try row.decode("keys", as: [String]?.self) ?? []
    let counts = try row.decode("counts", as: [Int]?.self) ?? []
    let processed: Int? = try row.decode("processed")
    let hasMore: Bool? = try row.decode("has_more")
    return Record(
      name: try row.decode("name"), nextRunAt: try row.decode("next_run_at"),
      claimedUntil: try row.decode("claimed_until"), startedAt: try row.decode("last_started_at"),
      finishedAt: try row.decode("last_finished_at"),
      result: processed.map {
        Result(
          processed: $0, hasMore: hasMore ?? false,
          details: Dictionary(zip(keys, counts), uniquingKeysWith: { $1 }))
      },
      error: try row.decode("last_error"), failures: Int(try row.decode("failures", as: Int32.self)))
  }
}
