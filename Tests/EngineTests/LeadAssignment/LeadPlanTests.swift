import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// The allocator: plans, what they find, and how they are carried out.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadPlanTests {
  let world = LeadWorld()

  @Test func `a plan changes nothing until it is carried out, and then gives what it says`() async throws {
    let client = try await world.client("Acme")
    try await world.leads(20)
    let plan = try await world.plan(.init(client: client, count: 7, seed: 3))
    #expect(plan.state == .draft && plan.shares.map(\.planned) == [7])
    #expect(try await world.owned() == [:])
    let entries = try await world.plans.entries(of: plan.id, limit: 100)
    #expect(entries.map(\.position) == Array(1...7) && entries.allSatisfy { $0.outcome == nil })
    let result = try await world.apply(plan)
    #expect(result.plan.state == .applied && result.outcomes == ["assigned": 7])
    #expect(try await world.owned() == [client: 7])
    #expect(try await world.apply(plan) == result, "again: nothing more")
    for entry in entries {
      let stored: Int? = try await world.pool.value(
        "SELECT score::bigint FROM lead_scores WHERE lead_id = \(entry.lead)")
      #expect(stored == entry.score, "the index and the facts agree")
    }
    try await world.expectClean()
  }

  @Test func `the same seed gives the same plan, and the best leads come first`() async throws {
    let clients = [try await world.client("A"), try await world.client("B", quota: 500)]
    try await world.leads(30, prefix: "ceo")
    try await world.leads(30, prefix: "eng", "title", "'Engineer'")
    func entries(_ seed: Int64) async throws -> [LeadPlanEntry] {
      let plan = try await world.plan(.init(count: 20, seed: seed))
      return try await world.plans.entries(of: plan.id, limit: 100)
    }
    let first = try await entries(5)
    #expect(first == (try await entries(5)))
    #expect(first.map(\.lead) != (try await entries(6)).map(\.lead))
    #expect(Set(first.map(\.client)) == Set(clients) && first.count == 40)
    #expect(Set(first.map(\.lead)).count == 40)
    #expect(first.map(\.score) == first.map(\.score).sorted(by: >))
  }

  @Test func `only leads that match the profile are found`() async throws {
    let columns = """
      title, seniority, company_employees, company_industry, company_technologies, company_keywords, \
      company_country, city, company_domain
      """
    try await world.leads(
      64, columns,
      """
      CASE WHEN i & 1 = 0 THEN 'Head of Sales' ELSE 'Engineer' END, 'head',
      CASE WHEN i & 2 = 0 THEN 50 ELSE 51 END,
      CASE WHEN i & 4 = 0 THEN 'Retail' ELSE 'Computer Software' END,
      CASE WHEN i & 8 = 0 THEN ARRAY['HubSpot', 'Slack'] END, ARRAY['b2b'],
      CASE WHEN i & 16 = 0 THEN 'Chile' ELSE 'Peru' END, 'Lima',
      CASE WHEN i & 32 = 0 THEN 'own.example' ELSE 'c' || i || '.example' END
      """)
    let client = try await world.client("Acme") {
      $0.titles = ["head of sales"]
      $0.employees = 5...50
      $0.industries = ["computer software"]
      $0.technologies = ["slack", "none"]
      $0.keywords = ["B2B"]
      $0.countries = ["Peru"]
      $0.cities = ["lima"]
      $0.seniorities = ["head", "vp"]
      $0.excludedDomains = [DomainName(unchecked: "own.example")]
    }
    let found = try await world.plan(.init(client: client))
    #expect(found.shares.map(\.planned) == [1], "1 of 64 has all six")
    for change: @Sendable (inout IdealProfile) -> Void in [
      { $0.titles = ["sales"] }, { $0.employees = 50...50 }, { $0.industries = ["Retail"] },
      { $0.technologies = ["hubspot"] }, { $0.countries = ["chile"] }, { $0.excludedTitles = ["sales"] },
    ] {
      try await world.want(client, change)
      let plan = try await world.plan(.init(client: client))
      #expect(plan.shares.map(\.planned) == [32])
      let result = try await world.apply(plan)
      #expect(result.outcomes == ["assigned": 32], "the facts agree with the index")
      for entry in try await world.plans.entries(of: plan.id, limit: 64) {
        try await world.release(entry.lead)
      }
      // A client does not get again what it gave back.
      #expect(try await world.plan(.init(client: client)).shares.map(\.planned) == [0])
      try await world.pool.execute(
        "ALTER TABLE lead_assignments DISABLE TRIGGER guarded")
      try await world.pool.execute("DELETE FROM lead_assignments")
    }
  }

  @Test func `suppressed, unsubscribed and merged leads and dead scores are never given`() async throws {
    let client = try await world.client("Acme") {
      $0.competitorDomains = [DomainName(unchecked: "rival.example")]
      for component in ScoreComponent.allCases where component != .risk { $0.weights[component] = 0 }
    }
    let leads = try await world.leads(6, "title, company_domain_rank, company_organic_traffic", "'CEO', 9, 9")
    try await world.leads(3, prefix: "dead", "company_domain", "'rival.example'")
    try await world.pool.execute("UPDATE lead_pool SET unsubscribed_at = now() WHERE id = \(leads[0])")
    try await world.pool.execute(
      "UPDATE lead_pool SET merged_into_id = \(leads[0]) WHERE id = \(leads[1])")
    try await world.pool.execute(
      """
      INSERT INTO suppressions (kind, key, value, reason)
      SELECT 'email', contact_key('email', p.email, s.salt), p.email, 'opt_out'
      FROM lead_pool p, contact_salt s WHERE p.id = \(leads[2])
      """)
    let plan = try await world.plan(.init(client: client))
    #expect(plan.shares.map(\.planned) == [3])
    // Forbidden after the plan was made: what is true when it is carried out counts.
    try await world.pool.execute(
      """
      INSERT INTO suppressions (client_id, kind, key, value, reason)
      SELECT \(client), 'email', contact_key('email', p.email, s.salt), p.email, 'manual'
      FROM lead_pool p, contact_salt s WHERE p.id = \(leads[3])
      """)
    try await world.pool.execute(
      "UPDATE lead_pool SET bounced_at = now(), company_domain_rank = NULL WHERE id = \(leads[4])")
    let result = try await world.apply(plan)
    #expect(result.outcomes == ["assigned": 1, "suppressed": 1, "dead": 1])
    #expect(try await world.owned() == [client: 1])
  }

  @Test func `what was taken or has changed meanwhile is made up for`() async throws {
    let (own, other) = (
      try await world.client("Own") { $0.titles = ["ceo"] }, try await world.client("Other")
    )
    let leads = try await world.leads(10)
    let plan = try await world.plan(.init(client: own, count: 4))
    let entries = try await world.plans.entries(of: plan.id, limit: 9)
    _ = try await world.assign([entries[0].lead], to: other)
    try await world.pool.execute("UPDATE lead_pool SET title = 'Clerk' WHERE id = \(entries[1].lead)")
    let result = try await world.apply(plan)
    #expect(result.outcomes == ["assigned": 4, "taken": 1, "unfit": 1])
    #expect(try await world.owned() == [own: 4, other: 1])
    #expect(leads.count == 10 && result.plan.shares.map(\.planned) == [6])
    try await world.expectClean()
  }

  @Test func `a plan that was interrupted goes on, and exceeds neither itself nor the quota`() async throws {
    let client = try await world.client("Acme", quota: 6)
    let leads = try await world.leads(20)
    let plan = try await world.plan(.init(client: client, count: 6))
    // As after a crash: some entries are carried out, others are not.
    let entries = try await world.plans.entries(of: plan.id, limit: 9)
    try await world.pool.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id, assigned_at)
      SELECT lead_id, client_id, \(world.clock.now) FROM lead_plan_entries
      WHERE plan_id = \(plan.id) AND position <= 2
      """)
    try await world.pool.execute(
      "UPDATE lead_plan_entries SET outcome = 'assigned' WHERE plan_id = \(plan.id) AND position <= 2")
    try await world.pool.execute(
      "UPDATE lead_plan_shares SET assigned = 2 WHERE plan_id = \(plan.id)")
    let others = leads.filter { lead in !entries.contains { $0.lead == lead } }
    #expect(try await world.assign([others[0]], to: client) == [.assigned])
    let result = try await world.apply(plan)
    #expect(result.plan.state == .applied)
    #expect(result.outcomes == ["assigned": 5, "over_quota": 1])
    #expect(try await world.owned() == [client: 6])
  }

  @Test func `the daily job gives each its pace, once a day, and nothing on a day off`() async throws {
    let monday = try #require(Timestamp("2027-03-01T08:00:00Z"))
    world.clock.advance(by: monday - world.clock.now)
    let (a, b) = (
      try await world.client("A", quota: 220), try await world.client("B", quota: 220) { $0.dailyPace = 3 }
    )
    _ = try await world.world.client("No profile")
    try await world.leads(200)
    let job = LeadDistributionJob(world.plans)
    let report = try await job.runOnce(now: world.clock.now, limit: 1_000)
    #expect(report.processed == 13)
    #expect(try await world.owned() == [a: 10, b: 3])
    world.clock.advance(by: .hours(1))
    #expect(try await job.runOnce(now: world.clock.now, limit: 1_000).processed == 0)
    world.clock.advance(by: .hours(24))
    _ = try await job.runOnce(now: world.clock.now, limit: 1_000)
    #expect(try await world.owned() == [a: 20, b: 6])
    world.clock.advance(by: .hours(4 * 24))
    #expect(try await job.runOnce(now: world.clock.now, limit: 1_000).processed == 0, "a Saturday")
    let plans: Int? = try await world.pool.value("SELECT count(*) FROM lead_plans")
    #expect(plans == 2, "no plans of nothing")
    world.clock.advance(by: .hours(9 * 24))
    _ = try await job.runOnce(now: world.clock.now, limit: 1_000)
    let left: Int? = try await world.pool.value("SELECT count(*) FROM lead_plans")
    #expect(left == 1, "old plans are forgotten")
    try await world.expectClean()
  }

  @Test func `an unknown plan, client or campaign is said to be unknown`() async throws {
    let nobody = ID<Client>(at: world.clock.now)
    #expect(try await world.plans.plan(.init(client: nobody), actor: .commandLine) == .fresh(.unknownClient))
    #expect(try await world.plans.apply(ID(at: world.clock.now), actor: .commandLine) == .fresh(.unknownPlan))
    let client = try await world.client("Acme")
    let wish = LeadPlanService.Wish(client: client, campaign: ID(at: world.clock.now))
    #expect(try await world.plans.plan(wish, actor: .commandLine) == .fresh(.unknownCampaign))
  }
}
