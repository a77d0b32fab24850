import Dispatch
import Domain
import Engine
import JSON
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ErasureTests {
  let world = LeadContactWorld()

  /// What the person is found by, wherever it stands.
  static let words = [
    "whitlock", "+16505300051", "+14155550177", "5f2a3c9e1b7d4a0012ab34cd", "elm street 7",
  ]

  /// Dana, in every table that can hold something of her.
  func planted() async throws -> (lead: ID<Lead>, merged: ID<Lead>, client: ID<Client>) {
    let client = try await world.base.client("Acme").id
    try await world.pool.numbers(3, of: "Acme")
    let lead = try await world.lead(
      [
        "email": "dana@whitlock.example", "first_name": "Dana", "last_name": "Whitlock",
        "linkedin_key": "in/dana-whitlock", "linkedin_url": "https://linkedin.com/in/dana-whitlock",
        "apollo_id": "5f2a3c9e1b7d4a0012ab34cd", "phone": "+16505300051", "street_address": "Elm Street 7",
      ],
      lists: ["phones": ["+16505300051"], "personal_emails": ["d.whitlock@home.example"]])
    let merged = try await world.lead(["email": "whitlock@old.example"])
    try await world.pool.execute(
      """
      UPDATE lead_pool SET provenance = '{"email": {"source": "whitlock", "at": "2026-01-31T09:00:00Z"}}'
      """)
    try await world.pool.execute(
      """
      INSERT INTO lead_records (lead_id, provider, received_at, fingerprint, record)
      SELECT id, 'apollo', now(), gen_random_uuid(), '{"name": "Dana Whitlock"}' FROM lead_pool
      """)
    try await world.pool.execute("UPDATE lead_pool SET merged_into_id = \(lead) WHERE id = \(merged)")
    try await world.pool.execute(
      "UPDATE lead_identities SET lead_id = \(lead) WHERE lead_id = \(merged)")
    try await traced(lead, merged)
    try await world.pool.execute(
      """
      INSERT INTO lead_matching (lead_id, data_quality, authority, web, timing, risk, title, terms)
      VALUES (\(lead), 1, 1, 1, 1, 1, 'Head of Whitlock', '{}')
      """)
    try await world.assign(lead, to: client)
    try await leased(lead)
    try await world.suppress("dana@whitlock.example", for: client)
    let lifted = try await world.suppress("+14155550177", .legal).suppression
    _ = try await world.suppressions.lift(lifted.id, actor: world.actor)
    _ = try await world.tell(
      world.event(.unsubscribed(.everybody), "<x@whitlock.example>", to: "d.whitlock@home.example"), of: lead)
    try await world.pool.execute(
      """
      INSERT INTO idempotency_keys (principal_id, key, fingerprint, status, body, created_at)
      VALUES ('00000000-0000-0000-0000-000000000000', 'a', '', 201,
          convert_to('{"id":"' || \(lead)::text || '","last_name":"Whitlock"}', 'UTF8'), now()),
        ('00000000-0000-0000-0000-000000000000', 'b', '', 201,
          convert_to('{"value":"Dana@Whitlock.example"}', 'UTF8'), now()),
        ('00000000-0000-0000-0000-000000000000', 'c', '', 201, convert_to('{"id":"other"}', 'UTF8'), now())
      """)
    return (lead, merged, client)
  }

  /// What intake, imports and merges leave.
  private func traced(_ lead: ID<Lead>, _ merged: ID<Lead>) async throws {
    try await world.pool.execute(
      """
      INSERT INTO lead_conflicts (fingerprint, why, lead_ids, source, as_of, facts, record)
      VALUES (gen_random_uuid(), 'two-leads', ARRAY[\(lead), \(merged)], 'apollo', now(),
        '{"last_name": "Whitlock"}', '{"name": "Dana Whitlock"}')
      """)
    try await world.pool.execute(
      """
      INSERT INTO lead_changes (import_id, lead_id, at, before)
      VALUES (gen_random_uuid(), \(lead), now(), '{"facts": {"last_name": "Whitlock"}}')
      """)
    try await world.pool.execute(
      """
      INSERT INTO lead_merges (kept_id, merged_id, merged_at, merged_by, before)
      VALUES (\(lead), \(merged), now(), 'test', '{"merged": {"last_name": "Whitlock"}}')
      """)
  }

  /// A lease that ended and one that lives, by two numbers of the person.
  private func leased(_ lead: ID<Lead>) async throws {
    for (number, phone) in [("n-0", "+16505300051"), ("n-1", "+14155550177")] {
      try await world.base.lease(number, to: lead)
      try await world.base.at(world.now) { transaction in
        transaction.enqueue(
          """
          UPDATE signalwire_phone_numbers SET customer_phone = \(phone) WHERE vapi_phone_number_id = \(number)
          """)
        transaction.enqueue(
          """
          INSERT INTO interactions (lead_id, type, metadata) VALUES (\(lead), 'email_replied',
            jsonb_build_object('assigned_phone_number', '+14245550000', 'customer_phone', \(phone)::text,
              'note', 'Whitlock called'))
          """)
        if number == "n-0" {
          transaction.enqueue(
            """
            UPDATE signalwire_phone_numbers
            SET currently_assigned_to = NULL, assignment_status = 'available'
            WHERE vapi_phone_number_id = 'n-0'
            """)
        }
      }
    }
  }

  /// Tables whose rows have a word of the person.
  func traces() async throws -> [String] {
    let tables: [String] = try await world.pool.column(
      """
      SELECT relname::text FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1
      """)
    var found: [String] = []
    for table in tables {
      for word in Self.words {
        let count: Int? = try await world.pool.value(
          """
          SELECT count(*) FROM \(identifier: table) t
          WHERE position(\(word) IN lower(t::text)) > 0
            OR position(encode(convert_to(\(word), 'UTF8'), 'hex') IN t::text) > 0
            OR position(encode(convert_to(initcap(\(word)), 'UTF8'), 'hex') IN t::text) > 0
          """)
        if count != 0 { found.append(table) }
      }
    }
    return Array(Set(found)).sorted()
  }

  @Test func `nothing of the person is left anywhere, and the person is recognised`() async throws {
    let (lead, merged, client) = try await planted()
    let before = try await traces()
    #expect(
      Set(before).isSuperset(of: [
        "idempotency_keys", "interactions", "lead_changes", "lead_conflicts", "lead_matching", "lead_merges",
        "lead_pool", "lead_records", "leads",
        "signalwire_phone_numbers", "suppressions",
      ]) && before.contains { $0.hasPrefix("phone_number_ledger") })
    #expect(try await world.faults() == [])
    world.base.clock.advance(by: .minutes(1))
    guard case .done(let report) = try await world.erasures.erase(merged, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.leads == [lead, merged].sorted())
    #expect(report.suppressions == 7)
    #expect(try await traces() == [])
    #expect(try await world.faults() == [])

    let states: [String] = try await world.pool.column(
      "SELECT status || ' ' || coalesce(release_reason, '') FROM lead_assignments")
    #expect(states == ["released erased"])
    let live: Int? = try await world.pool.value(
      "SELECT count(*) FROM signalwire_phone_numbers WHERE assignment_status = 'assigned'")
    #expect(live == 0)
    let ledger: Int? = try await world.pool.value(
      "SELECT count(*) FROM phone_number_ledger WHERE kind = 'ended' AND lead_id = \(lead)")
    #expect(ledger == 2, "the history of the numbers stays")
    let answers: [Int16] = try await world.pool.column("SELECT status FROM idempotency_keys ORDER BY key")
    #expect(answers == [410, 410, 201])

    for address in [
      "DANA@whitlock.example", "whitlock@old.example", "d.whitlock@home.example", "+16505300051",
      "+14155550177", "linkedin.com/in/Dana-Whitlock", "5f2a3c9e1b7d4a0012ab34cd",
    ] {
      let checked = try await world.suppressions.check([ContactAddress(guessing: address)!], for: client)
      #expect(checked[0].suppressions.map(\.reason) == [.erased], "\(address)")
      let again = try await world.suppress(address, for: client, .manual)
      #expect(!again.isNew && again.suppression.value == nil)
    }
    #expect(try await traces() == [], "who was forgotten is not written down again")
    let back = try await world.lead(["email": "dana@whitlock.example"])
    #expect(try await world.reasons(back) == ["erased"])
  }

  @Test func `who was forgotten stays so, whoever writes`() async throws {
    let (lead, _, _) = try await planted()
    _ = try await world.erasures.erase(lead, actor: world.actor)
    guard case .done(let again) = try await world.erasures.erase(lead, actor: world.actor).outcome else {
      throw World.Unexpected()
    }
    #expect(again.suppressions == 0)
    for statement: SQL in [
      "UPDATE lead_pool SET first_name = 'Dana' WHERE id = \(lead)",
      "UPDATE suppressions SET lifted_at = now() WHERE reason = 'erased'",
      "DELETE FROM suppressions WHERE reason = 'erased'",
      "UPDATE phone_number_ledger SET last_outcome = 'x' WHERE lead_id = \(lead)",
      "UPDATE phone_number_ledger SET customer_phone = '+16505300051' WHERE lead_id = \(lead)",
      "DELETE FROM phone_number_ledger WHERE lead_id = \(lead)",
    ] {
      await #expect(throws: PostgresError.self, "\(statement.text)") {
        try await world.pool.execute(statement)
      }
    }
    let explained = try #require(try await world.suppressions.explain(lead, for: nil))
    #expect(explained.isSuppressed && explained.hits == [])
    #expect(try await world.erasures.erase(ID(at: world.now), actor: world.actor).outcome == .unknownLead)
  }

  @Test func `the numbers of others stay in the ledger`() async throws {
    _ = try await world.base.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    let lead = try await world.lead(["email": "x@example.com"])
    try await world.assign(lead, to: try #require(try await world.pool.value("SELECT id FROM clients")))
    try await world.base.lease("n-0", to: lead)
    try await world.pool.execute(
      "UPDATE signalwire_phone_numbers SET customer_phone = '+16505300051'")
    await #expect(throws: PostgresError.self) {
      try await world.pool.execute("UPDATE phone_number_ledger SET customer_phone = NULL")
    }
  }

  @Test func `somebody who is not in the pool is forgotten beforehand`() async throws {
    let address = ContactAddress(.email, "dana@example.com")!
    try await world.suppress("dana@example.com", .optOut)
    guard case .done(let report) = try await world.erasures.erase(address, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.leads == [] && report.suppressions == 1 && report.rows[.suppressions] == 1)
    let values: [String?] = try await world.pool.column("SELECT value FROM suppressions")
    #expect(values == [nil])
    #expect(try await world.faults() == [])
  }

  @Test func `an address finds its person, and asks when there are several`() async throws {
    let first = try await world.lead(["email": "a@example.com"], lists: ["phones": ["+16505300051"]])
    let second = try await world.lead(["email": "b@example.com", "phone": "+16505300051"])
    let phone = ContactAddress(.phone, "+16505300051")!
    let asked = try await world.erasures.erase(phone, actor: world.actor).outcome
    #expect(asked == .several([first, second].sorted()))
    #expect(try await world.history(first) == [])
    guard case .done(let both) = try await world.erasures.erase(phone, all: true, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(both.leads == [first, second].sorted())
    #expect(try await world.history(first) == ["erased"])
  }

  @Test func `a lead of an older platform is forgotten as all others`() async throws {
    try await world.pool.execute(
      "INSERT INTO leads (primary_email, last_name) VALUES ('Dana@Whitlock.example', 'Whitlock')")
    let address = ContactAddress(.email, "dana@whitlock.example")!
    guard case .done(let report) = try await world.erasures.erase(address, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.leads.count == 1 && report.rows[.leads] == 1)
    #expect(try await traces() == [])
    #expect(try await world.faults() == [])
  }

  @Test func `a person who telephones under another id is found and forgotten there too`() async throws {
    let client = try await world.base.client("Acme").id
    try await world.pool.numbers(3, of: "Acme")
    let lead = try await world.lead(["email": "dana@whitlock.example"])
    try await world.assign(lead, to: client)
    let old: ID<Lead> = try #require(
      try await world.pool.value(
        """
        INSERT INTO leads (lead_pool_id, primary_email, last_name)
        VALUES (\(lead), 'Old@Whitlock.example', 'Whitlock') RETURNING id
        """))
    try await leased(old)
    #expect(try await world.erasures.export(old)?.leads.map(\.id) == [lead])
    let export = try #require(try await world.erasures.export(lead))
    let json = try JSONValue(parsing: JSON.write { $0.value(export) })
    #expect(json["leases"]?.array?.count == 2 && json["callers"]?.array?.count == 2)
    let phone = ContactAddress(.phone, "+14155550177")!
    guard case .done(let report) = try await world.erasures.erase(phone, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.leads == [lead] && report.rows[.leads] == 2)
    #expect(try await traces() == [])
    #expect(try await world.faults() == [])
    let checked = try await world.suppressions.check(
      [ContactAddress(guessing: "old@whitlock.example")!], for: client)
    #expect(checked[0].suppressions.map(\.reason) == [.erased])
  }

  @Test func `a record whose owner is in question goes with its person`() async throws {
    let lead = try await world.lead(["email": "other@example.com"])
    try await world.pool.execute(
      """
      INSERT INTO lead_conflicts (fingerprint, why, lead_ids, source, as_of, facts, record)
      VALUES (gen_random_uuid(), 'shared-address', ARRAY[\(lead)], 'apollo', now(),
        '{"email": "dana@whitlock.example", "last_name": "Whitlock"}', '{"name": "Dana Whitlock"}'),
        (gen_random_uuid(), 'shared-address', ARRAY[\(lead)], 'apollo', now(),
        '{"email": "jordana@whitlock.example"}', '{}')
      """)
    let address = ContactAddress(.email, "dana@whitlock.example")!
    guard case .done(let report) = try await world.erasures.erase(address, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.leads == [] && report.rows[.traces] == 1)
    let left: [String] = try await world.pool.column("SELECT facts->>'email' FROM lead_conflicts")
    #expect(left == ["jordana@whitlock.example"])
  }

  @Test func `a suppression of a number that has changed since is forgotten`() async throws {
    let lead = try await world.lead(["email": "dana@whitlock.example", "phone": "+16505300051"])
    _ = try await world.tell(
      world.event(.unsubscribed(.everybody), "1", to: "dana@whitlock.example"), of: lead)
    try await world.pool.execute("UPDATE lead_pool SET phone = NULL WHERE id = \(lead)")
    _ = try await world.erasures.erase(lead, actor: world.actor)
    #expect(try await traces() == [])
    let checked = try await world.suppressions.check([ContactAddress(.phone, "+16505300051")!], for: nil)
    #expect(checked[0].suppressions.map(\.reason) == [.erased])
  }

  @Test func `who was forgotten leases nothing`() async throws {
    let client = try await world.base.client("Acme").id
    try await world.pool.numbers(1, of: "Acme")
    let lead = try await world.lead(["email": "dana@whitlock.example"])
    try await world.assign(lead, to: client)
    _ = try await world.erasures.erase(lead, actor: world.actor)
    let found = try await world.pool.database.transaction {
      try LeaseFactsStore.find(leads: [lead], demands: [:], now: world.now, in: &$0)
    }
    #expect(found.recent.isEmpty && found.busy.isEmpty)
  }

  @Test func `a suppression that comes in the same instant is not written in clear`() async throws {
    let world = LeadContactWorld(poolSize: 16)
    let lead = try await world.lead(["email": "dana@whitlock.example"])
    try await withThrowingTaskGroup { group in
      for index in 0..<16 {
        group.addTask {
          if index == 7 { _ = try await world.erasures.erase(lead, actor: world.actor) }
          _ = try await world.tell(
            world.event(.complained, "\(index)", to: "dana@whitlock.example"))
        }
      }
      try await group.waitForAll()
    }
    let clear: Int? = try await world.pool.value("SELECT count(*) FROM suppressions WHERE value IS NOT NULL")
    #expect(clear == 0)
    #expect(try await world.faults() == [])
  }

  @Test func `who is merged with a person in the same instant is forgotten too`() async throws {
    let kept = try await world.lead(["email": "dana@whitlock.example"])
    let merged = try await world.lead(["last_name": "Whitlock"])
    let other = PoolFixture(poolSize: 1)
    let (isLocked, locked) = AsyncStream.makeStream(of: Void.self)
    let isAwaited = DispatchSemaphore(value: 0)
    async let merging: Void = other.database.transaction { transaction in
      _ = try transaction.query("SELECT FROM lead_pool ORDER BY id FOR NO KEY UPDATE")
      locked.finish()
      isAwaited.wait()
      transaction.enqueue("UPDATE lead_pool SET merged_into_id = \(kept) WHERE id = \(merged)")
    }
    for await _ in isLocked {}
    async let answer = world.erasures.erase(kept, actor: world.actor)
    do { try await world.pool.untilSomebodyWaitsForALock() } catch {
      isAwaited.signal()
      throw error
    }
    isAwaited.signal()
    try await merging
    guard case .done(let report) = try await answer.outcome else { throw World.Unexpected() }
    #expect(report.leads == [kept, merged].sorted())
    #expect(try await traces() == [])
  }

  @Test func `everything that is known of a person is exported`() async throws {
    let (lead, merged, client) = try await planted()
    let export = try #require(try await world.erasures.export(merged))
    let json = try JSONValue(parsing: JSON.write { $0.value(export) })
    let leads = try #require(json["leads"]?.array)
    #expect(leads.map { $0["lead_id"]?.string } == ["\(lead)", "\(merged)"])
    #expect(leads[0]["fields"]?["last_name"] == "Whitlock")
    #expect(leads[1]["merged_into_id"] == leads[0]["lead_id"])
    #expect(json["records"]?.array?.count == 2)
    #expect(json["records"]?[0]?["record"]?["name"] == "Dana Whitlock")
    #expect(json["identities"]?.array?.count == 4)
    #expect(json["assignments"]?[0]?["client_id"]?.string == "\(client)")
    #expect(json["assignments"]?[0]?["company_name"] == "Acme")
    let phones = json["leases"]?.array?.compactMap { $0["customer_phone"]?.string } ?? []
    #expect(phones.sorted() == ["+14155550177", "+16505300051"])
    for part in ["conflicts", "changes", "merges", "callers"] {
      #expect(json[part]?.array?.count == 1, "\(part)")
    }
    #expect(json["interactions"]?.array?.count == 2 && json["events"]?.array?.count == 1)
    let reasons = json["suppressions"]?.array?.compactMap { $0["reason"]?.string }
    #expect(reasons.map(Set.init) == ["manual", "opt_out"])
    let history = json["ledger"]?.array?.compactMap { $0["kind"]?.string } ?? []
    #expect(Set(history).isSuperset(of: ["assigned", "event_unsubscribed"]))
    #expect(try await world.erasures.export(ID(at: world.now)) == nil)
  }
}
