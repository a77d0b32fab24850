import Domain
import Postgres

/// Pages of searches, as ids; `LeadSummaryStore` has what is shown of them.
///
/// Statements look at a bounded number of leads each. They are planned for their values, never compiled, and
/// kept from reading whole tables.
public struct LeadSearchStore {
  /// What one step has found.
  public struct Found: Hashable, Sendable {
    /// At most as many as asked for, in order.
    public var ids: [ID<Lead>]
    /// Where to look further when there are fewer; nil at the end of the list.
    public var reached: ID<Lead>?

    public static let nothing = Found(ids: [], reached: nil)
  }

  private let filter: LeadFilter
  private let place: ID<Lead>?
  private var isDescending: Bool { filter.query.order == .newest }
  private var direction: String { isDescending ? "DESC" : "ASC" }

  /// - Parameter place: the lead after which the page begins.
  public init(_ query: LeadQuery, after place: ID<Lead>?) {
    filter = LeadFilter(query: query)
    self.place = place
  }

  /// Whether there is something to gather.
  public var hasIndex: Bool { filter.indexed != nil }

  /// Prepares the transaction. Call it before anything else.
  public static func prepare(in transaction: inout Transaction) {
    transaction.enqueue(
      """
      SELECT set_config(name, value, true) FROM unnest(
        ARRAY['plan_cache_mode', 'jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin',
          'max_parallel_workers_per_gather'],
        ARRAY['force_custom_plan', 'off', 'off', 'off', 'off', '0']) AS s (name, value)
      """)
  }

  // MARK: How to go about it

  public func plan(limit: Int, in transaction: inout Transaction) throws -> LeadSearchPlan {
    let found = try filter.indexed.map { _ in try expected(in: &transaction) }
    return LeadSearchPlan(
      found: found, total: try total(in: &transaction), limit: limit, hasText: filter.query.text != nil)
  }

  /// How many leads the index is expected to find.
  private func expected(in transaction: inout Transaction) throws -> Int {
    var sql = StatementBuilder()
    sql.add("SELECT FROM lead_pool p WHERE ")
    filter.indexed?(&sql)
    return try Self.estimate(sql.statement, in: &transaction)
  }

  /// How many leads a walk would pass, at the most.
  private func total(in transaction: inout Transaction) throws -> Int {
    if let client = filter.query.clientID {
      return try transaction.query(
        """
        SELECT count(*) FROM (SELECT FROM lead_assignments a
          WHERE a.client_id = \(client) AND a.released_at IS NULL LIMIT \(LeadSearchPlan.bound + 1)) AS own
        """
      ).first?.decode(at: 0) ?? 0
    }
    let table = isOfAssignments ? "lead_assignments" : "lead_pool"
    let rows: Double? = try transaction.query(
      "SELECT reltuples FROM pg_class WHERE oid = \(table)::text::regclass"
    ).first?.decode(at: 0)
    // Negative: nobody has counted yet.
    return max(Int(rows ?? 0), LeadSearchPlan.bound)
  }

  static func estimate(_ statement: SQL, in transaction: inout Transaction) throws -> Int {
    let explained = SQL(text: "EXPLAIN " + statement.text, binds: statement.binds)
    guard let line: String = try transaction.query(explained).first?.decode(at: 0),
      let rows = line.firstMatch(of: /rows=(\d+)/)
    else { return 0 }
    return Int(rows.1) ?? 0
  }

  // MARK: Steps

  /// All leads that the index finds, if they are not too many; nil otherwise.
  public func gather(most: Int, limit: Int, in transaction: inout Transaction) throws -> Found? {
    let rows = try transaction.query(gathering(most: most, limit: limit))
    // The first row counts what was looked at.
    guard let looked: Int = try rows.first?.decode(at: 1), looked <= most else { return nil }
    let ids: [ID<Lead>] = try rows.dropFirst().map { try $0.decode(at: 0) }
    return Found(ids: isDescending ? ids.sorted(by: >) : ids.sorted(), reached: nil)
  }

  func gathering(most: Int, limit: Int) -> SQL {
    var sql = StatementBuilder()
    sql.add("WITH found AS MATERIALIZED (SELECT p.id, (")
    // All the rest is decided by the row that the index has led to: no other index is to be combined with it.
    filter.conditions(hasText: false, &sql)
    filter.ownership(&sql)
    filter.score(&sql)
    beyond("p.id", &sql)
    sql.add(") AS fits FROM lead_pool p WHERE ")
    filter.indexed?(&sql)
    sql.add(" LIMIT \(most + 1)), page AS (SELECT id FROM found WHERE fits ORDER BY id \(direction) LIMIT ")
    sql.bind(limit)
    sql.add(") (SELECT NULL::uuid AS id, count(*) FROM found) UNION ALL (SELECT id, NULL FROM page)")
    return sql.statement
  }

  /// The first leads that fit, of the next `most` in order.
  public func walk(most: Int, limit: Int, in transaction: inout Transaction) throws -> Found {
    let ids: [ID<Lead>] = try transaction.query(walking(most: most, limit: limit)).map {
      try $0.decode(at: 0)
    }
    guard ids.count < limit else { return Found(ids: ids, reached: ids.last) }
    var end = StatementBuilder()
    end.add("SELECT id FROM (")
    passed(most: most, &end)
    end.add(") AS w OFFSET \(most - 1)")
    return Found(ids: ids, reached: try transaction.query(end.statement).first?.decode(at: 0))
  }

  func walking(most: Int, limit: Int) -> SQL {
    var sql = StatementBuilder()
    sql.add("SELECT p.id FROM (")
    if isOfAssignments {
      passed(most: most, &sql)
      sql.add(") AS w JOIN lead_pool p ON p.id = w.id WHERE ")
    } else {
      passed(most: most, columns: "p.*", &sql)
      sql.add(") AS p WHERE ")
    }
    filter.conditions(hasText: true, &sql)
    if filter.query.isAssigned == false { filter.ownership(&sql) }
    filter.score(&sql)
    sql.add(" ORDER BY \(isOfAssignments ? "w" : "p").id \(direction) LIMIT ")
    sql.bind(limit)
    return sql.statement
  }

  private var isOfAssignments: Bool { filter.query.isOfAssignments }

  /// What a walk passes, in order.
  private func passed(most: Int, columns: String = "p.id", _ sql: inout StatementBuilder) {
    if isOfAssignments {
      sql.add("SELECT a.lead_id AS id FROM lead_assignments a WHERE a.released_at IS NULL")
      if let client = filter.query.clientID {
        sql.add(" AND a.client_id = ")
        sql.bind(client)
      }
      beyond("a.lead_id", &sql)
      sql.add(" ORDER BY a.lead_id \(direction) LIMIT \(most)")
    } else {
      sql.add("SELECT \(columns) FROM lead_pool p WHERE true")
      beyond("p.id", &sql)
      sql.add(" ORDER BY p.id \(direction) LIMIT \(most)")
    }
  }

  private func beyond(_ column: String, _ sql: inout StatementBuilder) {
    guard let place else { return }
    sql.add(" AND \(column) \(isDescending ? "<" : ">") ")
    sql.bind(place)
  }
}
