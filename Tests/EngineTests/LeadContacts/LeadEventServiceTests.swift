import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadEventServiceTests {
  let world = LeadContactWorld()

  /// A domain with a mailbox, which the client has.
  func sender(of client: ID<Client>, in world: LeadContactWorld? = nil) async throws {
    let pool = (world ?? self.world).pool
    try await pool.execute(
      """
      INSERT INTO resource_pool (resource_type, resource_value) VALUES ('email_domain', 'reach.example')
      """)
    try await pool.execute(
      """
      INSERT INTO resource_pool (resource_type, resource_value, domain_id)
      SELECT 'mailbox', 'jo@reach.example', id FROM resource_pool WHERE resource_value = 'reach.example'
      """)
    try await pool.execute(
      "INSERT INTO client_resources (client_id, resource_pool_id) SELECT \(client), id FROM resource_pool")
  }

  func counts(_ value: String) async throws -> [Int32] {
    try await world.pool.value(
      """
      SELECT ARRAY[sent_count, bounce_count, complaint_count] FROM resource_pool
      WHERE resource_value = \(value)
      """) ?? []
  }

  @Test func `a bounce changes lead, suppression, sender and history at once`() async throws {
    let client = try await world.base.client("Own").id
    try await sender(of: client)
    let lead = try await world.lead(["email": "dana@example.com"])
    try await world.assign(lead, to: client)
    _ = try await world.tell(world.event(.delivered, "0"), of: lead, from: "jo@reach.example")
    world.base.clock.advance(by: .minutes(1))
    let event = world.event(.bounced(.hard), "1", to: "Dana@example.com")
    guard case .applied(let record) = try await world.tell(event, from: "Jo@reach.example") else {
      throw World.Unexpected()
    }
    #expect(record.leadID == lead && record.clientID == client)
    #expect(record.effects == [.leadBounced, .suppressed, .counted])
    #expect(try await world.reasons(lead) == ["bounce"])
    #expect(try await counts("jo@reach.example") == [1, 1, 0])
    #expect(try await counts("reach.example") == [1, 1, 0], "a mailbox sends for its domain")
    #expect(try await world.history(lead) == ["event_delivered", "event_bounced"])
    let bouncedAt: Timestamp? = try await world.pool.value("SELECT bounced_at FROM lead_pool")
    #expect(bouncedAt == world.now)
    #expect(try await world.faults() == [])
  }

  @Test(arguments: [false, true])
  func `the same event 32 times at once has its effect once`(isKnown: Bool) async throws {
    let world = LeadContactWorld(poolSize: 16)
    let client = try await world.base.client("Own").id
    try await sender(of: client, in: world)
    if isKnown { try await world.assign(try await world.lead(["email": "dana@example.com"]), to: client) }
    let event = world.event(.complained, "1", to: "dana@example.com")
    let verdicts = try await withThrowingTaskGroup { group in
      for _ in 0..<32 { group.addTask { try await world.tell(event, from: "reach.example") } }
      return try await group.reduce(into: [LeadEventService.Verdict]()) { $0.append($1) }
    }
    let applied = verdicts.filter { if case .applied = $0 { true } else { false } }
    #expect(applied.count == 1 && verdicts.count == 32)
    #expect(Set(verdicts.map(\.testRecord)).count == 1, "all get the same answer")
    let complaints: Int32? = try await world.pool.value(
      "SELECT complaint_count FROM resource_pool WHERE resource_value = 'reach.example'")
    #expect(complaints == 1)
    #expect(try await world.pool.value("SELECT count(*) FROM suppressions", as: Int.self) == 1)
    #expect(try await world.faults() == [])
  }

  @Test func `another event under the same name is refused, and each reporter has names of its own`()
    async throws
  {
    let client = try await world.base.client("Own").id
    let lead = try await world.lead(["email": "dana@example.com"])
    try await world.assign(lead, to: client)
    guard case .applied = try await world.tell(world.event(.delivered, "1"), of: lead) else {
      throw World.Unexpected()
    }
    #expect(try await world.tell(world.event(.complained, "1"), of: lead) == .eventIDReused)
    guard case .applied = try await world.tell(world.event(.complained, "1"), of: lead, by: client) else {
      Issue.record("the client's names are its own")
      return
    }
  }

  @Test func `many events of one call are judged in the order of their times`() async throws {
    let client = try await world.base.client("Own").id
    let lead = try await world.lead(["email": "dana@example.com"])
    let assignment = try await world.assign(lead, to: client)
    func at(_ minutes: Int) -> Timestamp { world.now + .minutes(minutes) }
    world.base.clock.advance(by: .hours(1))
    let start = world.now - .hours(1)
    let events = [
      world.event(.replied(.negative), "3", at: start + .minutes(3)),
      world.event(.replied(.positive), "1", at: start + .minutes(1)),
      world.event(.replied(.outOfOffice), "4", at: start + .minutes(4)),
      world.event(.converted, "5", at: start + .minutes(5)),
      world.event(.converted, "5", at: start + .minutes(5)),
      world.event(.delivered, "6", at: world.now + .hours(1)),
    ]
    let verdicts = try await world.events.take(
      events.map { LeadEventService.Report($0, leadID: lead) }, actor: world.actor
    ).outcome
    #expect(verdicts.map(\.testName) == ["applied", "applied", "applied", "applied", "repeated", "future"])
    let rows: [String] = try await world.pool.column(
      """
      SELECT status || ' ' || reply_intent || ' ' || (replied_at = \(start + .minutes(1)))::text
        || ' ' || (converted_at = \(start + .minutes(5)))::text
      FROM lead_assignments WHERE id = \(assignment)
      """)
    #expect(rows == ["converted negative true true"])
    // An older reply that comes last tells no intent.
    _ = try await world.tell(world.event(.replied(.neutral), "2", at: start + .minutes(2)), of: lead)
    let intent: String? = try await world.pool.value("SELECT reply_intent FROM lead_assignments")
    #expect(intent == "negative")
    #expect(try await world.faults() == [])
  }

  @Test func `an event is applied to the assignment that was active when it happened`() async throws {
    let first = try await world.base.client("First").id
    let second = try await world.base.client("Second").id
    let lead = try await world.lead(["email": "dana@example.com"])
    let start = world.now
    let earlier = try await world.assign(lead, to: first)
    world.base.clock.advance(by: .hours(2))
    try await world.release(earlier)
    world.base.clock.advance(by: .hours(2))
    let later = try await world.assign(lead, to: second)
    let reply = try await world.tell(
      world.event(.replied(.positive), "1", at: start + .hours(1)), of: lead)
    #expect(reply.testRecord?.clientID == first && reply.testRecord?.effects == [.replied])
    let converted = try await world.tell(
      world.event(.converted, "2", at: start + .hours(1)), of: lead)
    #expect(converted.testRecord?.effects == [.assignmentReleased])
    let between = try await world.tell(
      world.event(.replied(.positive), "3", at: start + .hours(3)), of: lead)
    #expect(between.testRecord?.effects == [.noAssignment] && between.testRecord?.clientID == nil)
    let owners: [ID<LeadEventFacts.AssignmentState>] = try await world.pool.column(
      "SELECT id FROM lead_assignments WHERE replied_at IS NOT NULL")
    #expect(owners == [earlier])
    let active: [ID<LeadEventFacts.AssignmentState>] = try await world.pool.column(
      "SELECT id FROM lead_assignments WHERE status = 'active'")
    #expect(active == [later])
    #expect(try await world.faults() == [])
  }

  @Test func `somebody whom nobody knows is suppressed, for whoever comes later`() async throws {
    let event = world.event(.unsubscribed(.everybody), "1", on: .sms, to: "+1 650 530 0051")
    let verdict = try await world.tell(event)
    #expect(verdict.testRecord?.leadID == nil && verdict.testRecord?.effects == [.suppressed])
    #expect(try await world.tell(event).testName == "repeated")
    let lead = try await world.lead(["phone": "+16505300051"])
    #expect(try await world.reasons(lead) == ["opt_out"])
    #expect(try await world.tell(world.event(.converted, "2", to: "x@example.com")) == .unknownLead)
    #expect(try await world.tell(world.event(.converted, "3"), of: ID(at: world.now)) == .unknownLead)
    #expect(
      try await world.tell(world.event(.delivered, "4"), of: lead, from: "no.example") == .unknownSender)
    #expect(
      try await world.tell(world.event(.delivered, "5"), of: lead, client: ID(at: world.now))
        == .unknownClient)
    let kept: Int? = try await world.pool.value("SELECT count(*) FROM lead_events")
    #expect(kept == 1)
  }

  @Test func `a client tells of its own leads and senders only`() async throws {
    let own = try await world.base.client("Own").id
    let other = try await world.base.client("Other").id
    try await sender(of: other)
    let mine = try await world.lead(["email": "mine@example.com"])
    let theirs = try await world.lead(["email": "theirs@example.com"])
    try await world.assign(mine, to: own)
    try await world.assign(theirs, to: other)
    func tell(_ id: String, _ lead: ID<Lead>?, to address: String? = nil, from sender: String? = nil)
      async throws -> String
    {
      try await world.tell(
        world.event(.unsubscribed(.everybody), id, to: address), of: lead, by: own, from: sender
      ).testName
    }
    #expect(try await tell("1", theirs) == "unknownLead")
    #expect(try await tell("2", nil, to: "theirs@example.com") == "unknownLead")
    #expect(try await tell("3", nil, to: "nobody@example.com") == "unknownLead")
    #expect(try await tell("4", mine, from: "reach.example") == "unknownSender")
    #expect(try await world.pool.value("SELECT count(*) FROM suppressions", as: Int.self) == 0)
    #expect(try await tell("5", nil, to: "mine@example.com") == "applied")
    #expect(try await world.reasons(mine) == ["opt_out"])
  }

  @Test func `a client that names a lead with an address that is not the lead's tells of nobody`()
    async throws
  {
    let own = try await world.base.client("Own").id
    let mine = try await world.lead(["email": "old@example.com", "phone": "+16505300051"])
    try await world.pool.execute("UPDATE lead_pool SET email = 'mine@example.com' WHERE id = \(mine)")
    _ = try await world.lead(["email": "theirs@example.com"])
    try await world.assign(mine, to: own)
    func tell(_ kind: LeadEvent.Kind, _ address: String, by client: ID<Client>?) async throws -> String {
      let id = "\(kind.name) \(address)".filter { $0 != " " }
      return try await world.tell(world.event(kind, id, to: address), of: mine, by: client).testName
    }
    for kind in [LeadEvent.Kind.bounced(.hard), .complained, .unsubscribed(.everybody)] {
      #expect(try await tell(kind, "theirs@example.com", by: own) == "unknownLead")
      #expect(try await tell(kind, "nobody-at-all@example.com", by: own) == "unknownLead")
    }
    #expect(try await world.pool.value("SELECT count(*) FROM suppressions", as: Int.self) == 0)
    for address in ["mine@example.com", "old@example.com", "+1 650 530 0051"] {
      #expect(try await tell(.complained, address, by: own) == "applied")
    }
    #expect(try await tell(.complained, "theirs@example.com", by: nil) == "applied", "an operator may")
    #expect(try await world.faults() == [])
  }

  @Test func `a former client's event counts after its lead was merged`() async throws {
    let former = try await world.base.client("Former").id
    let owner = try await world.base.client("Owner").id
    let stays = try await world.lead(["email": "dana@example.com"])
    let merged = try await world.lead(["linkedin_key": "in/dana"])
    let start = world.now
    let old = try await world.assign(merged, to: former)
    world.base.clock.advance(by: .hours(1))
    try await world.release(old)
    try await world.assign(stays, to: owner)
    let conflicts = LeadConflictService(database: world.base.database, time: world.base.clock)
    guard case .fresh(.done) = try await conflicts.merge(merged, into: stays, actor: world.actor) else {
      throw World.Unexpected()
    }
    world.base.clock.advance(by: .hours(1))
    let optOut = try await world.tell(
      world.event(.unsubscribed(.everybody), "1"), of: merged, by: former)
    #expect(optOut.testRecord?.leadID == stays && optOut.testRecord?.clientID == former)
    #expect(try await world.reasons(stays) == ["opt_out"])
    let reply = try await world.tell(
      world.event(.replied(.negative), "2", at: start + .minutes(1)), of: merged)
    #expect(reply.testRecord?.clientID == former && reply.testRecord?.effects == [.replied])
    #expect(try await world.faults() == [])
  }

  @Test func `a number that several leads have means the one that somebody is at work with`() async throws {
    let client = try await world.base.client("Own").id
    _ = try await world.lead(["phone": "+16505300051", "full_name": "A"])
    let owned = try await world.lead(["phone": "+16505300051", "full_name": "B"])
    let event = world.event(.replied(.positive), "1", on: .sms, to: "+16505300051")
    #expect(try await world.tell(event) == .unknownLead)
    try await world.assign(owned, to: client)
    #expect(try await world.tell(event).testRecord?.leadID == owned)
  }

  @Test func `an event about a lead that was merged is about the one that speaks for it`() async throws {
    let stays = try await world.lead(["email": "dana@example.com"])
    let merged = try await world.lead()
    try await world.pool.execute("UPDATE lead_pool SET merged_into_id = \(stays) WHERE id = \(merged)")
    let verdict = try await world.tell(world.event(.unsubscribed(.everybody), "1"), of: merged)
    #expect(verdict.testRecord?.leadID == stays)
    #expect(try await world.faults() == [])
  }

  @Test func `a sender's counts are those of the last 30 days, and what somebody observed stands`()
    async throws
  {
    let client = try await world.base.client("Own").id
    try await sender(of: client)
    let lead = try await world.lead(["email": "dana@example.com"])
    try await world.assign(lead, to: client)
    let long = world.event(.delivered, "0", at: world.now - .hours(24 * 31))
    _ = try await world.tell(long, of: lead, from: "reach.example")
    #expect(try await counts("reach.example") == [0, 0, 0], "too long ago")
    for index in 1...3 {
      _ = try await world.tell(world.event(.delivered, "\(index)"), of: lead, from: "reach.example")
      world.base.clock.advance(by: .hours(24))
    }
    #expect(try await counts("reach.example") == [3, 0, 0])
    let job = SenderHealthJob(database: world.base.database)
    world.base.clock.advance(by: .hours(24 * 28))
    let report = try await job.runOnce(now: world.now, limit: 100)
    #expect(report.processed == 1 && !report.hasMore)
    #expect(try await counts("reach.example") == [2, 0, 0])
    var seen = ResourceObservation()
    seen.sent = 500
    let resources = ResourceService(database: world.base.database, time: world.base.clock)
    let id: ID<Resource> = try #require(
      try await world.pool.value("SELECT id FROM resource_pool WHERE resource_value = 'reach.example'"))
    _ = try await resources.perform(.observe(seen), on: id, actor: world.actor)
    world.base.clock.advance(by: .hours(24 * 40))
    #expect(try await job.runOnce(now: world.now, limit: 100).processed == 0)
    #expect(try await counts("reach.example") == [500, 0, 0])
    #expect(try await world.faults() == [])
  }

  @Test func `nothing personal stands in what is kept of events`() async throws {
    let lead = try await world.lead(["email": "dana@example.com"])
    _ = try await world.tell(world.event(.bounced(.hard), "<dana@example.com>", to: "dana@example.com"))
    for table in ["lead_events", "lead_ledger", "suppression_ledger"] {
      let rows: [String] = try await world.pool.column("SELECT t::text FROM \(unescaped: table) t")
      #expect(!rows.isEmpty && !rows.contains { $0.contains("dana") }, "\(table)")
    }
    #expect(try await world.reasons(lead) == ["bounce"])
  }

  @Test func `a lost race is run again`() async throws {
    let world = LeadContactWorld(failsFirstAttempt: true)
    let lead = try await world.lead(["email": "dana@example.com"])
    #expect(try await world.tell(world.event(.complained, "1"), of: lead).testName == "applied")
    #expect(try await world.history(lead) == ["event_complained"])
  }
}

extension LeadEventService.Verdict {
  var testRecord: LeadEventStore.Record? {
    switch self {
    case .applied(let record), .repeated(let record): record
    default: nil
    }
  }

  var testName: String {
    switch self {
    case .applied: "applied"
    case .repeated: "repeated"
    case .unknownLead: "unknownLead"
    case .unknownClient: "unknownClient"
    case .unknownSender: "unknownSender"
    case .eventIDReused: "reused"
    case .inFuture: "future"
    }
  }
}
