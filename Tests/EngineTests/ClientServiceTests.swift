import Domain
import Engine
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ClientServiceTests {
  @Test func `a client is made as it was asked for`() async throws {
    let world = World()
    let new = NewClient(
      companyName: CompanyName(unchecked: "Second Broker LLC"),
      timeZone: try #require(TimeZoneName("America/Los_Angeles")), lowWaterMark: 3)
    guard case .created(let client) = try await world.clients.create(new, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(client.companyName.text == "Second Broker LLC")
    #expect(client.timeZone.identifier == "America/Los_Angeles")
    #expect(client.lowWaterMark == 3)
    #expect(client.createdAt == world.clock.now)
    #expect(try await world.clients.get(client.id) == client)
    #expect(try await world.clients.get(ID(high: 1, low: 1)) == nil)
  }

  @Test func `of many who want one name at once, one gets it`() async throws {
    let world = World(poolSize: 8)
    let new = NewClient(companyName: CompanyName(unchecked: "One"))
    let outcomes = try await withThrowingTaskGroup { group in
      for _ in 0..<16 { group.addTask { try await world.clients.create(new, actor: world.actor).outcome } }
      return try await group.reduce(into: [ClientService.Creation]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == .nameTaken } == 15)
  }

  @Test func `a command repeated under its key is done once, and another request is refused`() async throws {
    let world = World()
    let new = NewClient(companyName: CompanyName(unchecked: "Once"))
    let first: Idempotency<ClientService.Creation> = world.use("k") { _ in KeptAnswer(status: 201, body: [7])
    }
    guard case .fresh(.created) = try await world.clients.create(new, actor: world.actor, idempotency: first)
    else { throw World.Unexpected() }
    let again = try await world.clients.create(new, actor: world.actor, idempotency: first)
    #expect(again == .replayed(KeptAnswer(status: 201, body: [7])))
    let other: Idempotency<ClientService.Creation> = world.use("k", 2) { _ in nil }
    #expect(try await world.clients.create(new, actor: world.actor, idempotency: other) == .keyReused)
  }

  @Test func `a list goes on after the last one seen, and shows one client alone`() async throws {
    let world = World()
    var made: [Client] = []
    for name in ["A", "B", "C"] {
      made.append(try await world.client(name))
      world.clock.advance(by: .seconds(1))
    }
    #expect(try await world.clients.list(limit: 2) == Array(made.prefix(2)))
    #expect(try await world.clients.list(after: made[1].id, limit: 2) == [made[2]])
    #expect(try await world.clients.list(only: made[1].id, limit: 5) == [made[1]])
    #expect(try await world.clients.list(only: made[1].id, after: made[1].id, limit: 5) == [])
  }

  @Test func `a name is found exactly, and a wrong one is met with similar ones`() async throws {
    let world = World()
    let client = try await world.client("My Reverse Options")
    _ = try await world.client("Quite Different")
    #expect(try await world.clients.find(client.companyName) == .found(client))
    let wrong = CompanyName(unchecked: "my reverse option")
    #expect(try await world.clients.find(wrong) == .unknown(similar: ["My Reverse Options"]))
    #expect(try await world.clients.find(wrong, withHints: false) == .unknown(similar: []))
  }

  @Test func `only what is sent changes`() async throws {
    let world = World()
    let client = try await world.client("Before", lowWaterMark: 2)
    var expected = client
    expected.companyName = CompanyName(unchecked: "After")
    let change = ClientUpdate(companyName: expected.companyName)
    #expect(try await world.clients.update(client.id, change, actor: world.actor) == .updated(expected))
    expected.timeZone = try #require(TimeZoneName("Asia/Kathmandu"))
    expected.lowWaterMark = 0
    let second = ClientUpdate(timeZone: expected.timeZone, lowWaterMark: 0)
    #expect(try await world.clients.update(client.id, second, actor: world.actor) == .updated(expected))
  }

  @Test func `a taken name refuses the change, and an unknown client has none`() async throws {
    let world = World()
    let first = try await world.client("First")
    let second = try await world.client("Second")
    let change = ClientUpdate(companyName: first.companyName, lowWaterMark: 9)
    #expect(try await world.clients.update(second.id, change, actor: world.actor) == .nameTaken)
    #expect(try await world.clients.get(second.id)?.lowWaterMark == 1)
    let unknown = try await world.clients.update(
      ID(high: 1, low: 1), .init(lowWaterMark: 1), actor: world.actor)
    #expect(unknown == .unknown)
  }

  @Test func `a client that gets another name keeps its numbers and their leases`() async throws {
    let world = World()
    let client = try await world.client("Old Name")
    try await world.pool.numbers(2, of: "Old Name")
    let lead = try await world.pool.leads(1)[0]
    try await world.lease("n-0", to: lead)
    let change = ClientUpdate(companyName: CompanyName(unchecked: "New Name"))
    _ = try await world.clients.update(client.id, change, actor: world.actor)
    let number = try #require(try await world.numbers.get(ProviderNumberID(unchecked: "n-0")))
    #expect(number.company?.text == "New Name")
    #expect(number.leadID == lead)
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }
}
