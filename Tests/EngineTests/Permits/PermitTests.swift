import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PermitTests {
  @Test func `a permit names what to send from and holds its place in the day's limit`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let permit = try await world.permit(client, lead)
    #expect(permit.status == .issued && permit.dailyLimit == 50 && permit.used == 1)
    #expect(permit.expiresAt == world.clock.now + Permit.lifetime)
    #expect(permit.resetsAt == TimeZoneName.utc.endOfDay(containing: world.clock.now))
    #expect(permit.sender.contains("@") && permit.senderID != permit.resourceID)
    #expect(try await world.permits.find(permit.id) == permit)
    #expect(try await world.used(client, .email, kind: .emailDomain) == 1)
    #expect(try await world.used(client, .email, kind: .mailbox) == 1)
    try await world.world.expectClean()
  }

  @Test func `all reasons are returned, in the document's order`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared(isWarmed: false)
    let other = try await world.world.client("Other")
    let lead = try await world.lead(of: other)
    try await world.sql(
      """
      UPDATE lead_pool SET email_status = 'guessed', bounced_at = \(world.clock.now),
        unsubscribed_at = \(world.clock.now)
      """)
    let reasons = try await world.reasons(client, lead)
    #expect(reasons == [.bounced, .unsubscribed, .emailUnverified, .notAssigned, .warmupIncomplete])
    #expect(try await world.reasons(client, lead, .linkedin) == [.bounced, .unsubscribed, .notAssigned])
    #expect(try await world.used(client, .email, kind: .emailDomain) == 0)
    #expect(try await world.pool.value("SELECT count(*) FROM permit_ledger WHERE kind = 'refused'") == 2)
  }

  @Test func `R14: 72 hours between touches, 168 on one channel, and an open permit is a touch`() async throws
  {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    _ = try await world.permit(client, lead)
    #expect(try await world.reasons(client, lead) == [.contactedRecently, .channelCooling])
    #expect(try await world.reasons(client, lead, .voice) == [.contactedRecently])
    world.clock.advance(by: .hours(72) - .microseconds(1))
    #expect(try await world.reasons(client, lead, .voice) == [.contactedRecently])
    world.clock.advance(by: .microseconds(1))
    _ = try await world.permit(client, lead, .voice)
    world.clock.advance(by: .hours(96))
    #expect(try await world.reasons(client, lead) == [])
    try await world.world.expectClean()
  }

  @Test func `the least used sender comes next, and a lead keeps the one that it knows`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(6, of: client)
    var senders: [ID<Lead>: ID<Resource>] = [:]
    for lead in leads { senders[lead] = try await world.permit(client, lead).senderID }
    #expect(Set(senders.values).count == 6, "six mailboxes, each once")
    world.clock.advance(by: .hours(168))
    for lead in leads.reversed() {
      #expect(try await world.permit(client, lead).senderID == senders[lead])
    }
  }

  @Test func `a resource or campaign that is named is kept to`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(5, of: client)
    let domain = try await world.resource("a1.example.com")
    let mailbox = try await world.resource("kim@a2.example.com")
    let permit = try await world.permit(client, leads[0], from: domain)
    #expect(permit.resourceID == domain)
    let other = try await world.permit(client, leads[1], from: mailbox)
    #expect(other.senderID == mailbox && other.sender == "kim@a2.example.com")
    let campaigns = CampaignService(database: world.pool.database, time: world.clock)
    guard
      case .fresh(.done(let campaign)) = try await campaigns.create(
        CampaignName(unchecked: "Spring"), for: client, selection: .only([domain]), actor: .commandLine)
    else { throw ResourceWorld.Unexpected(what: "no campaign") }
    for lead in leads[2...3] {
      guard case .granted(let granted) = try await world.ask(client, lead, campaign: campaign.id)
      else { throw ResourceWorld.Unexpected(what: "refused") }
      #expect(granted.resourceID == domain && granted.campaignID == campaign.id)
    }
    _ = try await campaigns.update(campaign.id, .init(status: .paused), actor: .commandLine)
    #expect(try await world.ask(client, leads[4], campaign: campaign.id) == .campaignNotActive)
    let foreign = ID<Campaign>(at: world.clock.now)
    #expect(try await world.ask(client, leads[4], campaign: foreign) == .unknownCampaign)
    let nobodys = ID<Resource>(at: world.clock.now)
    #expect(try await world.ask(client, leads[4], from: nobodys) == .unknownResource)
    #expect(try await world.ask(client, leads[4], .sms, from: domain) == .unknownResource)
    #expect(try await world.ask(client, ID(at: world.clock.now)) == .unknownLead)
    #expect(try await world.ask(ID(at: world.clock.now), leads[4]) == .unknownClient)
  }

  @Test func `a failed send gives its place back, and is no touch`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let permit = try await world.permit(client, lead)
    guard case .done(let failed) = try await world.failed(permit.id)
    else { throw ResourceWorld.Unexpected(what: "not failed") }
    #expect(failed.status == .failed)
    #expect(try await world.failed(permit.id) == .done(failed), "once more")
    #expect(try await world.used(client, .email, kind: .emailDomain) == 0)
    #expect(try await world.used(client, .email, kind: .mailbox) == 0)
    #expect(try await world.sent(permit.id, messageID: nil) == .ended(failed))
    #expect(try await world.reasons(client, lead) == [])
    try await world.world.expectClean()
  }

  @Test func `a permit that expires stays counted, and a late report is a touch`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let permit = try await world.permit(client, lead)
    world.clock.advance(by: Permit.lifetime)
    let job = PermitExpiryJob(database: world.pool.database)
    #expect(try await job.runOnce(now: world.clock.now, limit: 100).processed == 1)
    #expect(try await world.permits.find(permit.id)?.status == .expired)
    #expect(try await world.used(client, .email, kind: .emailDomain) == 1)
    #expect(try await world.reasons(client, lead, .sms) == [.contactedRecently])
    guard
      case .done(let sent) = try await world.sent(permit.id, messageID: "m-1")
    else { throw ResourceWorld.Unexpected(what: "not sent") }
    #expect(sent.status == .sent && sent.sentAt == world.clock.now && sent.providerMessageID == "m-1")
    let touched: Timestamp? = try await world.pool.value("SELECT touched_at FROM last_touches")
    #expect(touched == world.clock.now)
    try await world.world.expectClean()
  }

  @Test func `an opt-out between permit and sent makes the permit void`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(2, of: client)
    let permits = [
      try await world.permit(client, leads[0]), try await world.permit(client, leads[1]),
    ]
    try await world.sql(
      "UPDATE lead_pool SET unsubscribed_at = \(world.clock.now) WHERE id = \(leads[0])")
    try await world.sql(
      """
      INSERT INTO suppressions (client_id, kind, key, value, reason)
      SELECT \(client), 'email', contact_key('email', p.email, s.salt), p.email, 'manual'
      FROM lead_pool p, contact_salt s WHERE p.id = \(leads[1])
      """)
    for permit in permits {
      guard
        case .void(let void) = try await world.sent(permit.id, messageID: "m")
      else { throw ResourceWorld.Unexpected(what: "not void") }
      #expect(void.status == .void && void.sentAt != nil)
    }
    #expect(try await world.reasons(client, leads[1], .voice) == [.unsubscribed, .contactedRecently])
    try await world.world.expectClean()
  }

  /// The gate reads a provider's word as the rest of the product does.
  @Test(arguments: [
    ("Verified", false, nil), ("verified", true, EmailStatus.catchAll), ("extrapolated", false, .guessed),
    ("likely to engage", false, .unknown), ("bounced", false, .bounced),
  ])
  func `R15: what a provider says of an address`(
    word: String, isCatchall: Bool, found: EmailStatus?
  ) async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    try await world.sql("UPDATE lead_pool SET email_status = \(word), email_is_catchall = \(isCatchall)")
    switch try await world.ask(client, lead) {
    case .granted: #expect(found == nil)
    case .refused(let verdict, let facts):
      #expect(verdict.reasons == [.init(.emailUnverified)] && facts.emailStatus == found)
    case let other: Issue.record("\(other)")
    }
  }

  @Test func `a batch is decided one after the other`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(2, of: client)
    let requests = [leads[0], leads[0], leads[1]].map {
      PermitCommand(PermitRequest(clientID: client, leadID: $0, channel: .email), actor: .commandLine)
    }
    guard case .fresh(let outcomes) = try await world.permits.requestBatch(requests)
    else { throw ResourceWorld.Unexpected(what: "a replay") }
    guard case .granted = outcomes[0], case .refused(let verdict, _) = outcomes[1],
      case .granted = outcomes[2]
    else { throw ResourceWorld.Unexpected(what: "\(outcomes)") }
    #expect(verdict.reasons.map(\.check) == [.contactedRecently, .channelCooling])
    try await world.world.expectClean()
  }

  @Test func `explaining takes nothing`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let request = PermitRequest(clientID: client, leadID: lead, channel: .sms)
    for _ in 0..<2 {
      guard case .granted(let permit) = try await world.permits.explain(request)
      else { throw ResourceWorld.Unexpected(what: "refused") }
      #expect(permit.used == 1)
    }
    #expect(try await world.pool.value("SELECT count(*) FROM permits") == 0)
    #expect(try await world.pool.value("SELECT count(*) FROM resource_usage") == 0)
  }

  @Test func `R14: the touches of a lead that was merged are the kept one's`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(2, of: client)
    let permit = try await world.permit(client, leads[0])
    try await world.sql(
      "UPDATE lead_assignments SET status = 'released', released_at = now() WHERE lead_id = \(leads[0])")
    try await world.sql("UPDATE lead_pool SET merged_into_id = \(leads[1]) WHERE id = \(leads[0])")
    #expect(try await world.reasons(client, leads[1], .voice) == [.contactedRecently])
    guard case .done(let sent) = try await world.sent(permit.id, messageID: "m")
    else { throw ResourceWorld.Unexpected(what: "void, though the client has the person") }
    #expect(sent.status == .sent)
    #expect(
      try await world.pool.value(
        "SELECT contacts FROM lead_assignments WHERE lead_id = \(leads[1])", as: Int32.self) == 1)
  }

  @Test func `the same report again gets the same answer, and may bring the message's name`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let leads = try await world.leads(2, of: client)
    let permits = [try await world.permit(client, leads[0]), try await world.permit(client, leads[1])]
    try await world.sql("UPDATE lead_pool SET bounced_at = \(world.clock.now) WHERE id = \(leads[1])")
    #expect(try await world.permits.find(permits[1].id)?.status == .void, "shown before anybody reports")
    _ = try await world.sent(permits[0].id, messageID: nil)
    guard case .done(let named) = try await world.sent(permits[0].id, messageID: "m-1")
    else { throw ResourceWorld.Unexpected(what: "no name") }
    #expect(named.providerMessageID == "m-1")
    #expect(try await world.sent(permits[0].id, messageID: "m-1") == .done(named))
    #expect(try await world.sent(permits[0].id, messageID: "m-2") == .ended(named))
    let void = try await world.sent(permits[1].id, messageID: "m-2")
    guard case .void = void else { throw ResourceWorld.Unexpected(what: "\(void)") }
    #expect(try await world.sent(permits[1].id, messageID: "m-2") == void)
    let contacts: [Int32] = try await world.pool.column(
      "SELECT contacts FROM lead_assignments WHERE lead_id = ANY (\(leads)) ORDER BY contacts")
    #expect(contacts == [0, 1])
    try await world.world.expectClean()
  }

  @Test func `a report that comes days late tells of a send within the permit's time`() async throws {
    let world = PermitWorld()
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let first = try await world.permit(client, lead)
    world.clock.advance(by: .hours(168))
    let second = try await world.permit(client, lead)
    world.clock.advance(by: .hours(72))
    _ = try await world.sent(first.id, messageID: "late")
    let touched: Timestamp? = try await world.pool.value("SELECT touched_at FROM last_touches")
    #expect(touched == second.issuedAt)
    #expect(try await world.reasons(client, lead, .voice) == [])
    try await world.world.expectClean()
  }

  @Test func `R12: a resource that two clients share has one day and one limit`() async throws {
    let world = PermitWorld()
    let zones = ["Australia/Sydney", "UTC"].compactMap { TimeZoneName($0) }
    let first = try await world.world.client("First", zone: zones[0])
    let second = try await world.world.client("Second", zone: zones[1])
    try await world.sql(
      """
      INSERT INTO resource_pool (resource_type, resource_value, max_clients, warmup_completed_at)
      VALUES ('linkedin_seat', 'shared', 2, now())
      """)
    for client in [first, second] {
      try await world.sql(
        """
        INSERT INTO client_resources (client_id, resource_pool_id)
        SELECT \(client), id FROM resource_pool WHERE resource_value = 'shared'
        """)
    }
    // In Sydney it is tomorrow already.
    world.clock.advance(to: try #require(Timestamp("2027-06-01T20:00:00Z")))
    var granted = 0
    for (client, leads) in [
      (first, try await world.leads(12, of: first)), (second, try await world.leads(12, of: second)),
    ] {
      for lead in leads where try await world.reasons(client, lead, .linkedin) == [] { granted += 1 }
    }
    #expect(granted == 17)
    try await world.world.expectClean()
  }

  /// Days of the resource's zone, over a clock change (R12).
  @Test(arguments: [
    ("America/New_York", "2027-03-14T04:30:00Z", "2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"),
    ("Australia/Sydney", "2027-04-03T12:30:00Z", "2027-04-03T13:00:00Z", "2027-04-04T14:00:00Z"),
    ("UTC", "2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
  ])
  func `R12: a limit counts in the resource's own day`(
    zone: String, before: String, midnight: String, next: String
  ) async throws {
    let world = PermitWorld()
    let midnight = try #require(Timestamp(midnight))
    world.clock.advance(to: try #require(Timestamp(before)))
    let client = try await world.prepared(zone: try #require(TimeZoneName(zone)))
    let seat = try await world.resource("seat_a0")
    let leads = try await world.leads(35, of: client)
    for lead in leads.prefix(17) { _ = try await world.permit(client, lead, .linkedin, from: seat) }
    guard
      case .refused(let verdict, _) = try await world.ask(client, leads[17], .linkedin, from: seat)
    else { throw ResourceWorld.Unexpected(what: "an eighteenth") }
    #expect(verdict.reasons == [.init(.limitReached, until: midnight)])
    #expect(verdict.nextEligibleAt == midnight)
    world.clock.advance(to: midnight)
    for lead in leads.dropFirst(17).prefix(17) {
      let permit = try await world.permit(client, lead, .linkedin, from: seat)
      #expect(permit.resetsAt == Timestamp(next))
    }
    guard case .refused = try await world.ask(client, leads[34], .linkedin, from: seat)
    else { throw ResourceWorld.Unexpected(what: "a second eighteenth") }
    try await world.world.expectClean()
  }
}
