import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ManualOrderTests {
  let world = ResourceWorld()
  var supply: SupplyService { SupplyService(database: world.pool.database, time: world.clock) }

  func order(_ kind: ResourceKind, _ quantity: Int) async throws -> ID<ResourceOrder> {
    let new = NewOrder(kind: kind, quantity: quantity, unitPriceInCents: 0, reason: "by hand")
    guard case .fresh(.done(let detail)) = try await supply.request(new, actor: .commandLine)
    else { throw ResourceWorld.Unexpected(what: "not ordered") }
    #expect(detail.record.order.status == .approved)
    return detail.record.id
  }

  func perform(_ action: OrderAction, _ id: ID<ResourceOrder>) async throws -> SupplyService.Outcome? {
    let answer = try await supply.perform(action, on: id, actor: .commandLine)
    if case .fresh(let outcome) = answer { return outcome } else { return nil }
  }

  func deliver(
    _ texts: [String], _ kind: ResourceKind, to id: ID<ResourceOrder>, isWarmed: Bool = false
  ) async throws -> DeliveryOutcome? {
    let rows = try texts.map {
      ResourceService.NewResource(
        kind: kind, value: try ResourceValue($0, kind: kind), isWarmed: isWarmed)
    }
    let answer = try await supply.deliver(rows, to: id, actor: .commandLine)
    if case .fresh(let outcome) = answer { return outcome } else { return nil }
  }

  func verdicts(_ outcome: DeliveryOutcome?) -> [OrderDelivery.Verdict] {
    if case .done(let delivery) = outcome { delivery.verdicts } else { [] }
  }

  func status(_ id: ID<ResourceOrder>) async throws -> OrderStatus? {
    try await supply.find(id)?.record.order.status
  }

  @Test func `domains that were bought by hand arrive part by part, warm up, and can be given`() async throws
  {
    let id = try await order(.emailDomain, 3)
    #expect(try await deliver(["a.example.com"], .emailDomain, to: id) == .refused(.notPlaced))
    guard case .done = try await perform(.place(reference: "invoice 7"), id)
    else { throw ResourceWorld.Unexpected(what: "not placed") }
    #expect(try await perform(.place(reference: nil), id) == .refused(.notApproved))
    let first = verdicts(try await deliver(["A.example.com", "a.example.com"], .emailDomain, to: id))
    guard case .added(let resource) = first[0], first[1] == .duplicate(ofRow: 0)
    else { throw ResourceWorld.Unexpected(what: "\(first)") }
    #expect(try await status(id) == .arriving)
    #expect(try await world.resources.find(resource)?.status == .warming)
    let buffer = try await supply.buffers()[0]
    #expect(buffer.arriving == 3, "one warms up, two are outstanding")
    let rest = try await deliver(
      ["a.example.com", "b.example.com", "c.example.com", "d.example.com"], .emailDomain, to: id)
    #expect(verdicts(rest).first == .known(resource) && verdicts(rest).last == .surplus)
    #expect(try await status(id) == .warming)
    #expect(verdicts(try await deliver(["a.example.com"], .emailDomain, to: id)) == [.known(resource)])
    #expect(try await deliver(["e.example.com"], .emailDomain, to: id) == .refused(.notPlaced))
    #expect(try await perform(.fail(reason: "late"), id) == .refused(.inPool))
    let job = OrderJob(supply)
    world.clock.advance(by: .hours(24 * 21))
    try await world.runJobs()
    _ = try await job.runOnce(now: world.clock.now, limit: 10)
    #expect(try await status(id) == .available)
    #expect(try await supply.buffers()[0].available == 3)
    try await world.expectClean()
  }

  @Test func `mailboxes that were delivered to a domain that warms up are on their way, not missing`()
    async throws
  {
    let domain = try await order(.emailDomain, 1)
    let boxes = try await order(.mailbox, 2)
    for id in [domain, boxes] { _ = try await perform(.place(reference: nil), id) }
    _ = try await deliver(["a.example.com"], .emailDomain, to: domain)
    _ = try await deliver(["jo@a.example.com", "kim@a.example.com"], .mailbox, to: boxes)
    let buffer = try await supply.buffers()[1]
    #expect(buffer.kind == .mailbox && buffer.arriving == 2 && buffer.available == 0)
    world.clock.advance(by: .hours(24 * 21))
    try await world.runJobs()
    let ready = try await supply.buffers()[1]
    #expect(ready.arriving == 0 && ready.available == 2)
  }

  @Test func `deliveries of the same value to two orders at once end with one owner`() async throws {
    let world = ResourceWorld(poolSize: 16)
    let supply = SupplyService(database: world.pool.database, time: world.clock)
    var orders: [ID<ResourceOrder>] = []
    for _ in 0..<2 {
      let id = try await order(.linkedInSeat, 40)
      _ = try await perform(.place(reference: nil), id)
      orders.append(id)
    }
    let verdicts = try await withThrowingTaskGroup { group in
      for n in 0..<40 {
        for id in orders {
          group.addTask {
            let row = ResourceService.NewResource(
              kind: .linkedInSeat, value: ResourceValue(unchecked: "seat_\(n)", kind: .linkedInSeat))
            let answer = try await supply.deliver([row], to: id, actor: .commandLine)
            guard case .fresh(.done(let delivery)) = answer else { return [OrderDelivery.Verdict]() }
            return delivery.verdicts
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let added = verdicts.count { if case .added = $0 { true } else { false } }
    #expect(added == 40 && verdicts.count { $0 == .otherOrder } == 40)
    try await world.expectClean()
  }

  @Test func `numbers and seats do not warm up`() async throws {
    for (kind, text) in [(ResourceKind.phoneNumber, "+14244851000"), (.linkedInSeat, "seat_1")] {
      let id = try await order(kind, 1)
      _ = try await perform(.place(reference: nil), id)
      guard case .added = verdicts(try await deliver([text], kind, to: id)).first
      else { throw ResourceWorld.Unexpected(what: "not added") }
      #expect(try await status(id) == .available)
    }
    #expect(try await supply.buffers().map(\.available) == [0, 0, 1, 1])
    try await world.expectClean()
  }

  @Test func `what the pool has already is linked once, and never to two orders or as another kind`()
    async throws
  {
    try await world.stock(ResourceCounts(emailDomains: 1), isWarmed: false)
    let (first, second) = (try await order(.emailDomain, 2), try await order(.emailDomain, 2))
    for id in [first, second] { _ = try await perform(.place(reference: nil), id) }
    let linked = verdicts(try await deliver(["a0.example.com"], .emailDomain, to: first))
    guard case .linked(let resource) = linked[0] else { throw ResourceWorld.Unexpected(what: "\(linked)") }
    #expect(try await world.resources.find(resource)?.status == .warming, "its warm-up begins")
    #expect(verdicts(try await deliver(["a0.example.com"], .emailDomain, to: second)) == [.otherOrder])
    let mixed = try await supply.deliver(
      [.init(kind: .linkedInSeat, value: try ResourceValue("seat_9", kind: .linkedInSeat))], to: second,
      actor: .commandLine)
    guard case .fresh(let outcome) = mixed else { throw ResourceWorld.Unexpected(what: "a replay") }
    #expect(verdicts(outcome) == [.otherKind(.linkedInSeat)])
    #expect(try await status(second) == .placed, "nothing has arrived")
    let mailboxes = try await order(.mailbox, 1)
    _ = try await perform(.place(reference: nil), mailboxes)
    #expect(
      verdicts(try await deliver(["jo@nowhere.example.com"], .mailbox, to: mailboxes)) == [.domainMissing])
    try await world.expectClean()
  }

  @Test func `giving up leaves what has arrived, and a request that is turned down has failed`() async throws
  {
    let id = try await order(.linkedInSeat, 3)
    _ = try await perform(.place(reference: nil), id)
    _ = try await deliver(["seat_1"], .linkedInSeat, to: id)
    guard case .done(let rest) = try await perform(.fail(reason: "sold out"), id)
    else { throw ResourceWorld.Unexpected(what: "not given up") }
    #expect(rest.record.order.status == .available && rest.record.order.quantity == 1)
    let none = try await order(.linkedInSeat, 3)
    guard case .done(let failed) = try await perform(.fail(reason: "sold out"), none)
    else { throw ResourceWorld.Unexpected(what: "not given up") }
    #expect(failed.record.order.status == .failed && failed.record.lastError == "sold out")
    #expect(try await perform(.fail(reason: "again"), none) == .refused(.ended))
    #expect(try await perform(.approve, none) == .refused(.notRequested))
    #expect(try await perform(.reject(reason: "no"), none) == .refused(.notRequested))
    #expect(try await perform(.approve, ID(high: 1, low: 1)) == .unknown)
    #expect(try await supply.buffers()[3].arriving == 0)
    try await world.expectClean()
  }

  @Test func `an order above the limit waits, whoever made it; beyond the budget there is none`() async throws
  {
    var plan = try await supply.purchasing().plan
    plan.budget = PurchaseBudget(monthlyInCents: 1_000, approvalAboveInCents: 500)
    _ = try await supply.save(plan, actor: .commandLine)
    func request(_ quantity: Int) async throws -> SupplyService.Outcome? {
      let new = NewOrder(kind: .linkedInSeat, quantity: quantity, unitPriceInCents: 100, reason: "x")
      let answer = try await supply.request(new, actor: .commandLine)
      if case .fresh(let outcome) = answer { return outcome } else { return nil }
    }
    guard case .done(let waiting) = try await request(6) else { throw ResourceWorld.Unexpected(what: "no") }
    #expect(waiting.record.order.status == .requested && waiting.record.approvedBy == nil)
    #expect(try await request(5) == .overBudget(leftInCents: 400))
    guard case .done(let approved) = try await perform(.approve, waiting.record.id)
    else { throw ResourceWorld.Unexpected(what: "not approved") }
    #expect(approved.record.approvedBy == "command-line" && approved.record.order.status == .approved)
    let unknown = NewOrder(kind: .linkedInSeat, quantity: 1, provider: .infraforge, reason: "x")
    let answer = try await supply.request(unknown, actor: .commandLine)
    guard case .fresh(.unknownProvider) = answer else { throw ResourceWorld.Unexpected(what: "\(answer)") }
  }

  @Test func `an order is neither removed nor opened again, and its ledger never changes`() async throws {
    let id = try await order(.linkedInSeat, 1)
    _ = try await perform(.fail(reason: "no"), id)
    for sql: SQL in [
      "DELETE FROM resource_orders", "UPDATE resource_orders SET status = 'placed', closed_at = NULL",
      "UPDATE resource_order_ledger SET actor = 'me'", "DELETE FROM resource_order_ledger",
      "TRUNCATE resource_order_ledger",
    ] {
      await #expect(throws: PostgresError.self) { try await world.pool.execute(sql) }
    }
    try await world.expectClean()
  }
}
