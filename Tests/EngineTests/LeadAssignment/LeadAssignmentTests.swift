import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Leads that are given by hand, released and converted.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadAssignmentTests {
  let world = LeadWorld()

  @Test func `a lead is given once, and a verdict says whose it is`() async throws {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let leads = try await world.leads(3)
    #expect(
      try await world.assign([leads[0], leads[1], leads[0]], to: own) == [.assigned, .assigned, .alreadyOwn])
    let nobody = ID<Lead>(at: world.clock.now)
    #expect(
      try await world.assign([leads[1], leads[2], nobody], to: other) == [
        .taken(by: own), .assigned, .unknown,
      ])
    #expect(try await world.owned() == [own: 2, other: 1])
    #expect(try await world.history(leads[0]) == ["assigned", "scored"])
    let telephones: Int? = try await world.pool.value("SELECT count(*) FROM leads WHERE lead_pool_id = id")
    #expect(telephones == 3, "who has a client can lease")
    try await world.expectClean()
  }

  @Test func `merged, erased, suppressed and unsubscribed leads are not given, and it is said why`()
    async throws
  {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let leads = try await world.leads(6)
    let erasures = ErasureService(database: world.pool.database, time: world.clock)
    _ = try await erasures.erase(leads[1], actor: .commandLine)
    try await world.pool.execute(
      "UPDATE lead_pool SET merged_into_id = \(leads[1]) WHERE id = \(leads[0])")
    try await world.pool.execute("UPDATE lead_pool SET unsubscribed_at = now() WHERE id = \(leads[2])")
    for (lead, client) in [(leads[3], nil), (leads[4], other), (leads[5], own)] as [(ID<Lead>, ID<Client>?)] {
      try await world.pool.execute(
        """
        INSERT INTO suppressions (client_id, kind, key, value, reason)
        SELECT \(client), 'email', contact_key('email', p.email, s.salt), p.email, 'manual'
        FROM lead_pool p, contact_salt s WHERE p.id = \(lead)
        """)
    }
    #expect(
      try await world.assign(leads, to: own) == [
        .merged(into: leads[1]), .erased, .suppressed(isGlobal: true), .suppressed(isGlobal: true),
        .assigned, .suppressed(isGlobal: false),
      ])
    #expect(try await world.owned() == [own: 1])
    try await world.pool.execute("UPDATE suppressions SET lifted_at = now() WHERE reason <> 'erased'")
    #expect(try await world.assign([leads[3]], to: own) == [.assigned], "looked at when it counts")
  }

  @Test func `the quota counts released ones too, and is exceeded on request only`() async throws {
    let client = try await world.client("Acme", quota: 3)
    let leads = try await world.leads(6)
    #expect(try await world.assign([leads[0], leads[1]], to: client) == [.assigned, .assigned])
    try await world.release(leads[0])
    #expect(
      try await world.assign([leads[2], leads[3], leads[4]], to: client) == [
        .assigned, .overQuota, .overQuota,
      ])
    #expect(try await world.assignments.quota(of: client)?.left == 0)
    #expect(try await world.assign([leads[3]], to: client, isOverQuota: true) == [.assigned])
    #expect(try await world.assign([leads[4]], to: client) == [.overQuota])
    world.clock.advance(by: .hours(31 * 24))
    #expect(try await world.assign([leads[4]], to: client) == [.assigned], "a new billing month")
    #expect(try await world.assignments.quota(of: client)?.left == 2)
    try await world.expectClean()
  }

  @Test func `a dearer tier adds the difference at once; who pays for nothing gets nothing`() async throws {
    let client = try await world.client("Acme", quota: 1)
    let leads = try await world.leads(4)
    #expect(try await world.assign([leads[0], leads[1]], to: client) == [.assigned, .overQuota])
    try await world.tier("more", quota: 3)
    try await world.world.confirm(client, PricingTierName(unchecked: "more"))
    #expect(
      try await world.assign([leads[1], leads[2], leads[3]], to: client).map(\.code) == [
        "assigned", "assigned", "over_quota",
      ])
    try await world.world.end(client)
    #expect(try await world.assign([leads[3]], to: client) == [.overQuota])
    let guest = try await world.world.client("Guest")
    #expect(try await world.assign([leads[3]], to: guest) == [.overQuota])
    #expect(try await world.assign([leads[3]], to: guest, isOverQuota: true) == [.assigned])
  }

  @Test func `a released lead may be given again, a converted one never`() async throws {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let lead = try await world.leads(1)[0]
    _ = try await world.assign([lead], to: own)
    world.clock.advance(by: .hours(1))
    try await world.release(lead)
    world.clock.advance(by: .hours(1))
    #expect(try await world.assign([lead], to: other) == [.assigned])
    world.clock.advance(by: .hours(1))
    let service = world.assignments
    let reason = try #require(ReleaseReason("x"))
    let alien = try await service.release(lead, of: own, because: reason, actor: .commandLine)
    #expect(alien == .fresh(.unknownLead), "it is another client's")
    let answer = try await service.convert(lead, of: other, actor: .commandLine)
    guard case .fresh(.done(let converted)) = answer else { throw LeadWorld.Unexpected(what: "\(answer)") }
    #expect(converted.status == .converted && converted.convertedAt == world.clock.now)
    world.clock.advance(by: .hours(1))
    #expect(try await service.convert(lead, actor: .commandLine) == answer, "the first time counts")
    #expect(try await service.release(lead, because: reason, actor: .commandLine) == .fresh(.converted))
    #expect(try await world.assign([lead], to: own) == [.taken(by: other)])
    #expect(
      try await world.history(lead).filter { $0 != "scored" } == [
        "assigned", "released", "assigned", "converted",
      ])
    #expect(try await service.history(of: lead, limit: 9).map(\.clientID) == [own, other])
    #expect(try await service.history(of: lead, only: own, limit: 9).map(\.status) == [.released])
    try await world.expectClean()
  }

  @Test func `a reply is kept, and nobody's lead is refused`() async throws {
    let client = try await world.client("Acme")
    let leads = try await world.leads(2)
    _ = try await world.assign([leads[0]], to: client)
    let answer = try await world.assignments.reply(leads[0], intent: "positive", actor: .commandLine)
    guard case .fresh(.done(let replied)) = answer else { throw LeadWorld.Unexpected(what: "\(answer)") }
    #expect(replied.replyIntent == "positive" && replied.repliedAt == world.clock.now)
    #expect(try await world.history(leads[0]).contains("replied"))
    let reason = try #require(ReleaseReason("x"))
    #expect(
      try await world.assignments.release(leads[1], because: reason, actor: .commandLine)
        == .fresh(.notAssigned))
    #expect(
      try await world.assignments.release(ID(at: world.clock.now), because: reason, actor: .commandLine)
        == .fresh(.unknownLead))
  }

  @Test func `what SQL users do stands in the ledger, and what must not be is refused`() async throws {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let leads = try await world.leads(2)
    for lead in leads {
      try await world.pool.execute(
        "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(lead), \(own))")
    }
    #expect(
      await world.refusal("INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(leads[0]), \(other))")
        == "lead_assignments_one_owner")
    try await world.pool.execute(
      "UPDATE lead_assignments SET status = 'converted', converted_at = now() WHERE lead_id = \(leads[0])")
    #expect(
      await world.refusal(
        """
        UPDATE lead_assignments SET status = 'released', released_at = now(), converted_at = NULL
        WHERE lead_id = \(leads[0])
        """) == "converted_stays")
    #expect(await world.refusal("DELETE FROM lead_assignments") == "lead_assignments_stay")
    #expect(
      await world.refusal("UPDATE lead_assignments SET client_id = \(other)")
        == "lead_assignments_of_one_client")
    try await world.pool.execute(
      """
      UPDATE lead_assignments SET status = 'released', released_at = now(), release_reason = 'sold'
      WHERE lead_id = \(leads[1])
      """)
    #expect(try await world.history(leads[0]) == ["assigned", "converted"])
    #expect(try await world.history(leads[1]) == ["assigned", "released"])
    let third = try await world.leads(1, prefix: "q")[0]
    try await world.pool.execute(
      "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(third), \(own))")
    try await world.pool.execute("DELETE FROM lead_assignments WHERE lead_id = \(third)")
    #expect(try await world.history(third) == ["assigned", "withdrawn"], "as when an import is undone")
    try await world.expectClean()
  }

  @Test func `a campaign must be the client's, and must not have ended`() async throws {
    let (own, other) = (try await world.client("Own"), try await world.client("Other"))
    let campaigns = CampaignService(database: world.pool.database, time: world.clock)
    let name = CampaignName(unchecked: "Spring")
    guard case .fresh(.done(let campaign)) = try await campaigns.create(name, for: own, actor: .commandLine)
    else { throw LeadWorld.Unexpected(what: "no campaign") }
    let leads = try await world.leads(2)
    #expect(try await world.assign([leads[0]], to: own, campaign: campaign.id) == [.assigned])
    #expect(
      try await world.assignments.list(of: own, campaign: campaign.id, limit: 9).map(\.leadID) == [leads[0]])
    let alien = try await world.assignments.assign(
      [leads[1]], to: other, campaign: campaign.id, actor: .commandLine)
    #expect(alien == .fresh(.unknownCampaign))
    _ = try await campaigns.update(campaign.id, CampaignUpdate(status: .ended), actor: .commandLine)
    let late = try await world.assignments.assign(
      [leads[1]], to: own, campaign: campaign.id, actor: .commandLine)
    #expect(late == .fresh(.campaignEnded))
  }

  @Test func `a first attempt that fails is made again, and gives the leads once`() async throws {
    let world = LeadWorld(failsFirstAttempt: true)
    let client = try await world.client("Acme")
    let leads = try await world.leads(2)
    #expect(try await world.assign(leads, to: client) == [.assigned, .assigned])
    #expect(try await world.history(leads[0]) == ["assigned", "scored"])
  }
}
