import Domain
import Testing

@Suite struct `The buffer` {
  func buffer(_ assigned: Int, _ available: Int, arriving: Int = 0) -> Buffer {
    Buffer(kind: .emailDomain, assigned: assigned, available: available, arriving: arriving)
  }

  @Test(
    "R10: required is 40 % of what is assigned, in whole numbers",
    arguments: [
      (0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (7, 2), (8, 3), (10, 4), (25, 10), (50, 20), (99, 39),
    ])
  func required(assigned: Int, required: Int) {
    #expect(buffer(assigned, 0).required == required)
  }

  @Test(
    "R10: what is arriving is not bought again",
    arguments: [
      (50, 20, 0, 0), (50, 19, 0, 1), (50, 12, 3, 5), (50, 12, 8, 0), (50, 12, 99, 0), (50, 0, 0, 20),
      (50, 99, 0, 0), (2, 0, 0, 0),
    ])
  func shortfall(assigned: Int, available: Int, arriving: Int, shortfall: Int) {
    #expect(buffer(assigned, available, arriving: arriving).shortfall == shortfall)
  }

  @Test("R10: alerts below 40 % and below 20 %, whatever is arriving")
  func level() {
    #expect(buffer(50, 20).level == .ok && buffer(50, 19).level == .low)
    #expect(buffer(50, 10).level == .low && buffer(50, 9, arriving: 90).level == .critical)
    #expect(buffer(2, 0).level == .ok && buffer(0, 0).level == .ok)
    #expect(buffer(4, 0).level == .low && buffer(5, 0).level == .critical)
  }

  @Test func `an alert is raised once, gets worse or better, and is cleared`() {
    #expect(BufferLevel.ok.change(ofAlert: nil) == .keep && BufferLevel.ok.change(ofAlert: .low) == .clear)
    #expect(BufferLevel.low.change(ofAlert: nil) == .raise(.low))
    #expect(BufferLevel.low.change(ofAlert: .low) == .keep)
    #expect(BufferLevel.critical.change(ofAlert: .low) == .raise(.critical))
    #expect(BufferLevel.low.change(ofAlert: .critical) == .raise(.low))
  }
}

@Suite struct Orders {
  static let edges: [OrderStatus: Set<OrderStatus>] = [
    .requested: [.approved, .failed], .approved: [.placed, .failed], .placed: [.arriving, .failed],
    .arriving: [.warming, .failed], .warming: [.available, .failed], .available: [], .failed: [],
  ]

  @Test("have these edges and no other", arguments: OrderStatus.allCases, OrderStatus.allCases)
  func edge(from: OrderStatus, to: OrderStatus) throws {
    let edges = try #require(Self.edges[from])
    #expect(from.canBecome(to, kind: .emailDomain) == edges.contains(to))
    #expect(from.canBecome(to, kind: .mailbox) == edges.contains(to))
    var short = edges
    if from == .arriving { short = [.available, .failed] }
    if from == .warming { short = [.failed] }
    for kind in [ResourceKind.phoneNumber, .linkedInSeat] {
      #expect(from.canBecome(to, kind: kind) == short.contains(to))
    }
    #expect(from.isEnd == edges.isEmpty)
  }

  func order(
    _ status: OrderStatus, kind: ResourceKind = .emailDomain, delivered: Int = 0, since: Timestamp = noon
  ) -> ResourceOrder {
    ResourceOrder(
      id: ID(high: 6, low: 1), kind: kind, quantity: 4, delivered: delivered, unitPriceInCents: 1_400,
      status: status, since: since)
  }

  @Test("R10: an order counts as arriving from its request until its delivery")
  func outstanding() {
    #expect(OrderStatus.allCases.map { order($0, delivered: 1).outstanding } == [3, 3, 3, 3, 0, 0, 0])
    #expect(order(.requested).costInCents == 5_600)
  }

  @Test func `lead times are 1 + 1 + 14 to 21 days`() {
    #expect(LeadTime.of(.emailDomain).days == 16...23 && LeadTime.of(.mailbox).days == 16...23)
    #expect(LeadTime.of(.phoneNumber).days == 1...1 && LeadTime.of(.linkedInSeat).days == 1...1)
  }

  @Test func `an order is expected by the steps that it still has to take`() {
    func days(_ order: ResourceOrder) -> [Int]? {
      order.expected(at: noon).map { span in
        [span.lowerBound, span.upperBound].map { Int(($0 - noon).components.seconds / 86_400) }
      }
    }
    #expect(days(order(.requested)) == [16, 23] && days(order(.approved)) == [16, 23])
    #expect(days(order(.placed)) == [16, 23] && days(order(.placed, since: noon - .days(9))) == [15, 22])
    #expect(
      days(order(.arriving)) == [15, 22] && days(order(.arriving, since: noon - .days(9))) == [14, 21])
    #expect(days(order(.warming)) == nil && days(order(.arriving, delivered: 4)) == nil)
    #expect(days(order(.approved, kind: .phoneNumber)) == [1, 1])
  }

  static let budget = PurchaseBudget(monthlyInCents: 10_000, approvalAboveInCents: 5_000)

  @Test(arguments: [
    (0, 1_000, 0, PurchaseDecision.nothing), (-3, 1_000, 0, .nothing),
    (5, 1_000, 0, .order(quantity: 5, status: .approved, beyondBudget: 0)),
    (6, 1_000, 0, .order(quantity: 6, status: .requested, beyondBudget: 0)),
    (20, 1_000, 0, .order(quantity: 10, status: .requested, beyondBudget: 10)),
    (6, 1_000, 6_500, .order(quantity: 3, status: .approved, beyondBudget: 3)),
    (1, 1_000, 9_001, .overBudget(leftInCents: 999)), (1, 1_000, 20_000, .overBudget(leftInCents: 0)),
    (7, 0, 20_000, .order(quantity: 7, status: .approved, beyondBudget: 0)),
  ])
  func `are bought within the budget, and approved above a limit`(
    wanted: Int, price: Int, spent: Int, decision: PurchaseDecision
  ) {
    #expect(
      PurchaseDecision.decide(wanted, unitPriceInCents: price, spentInCents: spent, budget: Self.budget)
        == decision)
  }

  @Test func `without limits everything is approved`() {
    let free = PurchaseBudget(monthlyInCents: nil, approvalAboveInCents: nil)
    #expect(
      PurchaseDecision.decide(.max, unitPriceInCents: 2, spentInCents: 0, budget: free)
        == .order(quantity: .max, status: .approved, beyondBudget: 0))
  }
}

@Suite struct `Buying` {
  func value(_ state: OrderValue.State, _ name: String = "a.com") -> OrderValue {
    OrderValue(value: ResourceValue(unchecked: name, kind: .emailDomain), state: state)
  }

  func order(_ status: OrderStatus, quantity: Int = 2, since: Timestamp = noon) -> ResourceOrder {
    ResourceOrder(
      id: ID(high: 6, low: 1), kind: .emailDomain, quantity: quantity, unitPriceInCents: 1_400,
      status: status, since: since)
  }

  @Test func `names are made of parts, the same for the same seed, without those that are taken`() {
    let parts = NameParts(stems: ["acme"], words: ["growth"], endings: ["com", "net"])
    let all = DomainNaming(parts, seed: 7).candidates(except: [], limit: 100).map(\.text)
    let labels = ["acmegrowth", "growthacme", "acme-growth", "growth-acme"]
    #expect(Set(all) == Set(labels.flatMap { ["\($0).com", "\($0).net"] }) && all.count == 8)
    #expect(DomainNaming(parts, seed: 7).candidates(except: [], limit: 3).map(\.text) == Array(all.prefix(3)))
    let orders = Set(
      (0..<20).map { DomainNaming(parts, seed: $0).candidates(except: [], limit: 8).map(\.text) })
    #expect(orders.count > 5, "other seeds have other orders")
    let rest = DomainNaming(parts, seed: 7).candidates(except: Set(all.prefix(5)), limit: 100).map(\.text)
    #expect(rest == Array(all.dropFirst(5)))
    #expect(DomainNaming(.none, seed: 7).candidates(except: [], limit: 100).isEmpty)
    #expect(
      NameParts.isPart("a1") && !NameParts.isPart("A") && !NameParts.isPart("") && !NameParts.isPart("a-b"))
    #expect(NameParts.isEnding("co.uk") && !NameParts.isEnding(".com") && !NameParts.isEnding("1"))
  }

  @Test func `the next step follows from what is written down`() {
    func next(_ order: ResourceOrder, _ values: [OrderValue], _ now: Timestamp = noon) -> OrderStep {
      OrderStep.next(order, values, now: now)
    }
    #expect(next(order(.requested), []) == .nothing && next(order(.failed), []) == .nothing)
    #expect(next(order(.approved), []) == .choose(count: 2))
    #expect(next(order(.approved), [value(.chosen), value(.dropped, "b.com")]) == .choose(count: 1))
    let chosen = [value(.chosen), value(.chosen, "b.com")]
    #expect(next(order(.approved), chosen) == .buy(chosen))
    let half = [value(.sent), value(.chosen, "b.com")]
    #expect(next(order(.approved), half) == .settle([half[0]]), "looking comes before buying")
    let bought = [value(.bought), value(.bought, "b.com")]
    #expect(next(order(.placed), bought) == .poll(bought))
    #expect(next(order(.arriving), bought) == .wait(until: noon + .days(1)))
    #expect(next(order(.arriving), bought, noon + .days(1)) == .deliver(bought))
    #expect(next(order(.warming), []) == .watch && next(order(.available), []) == .nothing)
  }

  @Test func `failures are tried again ever later, and not for ever`() {
    func delay(_ failures: Int, chance: Double = 0.5, wish: Duration? = nil) -> Duration? {
      let retry = Retry.decide(failures: failures, chance: chance, wish: wish, now: noon)
      if case .at(let next) = retry { return next - noon } else { return nil }
    }
    #expect((1...4).map { delay($0) } == [60, 120, 240, 480].map { .seconds($0) })
    #expect(delay(1, chance: 0) == .seconds(45) && delay(1, chance: 1) == .seconds(75))
    #expect(delay(9) == .seconds(256 * 60) && delay(10) == nil && Retry.mostFailures == 10)
    #expect(delay(1, wish: .minutes(10)) == .minutes(10) && delay(1, wish: .hours(999)) == .hours(24))
  }

  @Test func `a lost answer is settled by what the provider has`() {
    func decide(_ isListed: Bool, _ isForSale: Bool, minutes: Int, failures: Int = 2) -> PurchaseSettlement {
      PurchaseSettlement.decide(
        isListed: isListed, isForSale: isForSale, sentAt: noon, failures: failures,
        now: noon + .minutes(minutes))
    }
    #expect(decide(true, false, minutes: 0) == .bought && decide(true, true, minutes: 99) == .bought)
    #expect(decide(false, true, minutes: 9) == .wait && decide(false, true, minutes: 10) == .askAgain)
    #expect(decide(false, false, minutes: 999) == .wait)
    #expect(decide(false, false, minutes: 999, failures: Retry.mostFailures) == .dropped)
  }

  @Test func `automatic orders pause after failures, longer each time`() {
    #expect(OrderPause.end(after: []) == nil)
    #expect(OrderPause.end(after: [noon]) == noon + .hours(1))
    #expect(OrderPause.end(after: [noon, noon - .hours(2), noon - .hours(4)]) == noon + .hours(4))
    #expect(OrderPause.end(after: Array(repeating: noon, count: 20)) == noon + .hours(24))
  }

  @Test func `an order is complete when nothing of it warms up any more`() {
    let warming = resource(1, status: .warming, warmup: Warmup(startedAt: noon))
    let warm = resource(2)
    let retired = resource(3, status: .retired, warmup: Warmup())
    #expect(OrderCompletion.decide([warming, warm]) == .wait)
    #expect(OrderCompletion.decide([warm, retired]) == .complete)
    #expect(OrderCompletion.decide([retired]) == .lost)
  }

  @Test("R6: what clients wait for is ordered with what the buffer lacks")
  func toOrder() {
    let buffer = Buffer(kind: .emailDomain, assigned: 10, available: 1, arriving: 2, backordered: 5)
    #expect(buffer.shortfall == 1 && buffer.toOrder == 6)
    #expect(Buffer(kind: .mailbox, assigned: 0, available: 0, arriving: 9, backordered: 5).toOrder == 0)
  }

  @Test func `months of the budget are those of the platform's zone`() {
    let plan = PurchasePlan(
      budget: PurchaseBudget(monthlyInCents: nil, approvalAboveInCents: nil),
      timeZone: TimeZoneName("America/New_York")!, kinds: [:])
    #expect(plan.monthStart(at: at("2026-03-01T04:59:59Z")) == at("2026-02-01T05:00:00Z"))
    #expect(plan.monthStart(at: at("2026-03-01T05:00:00Z")) == at("2026-03-01T05:00:00Z"))
    #expect(plan.monthStart(at: at("2026-03-31T12:00:00Z")) == at("2026-03-01T05:00:00Z"))
  }
}
