import Domain
import Foundation
import Testing

@Suite struct Forecasts {
  let today = day("2026-03-04")

  func facts(
    velocity: [Int] = [], churn: [Int] = [], stock: ResourceCounts = .zero,
    backordered: ResourceCounts = .zero, arrivals: [Arrival] = []
  ) -> ForecastFacts {
    ForecastFacts(
      today: today, tiers: PricingTier.defaults, signups: [.velocity: velocity], churn: [.velocity: churn],
      stock: stock, backordered: backordered, arrivals: arrivals)
  }

  @Test func `have a day for each of sixty, from today on`() {
    let forecast = Forecast(facts())
    #expect(forecast.kinds.map(\.kind) == ResourceKind.allCases)
    for kind in forecast.kinds {
      #expect(kind.days.map(\.date) == (0..<60).map(today.adding(days:)))
      #expect(kind.days.allSatisfy { $0.need == .exactly(0) && $0.supply == .exactly(0) })
      #expect(kind.firstShortage == nil && kind.order.quantity == 0)
    }
  }

  @Test func `expect what the rate of the history brings, in a band around it`() {
    // One Velocity client every second day, perfectly regular, for 90 days.
    let history = (0..<90).map { $0 % 2 }
    let domains = Forecast(facts(velocity: history))[.emailDomain]
    // After 20 days 10 clients with 5 domains. The variance is 25 × (10 + 0.5 × 20² ÷ 90) = 305.6.
    #expect(abs(domains.days[19].need.expected - 50) < 1e-9)
    #expect(domains.days[19].need.low == 21 && domains.days[19].need.high == 79)
    #expect(abs(domains.days[0].need.expected - 2.5) < 1e-9 && domains.days[0].need.low == 0)
  }

  @Test func `are wider for sign-ups that come in bursts`() {
    let regular = DailyRate((0..<90).map { $0 % 3 == 0 ? 1 : 0 })
    let bursts = DailyRate((0..<90).map { $0 % 30 == 0 ? 10 : 0 })
    #expect(regular.mean == bursts.mean && regular.dispersion == 1 && bursts.dispersion > 9)
    #expect(bursts.total(over: 30).band.high > regular.total(over: 30).band.high)
    #expect(DailyRate([]).total(over: 9) == .zero && DailyRate([0, 0]).total(over: 9) == .zero)
    #expect(DailyRate([4]).dispersion == 1 && DailyRate([4]).mean == 4)
  }

  @Test func `count what comes on its day, early or late`() {
    let arrivals = [
      Arrival(kind: .emailDomain, count: 3, on: today.adding(days: 2)),
      Arrival(
        kind: .emailDomain, count: 4, earliest: today.adding(days: 5), expected: today.adding(days: 7),
        latest: today.adding(days: 9)),
      Arrival(kind: .phoneNumber, count: 9, on: today),
    ]
    let days = Forecast(facts(stock: ResourceCounts(emailDomains: 10), arrivals: arrivals))[.emailDomain].days
    let bands = [0, 1, 2, 5, 7, 9].map { days[$0].supply }
    #expect(bands.map(\.low) == [10, 10, 13, 13, 13, 17])
    #expect(bands.map(\.expected) == [10, 10, 13, 13, 17, 17])
    #expect(bands.map(\.high) == [10, 10, 13, 17, 17, 17])
  }

  @Test("R7: what clients leave behind comes back after the hold")
  func churn() {
    let days = Forecast(facts(churn: Array(repeating: 1, count: 60)))[.phoneNumber].days
    #expect(days[29].supply == .exactly(0))
    #expect(abs(days[30].supply.expected - 2) < 1e-9 && abs(days[59].supply.expected - 60) < 1e-9)
  }

  @Test func `name the first day of shortage, the expected and the possible one`() {
    let history = (0..<90).map { $0 % 2 }
    let domains = Forecast(facts(velocity: history, stock: ResourceCounts(emailDomains: 50)))[.emailDomain]
    #expect(domains.firstShortage == today.adding(days: 20))
    let possible = domains.firstPossibleShortage
    #expect(possible.map { $0 < today.adding(days: 20) } == true)
    let waiting = Forecast(facts(backordered: ResourceCounts(emailDomains: 1)))[.emailDomain]
    #expect(waiting.firstShortage == today && waiting.order.quantity == 1)
  }

  @Test func `advise to order what keeps everybody from waiting after the lead time`() {
    let history = (0..<90).map { $0 % 2 }
    let domains = Forecast(facts(velocity: history, stock: ResourceCounts(emailDomains: 50)))[.emailDomain]
    let advice = domains.order
    #expect(advice.arrivesOn == today.adding(days: 23))
    #expect(advice.quantity == domains.days[23].need.high - 50 && advice.quantity > 10)
    #expect(advice.tooLateFor == domains.firstPossibleShortage)
    // With that much on its way already there is nothing to order.
    let arrival = Arrival(kind: .emailDomain, count: advice.quantity, on: advice.arrivesOn)
    let next = Forecast(
      facts(velocity: history, stock: ResourceCounts(emailDomains: 50), arrivals: [arrival]))
    #expect(next[.emailDomain].order.quantity == 0)
    let numbers = Forecast(facts(velocity: history))[.phoneNumber].order
    #expect(numbers.arrivesOn == today.adding(days: 1))
  }

  @Test func `tell how many clients of each tier could begin by a day`() throws {
    let stock = ResourceCounts(emailDomains: 20, mailboxes: 40, phoneNumbers: 7, linkedInSeats: 60)
    let arrival = Arrival(
      kind: .emailDomain, count: 30, earliest: today, expected: today, latest: today.adding(days: 9))
    let forecast = Forecast(
      facts(stock: stock, backordered: ResourceCounts(phoneNumbers: 1), arrivals: [arrival]))
    let capacity = try #require(forecast.capacity(by: today))
    #expect(capacity.map(\.tier) == [.ignition, .velocity, .dominance])
    #expect(capacity.map(\.clients.low) == [6, 3, 2])
    #expect(capacity.map(\.clients.expected) == [6, 3, 2])
    #expect(forecast.capacity(by: today.adding(days: 60)) == nil)
    #expect(forecast.capacity(by: today.adding(days: -1)) == nil)
  }

  @Test func `know orders and warm-ups that are under way`() throws {
    let order = ResourceOrder(
      id: ID(high: 6, low: 1), kind: .emailDomain, quantity: 4, delivered: 1, unitPriceInCents: 1,
      status: .placed, since: noon)
    let ordered = try #require(Arrival(of: order, at: noon, in: .utc))
    #expect(ordered.count == 3 && ordered.earliest == today.adding(days: 16))
    #expect(ordered.expected == today.adding(days: 23) && ordered.latest == today.adding(days: 23))
    let warming = resource(1, status: .warming, warmup: Warmup(startedAt: noon - .days(10)))
    let warmed = try #require(Arrival(of: warming, at: noon, in: .utc))
    #expect(warmed.earliest == today.adding(days: 4) && warmed.latest == today.adding(days: 11))
    #expect(Arrival(of: resource(1), at: noon, in: .utc) == nil)
  }

  @Test func `are the same for the same facts, and their bands hold`() {
    let seed: UInt64 = 60
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let history = (0..<60).map { _ in Int.random(in: 0...3, using: &generator) }
      let facts = facts(
        velocity: history, churn: history.reversed(), stock: ResourceCounts(emailDomains: 99))
      let forecast = Forecast(facts)
      #expect(forecast.kinds == Forecast(facts).kinds, "seed \(seed)")
      for kind in forecast.kinds {
        for (a, b) in zip(kind.days, kind.days.dropFirst()) {
          #expect(a.need.expected <= b.need.expected && a.need.high <= b.need.high, "seed \(seed)")
          #expect(a.supply.expected <= b.supply.expected, "seed \(seed)")
        }
      }
    }
  }
}

@Suite struct `The band of a forecast` {
  /// Knuth's: as many as fit before a product of random numbers falls below e^−mean.
  static func poisson(_ mean: Double, _ generator: inout SeededGenerator) -> Int {
    let limit = exp(-mean)
    var product = Double.random(in: 0..<1, using: &generator)
    var count = 0
    while product >= limit {
      product *= Double.random(in: 0..<1, using: &generator)
      count += 1
    }
    return count
  }

  @Test(arguments: [(0.2, 1, 0.94), (1.0, 1, 0.94), (0.25, 4, 0.87)])
  func `holds as often as it says`(mean: Double, group: Int, least: Double) {
    let seed: UInt64 = 90
    var generator = SeededGenerator(seed: seed)
    let rounds = 1_000
    var held = 0
    for _ in 0..<rounds {
      let history = (0..<90).map { _ in group * Self.poisson(mean, &generator) }
      let future = (0..<24).reduce(0) { sum, _ in sum + group * Self.poisson(mean, &generator) }
      if future <= DailyRate(history).total(over: 24).band.high { held += 1 }
    }
    #expect(Double(held) / Double(rounds) >= least, "seed \(seed)")
  }
}
