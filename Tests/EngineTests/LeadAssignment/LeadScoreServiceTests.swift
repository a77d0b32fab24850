import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Profiles, scores that are kept, and the index that follows the pool.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadScoreServiceTests {
  let world = LeadWorld()

  func stored(_ lead: ID<Lead>) async throws -> Int? {
    try await world.pool.value("SELECT score::bigint FROM lead_scores WHERE lead_id = \(lead)")
  }

  func runJobs() async throws {
    let database = world.pool.database
    world.clock.advance(by: .minutes(1))
    _ = try await LeadMatchingJob(LeadMatching(database: database)).runOnce(
      now: world.clock.now, limit: 1_000)
    _ = try await LeadScoresJob(world.scores).runOnce(now: world.clock.now, limit: 1_000)
  }

  @Test func `a profile is kept whole, has a version, and is by default what it is by default`() async throws
  {
    let client = try await world.world.client("Acme")
    let first = try #require(try await world.profiles.find(client))
    #expect(first.version == 0 && first.profile == IdealProfile() && first.updatedAt == nil)
    var profile = IdealProfile()
    profile.industries = ["SaaS", "it's"]
    profile.titles = ["head of sales"]
    profile.excludedTitles = ["intern"]
    (profile.seniorities, profile.countries) = (["vp"], ["Chile"])
    (profile.states, profile.cities) = (["Lima"], ["Arica"])
    (profile.technologies, profile.keywords) = (["Slack"], ["b2b"])
    profile.employees = 1...9
    profile.excludedDomains = [DomainName(unchecked: "a.example")]
    profile.competitorDomains = [DomainName(unchecked: "b.example")]
    profile.weights[.timing] = 250
    profile.claimsCompanies = true
    profile.dailyPace = 12
    let saved = try await world.profiles.save(profile, for: client, actor: .commandLine)
    #expect(saved?.profile == profile && saved?.version == 1)
    #expect(try await world.profiles.find(client) == saved)
    #expect(try await world.profiles.save(profile, for: client, actor: .commandLine) == saved, "no change")
    profile.employees = nil
    #expect(try await world.profiles.save(profile, for: client, actor: .commandLine)?.version == 2)
    #expect(try await world.profiles.find(client)?.profile == profile)
    #expect(try await world.profiles.find(ID(at: world.clock.now)) == nil)
  }

  @Test func `a score is explained, and is the client's own`() async throws {
    let (own, other) = (
      try await world.client("Own") { $0.countries = ["Chile"] },
      try await world.client("Other") { $0.countries = ["Peru"] }
    )
    let lead = try await world.leads(1, "title, company_country", "'CEO', 'Chile'")[0]
    let mine = try #require(try await world.scores.explain(lead, for: own))
    let theirs = try #require(try await world.scores.explain(lead, for: other))
    #expect(mine.score.total == theirs.score.total + 5)
    #expect(mine.match.isMatch && theirs.match.misses == [.country])
    #expect(mine.stored == nil, "nobody has it yet")
    #expect(try await world.scores.explain(lead, for: own, ownedBy: own) == nil)
    _ = try await world.assign([lead], to: own)
    let stored = try #require(try await world.scores.explain(lead, for: own, ownedBy: own)?.stored)
    #expect(stored.score == mine.score.total && stored.tier == mine.score.tier && !stored.isDue)
    #expect(stored.points == mine.score.points && stored.profileVersion == 1)
    #expect(try await world.scores.explain(ID(at: world.clock.now), for: own) == nil)
  }

  @Test func `facts that change, and a profile that does, change scores and the ledger`() async throws {
    let client = try await world.client("Acme")
    let lead = try await world.leads(1)[0]
    _ = try await world.assign([lead], to: client)
    try await runJobs()
    let before = try #require(try await stored(lead))
    #expect(try await world.history(lead) == ["assigned", "scored"], "the same score again is no change")
    try await world.pool.execute("UPDATE lead_pool SET phone = '+14155550100' WHERE id = \(lead)")
    try await runJobs()
    #expect(try await stored(lead) == before + 6)
    try await world.want(client) { $0.countries = ["Chile"] }
    try await runJobs()
    #expect(try await stored(lead) == before + 1)
    let rows = try await Admin.execute(
      "SELECT details->>'from', details->>'to' FROM lead_ledger WHERE kind = 'scored' ORDER BY at, id",
      on: TestDatabase.conninfo)
    #expect(
      rows == [[nil, "\(before)"], ["\(before)", "\(before + 6)"], ["\(before + 6)", "\(before + 1)"]])
    #expect(try await world.scores.rescore(limit: 100, actor: .commandLine) == 0, "nothing is due")
    try await world.expectClean()
  }

  @Test func `time alone changes a score`() async throws {
    let client = try await world.client("Acme")
    let day = TimeZoneName.utc.date(at: world.clock.now)
    let lead = try await world.leads(1, "role_started_on", "date '\(day)'")[0]
    _ = try await world.assign([lead], to: client)
    try await runJobs()
    let before = try #require(try await stored(lead))
    world.clock.advance(by: .hours(24 * 190))
    try await runJobs()
    #expect(try await stored(lead) == before - 6)
  }

  @Test func `a batch is as large as allowed, and a rescore may be of one client`() async throws {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let leads = try await world.leads(10)
    _ = try await world.assign(Array(leads[..<6]), to: own)
    _ = try await world.assign(Array(leads[6...]), to: other)
    try await world.want(own) { $0.titles = ["ceo"] }
    try await world.want(other) { $0.titles = ["ceo"] }
    #expect(try await world.scores.rescore(of: own, limit: 4, actor: .commandLine) == 4)
    #expect(try await world.scores.rescore(of: own, limit: 4, actor: .commandLine) == 2)
    #expect(try await world.scores.rescore(of: own, limit: 4, actor: .commandLine) == 0)
    #expect(try await world.scores.rescore(limit: 100, actor: .commandLine) == 4)
  }

  @Test func `a lead that is removed leaves the index, one that unsubscribes too`() async throws {
    let leads = try await world.leads(3)
    try await runJobs()
    func indexed() async throws -> Int? { try await world.pool.value("SELECT count(*) FROM lead_matching") }
    #expect(try await indexed() == 3)
    try await world.pool.execute("DELETE FROM lead_pool WHERE id = \(leads[0])")
    try await world.pool.execute("UPDATE lead_pool SET unsubscribed_at = now() WHERE id = \(leads[1])")
    try await runJobs()
    #expect(try await indexed() == 1)
    let waiting: Int? = try await world.pool.value("SELECT count(*) FROM lead_matching_queue")
    #expect(waiting == 0)
  }
}
