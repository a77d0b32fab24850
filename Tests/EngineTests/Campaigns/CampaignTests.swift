import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Campaigns have what their clients have, whatever happens to that and whoever does it.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct CampaignTests {
  let world = CampaignWorld()
  var clock: ManualClock { world.world.clock }

  @Test func `a campaign inherits each resource of its client, on each channel, with its limit`() async throws
  {
    let (client, campaign) = try await world.prepared()
    let rows = try await world.stored(campaign)
    let counts = Dictionary(grouping: rows, by: \.channel).mapValues(\.count)
    #expect(counts == [.email: 9, .voice: 1, .sms: 1, .linkedin: 4])
    #expect(rows.allSatisfy { $0.isWarmed && $0.reasons.isEmpty })
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 50)
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.limit == nil, "within its domain's")
    #expect(try await world.stored(campaign, "+14244851000", .voice)?.limit == 50)
    #expect(try await world.stored(campaign, "+14244851000", .sms)?.limit == 100)
    #expect(try await world.stored(campaign, "seat_a0", .linkedin)?.limit == 17)
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `a campaign is made again under its name once only, and never of nobody`() async throws {
    let (client, _) = try await world.prepared()
    let name = CampaignName(unchecked: "Spring")
    let twice = try await world.campaigns.create(name, for: client, actor: .commandLine)
    #expect(twice == .fresh(.nameTaken))
    let other = try await world.world.client("Other")
    let same = try await world.create("Spring", for: other)
    #expect(try await world.stored(same.id) == [])
    let nobody = try await world.campaigns.create(name, for: ID(at: clock.now), actor: .commandLine)
    #expect(nobody == .fresh(.unknownClient))
    let rename = try await world.create("Autumn", for: client)
    let taken = try await world.campaigns.update(
      rename.id, CampaignUpdate(name: name), actor: .commandLine)
    #expect(taken == .nameTaken)
  }

  @Test func `assigned, released, and assigned again: rows come and go`() async throws {
    let (client, campaign) = try await world.prepared()
    try await world.world.stock(ResourceCounts(linkedInSeats: 1), prefix: "b")
    let seat = ResourceCounts(linkedInSeats: 1)
    for _ in 1...2 {
      _ = try await world.world.assignments.assign(seat, to: client, actor: .commandLine)
      #expect(try await world.stored(campaign, "seat_b0", .linkedin)?.limit == 17)
      try await world.expectInStep(campaign, of: client)
      let id = try await world.resource("seat_b0")
      _ = try await world.world.assignments.release(id, of: client, actor: .commandLine)
      #expect(try await world.stored(campaign, "seat_b0", .linkedin) == nil)
      try await world.expectInStep(campaign, of: client)
    }
  }

  @Test func `what is on hold has no limit, what returns has it again, what is released is gone`()
    async throws
  {
    let (client, campaign) = try await world.prepared()
    let before = try await world.stored(campaign)
    try await world.world.end(client)
    let held = try await world.stored(campaign)
    #expect(held.count == before.count)
    #expect(held.allSatisfy { $0.limit == 0 && $0.reasons == ["held"] })
    try await world.expectInStep(campaign, of: client)
    clock.advance(by: .hours(24))
    try await world.world.confirm(client, .ignition)
    #expect(try await world.stored(campaign) == before)
    try await world.world.end(client)
    clock.advance(by: Hold.length)
    try await world.world.runJobs()
    #expect(try await world.stored(campaign) == [])
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `an upgrade and a backorder join, a downgrade leaves when it is due`() async throws {
    let (client, campaign) = try await world.prepared()
    try await world.world.confirm(client, .velocity)
    #expect(try await world.stored(campaign).count == 15, "nothing was there to be had")
    try await world.world.stock(
      ResourceCounts(emailDomains: 2, mailboxes: 4, linkedInSeats: 3), prefix: "b")
    try await world.world.runJobs()
    try await world.expectInStep(campaign, of: client)
    #expect(try await world.stored(campaign).count == 15 + 2 + 4 + 3)
    try await world.world.confirm(client, .ignition)
    #expect(try await world.stored(campaign).count == 24)
    clock.advance(by: .hours(32 * 24))
    try await world.world.runJobs()
    #expect(try await world.stored(campaign).count == 15)
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `a domain in quarantine takes its mailboxes along, and brings them back`() async throws {
    let (client, campaign) = try await world.prepared()
    let before = try await world.stored(campaign)
    try await world.act(.quarantine(.manual, evidence: "test"), on: "a1.example.com")
    for value in ["a1.example.com", "jo@a1.example.com", "kim@a1.example.com"] {
      let row = try await world.stored(campaign, value)
      #expect(row?.limit == 0 && row?.reasons == ["out_of_use"], "\(value)")
    }
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 50)
    try await world.expectInStep(campaign, of: client)
    try await world.act(.requalify(evidence: "fixed", rewarming: false), on: "a1.example.com")
    #expect(try await world.stored(campaign) == before)
    try await world.act(.quarantine(.manual, evidence: "test"), on: "seat_a0")
    #expect(try await world.stored(campaign, "seat_a0", .linkedin)?.limit == 0)
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `figures and DNS that turn bad show at once, on the domain and its mailboxes`() async throws {
    let (client, campaign) = try await world.prepared()
    var seen = ResourceObservation()
    (seen.sent, seen.bounces) = (1_000, 35)
    try await world.act(.observe(seen), on: "a0.example.com")
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 35)
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.reasons == ["health"])
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.limit == nil)
    seen.bounces = 100
    try await world.act(.observe(seen), on: "a0.example.com")
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 0)
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.limit == 0)
    var dns = ResourceObservation()
    dns.spf = .fail
    try await world.act(.observe(dns), on: "a1.example.com")
    #expect(try await world.stored(campaign, "a1.example.com")?.reasons == ["authentication"])
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `warm-up under strict: nothing until it is completed, by the job or by hand`() async throws {
    let (client, campaign) = try await world.prepared(isWarmed: false)
    for value in ["a0.example.com", "jo@a0.example.com"] {
      let row = try await world.stored(campaign, value)
      #expect(row?.limit == 0 && row?.isWarmed == false && row?.reasons == ["warmup_incomplete"])
    }
    try await world.expectInStep(campaign, of: client)
    try await world.act(.completeWarmup, on: "a0.example.com")
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 50)
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.isWarmed == true)
    clock.advance(by: Warmup.length)
    try await world.world.runJobs()
    #expect(try await world.stored(campaign).allSatisfy { $0.limit != 0 && $0.isWarmed })
    try await world.expectInStep(campaign, of: client)
  }

  @Test func `warm-up under ramp: the limit climbs with the days, each step when it begins`() async throws {
    let (client, campaign) = try await world.prepared(isWarmed: false)
    try await world.sql("UPDATE clients SET warmup_policy = 'ramp' WHERE id = \(client)")
    #expect(try await world.stored(campaign).allSatisfy { $0.limit == 0 && $0.reasons == ["undecided"] })
    #expect(try await world.decide(limit: 4) == 15)
    #expect(try await world.stored(campaign, "a0.example.com")?.limit == 5)
    let start = clock.now
    for (day, limit) in [(4, 10), (8, 20), (15, 35), (22, 50)] {
      let step = start + .hours(day * 24)
      clock.advance(by: step - clock.now - .microseconds(1))
      #expect(try await world.decide() == 0, "the day before day \(day)")
      clock.advance(by: .microseconds(1))
      #expect(try await world.decide() == 9, "domains and mailboxes, on day \(day)")
      #expect(try await world.stored(campaign, "a0.example.com")?.limit == limit)
      try await world.expectInStep(campaign, of: client)
    }
    clock.advance(by: .hours(100 * 24))
    #expect(try await world.decide() == 0, "no step is left")
  }

  @Test func `what SQL users change is not usable until the server has looked`() async throws {
    let (client, campaign) = try await world.prepared()
    try await world.sql(
      """
      UPDATE resource_pool SET status = 'quarantined', quarantined_at = reservoir_now(),
        quarantine_reason = 'manual' WHERE resource_value = 'a0.example.com'
      """)
    let row = try await world.stored(campaign, "jo@a0.example.com")
    #expect(row?.limit == 0 && row?.reasons == ["undecided"])
    #expect(try await world.decide() == 3)
    #expect(try await world.stored(campaign, "jo@a0.example.com")?.reasons == ["out_of_use"])
    try await world.sql("UPDATE resource_pool SET status = 'available' WHERE status = 'quarantined'")
    #expect(try await world.decide() == 3)
    try await world.sql(
      "UPDATE client_resources SET released_at = reservoir_now() WHERE client_id = \(client)")
    #expect(try await world.stored(campaign) == [])
    try await world.sql(
      """
      INSERT INTO client_resources (client_id, resource_pool_id)
      SELECT \(client), id FROM resource_pool WHERE resource_type = 'linkedin_seat'
      """)
    #expect(try await world.stored(campaign).count == 4)
    #expect(try await world.decide() == 4)
    try await world.expectInStep(campaign, of: client)
    try await world.sql("UPDATE resource_pool SET reputation_score = 7")
    #expect(try await world.decide() == 0, "no fact of a limit")
  }

  @Test func `a telephone number that changes its company changes campaigns, too`() async throws {
    let client = try await world.world.client("Acme")
    let other = try await world.world.client("Other")
    try await world.pool.numbers(2, of: "Acme")
    let campaign = try await world.create("Spring", for: client).id
    let second = try await world.create("Spring", for: other).id
    #expect(try await world.stored(campaign).count == 4)
    try await world.sql(
      """
      UPDATE signalwire_phone_numbers SET assigned_broker_company = 'Other'
      WHERE vapi_phone_number_id = 'n-0'
      """)
    #expect(try await world.stored(campaign).count == 2)
    #expect(try await world.stored(second).map(\.limit) == [0, 0])
    #expect(try await world.decide() == 2)
    #expect(try await world.stored(second).map(\.limit) == [100, 50])
    try await world.pool.numbers(3, of: "Other", area: "212", prefix: "m")
    #expect(try await world.decide() == 6)
    try await world.expectInStep(campaign, of: client)
    try await world.expectInStep(second, of: other)
  }

  @Test func `a number that is given up while a lead leases it is used no more`() async throws {
    let client = try await world.world.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    let campaign = try await world.create("Spring", for: client).id
    let lead = try await world.pool.leads(1)[0]
    let leases = LeaseService(database: world.pool.database, time: clock)
    _ = try await leases.lease(LeaseCommand(pool: .client(client), leadID: lead, actor: .commandLine))
    let number = try await world.world.owned(client)[0].id
    _ = try await world.world.assignments.release(number, of: client, actor: .commandLine)
    #expect(try await world.stored(campaign).map(\.reasons) == [["leaving"], ["leaving"]])
    clock.advance(by: .hours(18))
    try await world.world.runJobs()
    #expect(try await world.stored(campaign) == [])
  }

  @Test func `a restricted campaign has what was named, whenever its client has it`() async throws {
    let (client, campaign) = try await world.prepared()
    let seats = [try await world.resource("seat_a0"), try await world.resource("seat_a1")]
    let outcome = try await world.campaigns.select(.only(seats), for: campaign, actor: .commandLine)
    guard case .done(let restricted) = outcome else { throw CampaignWorld.Unexpected(what: "\(outcome)") }
    #expect(restricted.isRestricted)
    #expect(try await world.stored(campaign).map(\.value) == ["seat_a0", "seat_a1"])
    #expect(try await world.stored(campaign).map(\.limit) == [17, 17])
    try await world.world.stock(ResourceCounts(linkedInSeats: 1), prefix: "b")
    _ = try await world.world.assignments.assign(
      ResourceCounts(linkedInSeats: 1), to: client, actor: .commandLine)
    #expect(try await world.stored(campaign).count == 2, "new ones do not join")
    _ = try await world.world.assignments.release(seats[0], of: client, actor: .commandLine)
    #expect(try await world.stored(campaign).map(\.value) == ["seat_a1"])
    _ = try await world.world.assignments.assign(
      ResourceCounts(linkedInSeats: 1), to: client, actor: .commandLine)
    #expect(try await world.stored(campaign).map(\.value) == ["seat_a0", "seat_a1"], "it is back")
    try await world.world.expectClean()
    _ = try await world.campaigns.select(.all, for: campaign, actor: .commandLine)
    #expect(try await world.stored(campaign).count == 16)
    try await world.expectInStep(campaign, of: client)
    let alien = try await world.resource("seat_b0")
    _ = try await world.world.assignments.release(alien, of: client, actor: .commandLine)
    let refused = try await world.campaigns.select(
      .only([seats[1], alien]), for: campaign, actor: .commandLine)
    #expect(refused == .notOwned([alien]))
    let second = try await world.create("Autumn", for: client, .only([seats[1]]))
    #expect(second.isRestricted)
    #expect(try await world.stored(second.id).map(\.limit) == [17])
  }

  @Test func `an ended campaign has nothing, and stays ended`() async throws {
    let (client, campaign) = try await world.prepared()
    func set(_ status: Campaign.Status) async throws -> CampaignService.Outcome {
      try await world.campaigns.update(campaign, CampaignUpdate(status: status), actor: .commandLine)
    }
    _ = try await set(.paused)
    #expect(try await world.stored(campaign).count == 15)
    _ = try await set(.active)
    _ = try await set(.ended)
    #expect(try await world.stored(campaign) == [])
    #expect(try await set(.active) == .ended)
    #expect(try await world.campaigns.select(.all, for: campaign, actor: .commandLine) == .ended)
    await #expect(throws: PostgresError.self) {
      try await world.sql("UPDATE campaigns SET status = 'active' WHERE id = \(campaign)")
    }
    try await world.world.stock(ResourceCounts(linkedInSeats: 1), prefix: "b")
    _ = try await world.world.assignments.assign(
      ResourceCounts(linkedInSeats: 1), to: client, actor: .commandLine)
    #expect(try await world.stored(campaign) == [])
    try await world.world.expectClean()
  }
}
