import Domain
import Postgres
import TestSupport
import Testing

/// What people write by hand obeys the rules of the server and stands in the same ledger.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SQLUserTests {
  let pool = PoolFixture(poolSize: 4)
  static let now = Timestamp(microseconds: 1_795_219_200_000_000)

  func prepared(_ leads: Int = 2) async throws -> [ID<Lead>] {
    try await pool.client("First")
    try await pool.client("Second")
    try await pool.numbers(3, of: "First")
    try await pool.numbers(1, of: "Second", area: "212", prefix: "s")
    return try await pool.leads(leads)
  }

  /// Runs a statement for which it is `now`; returns the name of the constraint that refused it.
  @discardableResult
  func run(_ sql: SQL, at now: Timestamp = now) async throws -> String? {
    do {
      _ = try await pool.database.transaction { transaction in
        transaction.enqueue("SELECT set_config('reservoir.now', \(now.description), true)")
        return try transaction.execute(sql)
      }
      return nil
    } catch let error as PostgresError {
      return try #require(error.constraint ?? error.sqlState?.rawValue)
    }
  }

  func assign(_ number: String, to lead: ID<Lead>, at now: Timestamp = now) async throws -> String? {
    try await run(
      """
      UPDATE signalwire_phone_numbers SET currently_assigned_to = \(lead)
      WHERE vapi_phone_number_id = \(number)
      """, at: now)
  }

  func pointers() async throws -> [String?] {
    try await pool.column("SELECT assigned_phone_number_id FROM leads ORDER BY id")
  }

  @Test func `an assignment becomes a whole lease of eighteen hours`() async throws {
    let leads = try await prepared()
    #expect(try await assign("n-0", to: leads[0]) == nil)
    let isWhole: Bool? = try await pool.value(
      """
      SELECT assignment_status = 'assigned' AND assigned_at = \(Self.now) AND term = 1
        AND release_at = \(Self.now + LeaseRule.baseHold) AND lease_id IS NOT NULL
      FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-0'
      """)
    #expect(isWhole == true)
    let actors: [String] = try await pool.column(
      "SELECT actor FROM phone_number_ledger WHERE kind = 'leased'")
    #expect(actors.count == 1 && actors[0].hasPrefix("sql:"))
  }

  @Test func `a leased number is not given to another lead before its time is over`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    let end = Self.now + LeaseRule.baseHold
    #expect(try await assign("n-0", to: leads[1], at: end - .microseconds(1)) == "one_live_lease_per_number")
    #expect(try await assign("n-0", to: leads[1], at: end) == nil)
    #expect(try await Set(pointers()) == [nil, "n-0"])
    let kinds: [String] = try await pool.column(
      "SELECT kind FROM phone_number_ledger WHERE vapi_phone_number_id = 'n-0' ORDER BY revision")
    #expect(kinds == ["added", "leased", "ended", "leased"])
  }

  @Test func `a lead gets no second number of one company, but one of another`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    #expect(try await assign("n-1", to: leads[0]) == "one_live_lease_per_lead_and_company")
    #expect(try await assign("s-0", to: leads[0], at: Self.now + .seconds(1)) == nil)
    #expect(try await pointers().compactMap { $0 } == ["s-0"])
    // The lead still holds the other one, and points to it again.
    try await run(
      "UPDATE signalwire_phone_numbers SET currently_assigned_to = NULL WHERE vapi_phone_number_id = 's-0'")
    #expect(try await pointers().compactMap { $0 } == ["n-0"])
    try await run("UPDATE signalwire_phone_numbers SET assignment_status = 'available'")
    #expect(try await pointers().compactMap { $0 } == [])
  }

  @Test func `a leased number stays with its company and in the pool until its time is over`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    let move: SQL = """
      UPDATE signalwire_phone_numbers SET assigned_broker_company = 'Second'
      WHERE vapi_phone_number_id = 'n-0'
      """
    #expect(try await run(move) == "leased_number_stays")
    let removal: SQL = "DELETE FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-0'"
    #expect(try await run(removal) == "leased_number_stays")
    let end = Self.now + LeaseRule.baseHold
    #expect(try await run(move, at: end) == nil)
    #expect(try await pointers() == [nil, nil])
    #expect(try await run(removal, at: end) == nil)
    let kinds: [String] = try await pool.column(
      "SELECT kind FROM phone_number_ledger WHERE vapi_phone_number_id = 'n-0' ORDER BY revision")
    #expect(kinds == ["added", "leased", "ended", "moved", "removed"])
  }

  @Test func `a number that comes back goes on counting its terms and revisions`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    let end = Self.now + LeaseRule.baseHold
    try await run("DELETE FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-0'", at: end)
    try await run(
      """
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company, term)
      VALUES ('n-0', '+14245550000', 'back', 'First', 7)
      """, at: end)
    _ = try await assign("n-0", to: leads[1], at: end)
    let revisions: [Int] = try await pool.column(
      "SELECT revision FROM phone_number_ledger WHERE vapi_phone_number_id = 'n-0' ORDER BY revision")
    #expect(revisions == Array(0...5))
    let terms: [Int] = try await pool.column(
      """
      SELECT term FROM phone_number_ledger WHERE vapi_phone_number_id = 'n-0' AND kind = 'leased'
      ORDER BY revision
      """)
    #expect(terms == [1, 2])
  }

  @Test func `a company that gets another name keeps its numbers and leases`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    #expect(try await run("UPDATE brokers SET company_name = 'Third' WHERE company_name = 'First'") == nil)
    let held: [String] = try await pool.column(
      """
      SELECT assigned_broker_company FROM signalwire_phone_numbers
      WHERE assignment_status = 'assigned' AND currently_assigned_to = \(leads[0])
      """)
    #expect(held == ["Third"])
    let count: Int? = try await pool.value("SELECT count(*) FROM phone_number_ledger")
    #expect(count == 5)
  }

  @Test func `the ledger is never changed, and a number enters the pool free`() async throws {
    let leads = try await prepared()
    #expect(try await run("UPDATE phone_number_ledger SET actor = 'nobody'") == "23001")
    #expect(try await run("DELETE FROM phone_number_ledger") == "23001")
    #expect(try await run("TRUNCATE phone_number_ledger") == "23001")
    let insert: SQL = """
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company,
        currently_assigned_to) VALUES ('x', '+14245551111', 'x', 'First', \(leads[0]))
      """
    #expect(try await run(insert) == "number_enters_free")
  }

  @Test func `nonsense is refused by name`() async throws {
    _ = try await prepared()
    func update(_ change: String) async throws -> String? {
      try await run(
        "UPDATE signalwire_phone_numbers SET \(unescaped: change) WHERE vapi_phone_number_id = 'n-0'")
    }
    #expect(try await update("assignment_status = 'assigned'") == "lease_is_whole")
    #expect(try await update("assigned_broker_company = 'Nobody'") == "signalwire_phone_numbers_company_fkey")
    #expect(try await update("number = '555'") == "number_is_e164")
    #expect(try await update("number = '+14245550001'") == "signalwire_phone_numbers_number_key")
    #expect(try await update("status = 'gone'") == "signalwire_phone_numbers_status_known")
    #expect(try await update("currently_assigned_to = uuid_v7()") == "signalwire_phone_numbers_lead_fkey")
  }

  @Test func `a lead that holds a number stays, under its id`() async throws {
    let leads = try await prepared(2)
    _ = try await assign("n-0", to: leads[0])
    for statement: SQL in [
      "DELETE FROM leads WHERE id = \(leads[0])", "UPDATE leads SET id = uuid_v7() WHERE id = \(leads[0])",
      "TRUNCATE leads",
    ] {
      #expect(try await run(statement) == "signalwire_phone_numbers_lead_fkey")
    }
    #expect(try await run("DELETE FROM leads WHERE id = \(leads[1])") == nil)
    _ = try await run("UPDATE signalwire_phone_numbers SET currently_assigned_to = NULL")
    #expect(try await run("DELETE FROM leads WHERE id = \(leads[0])") == nil)
  }

  @Test func `a lease and the removal of its lead wait for each other`() async throws {
    let leads = try await prepared(1)
    let removed = try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { try await run("DELETE FROM leads WHERE id = \(leads[0])") }
      group.addTask { try await assign("n-0", to: leads[0]) }
      return try await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(removed.count { $0 == nil } == 1, "one of the two happened")
    #expect(removed.contains("signalwire_phone_numbers_lead_fkey"))
  }

  @Test func `a lease ends at a finite time, and a leased number keeps its id and digits`() async throws {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    func update(_ change: String) async throws -> String? {
      try await run(
        "UPDATE signalwire_phone_numbers SET \(unescaped: change) WHERE vapi_phone_number_id = 'n-0'")
    }
    #expect(try await update("release_at = 'infinity'") == "times_are_finite")
    #expect(try await update("vapi_phone_number_id = 'other'") == "number_keeps_its_name")
    #expect(try await update("number = '+14245550999'") == "number_keeps_its_name")
  }

  @Test(arguments: ["phone_number_ledger", "phone_number_ledger_rest", "phone_number_ledger_2031_05"])
  func `no part of the ledger can be emptied`(table: String) async throws {
    try await run("SELECT prepare_phone_number_ledger('2031-05-01Z', '2031-05-02Z')")
    #expect(try await run("TRUNCATE \(identifier: table)") == "23001")
  }

  @Test(arguments: [-1, 0, 1])
  func `release_expired_phone_numbers frees by the domain's rule, to the microsecond`(offset: Int)
    async throws
  {
    let leads = try await prepared()
    _ = try await assign("n-0", to: leads[0])
    let releaseAt = Self.now + LeaseRule.baseHold
    let instant = releaseAt + .microseconds(offset)
    try await run("SELECT release_expired_phone_numbers()", at: instant)
    let status: AssignmentStatus? = try await pool.value(
      "SELECT assignment_status FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-0'")
    let isFree = LeaseRule.isFree(releaseAt: releaseAt, assigned: true, now: instant)
    #expect((status == .available) == isFree)
    #expect(isFree == (offset >= 0))
    #expect(try await pointers().contains("n-0") == !isFree)
  }

  @Test func `many who assign one number at once: one gets it`() async throws {
    let leads = try await prepared(16)
    let refusals = try await withThrowingTaskGroup { group in
      for lead in leads { group.addTask { try await assign("n-0", to: lead) } }
      return try await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(refusals.count { $0 == nil } == 1)
    #expect(refusals.count { $0 == "one_live_lease_per_number" } == 15)
  }
}
