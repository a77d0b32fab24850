import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct CheckTests {
  let world = World()

  /// n-0 is leased for the second time, n-1 was leased once, n-2 never, n-3 was removed, n-4 came back.
  func prepared() async throws -> [ID<Lead>] {
    let client = try await world.client("First")
    _ = try await world.client("Second")
    try await world.pool.numbers(5, of: "First")
    let leads = try await world.pool.leads(3)
    try await world.lease("n-0", to: leads[0])
    try await world.lease("n-1", to: leads[1])
    try await world.lease("n-4", to: leads[2])
    world.clock.advance(by: .hours(19))
    try await world.at(world.clock.now) { transaction in
      _ = try transaction.query("SELECT release_expired_phone_numbers()")
      _ = try transaction.execute("DELETE FROM signalwire_phone_numbers WHERE vapi_phone_number_id > 'n-2'")
    }
    try await world.lease("n-0", to: leads[1])
    try await world.at(world.clock.now) { transaction in
      _ = try transaction.execute(
        """
        INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company)
        VALUES ('n-4', '+14245559999', 'back', 'Second')
        """)
    }
    try await world.lease("n-4", to: leads[1])
    try await world.pool.execute(
      """
      INSERT INTO alerts (id, client_id, kind, available, total, raised_at, seen_at)
      VALUES (uuid_v7(), \(client.id), 'pool_low', 1, 3, reservoir_now(), reservoir_now())
      """)
    try await world.pool.execute(
      """
      INSERT INTO idempotency_keys (principal_id, key, fingerprint, status, body, created_at)
      SELECT '00000000-0000-0000-0000-000000000000', 'k', '', 201,
        convert_to('{"id":"' || lease_id || '","term":' || term || ',"company":"Überall"}', 'UTF8'), at
      FROM phone_number_ledger WHERE kind = 'leased' AND term = 2 AND vapi_phone_number_id = 'n-0'
      """)
    try await world.pool.execute("INSERT INTO campaigns (client_id, name) VALUES (\(client.id), 'Spring')")
    try await prepareContacts()
    try await leadsPrepared(client.id)
    return leads
  }

  @Test func `what has happened by the rules is clean`() async throws {
    _ = try await prepared()
    var told: [String] = []
    let results = try await world.check.run { result, place, count in
      told.append("\(place)/\(count) \(result.check.name)")
    }
    #expect(results.filter { !$0.isClean } == [])
    #expect(told.count == Check.all.count && told.first?.hasPrefix("1/\(Check.all.count) ") == true)
    let count: Int? = try await world.pool.value("SELECT count(*) FROM phone_number_ledger")
    #expect(count == 5 + 3 * 2 + 2 + 1 + 2)
  }

  /// A fault and the check that must find it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let check: String
    let sql: String
    var testDescription: String { "\(check): \(sql.prefix(60))" }
    init(_ check: String, _ sql: String) { (self.check, self.sql) = (check, sql) }
  }

  static let faults =
    resourceFaults + leaseFaults + leadFaults + assignmentFaults + permitFaults
    + contactFaults + templateFaults + leadImportFaults

  static let templateFaults: [Fault] = [
    Fault(
      "templates-have-their-versions",
      "INSERT INTO templates (name, channel, version) VALUES ('Intro', 'sms', 2)"),
    Fault(
      "templates-have-their-versions",
      """
      WITH new AS (INSERT INTO templates (name, channel) VALUES ('Intro', 'sms') RETURNING id)
      INSERT INTO template_versions (template_id, version, body, format) SELECT id, 2, 'a', 'text' FROM new
      """),
    Fault("protections-are-in-force", "DROP TRIGGER append_only ON template_versions"),
    Fault("protections-are-in-force", "ALTER TABLE templates DROP CONSTRAINT templates_client_and_name_key"),
  ]

  static let leadImportFaults: [Fault] = [
    Fault("protections-are-in-force", "DROP INDEX lead_imports_one_running"),
    Fault(
      "imports-count-their-rows",
      """
      INSERT INTO lead_imports (kind, name, source, format, place_row, counts)
      VALUES ('file', 'x', 'csv', 'csv', 2, '{"new": 2}')
      """),
    Fault(
      "migrations-leave-their-owners",
      """
      WITH run AS (INSERT INTO lead_imports (kind, name, source, format, state, finished_at)
        VALUES ('migration', 'x', 'migration', 'table', 'done', now()) RETURNING id)
      INSERT INTO lead_migration_claims (import_id, row_number, lead_id, client_id, assigned_at, outcome)
      SELECT id, 1, uuid_v7(), uuid_v7(), now(), 'keeps' FROM run
      """),
  ]

  static let leaseFaults: [Fault] = [
    Fault("protections-are-in-force", "ALTER TABLE signalwire_phone_numbers DROP CONSTRAINT lease_is_whole"),
    Fault("protections-are-in-force", "DROP INDEX one_live_lease_per_lead_and_company"),
    Fault(
      "protections-are-in-force",
      """
      DROP INDEX one_open_alert_per_client_and_kind;
      CREATE INDEX one_open_alert_per_client_and_kind ON alerts (client_id, kind) WHERE cleared_at IS NULL
      """),
    Fault("protections-are-in-force", "ALTER TABLE signalwire_phone_numbers DISABLE TRIGGER changed"),
    Fault("protections-are-in-force", "DROP TRIGGER append_only ON phone_number_ledger"),
    Fault(
      "numbers-are-unique",
      """
      ALTER TABLE signalwire_phone_numbers DROP CONSTRAINT signalwire_phone_numbers_number_key;
      UPDATE signalwire_phone_numbers SET number = '+14245550000' WHERE vapi_phone_number_id = 'n-1'
      """),
    Fault(
      "leases-are-whole",
      """
      ALTER TABLE signalwire_phone_numbers DROP CONSTRAINT lease_is_whole;
      UPDATE signalwire_phone_numbers SET customer_phone = '+16505300051' WHERE vapi_phone_number_id = 'n-1'
      """),
    Fault("one-number-per-lease", copy("lease_id = o.lease_id, currently_assigned_to = uuid_v7()")),
    Fault(
      "one-live-lease-per-lead-and-client",
      "DROP INDEX one_live_lease_per_lead_and_company;"
        + copy("lease_id = uuid_v7(), currently_assigned_to = o.currently_assigned_to")),
    Fault(
      "terms-rise-by-one", "UPDATE signalwire_phone_numbers SET term = 9 WHERE vapi_phone_number_id = 'n-1'"),
    Fault("terms-rise-by-one", "UPDATE phone_number_ledger SET term = 3 WHERE kind = 'leased' AND term = 2"),
    Fault(
      "leases-do-not-overlap",
      "UPDATE phone_number_ledger SET at = at + interval '61 seconds' WHERE kind = 'ended'"),
    Fault("leases-do-not-overlap", "DELETE FROM phone_number_ledger WHERE kind = 'ended'"),
    Fault(
      "leads-point-to-their-numbers",
      "UPDATE leads SET assigned_phone_number_id = 'n-2' WHERE assigned_phone_number_id IS NULL"),
    Fault(
      "leads-point-to-their-numbers",
      "UPDATE leads SET assigned_phone_number_id = NULL, phone_assigned_at = NULL"),
    Fault("leads-point-to-their-numbers", "UPDATE leads SET phone_assigned_at = now()"),
    Fault("leads-point-to-their-numbers", "DELETE FROM leads"),
    Fault("numbers-agree-with-ledger", live("release_at = release_at + interval '1 second'")),
    Fault("numbers-agree-with-ledger", live("customer_phone = '+16505300051'")),
    Fault("numbers-agree-with-ledger", live("appointment_scheduled_at = now()")),
    Fault("numbers-agree-with-ledger", live("lease_id = uuid_v7()")),
    Fault("numbers-agree-with-ledger", live("currently_assigned_to = uuid_v7()")),
    Fault(
      "numbers-agree-with-ledger",
      "INSERT INTO clients (company_name) VALUES ('Third');" + live("assigned_broker_company = 'Third'")),
    Fault(
      "unended-leases-are-live",
      live(
        "assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL, lease_id = NULL")),
    Fault(
      "leases-begin-and-end-once",
      """
      INSERT INTO phone_number_ledger SELECT * FROM phone_number_ledger WHERE kind = 'ended' LIMIT 1
      """),
    Fault("leases-begin-and-end-once", "DELETE FROM phone_number_ledger WHERE kind = 'leased' AND term = 1"),
    Fault(
      "revisions-are-unique",
      """
      INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, actor)
      SELECT at, 'status_changed', vapi_phone_number_id, number, 0, 'x' FROM phone_number_ledger
      WHERE kind = 'added'
      """),
    Fault(
      "no-change-is-forgotten",
      "UPDATE signalwire_phone_numbers SET revision = 1 WHERE vapi_phone_number_id = 'n-2'"),
    Fault("no-change-is-forgotten", "DELETE FROM phone_number_ledger WHERE kind = 'removed'"),
    Fault(
      "no-change-is-forgotten", "DELETE FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-2'"),
    Fault("no-change-is-forgotten", "DELETE FROM phone_number_ledger WHERE vapi_phone_number_id = 'n-2'"),
    Fault(
      "kept-answers-have-their-effect",
      """
      UPDATE idempotency_keys SET body = convert_to('{"applied":true,"lease":{"id":"' || uuid_v7()
        || '","term":1,"number":"x"}}', 'UTF8')
      """),
    Fault(
      "kept-answers-have-their-effect",
      "UPDATE idempotency_keys SET body = convert_to(replace(convert_from(body, 'UTF8'), ':2', ':3'), 'UTF8')"
    ),
    Fault(
      "idempotency-keys-are-unique",
      """
      ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
      INSERT INTO idempotency_keys SELECT * FROM idempotency_keys
      """),
    Fault(
      "alerts-are-unique",
      """
      INSERT INTO alerts SELECT uuid_v7(), client_id, 'pool_exhausted', 0, 3, now(), now() FROM alerts
      """),
  ]

  /// Of leads and who has them.
  static let assignmentFaults: [Fault] = [
    Fault(
      "leads-have-one-client",
      """
      DROP INDEX lead_assignments_one_owner; INSERT INTO lead_assignments (lead_id, client_id, claims_company)
      SELECT lead_id, client_id, false FROM lead_assignments WHERE released_at IS NULL
      """),
    Fault(
      "companies-that-are-claimed-have-one-client",
      "UPDATE lead_assignments SET company_domain = 'a.example', claims_company = true"),
    Fault("lead-assignments-agree-with-their-ledger", "DELETE FROM lead_ledger WHERE kind = 'released'"),
    Fault("lead-assignments-agree-with-their-ledger", "DELETE FROM lead_ledger WHERE kind = 'assigned'"),
    Fault("lead-assignments-agree-with-their-ledger", "DELETE FROM lead_assignments"),
    Fault(
      "lead-assignments-agree-with-their-ledger",
      "UPDATE lead_assignments SET status = 'converted', converted_at = now() WHERE status = 'active'"),
    Fault(
      "lead-assignments-agree-with-their-ledger",
      "UPDATE lead_assignments SET client_id = (SELECT id FROM clients WHERE company_name = 'Second')"),
    Fault("scores-agree-with-their-ledger", "UPDATE lead_scores SET score = score + 1"),
    Fault("scores-agree-with-their-ledger", "DELETE FROM lead_ledger WHERE kind = 'scored'"),
    Fault("plans-give-no-more-than-they-say", "UPDATE lead_plan_shares SET assigned = assigned - 1"),
    Fault("protections-are-in-force", "ALTER TABLE lead_assignments DISABLE TRIGGER guarded"),
    Fault("protections-are-in-force", "ALTER TABLE lead_scores DISABLE TRIGGER recorded_change"),
  ]

  /// Two clients that have a lead each, one that was given back before, and a plan that gave one of them.
  func leadsPrepared(_ client: ID<Client>) async throws {
    let time = world.clock
    try await world.pool.execute(
      """
      INSERT INTO subscriptions (client_id, tier, state, signed_up_on, updated_at)
      VALUES (\(client), 'ignition', 'active', '2026-01-31', \(time.now))
      """)
    try await world.pool.execute(
      """
      INSERT INTO lead_pool (email, title, company_domain)
      SELECT i || '@example.com', 'CEO', i || '.example' FROM generate_series(1, 3) AS i
      """)
    let profiles = ProfileService(database: world.pool.database, time: time)
    var profile = IdealProfile()
    profile.employees = nil
    _ = try await profiles.save(profile, for: client, actor: .commandLine)
    let plans = LeadPlanService(database: world.pool.database, time: time)
    let wish = LeadPlanService.Wish(client: client, count: 2)
    guard case .fresh(.planned(let plan)) = try await plans.plan(wish, actor: .commandLine) else { return }
    _ = try await plans.apply(plan.id, actor: .commandLine)
    let leads: [ID<Lead>] = try await world.pool.column("SELECT lead_id FROM lead_assignments ORDER BY 1")
    let reason = try #require(ReleaseReason("no fit"))
    _ = try await LeadAssignmentService(database: world.pool.database, time: time).release(
      leads[0], because: reason, actor: .commandLine)
    try await world.pool.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id)
      SELECT \(leads[0]), id FROM clients WHERE company_name = 'Second'
      """)
  }

  /// Gives the lease of n-0, changed, to n-2 as well.
  static func copy(_ change: String) -> String {
    """
    UPDATE signalwire_phone_numbers n
    SET assignment_status = 'assigned', assigned_at = o.assigned_at, release_at = o.release_at, \(change)
    FROM signalwire_phone_numbers o
    WHERE n.vapi_phone_number_id = 'n-2' AND o.vapi_phone_number_id = 'n-0'
    """
  }

  static func live(_ change: String) -> String {
    "UPDATE signalwire_phone_numbers SET \(change) WHERE vapi_phone_number_id = 'n-0'"
  }

  @Test(arguments: faults)
  func `a planted fault is found, with ids and without phone numbers`(fault: Fault) async throws {
    _ = try await prepared()
    try await Admin.execute(
      "SET session_replication_role = replica; \(fault.sql)", on: TestDatabase.conninfo)
    let dirty = try await world.check.run().filter { !$0.isClean }
    #expect(dirty.map(\.check.name).contains(fault.check))
    for violation in dirty.flatMap(\.violations) { #expect(!violation.detail.contains("+1")) }
  }

  /// Two orders that the ledger does not know and that buy the same.
  static let supplyFault = """
    DROP INDEX one_order_per_value;
    INSERT INTO resource_orders (id, resource_type, quantity, delivered, unit_price_cents, provider, status,
      since, is_automatic, reason, requested_at, requested_by)
    SELECT uuid_v7(), 'email_domain', 2, 1, 0, 'manual', 'arriving', now(), false, 'x', now(), 'x'
    FROM generate_series(1, 2);
    INSERT INTO resource_order_values (order_id, value, state, changed_at)
    SELECT id, 'twice.example.com', 'bought', now() FROM resource_orders
    """

  /// Two permits of which nothing else knows, an hour apart, for one lead and a limit of one.
  static let permitFault = """
    INSERT INTO permits (id, client_id, lead_id, channel, resource_id, sender_id, sender, day, issued_at,
      expires_at, daily_limit, used, resets_at)
    SELECT uuid_v7(), c.id, '019aa777-31f0-7a94-8d60-2f7be1c93a07', 'email', r.id, r.id, 'x', '2026-01-01',
      timestamptz '2026-01-01Z' + n * interval '1 hour', '2026-01-02Z', 1, 1, '2026-01-02Z'
    FROM generate_series(1, 2) AS n, (SELECT id FROM clients LIMIT 1) AS c,
      (SELECT id FROM resource_pool LIMIT 1) AS r
    """

  static let permitFaults: [Fault] = [
    Fault("usage-equals-permits", permitFault),
    Fault("days-stay-within-limits", permitFault),
    Fault("permits-agree-with-ledger", permitFault),
    Fault("permits-keep-their-distance", permitFault),
    Fault("last-touches-follow-permits", permitFault),
    Fault("protections-are-in-force", "DROP TRIGGER guarded ON permits"),
    Fault(
      "decisions-can-be-made-again",
      """
      INSERT INTO permit_ledger (at, lead_id, client_id, kind, channel, details)
      SELECT now(), uuid_v7(), id, 'issued', 'email', '{"facts": {"email_status": "guessed",
        "is_assigned": true, "used": 1, "daily_limit": 50}, "reasons": []}' FROM clients
      """),
  ]

  /// Of the numbers as resources.
  static let resourceFaults: [Fault] = [
    Fault("resources-have-room", "UPDATE resource_pool SET current_clients = 0"),
    Fault("resources-have-room", "UPDATE resource_pool SET held_clients = current_clients"),
    Fault("resources-have-room", "UPDATE client_resources SET released_at = now()"),
    Fault(
      "clients-have-a-resource-once",
      """
      DROP INDEX unique_client_resource; DROP INDEX one_client_per_exclusive_resource;
      INSERT INTO client_resources (client_id, resource_pool_id)
      SELECT client_id, resource_pool_id FROM client_resources WHERE released_at IS NULL
      """),
    Fault("resource-states-agree-with-places", "UPDATE resource_pool SET status = 'available'"),
    Fault(
      "phone-numbers-are-one-truth",
      "UPDATE signalwire_phone_numbers SET assigned_broker_company = 'Second' "
        + "WHERE vapi_phone_number_id = 'n-2'"),
    Fault("phone-numbers-are-one-truth", "DELETE FROM client_resources; DELETE FROM resource_pool"),
    Fault("resources-agree-with-their-ledger", "DELETE FROM resource_ledger"),
    Fault(
      "resources-agree-with-their-ledger",
      "UPDATE resource_pool SET status = 'retired' WHERE current_clients = 1"),
    Fault("resources-agree-with-their-ledger", "UPDATE resource_pool SET reputation_score = 7"),
    Fault("resources-agree-with-their-ledger", "UPDATE resource_pool SET warmup_started_at = '2026-01-01Z'"),
    Fault("resources-agree-with-their-ledger", "UPDATE resource_pool SET dkim_state = 'fail'"),
    Fault("assignments-agree-with-their-ledger", "DELETE FROM resource_ledger WHERE kind = 'assigned'"),
    Fault("campaigns-have-their-clients-resources", "DELETE FROM campaign_resources WHERE channel = 'sms'"),
    Fault("campaigns-have-their-clients-resources", "UPDATE campaigns SET is_restricted = true"),
    Fault("campaigns-have-their-clients-resources", "UPDATE campaign_resources SET resource_id = 'x'"),
    Fault(
      "campaigns-use-what-is-usable",
      "UPDATE campaign_resources SET daily_limit = 50; UPDATE client_resources SET held_until = now()"),
    Fault(
      "campaigns-use-what-is-usable",
      "UPDATE campaign_resources SET daily_limit = null; UPDATE resource_pool SET status = 'retired'"),
    Fault("protections-are-in-force", "ALTER TABLE client_resources DISABLE TRIGGER inherited"),
    Fault(
      "subscriptions-agree-with-their-ledger",
      """
      INSERT INTO subscriptions (client_id, tier, state, signed_up_on, updated_at)
      SELECT id, 'ignition', 'active', '2026-01-31', now() FROM clients WHERE company_name = 'Second'
      """),
    Fault(
      "subscriptions-change-step-by-step",
      """
      INSERT INTO subscription_ledger (client_id, at, kind, tier, actor, state)
      SELECT id, now(), 'returned', 'ignition', 'test', '{"state": "active"}' FROM clients
      """),
    Fault("protections-are-in-force", "DROP TRIGGER recorded ON subscriptions"),
    Fault("protections-are-in-force", "DROP INDEX one_client_per_exclusive_resource"),
    Fault("protections-are-in-force", "DROP INDEX one_order_per_value"),
    Fault("orders-count-what-they-delivered", supplyFault),
    Fault("orders-agree-with-their-ledger", supplyFault),
    Fault("nothing-is-ordered-twice", supplyFault),
    Fault("protections-are-in-force", "ALTER TABLE resource_pool DROP CONSTRAINT resource_has_room"),
    Fault("protections-are-in-force", "ALTER TABLE leads DISABLE TRIGGER holder_stays"),
  ]

  @Test func `every check has a fault that it finds`() {
    #expect(Set(Self.faults.map(\.check)) == Set(Check.all.map(\.name)))
    #expect(Set(Check.all.map(\.name)).count == Check.all.count)
  }

  @Test func `many violations are all counted, and the first hundred are shown with their ids`() async throws
  {
    _ = try await world.client("First")
    try await world.pool.numbers(150, of: "First")
    try await Admin.execute(
      "SET session_replication_role = replica; UPDATE signalwire_phone_numbers SET term = 2",
      on: TestDatabase.conninfo)
    let result = try #require(try await world.check.run().first { $0.check.name == "terms-rise-by-one" })
    #expect(result.count == 150 && result.violations.count == 100)
    #expect(result.violations.allSatisfy { $0.numberID != nil })
  }

  @Test func `work that goes on meanwhile is no fault`() async throws {
    let world = World(poolSize: 8)
    _ = try await world.client("First")
    try await world.pool.numbers(8, of: "First")
    let leads = try await world.pool.leads(8)
    let runs = try await withThrowingTaskGroup { group in
      for (index, lead) in leads.enumerated() {
        group.addTask {
          for _ in 0..<60 {
            try await world.lease("n-\(index)", to: lead)
            try await world.at(world.clock.now) { transaction in
              _ = try transaction.execute(
                """
                UPDATE signalwire_phone_numbers SET assignment_status = 'available',
                  currently_assigned_to = NULL, release_at = NULL
                WHERE vapi_phone_number_id = \("n-\(index)")
                """)
            }
          }
          return [CheckResult]()
        }
      }
      for _ in 0..<2 { group.addTask { try await world.check.run() } }
      return try await group.reduce(into: [CheckResult]()) { $0 += $1 }
    }
    #expect(runs.count == 2 * Check.all.count)
    #expect(runs.filter { !$0.isClean } == [])
  }
}
