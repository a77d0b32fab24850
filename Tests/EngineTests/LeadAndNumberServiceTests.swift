import Domain
import Engine
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadServiceTests {
  @Test func `a lead is made with what is known`() async throws {
    let world = World()
    let email = try #require(EmailAddress("ada@example.com"))
    let lead = try await world.lead(.init(primaryEmail: email, firstName: "Ada"))
    #expect(lead.lead.primaryEmail == email && lead.lead.firstName == "Ada" && lead.lead.lastName == nil)
    #expect(lead.pool?.facts.text(.email) == "ada@example.com" && lead.clientID == nil)
    #expect(try await world.leads.get(lead.lead.id) == lead)
    #expect(try await world.leads.get(ID(high: 1, low: 1)) == nil)
  }

  @Test func `a person whom the pool knows is found, and learns what is new`() async throws {
    let world = World()
    let email = try #require(EmailAddress("ada@example.com"))
    let lead = try await world.lead(.init(primaryEmail: email))
    var fields = LeadFacts()
    fields[.title] = .text("CTO")
    let answer = try await world.leads.create(.init(primaryEmail: email, fields: fields), actor: world.actor)
    guard case .fresh(.known(let known)) = answer else { throw Astray() }
    #expect(known.lead.id == lead.lead.id && known.pool?.facts.text(.title) == "CTO")
  }

  @Test func `leads are listed in the order of their creation, or by address`() async throws {
    let world = World()
    let email = try #require(EmailAddress("two@example.com"))
    var made: [Lead] = []
    for address in [nil, email, nil] {
      made.append(try await world.lead(.init(primaryEmail: address)).lead)
      world.clock.advance(by: .seconds(1))
    }
    #expect(try await world.leads.list(limit: 2) == Array(made.prefix(2)))
    #expect(try await world.leads.list(after: made[1].id, limit: 2) == [made[2]])
    #expect(try await world.leads.list(email: email, limit: 9) == [made[1]])
    #expect(try await world.leads.list(email: email, after: made[1].id, limit: 9) == [])
  }

  @Test func `a repeated creation gives the kept answer and no second lead`() async throws {
    let world = World(failsFirstAttempt: true)
    for expected in [false, true] {
      let key: Idempotency<LeadService.Outcome> = world.use("k") { _ in KeptAnswer(status: 201, body: [1]) }
      let answer = try await world.leads.create(.init(firstName: "A"), actor: world.actor, idempotency: key)
      #expect((answer == .replayed(KeptAnswer(status: 201, body: [1]))) == expected)
    }
    #expect(try await world.leads.list(limit: 9).count == 1)
  }
}

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct NumberServiceTests {
  @Test func `filters are combined, and pages follow each other`() async throws {
    let world = World()
    let first = try await world.client("First")
    _ = try await world.client("Second")
    try await world.pool.numbers(3, of: "First", area: "424", prefix: "a")
    try await world.pool.numbers(2, of: "First", area: "650", prefix: "b")
    try await world.pool.numbers(2, of: "Second", area: "212", prefix: "c")
    try await world.lease("a-1", to: try await world.pool.leads(1)[0])
    func ids(_ filter: NumberFilter, after: String? = nil, limit: Int = 99) async throws -> [String] {
      try await world.numbers.list(filter, after: after.flatMap(ProviderNumberID.init(_:)), limit: limit)
        .map(\.providerNumberID.text)
    }
    #expect(try await ids(.init()).count == 7)
    #expect(try await ids(.init(), after: "b-0", limit: 2) == ["b-1", "c-0"])
    #expect(try await ids(.init(company: first.companyName, areaCode: "650")) == ["b-0", "b-1"])
    #expect(try await ids(.init(clientID: first.id, assignmentStatus: .assigned)) == ["a-1"])
    #expect(try await ids(.init(company: first.companyName, clientID: ID(high: 1, low: 1))) == [])
    #expect(try await ids(.init(status: .maintenance)) == [])
    #expect(try await ids(.init(areaCode: "00000000")) == [])
  }

  @Test func `only what is sent changes, and the ledger remembers who changed the status`() async throws {
    let world = World()
    let client = try await world.client("First")
    try await world.pool.numbers(1, of: "First", territories: ["Los Angeles"])
    let id = ProviderNumberID(unchecked: "n-0")
    let noted = try await world.numbers.update(
      id, .init(status: .maintenance, notes: "ticket"), actor: .job("test"))
    #expect(noted?.status == .maintenance && noted?.notes == "ticket" && noted?.name == "number 0")
    #expect(noted?.territories == ["Los Angeles"] && noted?.clientID == client.id)
    let named = try await world.numbers.update(
      id, .init(name: "Main", notes: .some(nil), territories: []), actor: world.actor)
    #expect(named?.name == "Main" && named?.notes == nil && named?.territories == [])
    #expect(named?.status == .maintenance)
    let actors: [String] = try await world.pool.column(
      "SELECT actor FROM phone_number_ledger WHERE kind = 'status_changed' AND at = \(world.clock.now)")
    #expect(actors == ["job:test"])
    let unknown = ProviderNumberID(unchecked: "unknown")
    #expect(try await world.numbers.update(unknown, .init(name: "x"), actor: world.actor) == nil)
    #expect(try await world.numbers.get(unknown) == nil)
  }
}
