import Domain
import Postgres
import Store
import TestSupport
import Testing

/// The SQL of specs/resource-pool.md against our schema, and R4 in SQL.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ResourceDocumentTests {
  let pool = PoolFixture(poolSize: 4)
  static let blocks = PoolDocument.blocks(of: "resource-pool.md")

  func block(with text: String) throws -> String {
    let found = Self.blocks.filter { $0.contains(text) }
    guard found.count == 1 else { throw PoolDocument.NotOnce(text: text, count: found.count) }
    return found[0]
  }

  @Test func `every block of SQL in the document is looked at here`() throws {
    let known = [
      "CREATE TABLE resource_pool (\n", "CREATE TABLE client_resources (\n",
      "-- Campaign resources should auto-populate", "-- Migration 041_resource_pool.sql",
      "INSERT INTO resource_pool",
    ]
    #expect(Self.blocks.count == known.count)
    for (block, text) in zip(Self.blocks, known) { #expect(block.contains(text), "\(text)") }
  }

  @Test func `Step 2, Seed Existing Resources: the document's insert fills the pool`() async throws {
    let seed = try block(with: "INSERT INTO resource_pool")
    try await Psql.run(seed)
    let rows = try await Psql.run(
      """
      SELECT resource_value, resource_type, status, max_clients, current_clients, reputation_score,
        warmup_completed_at IS NOT NULL AS warmed
      FROM resource_pool ORDER BY resource_value
      """)
    #expect(
      rows.dropFirst() == [
        "agencyxos-growth.com|email_domain|available|1|0|0|t",
        "agencyxos-leads.com|email_domain|available|1|0|0|t",
        "agencyxos-reach.com|email_domain|available|1|0|0|t",
      ])
    let client = try await pool.client("Acme")
    let now: Timestamp = try #require(try await pool.value("SELECT now()"))
    let facts = try await pool.database.transaction { transaction in
      try AssignmentStore.lockFacts(
        for: ResourceCounts(emailDomains: 3), of: client, now: now, in: &transaction)
    }
    let decision = ResourceAssignment.decide(
      ResourceCounts(emailDomains: 3), on: .refuse, facts: facts, policy: .strict, now: now)
    guard case .assign(let selected, short: nil) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(selected.allSatisfy { $0.sendsFrom == now }, "they are warmed: they send at once")
    // A second time the values are there already.
    await #expect(throws: Psql.Failure.self) { try await Psql.run(seed) }
    let history = try await Psql.run("SELECT count(*) FROM resource_ledger WHERE kind = 'added'")
    #expect(history.last == "3")
  }

  @Test(arguments: ["resource_pool", "client_resources"])
  func `the document's columns are there`(table: String) async throws {
    let text = try block(with: "CREATE TABLE \(table) (\n")
    let body = text.split(separator: "\n").drop { !$0.contains("CREATE TABLE") }.dropFirst()
      .prefix { $0 != ");" }
    let names = body.compactMap { $0.split(separator: " ").first.map(String.init) }
      .filter { $0 != "--" && $0 != "CONSTRAINT" }
    #expect(names.count >= 7)
    let columns: [String] = try await pool.column(
      "SELECT column_name::text FROM information_schema.columns WHERE table_name = \(table)")
    #expect(Set(columns).isSuperset(of: names))
  }

  @Test func `campaign_resources has the columns of Campaign Creation`() async throws {
    let columns: [String] = try await pool.column(
      "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'campaign_resources'")
    #expect(
      Set(columns).isSuperset(of: [
        "campaign_id", "client_resource_id", "channel", "resource_id", "daily_limit", "is_warmed",
      ]))
  }

  // MARK: R4

  func seat(maxClients: Int32) async throws -> ID<Resource> {
    try #require(
      try await pool.value(
        """
        INSERT INTO resource_pool (resource_type, resource_value, max_clients)
        VALUES ('linkedin_seat', 'seat_' || \(maxClients), \(maxClients)) RETURNING id
        """))
  }

  /// The constraint that refused the assignment.
  func assign(_ seat: ID<Resource>, to client: ID<Client>) async throws -> String? {
    do {
      try await pool.execute(
        "INSERT INTO client_resources (client_id, resource_pool_id) VALUES (\(client), \(seat))")
      return nil
    } catch let error as PostgresError { return error.constraint ?? error.sqlState?.rawValue }
  }

  @Test func `R4: a client gets back what it once had, and has nothing twice`() async throws {
    let clients = [try await pool.client("First"), try await pool.client("Second")]
    let seat = try await seat(maxClients: 2)
    for _ in 1...3 {
      #expect(try await assign(seat, to: clients[0]) == nil)
      #expect(try await assign(seat, to: clients[0]) == "unique_client_resource")
      try await pool.execute(
        "UPDATE client_resources SET released_at = reservoir_now() WHERE released_at IS NULL")
    }
    let rows: Int64? = try await pool.value("SELECT count(*) FROM client_resources")
    #expect(rows == 3)
    #expect(try await assign(seat, to: clients[0]) == nil)
    #expect(try await assign(seat, to: clients[1]) == nil, "it has two places")
  }

  @Test func `R4: what is for one client has one at a time`() async throws {
    let clients = [try await pool.client("First"), try await pool.client("Second")]
    let seat = try await seat(maxClients: 1)
    #expect(try await assign(seat, to: clients[0]) == nil)
    #expect(try await assign(seat, to: clients[1]) == "one_client_per_exclusive_resource")
    try await pool.execute("UPDATE client_resources SET held_until = reservoir_now() + interval '1 day'")
    #expect(try await assign(seat, to: clients[1]) == "one_client_per_exclusive_resource", "on hold too")
    try await pool.execute("UPDATE client_resources SET released_at = reservoir_now(), held_until = NULL")
    #expect(try await assign(seat, to: clients[1]) == nil)
  }
}
