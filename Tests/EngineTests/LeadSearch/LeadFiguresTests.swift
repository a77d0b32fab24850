import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// The pool in figures.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadFiguresTests {
  let world = LeadSearchWorld()
  let clock: ManualClock
  let figures: LeadFiguresService
  static let today = "2026-01-01"

  init() throws {
    clock = ManualClock(try Timestamp("2026-01-01T12:00:00Z").wanted)
    figures = LeadFiguresService(database: world.pool.database, time: clock)
  }

  /// Ten leads with addresses, two without; six are a client's, of whom four were contacted and one bounced.
  func prepared() async throws -> (clients: [ID<Client>], leads: [ID<Lead>]) {
    let leads = try await world.leads(
      (0..<12).map { index in
        var facts = LeadFacts()
        facts[.firstName] = .text("Ada")
        facts[.email] = index < 10 ? .text("lead\(index)@example.com") : nil
        return facts
      })
    let clients = [try await world.pool.client("First"), try await world.pool.client("Second")]
    try await world.pool.execute("UPDATE lead_pool SET provenance = '{}' WHERE id = \(leads[11])")
    let time = clock.now
    for (index, lead) in leads.prefix(6).enumerated() {
      try await world.pool.execute(
        """
        INSERT INTO lead_assignments (lead_id, client_id, assigned_at, contacts, replied_at)
        VALUES (\(lead), \(clients[index / 4]), \(index < 2 ? time - .hours(24) : time),
          \(Int32(index < 4 ? 2 : 0)), \(index == 1 ? time : nil))
        """)
    }
    try await world.pool.execute("UPDATE lead_pool SET bounced_at = \(time) WHERE id = \(leads[0])")
    try await world.pool.execute(
      "UPDATE lead_assignments SET status = 'converted', converted_at = \(time) WHERE lead_id = \(leads[2])")
    try await world.pool.execute(
      "UPDATE lead_assignments SET status = 'released', released_at = \(time) WHERE lead_id = \(leads[3])")
    return (clients, leads)
  }

  @Test func `everything is counted, of the pool, of clients, of sources`() async throws {
    let (clients, _) = try await prepared()
    let found = try await figures.figures()
    #expect(
      found.pool
        == .init(
          leads: 12, contactable: 9, assigned: 5, contacted: 4, bounced: 1, replied: 1, converted: 1,
          added: 12,
          claimed: 4, released: 1))
    #expect(found.pool.utilisation == 5.0 / 9 && found.pool.bounceRate == 0.25)
    #expect(found.pool.assignmentRate == 4.0 / 9)
    #expect(found.collisions == 0 && found.collisionRate == 0)
    let byClient = Dictionary(uniqueKeysWithValues: found.clients.map { ($0.subject, $0.counts) })
    #expect(byClient[clients[0]]?.assigned == 3 && byClient[clients[0]]?.contacted == 4)
    #expect(byClient[clients[1]]?.assigned == 2 && byClient[clients[1]]?.bounced == 0)
    #expect(found.sources.map(\.subject) == ["apollo"])
    #expect(found.sources[0].counts.leads == 11 && found.sources[0].counts.assigned == 5)
    let captures = try #require(found.captures)
    #expect(captures.fields.first { $0.field == .email }?.known == 10)
    #expect(captures.average == 22.0 / 12 && !captures.isEstimate)
    #expect(found.tiers == nil || found.tiers?.counts == [:])
    #expect(found.days.map(\.subject.description) == [Self.today])
  }

  @Test func `a client's figures are of its leads alone`() async throws {
    let (clients, _) = try await prepared()
    let found = try await figures.figures(of: clients[1])
    #expect(found.pool.leads == 2 && found.pool.assigned == 2 && found.pool.claimed == 2)
    #expect(found.clients.map(\.subject) == [clients[1]])
    #expect(found.sources == [] && found.captures == nil)
  }

  @Test func `a lead with two clients is seen, whatever constraint there was`() async throws {
    let (clients, leads) = try await prepared()
    try await world.pool.execute("DROP INDEX lead_assignments_one_owner")
    try await world.pool.execute(
      "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(leads[0]), \(clients[1]))")
    let found = try await figures.figures()
    #expect(found.collisions == 1 && found.collisionRate == 1.0 / 6)
    #expect(try await figures.standing().collisions == 1)
  }

  @Test func `each day is written down, and finished by the first look after it`() async throws {
    let (clients, leads) = try await prepared()
    let job = LeadFiguresJob(figures)
    _ = try await job.runOnce(now: clock.now, limit: 1)
    clock.advance(by: .hours(6))
    // After the last look of the day.
    try await world.pool.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id, assigned_at)
      VALUES (\(leads[8]), \(clients[0]), \(clock.now))
      """)
    clock.advance(by: .hours(7))
    for _ in 0..<2 { _ = try await job.runOnce(now: clock.now, limit: 1) }
    let found = try await figures.figures(days: 3)
    #expect(found.days.map(\.subject.description) == ["2026-01-01", "2026-01-02"])
    #expect(found.days.map(\.counts.claimed) == [5, 0])
    #expect(found.days[0].counts.contacted == 4)
    #expect(try await figures.figures(days: 1).days.count == 1)
    let own = try await figures.figures(days: 3, of: clients[1])
    #expect(own.days.map(\.counts.assigned) == [2, 2])
    let first = try await figures.figures(days: 3, of: clients[0])
    #expect(first.days.map(\.counts.claimed) == [3, 0], "finished for clients, too")
    let fields: Int? = try await world.pool.value("SELECT count(*) FROM lead_field_figures")
    #expect(fields == LeadField.all.count)
  }

  @Test func `of a large pool the last look is told, and what the planner knows of its fields`() async throws
  {
    _ = try await prepared()
    _ = try await LeadFiguresJob(figures).runOnce(now: clock.now, limit: 1)
    // So large, says the catalogue.
    try await world.pool.execute(
      "UPDATE pg_class SET reltuples = 2000000 WHERE oid = 'lead_pool'::regclass")
    clock.advance(by: .hours(2))
    let found = try await figures.figures()
    #expect(found.at == clock.now - .hours(2))
    #expect(found.pool.leads == 12 && found.captures?.leads == 12)
    #expect(found.pool.added == 12 && found.pool.claimed == 4)
    // Nobody has looked at the next day yet.
    clock.advance(by: .hours(10))
    let next = try await figures.figures()
    #expect(next.pool.leads == 12 && next.pool.added == 0 && next.pool.claimed == 0)
    #expect(next.days.map(\.counts.added) == [12, 0] && next.clients.allSatisfy { $0.counts.claimed == 0 })
    try await world.pool.execute("ANALYZE lead_pool")
    let now = clock.now
    let estimate = try await world.pool.database.transaction {
      try LeadCaptureStore.estimate(leads: 1_200, now: now, in: &$0)
    }
    #expect(estimate?.isEstimate == true)
    #expect(estimate?.fields.first { $0.field == .email }?.known == 1_000)
  }

  @Test func `gauges show the pool, its use and collisions`() async throws {
    _ = try await prepared()
    try await world.pool.execute("ANALYZE lead_pool")
    let metrics = Metrics()
    try await LeadGauges(figures, metrics: metrics).refresh()
    let text = metrics.exposition
    #expect(text.contains("reservoir_leads 12") && text.contains("reservoir_leads_assigned 5"))
    #expect(text.contains("reservoir_lead_collisions 0"))
  }

  @Test func `tiers are shares of those that are contacted`() {
    let tiers = LeadTierShares(["hot": 10, "warm": 30, "cool": 40, "cold": 20, "dead": 900])
    #expect(tiers.share(of: "hot") == 0.1 && tiers.share(of: "warm") == 0.3)
    #expect(LeadTierShares([:]).share(of: "hot") == nil)
    #expect(LeadTierShares.planned.map(\.1).reduce(0, +) == 100)
  }
}
