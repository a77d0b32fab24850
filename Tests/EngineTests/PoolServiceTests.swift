import Domain
import Engine
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PoolServiceTests {
  let world = World()

  /// Five numbers: one leased, one overdue, one out of service, two free.
  func prepared() async throws -> Client {
    let client = try await world.client("First", lowWaterMark: 1)
    try await world.pool.numbers(3, of: "First", area: "424", territories: ["Los Angeles", "Orange County"])
    try await world.pool.numbers(2, of: "First", area: "650", prefix: "m")
    let leads = try await world.pool.leads(2)
    try await world.lease("n-0", to: leads[0], for: .hours(1))
    try await world.lease("n-1", to: leads[1], for: .hours(18))
    world.clock.advance(by: .hours(2))
    let change = NumberUpdate(status: .maintenance)
    _ = try await world.numbers.update(ProviderNumberID(unchecked: "m-0"), change, actor: world.actor)
    return client
  }

  @Test func `a pool is counted by the one rule of what is free`() async throws {
    let client = try await prepared()
    let pool = try #require(try await world.pools.get(client.id))
    #expect(
      pool.totals
        == PoolTotals(
          total: 5, available: 3, leased: 1, outOfService: 1, nextFreeAt: world.clock.now + .hours(16)))
    #expect(pool.overdue == 1 && pool.leasesLast24Hours == 2 && pool.lowWaterMark == 1)
    #expect(pool.utilisation == 0.25 && pool.level == .ok)
    #expect(try await world.pools.get(ID(high: 1, low: 1)) == nil)
    world.clock.advance(by: .hours(22))
    #expect(try await world.pools.get(client.id)?.leasesLast24Hours == 0)
  }

  @Test func `pools are listed by client, with those that have no number`() async throws {
    let first = try await prepared()
    let second = try await world.client("Second")
    #expect(try await world.pools.list(limit: 9).map(\.clientID) == [first.id, second.id])
    #expect(try await world.pools.list(after: first.id, limit: 9).map(\.totals.total) == [0])
    #expect(try await world.pools.list(only: first.id, limit: 9).map(\.totals.total) == [5])
    #expect(try await world.pools.get(second.id)?.level == .ok)
  }

  @Test func `numbers are shown where they are`() async throws {
    let client = try await prepared()
    let map = try #require(try await world.pools.geography(client.id))
    #expect(map.areaCodes.map(\.name) == ["424", "650"])
    #expect(map.areaCodes.map(\.total) == [3, 2] && map.areaCodes.map(\.available) == [2, 1])
    #expect(map.areaCodes.map(\.region) == ["California", "California"])
    #expect(map.territories.map(\.name) == ["Los Angeles", "Orange County"])
    #expect(map.territories.map(\.total) == [3, 3] && map.territories.map(\.available) == [2, 2])
    #expect(try await world.pools.geography(ID(high: 1, low: 1)) == nil)
  }

  @Test func `all pools together become gauges that name nobody`() async throws {
    _ = try await prepared()
    _ = try await world.client("Empty")
    let metrics = Metrics()
    try await PoolGauges(world.pools, metrics: metrics, time: world.clock).refresh()
    let text = metrics.exposition
    for line in [
      #"reservoir_pool_numbers{state="available"} 3"#, #"reservoir_pool_numbers{state="leased"} 1"#,
      #"reservoir_pool_numbers{state="out_of_service"} 1"#, "reservoir_pool_overdue_leases 1",
      #"reservoir_pool_clients{level="ok"} 1"#, #"reservoir_pool_clients{level="exhausted"} 0"#,
    ] {
      #expect(text.contains(line + "\n"))
    }
    #expect(!text.contains("First"))
  }
}

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct AlertServiceTests {
  let world = World()

  func service(_ events: Events = Events()) -> AlertService {
    AlertService(database: world.database, time: world.clock) { events.add($0) }
  }

  final class Events: Sendable {
    private let list = Mutex<[PoolAlertEvent]>([])
    var all: [PoolAlertEvent] { list.withLock { $0 } }
    func add(_ event: PoolAlertEvent) { list.withLock { $0.append(event) } }
  }

  @Test func `an alert follows its pool from low over exhausted back to health`() async throws {
    let client = try await world.client("First", lowWaterMark: 1)
    try await world.pool.numbers(3, of: "First")
    let leads = try await world.pool.leads(3)
    let events = Events()
    let alerts = service(events)
    #expect(try await alerts.look(at: client.id) == [])
    try await world.lease("n-0", to: leads[0])
    try await world.lease("n-1", to: leads[1])
    #expect(try await alerts.look(at: client.id).count == 1)
    #expect(try await alerts.look(at: client.id) == [])
    let low = try await alerts.list(limit: 9)
    #expect(low.map(\.kind) == [.low] && low[0].available == 1 && low[0].total == 3)
    #expect(low[0].company == client.companyName && low[0].raisedAt == world.clock.now)
    world.clock.advance(by: .minutes(1))
    try await world.lease("n-2", to: leads[2])
    #expect(try await alerts.look(at: client.id).count == 2)
    #expect(try await alerts.list(limit: 9).map(\.kind) == [.exhausted])
    // Nothing was swept, but everything is due.
    world.clock.advance(by: .hours(18))
    #expect(try await alerts.look(at: client.id).count == 1)
    #expect(try await alerts.list(limit: 9) == [])
    #expect(try await alerts.list(.cleared, limit: 9).map(\.kind) == [.exhausted, .low])
    #expect(try await alerts.list(.all, after: low[0].id, limit: 9) == [])
    #expect(try await alerts.list(.all, client: ID(high: 1, low: 1), limit: 9) == [])
    #expect(events.all.count == 4)
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  /// Frees a number by plain SQL.
  func free(_ number: String) async throws {
    try await world.at(world.clock.now) { transaction in
      _ = try transaction.execute(
        """
        UPDATE signalwire_phone_numbers SET currently_assigned_to = NULL
        WHERE vapi_phone_number_id = \(number)
        """)
    }
  }

  @Test func `a pool that moves to and fro across its mark is one alert, cleared above the margin`()
    async throws
  {
    let client = try await world.client("First", lowWaterMark: 1)
    try await world.pool.numbers(4, of: "First")
    let leads = try await world.pool.leads(4)
    let alerts = service()
    for number in 0..<2 { try await world.lease("n-\(number)", to: leads[number]) }
    for _ in 0..<3 {
      try await world.lease("n-2", to: leads[2])
      try await alerts.look(at: client.id)
      #expect(try await alerts.list(.all, limit: 9).map(\.clearedAt) == [nil])
      try await free("n-2")
      #expect(try await alerts.look(at: client.id) == [])
    }
    try await free("n-1")
    #expect(try await alerts.look(at: client.id).count == 1)
    #expect(try await alerts.list(limit: 9) == [])
  }

  @Test func `a pool that is dry again and again is one alert, until a number was free for five minutes`()
    async throws
  {
    let client = try await world.client("First", lowWaterMark: 0)
    try await world.pool.numbers(2, of: "First")
    let leads = try await world.pool.leads(2)
    let alerts = service()
    try await world.lease("n-0", to: leads[0])
    for _ in 0..<3 {
      try await world.lease("n-1", to: leads[1])
      try await alerts.look(at: client.id)
      world.clock.advance(by: .minutes(4))
      try await free("n-1")
      #expect(try await alerts.look(at: client.id) == [])
      #expect(try await alerts.list(.all, limit: 9).map(\.kind) == [.exhausted])
    }
    world.clock.advance(by: .minutes(1))
    #expect(try await alerts.look(at: client.id).count == 1)
    #expect(try await alerts.list(limit: 9) == [])
  }

  @Test func `of many looks at once, one raises the alert`() async throws {
    let world = World(poolSize: 8, failsFirstAttempt: true)
    let client = try await world.client("First", lowWaterMark: 5)
    try await world.pool.numbers(3, of: "First")
    let events = Events()
    let alerts = AlertService(database: world.database, time: world.clock) { events.add($0) }
    try await withThrowingTaskGroup { group in
      for _ in 0..<16 { group.addTask { try await alerts.look(at: client.id) } }
      try await group.waitForAll()
    }
    #expect(events.all.count == 1)
    #expect(try await alerts.list(.all, limit: 9).count == 1)
  }

  @Test func `the job looks at every client, in parts`() async throws {
    for index in 0..<5 {
      _ = try await world.client("Client \(index)")
      try await world.pool.numbers(1, of: "Client \(index)", area: "42\(index)", prefix: "p\(index)")
    }
    let job = PoolAlertJob(service())
    let report = try await job.runOnce(now: world.clock.now, limit: 2)
    #expect(report == JobReport(processed: 5, details: ["raised": 5, "cleared": 0]))
    #expect(try await job.runOnce(now: world.clock.now, limit: 2).processed == 0)
  }

  @Test func `refusals lead to one look in ten seconds`() async throws {
    let client = try await world.client("First")
    let alerts = service()
    try await alerts.lookAfterRefusal(at: .client(client.id))
    try await world.pool.numbers(1, of: "First")
    try await world.lease("n-0", to: try await world.pool.leads(1)[0])
    try await alerts.lookAfterRefusal(at: .client(client.id))
    #expect(try await alerts.list(limit: 9) == [])
    world.clock.advance(by: .seconds(10))
    try await alerts.lookAfterRefusal(at: .client(client.id))
    #expect(try await alerts.list(limit: 9).map(\.kind) == [.exhausted])
  }

  @Test func `a refusal names the pool by its company, too`() async throws {
    let client = try await world.client("First")
    let alerts = service()
    try await world.pool.numbers(1, of: "First")
    try await world.lease("n-0", to: try await world.pool.leads(1)[0])
    try await alerts.lookAfterRefusal(at: .company(CompanyName(unchecked: "Nobody")))
    #expect(try await alerts.list(limit: 9) == [])
    try await alerts.lookAfterRefusal(at: .company(client.companyName))
    #expect(try await alerts.list(limit: 9).map(\.kind) == [.exhausted])
  }
}
