import Domain
import Engine
import HTTP
import JSON
import Runtime
import TestSupport
import Testing

/// The verification checklist of specs/resource-pool.md, item by item, in the life of one client: over the
/// interface, and in SQL where the item is about tables.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct VerificationChecklistTests {
  let world = APIWorld()

  func columns(_ table: String) async throws -> Set<String> {
    Set(
      try await world.pool.column(
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = \(table)"))
  }

  /// The campaign's row of a value, on its first channel.
  func row(_ campaign: String, _ value: String) async throws -> JSONValue? {
    try await world.send("GET", "/v1/campaigns/\(campaign)/resources").rows
      .first { $0["resource_id"]?.string == value }
  }

  func resources(_ query: String) async throws -> [JSONValue] {
    try await world.send("GET", "/v1/resources?\(query)").rows
  }

  @Test func `the document's verification checklist holds, item by item`() async throws {
    // [x] `resource_pool` table exists (migration 041)
    let pool = try await columns("resource_pool")
    #expect(pool.isSuperset(of: ["resource_type", "resource_value", "max_clients", "current_clients"]))

    // [x] `client_resources` table exists (migration 041)
    let assignments = try await columns("client_resources")
    #expect(assignments.isSuperset(of: ["client_id", "resource_pool_id", "assigned_at", "released_at"]))

    // [ ] Existing domains seeded into pool (manual via API)
    let domains = ["agencyxos-growth.com", "agencyxos-reach.com", "agencyxos-leads.com"]
    let ids = try await world.stock(.emailDomain, domains)
    #expect(ids.count == 3)
    try await world.stock(.mailbox, domains.flatMap { ["jo@\($0)", "kim@\($0)"] })
    try await world.stock(.phoneNumber, ["+61412345678"])
    try await world.stock(.linkedInSeat, (0..<4).map { "seat_\($0)" })
    #expect(try await resources("resource_type=email_domain&status=available").count == 3)

    // [x] Onboarding flow calls assignment service
    let created = await world.send("POST", "/v1/clients", ["company_name": "Acme"])
    let client = try #require(try created.json["id"]?.string)
    let subscription = "/v1/clients/\(client)/subscription"
    let signedUp = try await world.send("POST", subscription, ["tier": "ignition"]).json
    #expect(signedUp["assigned"]?.array?.count == 14)

    // [x] `resource_assignment_service.py` created with full implementation
    let owned = try await resources("client_id=\(client)")
    let counts = Dictionary(grouping: owned) { $0["resource_type"]?.string ?? "" }.mapValues(\.count)
    #expect(counts == ["email_domain": 3, "mailbox": 6, "phone_number": 1, "linkedin_seat": 4])
    #expect(owned.allSatisfy { $0["status"] == "assigned" && $0["current_clients"] == 1 })
    let more = await world.send("POST", "/v1/clients/\(client)/assign", ["email_domains": 1])
    #expect(more.problem == "resources-short")

    // [ ] Campaign creation auto-populates resources (needs verification)
    let made = await world.send("POST", "/v1/clients/\(client)/campaigns", ["name": "Spring"])
    let campaign = try #require(try made.json["id"]?.string)
    let rows = try await world.send("GET", "/v1/campaigns/\(campaign)/resources").rows
    let inherited = Set(rows.compactMap { $0["resource_pool_id"]?.string })
    #expect(inherited == Set(owned.compactMap { $0["id"]?.string }))
    let domain = try await row(campaign, domains[0])
    #expect(domain?["channel"] == "email" && domain?["daily_limit"] == 50 && domain?["is_warmed"] == true)
    let inTable: Int? = try await world.pool.value(
      """
      SELECT count(*) FROM campaign_resources x JOIN client_resources a ON a.id = x.client_resource_id
      WHERE a.released_at IS NULL
      """)
    #expect(inTable == 15, "a number has two rows, voice and sms")

    // [x] Warmup limits respected (model calculates daily limits)
    try await warmupLimits(client, campaign)

    // [x] Health tracking fields (Phase D: bounce_rate, complaint_rate, health_status)
    let ill = await world.send(
      "PATCH", "/v1/resources/\(ids[1])", ["sent_count": 1000, "bounce_count": 80, "complaint_count": 0])
    let health = try ill.json["health"]
    #expect(health?["bounce_rate"]?.double == 0.08 && health?["complaint_rate"]?.double == 0)
    #expect(health?["band"] == "critical")
    #expect(try await row(campaign, domains[1])?["daily_limit"] == 0)
    #expect(try await row(campaign, domains[1])?["limited_by"] == ["health"])

    // [x] Buffer monitoring (`check_buffer_and_alert()`)
    let stats = try await world.send("GET", "/v1/buffer").rows
    let buffer = try #require(stats.first { $0["resource_type"] == "email_domain" })
    #expect(buffer["assigned"] == 4 && buffer["required"] == 1 && buffer["shortfall"] == 1, "40 % of four")

    // [x] Release works on client churn (`release_client_resources()`)
    let left = await world.send("DELETE", subscription)
    #expect(try left.json["subscription"]?["state"] == "on_hold")
    let held = try await world.send("GET", "/v1/campaigns/\(campaign)/resources").rows
    #expect(held.count == 16 && held.allSatisfy { $0["daily_limit"] == 0 })
    world.clock.advance(by: Hold.length)
    _ = try await SubscriptionJob(world.services.subscriptions).runOnce(now: world.clock.now, limit: 100)
    #expect(try await resources("client_id=\(client)").isEmpty)
    #expect(try await resources("status=available").count == 15)
    #expect(try await world.send("GET", "/v1/campaigns/\(campaign)/resources").rows == [])
    let unreleased: Int? = try await world.pool.value(
      "SELECT count(*) FROM client_resources WHERE released_at IS NULL")
    #expect(unreleased == 0)
    let checks = try await CheckService(database: world.pool.database, time: world.clock).run()
    #expect(checks.filter { !$0.isClean } == [])
  }

  /// A domain that was never warmed joins the campaign, and its limit climbs as the document's table says.
  private func warmupLimits(_ client: String, _ campaign: String) async throws {
    let young = try await world.stock(.emailDomain, ["young.com"], isWarmed: false)
    let assigned = await world.send("POST", "/v1/clients/\(client)/assign", ["email_domains": 1])
    #expect(assigned.status == .created)
    #expect(try await row(campaign, "young.com")?["daily_limit"] == 0, "strict: nothing before the end")
    #expect(try await row(campaign, "young.com")?["limited_by"] == ["warmup_incomplete"])
    try await world.pool.execute("UPDATE clients SET warmup_policy = 'ramp'")
    let start = world.clock.now
    for (day, limit) in [(0, 5), (3, 5), (4, 10), (7, 10), (8, 20), (14, 20), (15, 35), (21, 35), (22, 50)] {
      world.clock.advance(by: start + .hours(day * 24) - world.clock.now)
      #expect(try await row(campaign, "young.com")?["daily_limit"] == .int(limit), "day \(day)")
    }
    #expect(await world.act(young[0], "warmup", ["action": "complete"]).status == .ok)
    #expect(try await row(campaign, "young.com")?["is_warmed"] == true)
  }
}
