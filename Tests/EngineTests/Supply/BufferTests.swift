import Domain
import Engine
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct BufferTests {
  let world = ResourceWorld()
  var supply: SupplyService { SupplyService(database: world.pool.database, time: world.clock) }

  final class Notebook: Sendable {
    let content = Mutex<[SupplyEvent]>([])
    @Sendable func add(_ event: SupplyEvent) { content.withLock { $0.append(event) } }
  }
  let notebook = Notebook()

  func look() async throws {
    // Alerts are listed by time.
    world.clock.advance(by: .minutes(5))
    _ = try await BufferJob(supply, onEvent: notebook.add).runOnce(now: world.clock.now, limit: 10)
  }

  func levels(_ state: BufferAlert.State) async throws -> [BufferLevel] {
    try await supply.alerts(state, limit: 100).filter { $0.kind == .linkedInSeat }.map(\.level)
  }

  func give(_ seats: Int, to client: ID<Client>) async throws {
    let answer = try await world.assignments.assign(
      ResourceCounts(linkedInSeats: seats), to: client, actor: .commandLine)
    guard case .fresh(.assigned) = answer else { throw ResourceWorld.Unexpected(what: "\(answer)") }
  }

  func plan(
    _ kind: ResourceKind = .linkedInSeat, monthly: Int? = nil, approvalAbove: Int? = nil, price: Int = 100
  ) async throws {
    var plan = try await supply.purchasing().plan
    plan.budget = PurchaseBudget(monthlyInCents: monthly, approvalAboveInCents: approvalAbove)
    plan.kinds[kind] = PurchaseSettings(kind: kind, unitPriceInCents: price, ordersAutomatically: true)
    guard case .saved = try await supply.save(plan, actor: .commandLine) else {
      throw ResourceWorld.Unexpected(what: "not saved")
    }
  }

  @Test("R10: alerts at 40 % and 20 % are raised, get worse, better, and are cleared")
  func alerts() async throws {
    let client = try await world.client("Acme")
    try await world.stock(ResourceCounts(linkedInSeats: 15))
    try await give(10, to: client)
    try await look()
    #expect(try await levels(.all) == [], "five of the four that must be")
    try await give(1, to: client)
    try await look()
    try await look()
    #expect(try await levels(.all) == [], "11 × 40 % is 4")
    try await give(2, to: client)
    try await look()
    try await look()
    #expect(try await levels(.all) == [.low], "raised once")
    try await give(1, to: client)
    try await look()
    #expect(try await levels(.all) == [.critical, .low])
    #expect(try await levels(.open) == [.critical])
    try await world.stock(ResourceCounts(linkedInSeats: 2), prefix: "b")
    try await look()
    #expect(try await levels(.open) == [.low])
    try await world.stock(ResourceCounts(linkedInSeats: 9), prefix: "c")
    try await look()
    #expect(try await levels(.open) == [])
    #expect(try await levels(.cleared) == [.low, .critical, .low])
    let raised = notebook.content.withLock { $0.count { if case .alertRaised = $0 { true } else { false } } }
    #expect(raised == 3)
  }

  @Test("what counts as ready is what Assignability says, and who is on hold counts as nobody")
  func stats() async throws {
    let client = try await world.client("Acme")
    try await world.stock(ResourceCounts(emailDomains: 6, phoneNumbers: 2, linkedInSeats: 2))
    try await world.stock(ResourceCounts(emailDomains: 2), prefix: "cold", isWarmed: false)
    _ = try await world.assignments.assign(
      ResourceCounts(emailDomains: 2, mailboxes: 4, phoneNumbers: 1), to: client, actor: .commandLine)
    let free = try await world.resources.list(
      .init(kind: .emailDomain, status: .available), after: nil, limit: 10
    ).filter(\.warmup.isCompleted)
    #expect(free.count == 4)
    func act(_ action: ResourceAction, _ index: Int) async throws {
      _ = try await world.resources.perform(action, on: free[index].id, actor: .commandLine)
    }
    try await act(.quarantine(.manual, evidence: "a test"), 0)
    var failing = ResourceObservation()
    failing.dmarc = .fail
    try await act(.observe(failing), 1)
    var bouncing = ResourceObservation()
    (bouncing.sent, bouncing.bounces) = (1_000, 500)
    try await act(.observe(bouncing), 2)
    let buffers = try await supply.buffers()
    #expect(buffers.map(\.kind) == ResourceKind.allCases)
    #expect(buffers.map(\.assigned) == [2, 4, 1, 0])
    #expect(buffers.map(\.available) == [1, 2, 1, 2], "mailboxes go with their domains")
    let cold = try await world.resources.list(
      .init(kind: .emailDomain, status: .available), after: nil, limit: 10
    ).filter { !$0.warmup.isCompleted }
    _ = try await world.resources.perform(.startWarmup, on: cold[0].id, actor: .commandLine)
    #expect(try await supply.buffers()[0].arriving == 1)
  }

  @Test("R6: what clients wait for is ordered with what the buffer lacks")
  func backorders() async throws {
    try await plan()
    let client = try await world.client("Acme")
    try await world.confirm(client, .ignition)
    try await look()
    let order = try #require(try await supply.orders(limit: 10).first)
    #expect(order.order.quantity == 4 && order.isAutomatic && order.order.status == .approved)
    try await look()
    #expect(try await supply.orders(limit: 10).count == 1, "not ordered twice")
  }

  @Test func `the budget limits what is ordered, an alert tells of the rest, and a new month allows it`()
    async throws
  {
    try await plan(monthly: 250, approvalAbove: 150, price: 100)
    let client = try await world.client("Acme")
    try await world.confirm(client, .ignition)
    try await look()
    try await look()
    let order = try #require(try await supply.orders(limit: 10).first)
    #expect(order.order.quantity == 2 && order.order.status == .requested, "two can be paid, with approval")
    let purchasing = try await supply.purchasing()
    #expect(purchasing.spentInCents == 200 && purchasing.plan[.linkedInSeat].beyondBudget == 2)
    let beyond = notebook.content.withLock { events in
      events.compactMap { event in if case .beyondBudget(_, let count) = event { count } else { nil } }
    }
    #expect(beyond == [2], "told once")
    // Still waiting for its approval it counts against the next month, too.
    world.clock.advance(by: .hours(24 * 40))
    #expect(try await supply.purchasing().spentInCents == 200)
    for action in [OrderAction.approve, .place(reference: "invoice 7")] {
      _ = try await supply.perform(action, on: order.id, actor: .commandLine)
    }
    #expect(try await supply.purchasing().spentInCents == 200)
    world.clock.advance(by: .hours(24 * 40))
    #expect(try await supply.purchasing().spentInCents == 0)
    try await look()
    #expect(try await supply.orders(limit: 10).map(\.order.quantity) == [2, 2])
  }

  @Test("many looks at once order once", arguments: [false, true])
  func race(failsFirstAttempt: Bool) async throws {
    let world = ResourceWorld(poolSize: 16, failsFirstAttempt: failsFirstAttempt)
    let supply = SupplyService(database: world.pool.database, time: world.clock)
    try await plan(monthly: 1_000)
    let client = try await world.client("Acme")
    try await world.confirm(client, .ignition)
    try await withThrowingTaskGroup { group in
      for _ in 0..<24 {
        group.addTask { _ = try await BufferJob(supply).runOnce(now: world.clock.now, limit: 10) }
      }
      try await group.waitForAll()
    }
    let looked = try await supply.orders(limit: 100)
    #expect(looked.count == 1 && looked.first?.isAutomatic == true && looked.first?.order.quantity == 4)
    try await withThrowingTaskGroup { group in
      for _ in 0..<24 {
        group.addTask { _ = try await BufferJob(supply).runOnce(now: world.clock.now, limit: 10) }
        group.addTask {
          let new = NewOrder(kind: .linkedInSeat, quantity: 1, reason: "race")
          _ = try await supply.request(new, actor: .commandLine)
        }
      }
      try await group.waitForAll()
    }
    let orders = try await supply.orders(limit: 100)
    #expect(orders.count(where: \.isAutomatic) <= 1)
    #expect(try await supply.purchasing().spentInCents == 1_000, "never more than the budget")
    #expect(try await supply.buffers()[3].toOrder == 0)
    try await world.expectClean()
  }
}
