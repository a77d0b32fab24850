import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Many at once on the same leads.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadRaceTests {
  @Test func `16 allocators on one pool: no lead twice, no quota exceeded, nothing left over`() async throws {
    let world = LeadWorld(poolSize: 20)
    var clients: [ID<Client>] = []
    for n in 0..<8 { clients.append(try await world.client("Client \(n)", quota: 40)) }
    try await world.leads(250)
    let all = clients
    try await withThrowingTaskGroup { group in
      for n in 0..<16 {
        group.addTask {
          // Two for each client, which together would exceed its quota.
          let plan = try await world.plan(.init(client: all[n % 8], count: 30, seed: Int64(n)))
          _ = try await world.apply(plan)
        }
      }
      try await group.waitForAll()
    }
    let owned = try await world.owned()
    #expect(owned.values.reduce(0, +) == 250, "there are fewer leads than are wanted: all are given")
    #expect(owned.values.allSatisfy { $0 <= 40 })
    let twice: Int? = try await world.pool.value(
      "SELECT count(*) FROM (SELECT FROM lead_assignments GROUP BY lead_id HAVING count(*) > 1) AS t")
    #expect(twice == 0)
    let counted: Bool? = try await world.pool.value(
      """
      SELECT sum(assigned) = (SELECT count(*) FROM lead_assignments) FROM lead_plan_shares
      """)
    #expect(counted == true, "plans say what was given by them")
    try await world.expectClean()
  }

  @Test func `with more leads than quotas everybody gets all of its quota, and no more`() async throws {
    let world = LeadWorld(poolSize: 20)
    var clients: [ID<Client>] = []
    for n in 0..<8 { clients.append(try await world.client("Client \(n)", quota: 20)) }
    try await world.leads(400)
    let all = clients
    try await withThrowingTaskGroup { group in
      for n in 0..<16 {
        group.addTask {
          let plan = try await world.plan(.init(client: all[n % 8], count: 15, seed: Int64(n)))
          _ = try await world.apply(plan)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await world.owned() == Dictionary(uniqueKeysWithValues: all.map { ($0, 20) }))
    try await world.expectClean()
  }

  @Test func `one plan carried out by 16 at once gives what it says`() async throws {
    let world = LeadWorld(poolSize: 20)
    let client = try await world.client("Acme")
    try await world.leads(100)
    let plan = try await world.plan(.init(client: client, count: 60))
    try await withThrowingTaskGroup { group in
      for _ in 0..<16 { group.addTask { _ = try await world.apply(plan) } }
      try await group.waitForAll()
    }
    #expect(try await world.owned() == [client: 60])
  }

  @Test func `24 clients want one lead by hand: one has it, the others hear whose it is`() async throws {
    let world = LeadWorld(poolSize: 26)
    var clients: [ID<Client>] = []
    for n in 0..<24 { clients.append(try await world.client("Client \(n)")) }
    let lead = try await world.leads(1)
    let all = clients
    let verdicts = try await withThrowingTaskGroup { group in
      for client in all {
        group.addTask { try await world.assign(lead, to: client)[0] }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let winner = try #require(try await world.owned().keys.first)
    #expect(verdicts.count { $0 == .assigned } == 1)
    #expect(verdicts.count { $0 == .taken(by: winner) } == 23)
  }

  @Test func `a lead that changes its company takes its assignment along`() async throws {
    let world = LeadWorld()
    let claims = try await world.client("Claims") { $0.claimsCompanies = true }
    let other = try await world.client("Other")
    let leads = try await world.leads(4, "company_domain", "'c' || i || '.example'")
    _ = try await world.assign([leads[0]], to: claims)
    _ = try await world.assign([leads[1]], to: other)
    func move(_ lead: ID<Lead>, to domain: String?) async throws -> [String] {
      _ = try await world.pool.execute("UPDATE lead_pool SET company_domain = \(domain) WHERE id = \(lead)")
      return try await world.pool.column(
        """
        SELECT concat_ws(' ', company_domain, claims_company::text) FROM lead_assignments
        ORDER BY lead_id = \(leads[1])
        """)
    }
    #expect(try await move(leads[0], to: "c3.example") == ["c3.example true", "c2.example false"])
    #expect(try await world.assign([leads[2]], to: other) == [.companyTaken])
    // The company is another client's alone.
    #expect(try await move(leads[1], to: "c3.example") == ["c3.example true", "false"])
    #expect(try await move(leads[1], to: "c4.example") == ["c3.example true", "c4.example false"])
    // Others are there already.
    #expect(try await move(leads[0], to: "c4.example") == ["c4.example false", "c4.example false"])
    #expect(try await move(leads[0], to: nil) == ["false", "c4.example false"])
    try await world.expectClean()
  }

  @Test func `people of one company that some claim go to one of them`() async throws {
    let world = LeadWorld(poolSize: 26)
    var clients: [ID<Client>] = []
    for n in 0..<16 {
      clients.append(try await world.client("Client \(n)") { $0.claimsCompanies = n % 2 == 0 })
    }
    let leads = try await world.leads(64, "company_domain", "'c' || i % 4 || '.example'")
    let all = clients
    try await withThrowingTaskGroup { group in
      for (n, client) in all.enumerated() {
        group.addTask {
          for lead in leads[(n * 4)..<(n * 4 + 4)] { _ = try await world.assign([lead], to: client) }
        }
      }
      try await group.waitForAll()
    }
    let shared: [String] = try await world.pool.column(
      """
      SELECT a.company_domain FROM lead_assignments a
      JOIN lead_assignments o ON o.company_domain = a.company_domain AND o.client_id <> a.client_id
      WHERE a.claims_company
      """)
    #expect(shared == [])
    #expect(try await world.owned().values.reduce(0, +) >= 4, "somebody got each company")
    try await world.expectClean()
  }

  @Test func `an SQL user cannot get past a claim either`() async throws {
    let world = LeadWorld()
    let claims = try await world.client("Claims") { $0.claimsCompanies = true }
    let other = try await world.client("Other")
    let leads = try await world.leads(
      4, "company_domain", "CASE WHEN i < 3 THEN 'a.example' ELSE 'b.example' END")
    #expect(try await world.assign([leads[0]], to: claims) == [.assigned])
    #expect(try await world.assign([leads[1], leads[2]], to: other) == [.companyTaken, .assigned])
    #expect(try await world.assign([leads[3]], to: claims) == [.companyTaken])
    let refusal = await world.refusal(
      "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(leads[1]), \(other))")
    #expect(refusal == "one_client_per_claimed_company")
    let second = await world.refusal(
      "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(leads[3]), \(claims))")
    #expect(second == "one_client_per_claimed_company")
    try await world.want(claims)
    #expect(try await world.assign([leads[1]], to: other) == [.assigned], "it claims no longer")
    try await world.want(claims) { $0.claimsCompanies = true }
    let claimed: Int? = try await world.pool.value(
      "SELECT count(*) FROM lead_assignments WHERE claims_company")
    #expect(claimed == 0, "what others share already is nobody's alone")
    try await world.expectClean()
  }
}
