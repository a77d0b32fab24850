import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Pages of searches among many leads, read by index or in a bounded walk.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadPageTests {
  let pool = PoolFixture(poolSize: 2)
  static let leads = 20_000

  /// Every lead has `common`, each hundredth `some`, and ten have `rare`, all in titles and technologies.
  func prepared() async throws {
    try await pool.execute(
      """
      INSERT INTO lead_pool (id, title, company_technologies, company_employees, email, last_name)
      SELECT uuid_v7(), w, string_to_array(w, ' '), i, 'lead' || i || '@example.com', 'name' || i % 200
      FROM generate_series(1, \(Self.leads)) AS i CROSS JOIN LATERAL (
        SELECT 'common' || CASE WHEN i % 100 = 0 THEN ' some' ELSE '' END
          || CASE WHEN i % 2000 = 7 THEN ' rare' ELSE '' END) AS t (w)
      """)
    // As autovacuum leaves it: nothing waits for the index, and statistics of it are there.
    try await pool.execute("SELECT gin_clean_pending_list('lead_pool_search')")
    try await pool.execute("ANALYZE lead_pool")
  }

  func plan(_ statement: SQL) async throws -> Plan {
    try await pool.database.transaction { transaction in
      LeadSearchStore.prepare(in: &transaction)
      return Plan(
        lines: try transaction.query(
          SQL(text: "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) " + statement.text, binds: statement.binds)
        ).map { try $0.decode(at: 0) })
    }
  }

  func conditions(_ word: String) throws -> [LeadCondition] {
    [try LeadCondition(parsing: "company_technologies=\(word)")]
  }

  @Test func `what is rare is gathered by the index alone, what is common is met on a short walk`()
    async throws
  {
    try await prepared()
    let middle: ID<Lead>? = try await pool.value("SELECT id FROM lead_pool ORDER BY id OFFSET 10000 LIMIT 1")
    for place in [nil, middle] {
      for query in [LeadQuery(text: "rare"), LeadQuery(conditions: try conditions("rare"))] {
        let plan = try await plan(LeadSearchStore(query, after: place).gathering(most: 1_000, limit: 10))
        // Each of ten is read from the index, from the table, and from what was gathered.
        #expect((1...50).contains(plan.rowsRead), "\(plan.text)")
        #expect(plan.text.contains("lead_pool_search"))
      }
      for query in [LeadQuery(text: "common"), LeadQuery(conditions: try conditions("common"))] {
        let plan = try await plan(LeadSearchStore(query, after: place).walking(most: 1_000, limit: 10))
        #expect((1...40).contains(plan.rowsRead), "\(plan.text)")
      }
      let rare = LeadQuery(conditions: [try LeadCondition(parsing: "company_employees=3")])
      let plan = try await plan(LeadSearchStore(rare, after: place).walking(most: 1_000, limit: 10))
      #expect((1_000...2_100).contains(plan.rowsRead), "a walk ends: \(plan.text)")
    }
    let known = LeadQuery(conditions: [try LeadCondition(parsing: "email=lead7@example.com")])
    let plan = try await plan(LeadSearchStore(known, after: nil).gathering(most: 1_000, limit: 10))
    #expect((1...12).contains(plan.rowsRead), "\(plan.text)")
  }

  @Test func `the way is chosen by how many leads the index is expected to find`() async throws {
    try await prepared()
    for (word, isGathered) in [
      ("rare", true), ("common", false),
    ] {
      for query in [LeadQuery(text: word), LeadQuery(conditions: try conditions(word))] {
        let plan = try await pool.database.transaction { transaction in
          LeadSearchStore.prepare(in: &transaction)
          return try LeadSearchStore(query, after: nil).plan(limit: 50, in: &transaction)
        }
        #expect((plan.steps.first == .gather(most: 40_000)) == isGathered, "\(word)")
      }
    }
    let none = try await pool.database.transaction { transaction in
      try LeadSearchStore(LeadQuery(), after: nil).plan(limit: 50, in: &transaction)
    }
    #expect(none.steps == [.walk(most: 20_000)])
  }

  @Test func `a client's leads are walked by its assignments`() async throws {
    try await prepared()
    let client = try await pool.client("Acme")
    try await pool.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id)
      SELECT id, \(client) FROM lead_pool WHERE company_employees % 50 = 0
      """)
    try await pool.execute("ANALYZE")
    let query = LeadQuery(conditions: try conditions("some"), clientID: client)
    let plan = try await plan(LeadSearchStore(query, after: nil).walking(most: 20_000, limit: 10))
    #expect((1...80).contains(plan.rowsRead), "\(plan.text)")
  }

  @Test func `a number beyond ten thousand is an estimate that is near`() async throws {
    try await prepared()
    let estimate = try await pool.database.transaction { transaction in
      try LeadCountStore.estimate(LeadQuery(conditions: try conditions("common")), in: &transaction)
    }
    #expect((10_000...30_000).contains(estimate))
    let counted = try await pool.database.transaction {
      try LeadCountStore.count(LeadQuery(conditions: try conditions("common")), in: &$0)
    }
    #expect(counted == 10_001)
  }

  @Test func `a text too long for an index is taken in all the same`() async throws {
    let long = String(repeating: "ab€", count: 3_000)
    try await pool.execute(
      """
      INSERT INTO lead_pool (id, title, company_name, company_technologies, seniority)
      VALUES (uuid_v7(), \(long), 'Findable', ARRAY[\(long), NULL, '', 'kept'], \(long))
      """)
    for query in [LeadQuery(text: "findable"), LeadQuery(conditions: try conditions("kept"))] {
      let found = try await pool.database.transaction { transaction in
        LeadSearchStore.prepare(in: &transaction)
        return try LeadSearchStore(query, after: nil).gather(most: 10, limit: 10, in: &transaction)
      }
      #expect(found?.ids.count == 1)
    }
  }
}
