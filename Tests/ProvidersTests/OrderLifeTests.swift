import Domain
import Engine
import HTTPClient
import Postgres
import Providers
import Runtime
import Store
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct OrderLifeTests {
  @Test("R10: a shortage becomes an order, and the order 23 days later domains that can be given")
  func life() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 10, available: 1)
      fake.set { $0.newStatus = "pending" }
      let start = world.clock.now
      try await world.lookAtBuffer()
      #expect(try await world.status() == .approved)
      try await world.workOnOrders()
      #expect(try await world.status() == .placed)
      #expect(try await world.order().values.allSatisfy { $0.state == .bought && $0.quotedInCents == 1_400 })

      world.clock.advance(by: .hours(24))
      fake.set { state in for index in state.domains.indices { state.domains[index].status = "active" } }
      try await world.workOnOrders()
      #expect(try await world.status() == .arriving)
      #expect(try await world.resources.list(.init(status: .warming), after: nil, limit: 10).isEmpty)

      world.clock.advance(by: .hours(24))
      try await world.workOnOrders()
      #expect(try await world.status() == .warming)
      let warming = try await world.resources.list(.init(status: .warming), after: nil, limit: 10)
      #expect(
        warming.count == 3 && warming.allSatisfy { $0.provider == "infraforge" && $0.providerID != nil })
      #expect(Set(fake.read { $0.renewed }).count == 3)
      #expect(try await world.buffer().arriving == 3)

      // Day after day nothing more is bought.
      for _ in 0..<21 {
        try await world.lookAtBuffer()
        try await world.workOnOrders()
        #expect(try await world.status() == .warming)
        world.clock.advance(by: .hours(24))
      }
      _ = try await WarmupJob(world.resources).runOnce(now: world.clock.now, limit: 100)
      try await world.workOnOrders()
      #expect(try await world.status() == .available)
      #expect(world.clock.now - start == .hours(24 * 23))
      let buffer = try await world.buffer()
      #expect(buffer.available == 4 && buffer.arriving == 0 && buffer.toOrder == 0 && buffer.level == .ok)
      #expect(fake.read { $0.purchases }.count == 1 && fake.read { $0.purchaseCalls } == 1)

      let order = try await world.order()
      let history = try #require(
        try await world.supply.history(of: order.record.id, after: nil, limit: 100))
      let path = history.reversed().filter { $0.value == nil }.map(\.status)
      #expect(path == ["approved", "placed", "arriving", "warming", "available"])
      #expect(history.count { $0.status == "value_sent" } == 3)
      try await world.expectClean()
    }
  }

  @Test func `an answer that was lost after the purchase is settled by looking, and nothing is bought twice`()
    async throws
  {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake, isImpatient: true)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.silentSuccess] }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let unknown = try await world.order()
      #expect(unknown.record.order.status == .approved && unknown.record.failures == 1)
      #expect(unknown.values.map(\.state) == [.sent, .sent])
      world.clock.advance(by: .minutes(2))
      try await world.workOnOrders()
      #expect(try await world.status() == .arriving)
      #expect(fake.read { $0.purchaseCalls } == 1 && fake.read { $0.purchases.flatMap { $0 } }.count == 2)
    }
  }

  @Test func `a purchase that never happened is asked for again by the same names, but only after a while`()
    async throws
  {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake, isImpatient: true)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.silence] }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let names = try await world.order().values.map(\.value)
      world.clock.advance(by: .minutes(2))
      try await world.workOnOrders()
      #expect(fake.read { $0.purchaseCalls } == 1, "two minutes later it may still show")
      world.clock.advance(by: PurchaseSettlement.patience)
      try await world.workOnOrders()
      #expect(try await world.status() == .arriving)
      #expect(fake.read { $0.purchaseCalls } == 2)
      #expect(fake.read { $0.purchases.map(Set.init) } == [Set(names.map(\.text))])
    }
  }

  @Test func `a server that dies between the intent and the call leaves nothing bought twice or forgotten`()
    async throws
  {
    try await withInfraforge { fake in
      let real = Infraforge(try fake.settings(), agent: HTTPAgent())
      let gate = GatedProvider(real)
      let dying = SupplyWorld(gate)
      try await dying.plan()
      try await dying.stock(assigned: 5)
      try await dying.lookAtBuffer()
      let zombie = Task { try await dying.workOnOrders() }
      await gate.arrived()
      let taken = SupplyWorld(real, pool: dying.pool, clock: dying.clock)
      try await taken.workOnOrders()
      #expect(try await taken.order().values.map(\.state) == [.sent, .sent], "the intent is durable")
      taken.clock.advance(by: .minutes(31))
      try await taken.workOnOrders()
      #expect(try await taken.status() == .arriving && fake.read { $0.purchases }.count == 1)
      // The first one was not dead after all: what it does comes too late, and the provider refuses it.
      gate.open()
      try await zombie.value
      #expect(try await taken.status() == .arriving && fake.read { $0.purchases }.count == 1)
      try await taken.expectClean()
    }
  }

  @Test func `what was bought is kept when the rest is refused`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake, isImpatient: true)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.silence] }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let names = try await world.order().values.map(\.value.text)
      // One of the two was sold after all; the other one is refused when it is asked for again.
      fake.set {
        $0.domains = [.init(id: "dom_1", name: names[0], status: "pending")]
        $0.mishaps = [.status(400, "not for you")]
      }
      world.clock.advance(by: .minutes(12))
      try await world.workOnOrders()
      let order = try await world.order()
      #expect(order.record.order.status == .placed && order.record.order.quantity == 1)
      #expect(order.record.lastError == "HTTP 400: not for you")
      #expect(order.values.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.bought, .dropped])
      try await world.expectClean()
    }
  }

  @Test func `a large order is chosen part by part, and bought whole`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan(stems: ["acme", "apex", "nova", "orbit", "delta"])
      try await world.stock(assigned: 5)
      let new = NewOrder(kind: .emailDomain, quantity: 110, reason: "a large one")
      _ = try await world.supply.request(new, actor: .commandLine)
      try await world.workOnOrders()
      #expect(try await world.status() == .arriving)
      #expect(fake.read { $0.purchases.map(\.count) } == [110])
    }
  }

  @Test func `a provider that is busy is asked again when it said, with the same names`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.tooManyRequests(retryAfter: 600)] }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let busy = try await world.order()
      #expect(busy.record.nextAttemptAt == world.clock.now + .seconds(600))
      #expect(busy.values.map(\.state) == [.chosen, .chosen])
      world.clock.advance(by: .seconds(599))
      try await world.workOnOrders()
      #expect(fake.read { $0.purchaseCalls } == 1)
      world.clock.advance(by: .seconds(1))
      try await world.workOnOrders()
      #expect(try await world.status() == .arriving)
    }
  }

  @Test func `a refusal ends the order with the provider's words, and the next one waits`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.status(402, "no card for \(FakeInfraforge.key)")] }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let failed = try await world.order()
      #expect(failed.record.order.status == .failed)
      #expect(failed.record.lastError == "HTTP 402: no card for ***")
      let told = world.events.all.contains { event in
        if case .orderFailed(_, let reason) = event { reason == "HTTP 402: no card for ***" } else { false }
      }
      #expect(told)
      try await world.lookAtBuffer()
      #expect(try await world.supply.orders(limit: 10).count == 1, "not again at once")
      world.clock.advance(by: .hours(1))
      try await world.lookAtBuffer()
      #expect(try await world.supply.orders(limit: 10).count == 2)
    }
  }

  @Test func `a provider that stays away ends the order, visibly`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.outage = 503 }
      try await world.lookAtBuffer()
      var tries = 0
      while try await world.status() == .approved, tries < 50 {
        try await world.workOnOrders()
        tries += 1
        world.clock.advance(by: .hours(7))
      }
      #expect(tries == 10 && Retry.mostFailures == 10)
      let failed = try await world.order()
      #expect(failed.record.order.status == .failed && failed.record.lastError == "HTTP 503: maintenance")
      #expect(world.events.all.count { if case .providerFailed = $0 { true } else { false } } == tries)
    }
  }

  @Test func `what is paid for outlasts an outage of days`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.newStatus = "pending" }
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      fake.set { $0.outage = 500 }
      for _ in 0..<20 {
        world.clock.advance(by: .hours(8))
        try await world.workOnOrders()
      }
      let waiting = try await world.order().record
      #expect(waiting.order.status == .placed && waiting.failures == 20)
      fake.set { state in
        state.outage = nil
        for index in state.domains.indices { state.domains[index].status = "active" }
        state.domains[0].status = "failed"
      }
      world.clock.advance(by: .hours(8))
      try await world.workOnOrders()
      let rest = try await world.order().record
      #expect(rest.order.status == .arriving && rest.order.quantity == 1, "one of the two was never made")
    }
  }

  @Test(arguments: [403, 503])
  func `what is paid for enters the pool though it cannot be renewed, and the order says so`(
    status: Int
  ) async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.renewalFault = status }
      try await world.lookAtBuffer()
      var turns = 0
      while try await world.status() != .warming, turns < 20 {
        try await world.workOnOrders()
        world.clock.advance(by: .hours(25))
        turns += 1
      }
      let order = try await world.order().record
      #expect(order.order.delivered == 2 && order.lastError?.contains("not be renewed") == true)
      #expect(turns == (status == 403 ? 2 : 7))
    }
  }

  @Test func `names that are taken or too dear are passed over`() async throws {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan()
      try await world.stock(assigned: 5)
      try await world.lookAtBuffer()
      let id = try await world.order().record.id
      let parts = try await world.supply.purchasing().plan[.emailDomain].names
      let first = DomainNaming(parts, seed: id.low).candidates(except: [], limit: 3).map(\.text)
      fake.set {
        $0.unavailable = [first[0]]
        $0.prices = [first[1]: 14.01]
      }
      try await world.workOnOrders()
      let names = fake.read { $0.purchases.flatMap { $0 } }
      #expect(names.count == 2 && names.contains(first[2]))
      #expect(!names.contains(first[0]) && !names.contains(first[1]))
    }
  }

  @Test func `names that are not for sale are passed for good, and others looked for further on`()
    async throws
  {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan(stems: ["acme", "birch", "cedar", "delta"])
      try await world.stock(assigned: 5)
      try await world.lookAtBuffer()
      let id = try await world.order().record.id
      let parts = try await world.supply.purchasing().plan[.emailDomain].names
      let all = DomainNaming(parts, seed: id.low).candidates(except: [], limit: 20_000).map(\.text)
      try #require(all.count > 60)
      // Two are wanted: a step looks at 28 names. The second one to be had is beyond the first step.
      let good: Set = [all[3], all[40]]
      fake.set { $0.unavailable = Set(all).subtracting(good) }
      for _ in 0..<3 { try await world.workOnOrders() }
      #expect(Set(fake.read { $0.purchases.flatMap { $0 } }) == good)
      #expect(try await world.order().record.order.quantity == 2)
    }
  }

  @Test func `when there are too few names, the order goes on with what there is, or fails and says why`()
    async throws
  {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake)
      try await world.plan(stems: [])
      try await world.stock(assigned: 5)
      try await world.lookAtBuffer()
      try await world.workOnOrders()
      let failed = try await world.order().record
      #expect(failed.order.status == .failed && failed.lastError?.contains("add stems or words") == true)
      #expect(fake.read { $0.purchaseCalls } == 0)
    }
  }

  @Test("many servers that look at once order once, and buy once", arguments: [false, true])
  func race(failsFirstAttempt: Bool) async throws {
    try await withInfraforge { fake in
      let provider = Infraforge(try fake.settings(), agent: HTTPAgent())
      let pool = PoolFixture(poolSize: 16, failsFirstAttempt: failsFirstAttempt)
      let world = SupplyWorld(provider, pool: pool)
      try await world.plan()
      try await world.stock(assigned: 20)
      try await withThrowingTaskGroup { group in
        for _ in 0..<16 { group.addTask { try await world.lookAtBuffer() } }
        try await group.waitForAll()
      }
      #expect(try await world.order().record.order.quantity == 8)
      try await withThrowingTaskGroup { group in
        for _ in 0..<16 { group.addTask { try await world.workOnOrders() } }
        try await group.waitForAll()
      }
      #expect(try await world.status() == .arriving)
      #expect(fake.read { $0.purchaseCalls } == 1 && fake.read { $0.domains }.count == 8)
      try await world.expectClean()
    }
  }

  @Test func `an order that the program does not buy can be taken over by hand, unless it was asked for`()
    async throws
  {
    try await withInfraforge { fake in
      let world = try SupplyWorld(fake, isImpatient: true)
      try await world.plan()
      try await world.stock(assigned: 5)
      fake.set { $0.mishaps = [.silence] }
      try await world.lookAtBuffer()
      let id = try await world.order().record.id
      try await world.workOnOrders()
      func place() async throws -> SupplyService.Outcome? {
        let answer = try await world.supply.perform(.place(reference: nil), on: id, actor: .commandLine)
        if case .fresh(let outcome) = answer { return outcome } else { return nil }
      }
      #expect(try await place() == .refused(.withProvider))
      world.clock.advance(by: .minutes(12))
      fake.set { $0.mishaps = [.tooManyRequests(retryAfter: 60)] }
      try await world.workOnOrders()
      guard case .done(let detail) = try await place() else { throw SupplyWorld.Unexpected() }
      #expect(detail.record.provider == .manual && detail.record.order.status == .placed)
      #expect(detail.values.allSatisfy { $0.state == .dropped })
      world.clock.advance(by: .hours(1))
      try await world.workOnOrders()
      #expect(fake.read { $0.purchases } == [], "the program leaves it alone")
    }
  }
}

/// A provider whose purchases wait behind a gate.
final class GatedProvider: ResourceProvider {
  private let real: any ResourceProvider
  private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
  private let (gate, key) = AsyncStream.makeStream(of: Void.self)

  init(_ real: any ResourceProvider) { self.real = real }

  func arrived() async {
    var iterator = arrivals.makeAsyncIterator()
    await iterator.next()
  }

  func open() { key.finish() }

  var name: ProviderName { real.name }
  var kinds: Set<ResourceKind> { real.kinds }
  func quote(_ value: ResourceValue) async throws(ProviderFailure) -> ProviderQuote {
    try await real.quote(value)
  }
  func buy(_ values: [ResourceValue]) async throws(ProviderFailure) {
    arrival.yield()
    for await _ in gate {}
    try await real.buy(values)
  }
  func list() async throws(ProviderFailure) -> [ProviderHolding] { try await real.list() }
  func keep(_ providerID: String) async throws(ProviderFailure) { try await real.keep(providerID) }
}
