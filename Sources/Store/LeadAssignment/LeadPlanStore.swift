import Domain
import Postgres

/// Distributions that were worked out.
public enum LeadPlanStore {
  public static func insert(
    _ plan: LeadPlan, keepsPace: Bool, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO lead_plans (id, seed, state, keeps_pace, created_at)
      VALUES (\(plan.id), \(plan.seed), 'draft', \(keepsPace), \(plan.createdAt))
      """)
    let shares = plan.shares
    transaction.enqueue(
      """
      INSERT INTO lead_plan_shares (plan_id, client_id, campaign_id, wanted, quota_left, pace_left)
      SELECT \(plan.id), * FROM unnest(\(shares.map(\.client)), \(shares.map(\.campaign)),
        \(shares.map { Int32(clamping: $0.wanted) }), \(shares.map { Int32(clamping: $0.quotaLeft) }),
        \(shares.map { Int32(clamping: $0.paceLeft) }))
      """)
  }

  /// Puts turns at the end of the plan.
  public static func append(
    _ turns: [LeadDistribution.Turn], to plan: ID<LeadPlan>, after position: Int,
    in transaction: inout Transaction
  ) {
    guard !turns.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_plan_entries (plan_id, position, client_id, lead_id, score)
      SELECT \(plan), \(Int32(position)) + u.place, u.client_id, u.lead_id, u.score
      FROM unnest(\(turns.map(\.client)), \(turns.map(\.candidate.lead)),
        \(turns.map { Int16(clamping: $0.candidate.score) }))
        WITH ORDINALITY AS u (client_id, lead_id, score, place)
      """)
    transaction.enqueue(
      """
      UPDATE lead_plan_shares s SET planned = s.planned + c.count
      FROM (SELECT client_id, count(*) FROM unnest(\(turns.map(\.client))) AS client_id GROUP BY 1) AS c
      WHERE s.plan_id = \(plan) AND s.client_id = c.client_id
      """)
  }

  /// Nil when there is no such plan.
  ///
  /// - Parameter locks: until the end of the transaction, against others who carry it out.
  public static func find(
    _ id: ID<LeadPlan>, locks: Bool = false, in transaction: inout Transaction
  ) throws -> (plan: LeadPlan, keepsPace: Bool)? {
    let suffix = locks ? " FOR UPDATE" : ""
    let answers = try transaction.query([
      """
      SELECT seed, state, keeps_pace, created_at, applied_at FROM lead_plans WHERE id = \(id)
      \(unescaped: suffix)
      """,
      """
      SELECT client_id, campaign_id, wanted, planned, assigned, quota_left, pace_left FROM lead_plan_shares
      WHERE plan_id = \(id) ORDER BY client_id
      """,
    ])
    guard let row = answers[0].first else { return nil }
    let shares = try answers[1].map { row in
      func count(_ column: Int) throws -> Int { Int(try row.decode(at: column, as: Int32.self)) }
      return LeadPlan.Share(
        client: try row.decode(at: 0), campaign: try row.decode(at: 1), wanted: try count(2),
        planned: try count(3), assigned: try count(4), quotaLeft: try count(5), paceLeft: try count(6))
    }
    let plan = LeadPlan(
      id: id, seed: try row.decode("seed"), state: try row.decode("state"),
      createdAt: try row.decode("created_at"), appliedAt: try row.decode("applied_at"), shares: shares)
    return (plan, try row.decode("keeps_pace"))
  }

  /// In the order of turns.
  public static func entries(
    of plan: ID<LeadPlan>, after position: Int, limit: Int, in transaction: inout Transaction
  ) throws -> [LeadPlanEntry] {
    try transaction.query(
      """
      SELECT position, client_id, lead_id, score, outcome FROM lead_plan_entries
      WHERE plan_id = \(plan) AND position > \(Int32(clamping: position)) ORDER BY position LIMIT \(limit)
      """
    ).map(entry(_:))
  }

  /// The next entries that are to be carried out: of the client whose turn is first, and at most `limit`.
  public static func open(
    of plan: ID<LeadPlan>, limit: Int, in transaction: inout Transaction
  ) throws -> [LeadPlanEntry] {
    try transaction.query(
      """
      SELECT position, client_id, lead_id, score, outcome FROM lead_plan_entries e
      WHERE plan_id = \(plan) AND outcome IS NULL AND client_id = (
        SELECT client_id FROM lead_plan_entries WHERE plan_id = \(plan) AND outcome IS NULL
        ORDER BY position LIMIT 1)
      ORDER BY position LIMIT \(limit)
      """
    ).map(entry(_:))
  }

  /// The last position; 0 of a plan without entries.
  public static func lastPosition(
    of plan: ID<LeadPlan>, in transaction: inout Transaction
  ) throws -> Int {
    let last: Int32? = try transaction.query(
      "SELECT max(position) FROM lead_plan_entries WHERE plan_id = \(plan)")[0].decode(at: 0)
    return Int(last ?? 0)
  }

  /// Writes down what came of entries, and how many of them the client got.
  public static func settle(
    _ outcomes: [(position: Int, outcome: String)], of client: ID<Client>, assigned: Int,
    in plan: ID<LeadPlan>, _ transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_plan_entries e SET outcome = u.outcome
      FROM unnest(\(outcomes.map { Int32($0.position) }), \(outcomes.map(\.outcome))) AS u (position, outcome)
      WHERE e.plan_id = \(plan) AND e.position = u.position
      """, expecting: outcomes.count)
    transaction.enqueue(
      """
      UPDATE lead_plan_shares SET assigned = assigned + \(Int32(assigned))
      WHERE plan_id = \(plan) AND client_id = \(client)
      """, expecting: 1)
    transaction.enqueue(
      "UPDATE lead_plans SET state = 'applying' WHERE id = \(plan) AND state = 'draft'")
  }

  public static func finish(_ plan: ID<LeadPlan>, now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue(
      "UPDATE lead_plans SET state = 'applied', applied_at = \(now) WHERE id = \(plan) AND state <> 'applied'"
    )
  }

  /// How many entries had each outcome; the open ones are left out.
  public static func outcomes(
    of plan: ID<LeadPlan>, in transaction: inout Transaction
  ) throws -> [String: Int] {
    let rows = try transaction.query(
      """
      SELECT outcome, count(*) FROM lead_plan_entries WHERE plan_id = \(plan) AND outcome IS NOT NULL
      GROUP BY outcome
      """)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }

  public static func remove(_ plan: ID<LeadPlan>, in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM lead_plans WHERE id = \(plan)")
  }

  /// Forgets plans made before `time`, carried out or not; at most `limit`.
  public static func forget(
    before time: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM lead_plans WHERE id = ANY (ARRAY(
        SELECT id FROM lead_plans WHERE created_at < \(time) AND state <> 'applying'
        ORDER BY id LIMIT \(limit)))
      """)
  }

  private static func entry(_ row: Row) throws -> LeadPlanEntry {
    LeadPlanEntry(
      position: Int(try row.decode(at: 0, as: Int32.self)), client: try row.decode(at: 1),
      lead: try row.decode(at: 2), score: Int(try row.decode(at: 3, as: Int16.self)),
      outcome: try row.decode(at: 4))
  }
}

extension LeadPlan.State: PostgresEncodable, PostgresDecodable {}
