import Domain
import Postgres
import Store
import TestSupport
import Testing

/// The document's SQL, verbatim, against our schema, with the results that the document promises.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct DocumentTests {
  let pool = PoolFixture(poolSize: 2)
  static let company = "My Reverse Options"
  static let vapi = "45b2f2bb-5d0f-4c96-b43f-673584207d9d"

  /// Blocks that are not run, by a text in each, and why.
  static let excluded: [(text: String, reason: String)] = [
    ("Copy contents from", "a comment only"),
    ("WITH selected_number AS", "its SELECT and UPDATE are elided"),
    ("CREATE TABLE signalwire_phone_numbers", "the schema itself; its columns are compared below"),
    ("-- Enhanced metadata includes", "JSON, not SQL; `Test Assignment` looks at its fields"),
    ("ALTER TABLE leads", "the schema itself; its columns are compared below"),
    ("-- See: database/migrations", "a comment only"),
    ("cron.schedule", "needs the extension pg_cron; the function that it calls is run"),
    ("EXPLAIN ANALYZE", "its select list and its condition are elided"),
  ]

  static let run = [
    "SELECT release_expired_phone_numbers();", "INSERT INTO signalwire_phone_numbers", "ORDER BY name;",
    "-- Pool table", "-- Force release for testing", "-- Available numbers per broker",
    "-- Recent assignments (last 24 hours)", "as expired_count", "-- Check pool status",
    "-- Check if multiple leads have same number", "as overdue_by", "SET assignment_status = 'available', ",
  ]

  @Test func `every block of the document is run here, or left out for a reason`() {
    for block in PoolDocument.blocks {
      let isExcluded = Self.excluded.contains { block.contains($0.text) }
      let isRun = Self.run.contains { block.contains($0) }
      #expect(isExcluded || isRun, "\(block)")
    }
    #expect(PoolDocument.blocks.count == 20)
    #expect(
      Set(PoolDocument.commands) == [
        "SELECT release_expired_phone_numbers();", "\\d+ signalwire_phone_numbers",
        "REINDEX INDEX idx_signalwire_pool_assignment;",
        "SELECT pg_size_pretty(pg_total_relation_size('signalwire_phone_numbers'));",
      ])
  }

  /// Five numbers of the company, as the document's own migration leaves them.
  func prepared() async throws {
    try await Psql.run("INSERT INTO brokers (company_name) VALUES ('\(Self.company)')")
    try await pool.numbers(4, of: Self.company)
    try await pool.execute(
      """
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company)
      VALUES (\(Self.vapi), '+14244851544', 'MRO 1', \(Self.company))
      """)
  }

  /// Leases the number as the server does, to the document's lead.
  func leased(at now: Timestamp? = nil) async throws -> Lease {
    let instant: Timestamp? = try await pool.value("SELECT now()")
    let now = try now ?? #require(instant)
    let lead = ID<Lead>(at: now)
    let client: ID<Client>? = try await pool.value(
      "SELECT id FROM brokers WHERE company_name = \(Self.company)")
    try await pool.execute(
      """
      INSERT INTO leads (id, primary_email, first_name, last_name)
      VALUES (\(lead), 'test@example.com', 'Ada', 'Muster')
      """)
    let lease = Lease(
      id: ID(at: now), term: 1, number: PhoneNumber(unchecked: "+14244851544"),
      providerNumberID: ProviderNumberID(unchecked: Self.vapi), clientID: try #require(client),
      company: CompanyName(unchecked: Self.company), leadID: lead,
      customerPhone: PhoneNumber(unchecked: "+16505300051"), leasedAt: now,
      releaseAt: now + LeaseRule.baseHold)
    try await pool.database.transaction { transaction in
      LeaseClaimStore.claim([lease], actor: .environment, now: now, in: &transaction)
    }
    return lease
  }

  @Test func `the document's columns are there`() async throws {
    let columns: [String] = try await pool.column(
      """
      SELECT table_name || '.' || column_name FROM information_schema.columns
      WHERE table_name IN ('signalwire_phone_numbers', 'leads', 'interactions', 'brokers')
      """)
    let table = try PoolDocument.block(with: "CREATE TABLE signalwire_phone_numbers")
    let names = table.split(separator: "\n").dropFirst().dropLast()
      .compactMap { $0.split(separator: " ").first }.filter { $0 != "--" }
    #expect(names.count == 10)
    for name in names { #expect(columns.contains("signalwire_phone_numbers.\(name)")) }
    for name in ["assigned_phone_number_id", "phone_assigned_at", "primary_email"] {
      #expect(columns.contains("leads.\(name)"))
    }
    #expect(columns.contains("interactions.metadata") && columns.contains("brokers.company_name"))
  }

  @Test func `Step 4, Add More Brokers: numbers come in, and once more they only update`() async throws {
    try await Psql.run("INSERT INTO brokers (company_name) VALUES ('Second Broker LLC')")
    // The document's comma before ON CONFLICT, after which 13 to 18 numbers are to be added, is a syntax
    // error as it stands.
    let insert = try PoolDocument.block(
      with: "INSERT INTO signalwire_phone_numbers", ["vapi_id_1": "v1", "vapi_id_2": "v2"]
    ).replacing("'Pool #2'),", with: "'Pool #2')")
    try await Psql.run(insert)
    try await Psql.run(insert)
    let rows = try await Psql.run(
      """
      SELECT vapi_phone_number_id, number, name, assigned_broker_company, notes, assignment_status
      FROM signalwire_phone_numbers ORDER BY 1
      """)
    #expect(
      rows.dropFirst() == [
        "v1|+1234567890|BrokerCo1|Second Broker LLC|Pool #1|available",
        "v2|+1234567891|BrokerCo2|Second Broker LLC|Pool #2|available",
      ])
  }

  @Test func `Verify Table Setup: five numbers, all available, of the company`() async throws {
    try await prepared()
    let rows = try await Psql.run(try PoolDocument.block(with: "ORDER BY name;"))
    #expect(
      rows[0]
        == "vapi_phone_number_id|number|assigned_broker_company|assignment_status|currently_assigned_to")
    #expect(rows.count == 6)
    for row in rows.dropFirst() { #expect(row.hasSuffix("|\(Self.company)|available|")) }
  }

  @Test func `Test Assignment: pool, lead and trail tell of the lease`() async throws {
    try await prepared()
    let lease = try await leased()
    let rows = try await Psql.run(
      try PoolDocument.block(with: "-- Pool table", ["lead_id": "\(lease.leadID)"]))
    // Two lines for each query: its heading and its one row.
    #expect(rows.count == 6)
    #expect(rows[0].hasPrefix("vapi_phone_number_id|number|name|assigned_broker_company|"))
    #expect(rows[1].hasPrefix("\(Self.vapi)|+14244851544|MRO 1|\(Self.company)|\(lease.leadID)|"))
    #expect(rows[2] == "assigned_phone_number_id|phone_assigned_at")
    #expect(rows[3].hasPrefix("\(Self.vapi)|2"))
    #expect(rows[4] == "number_used" && rows[5] == "+14244851544")
    let phone = try await Psql.run("SELECT metadata->>'customer_phone' FROM interactions")
    #expect(phone.last == "+16505300051")
  }

  @Test func `Test Release: the forced number is released by the cleanup`() async throws {
    try await prepared()
    let lease = try await leased()
    let rows = try await Psql.run(
      try PoolDocument.block(with: "-- Force release for testing", ["number_id": Self.vapi]))
    #expect(
      rows == ["release_expired_phone_numbers", "1", "assignment_status|currently_assigned_to", "available|"])
    let history = try await Psql.run(
      "SELECT kind, reason FROM phone_number_ledger WHERE lease_id = '\(lease.id)' ORDER BY revision")
    #expect(history.dropFirst() == ["leased|", "extended|sql", "ended|expired"])
    let pointers = try await Psql.run("SELECT assigned_phone_number_id, phone_assigned_at FROM leads")
    #expect(pointers.last == "|")
  }

  @Test func `Monitoring: pool health, activity, numbers needing release`() async throws {
    try await prepared()
    let lease = try await leased()
    let health = try await Psql.run(try PoolDocument.block(with: "-- Available numbers per broker"))
    #expect(health == ["assigned_broker_company|available|assigned|total", "\(Self.company)|4|1|5"])
    let activity = try await Psql.run(try PoolDocument.block(with: "-- Recent assignments (last 24 hours)"))
    #expect(activity[0] == "number|assigned_broker_company|lead_name|assigned_at|release_at")
    #expect(activity.count == 2 && activity[1].hasPrefix("+14244851544|\(Self.company)|Ada Muster|"))
    let query = try PoolDocument.block(with: "as expired_count")
    #expect(try await Psql.run(query) == ["expired_count", "0"])
    try await pool.execute(
      "UPDATE signalwire_phone_numbers SET release_at = now() WHERE lease_id = \(lease.id)")
    #expect(try await Psql.run(query) == ["expired_count", "1"])
  }

  @Test func `Troubleshooting: what to look at and what to do all works`() async throws {
    try await prepared()
    let lease = try await leased()
    let status = try await Psql.run(try PoolDocument.block(with: "-- Check pool status"))
    #expect(
      status[0] == "assignment_status|count" && Set(status.dropFirst()) == ["available|4", "assigned|1"])
    let table = try await Psql.run("\\d+ signalwire_phone_numbers").joined(separator: "\n")
    #expect(
      table.contains("\"idx_signalwire_pool_assignment\" btree (assigned_broker_company, assignment_status"))
    #expect(try await Psql.run("REINDEX INDEX idx_signalwire_pool_assignment;") == [])
    let size = try await Psql.run(
      "SELECT pg_size_pretty(pg_total_relation_size('signalwire_phone_numbers'));")
    #expect(size[0] == "pg_size_pretty" && size[1].hasSuffix(" kB"))
    let overdue = try PoolDocument.block(with: "as overdue_by")
    #expect(try await Psql.run(overdue) == ["vapi_phone_number_id|number|release_at|overdue_by"])
    try await pool.execute(
      """
      UPDATE signalwire_phone_numbers SET release_at = now() - interval '2 hours' WHERE lease_id = \(lease.id)
      """)
    #expect(try await Psql.run(overdue).last?.hasPrefix("\(Self.vapi)|+14244851544|") == true)
    #expect(try await Psql.run("SELECT release_expired_phone_numbers();").last == "1")
    #expect(try await Psql.run(overdue).count == 1)
  }

  @Test func `Force release specific number: the number is free, and the history says forced`() async throws {
    try await prepared()
    let lease = try await leased()
    let block = try PoolDocument.block(with: "SET assignment_status = 'available', ", ["id": Self.vapi])
    try await Psql.run(block)
    let row = try await Psql.run(
      "SELECT assignment_status, currently_assigned_to, release_at, term FROM signalwire_phone_numbers"
        + " WHERE vapi_phone_number_id = '\(Self.vapi)'")
    #expect(row.last == "available|||1")
    let end = try await Psql.run(
      "SELECT reason, actor LIKE 'sql:%', lease_id FROM phone_number_ledger WHERE kind = 'ended'")
    #expect(end.last == "forced|t|\(lease.id)")
    // A second time nothing changes.
    try await Psql.run(block)
    #expect(try await Psql.run("SELECT count(*) FROM phone_number_ledger WHERE kind = 'ended'").last == "1")
  }

  @Test func `Double assignment: none, also when a number has gone from one lead to the next`() async throws {
    try await prepared()
    _ = try await leased()
    try await Psql.run(
      try PoolDocument.block(with: "SET assignment_status = 'available', ", ["id": Self.vapi]))
    let next = try await pool.leads(1)[0]
    try await Psql.run(
      """
      UPDATE signalwire_phone_numbers SET currently_assigned_to = '\(next)'
      WHERE vapi_phone_number_id = '\(Self.vapi)'
      """)
    let query = try PoolDocument.block(with: "-- Check if multiple leads have same number")
    #expect(try await Psql.run(query) == ["vapi_phone_number_id|lead_count"])
    #expect(
      try await Psql.run("SELECT id FROM leads WHERE assigned_phone_number_id IS NOT NULL").last == "\(next)")
  }
}
