import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ForecastTests {
  let world = ResourceWorld()
  private static let ignition = PricingTier.defaults[0].resources
  private static let velocity = PricingTier.defaults[1].resources

  private func outlook(_ days: Int = 90) async throws -> Outlook {
    try await ForecastService(database: world.pool.database, time: world.clock).outlook(historyDays: days)
  }

  private func today(_ days: Int = 0) -> CivilDate {
    TimeZoneName.utc.date(at: world.clock.now).adding(days: days)
  }

  @Test func `before anybody signed up there is no history, and a forecast all the same`() async throws {
    let outlook = try await outlook()
    #expect(outlook.historyDays == 0 && outlook.facts.today == today())
    #expect(outlook.forecast.kinds.allSatisfy { $0.firstPossibleShortage == nil && $0.order.quantity == 0 })
    #expect(ResourceKind.allCases.allSatisfy { outlook.toOrder($0) == 0 })
  }

  @Test func `sign-ups, departures, upgrades and returns are counted on their days`() async throws {
    let clients = try await names(5)
    try await world.confirm(clients[0], .ignition)
    try await world.confirm(clients[1], .velocity)
    world.clock.advance(by: .hours(48))
    try await world.confirm(clients[2], .ignition)
    try await world.confirm(clients[0], .velocity)
    try await world.end(clients[1])
    world.clock.advance(by: .hours(24))
    // Back within the hold: nobody new. A downgrade asks for nothing.
    try await world.confirm(clients[1], .velocity)
    try await world.confirm(clients[0], .ignition)
    try await world.end(clients[2])
    world.clock.advance(by: .hours(24))
    try await world.confirm(clients[3], .dominance)
    let facts = try await outlook().facts
    #expect(facts.today == today())
    #expect(facts.signups == [.ignition: [1, 0, 1, 0], .velocity: [1, 0, 0, 0], .dominance: [0, 0, 0, 0]])
    #expect(facts.churn == [.ignition: [0, 0, 0, 1], .velocity: [0, 0, 1, 0], .dominance: [0, 0, 0, 0]])
    let adds = Self.velocity.excess(over: Self.ignition)
    #expect(facts.upgrades == [TierUpgrade(adds: adds, daily: [0, 0, 1, 0])])
    // After the hold it is a new client again, in the tier that it takes then.
    world.clock.advance(by: Hold.length)
    try await world.runJobs()
    try await world.confirm(clients[2], .dominance)
    world.clock.advance(by: .hours(24))
    let later = try await outlook(7)
    #expect(later.historyDays == 7)
    #expect(later.facts.signups[.dominance] == [0, 0, 0, 0, 0, 0, 1])
    #expect(later.facts.churn[.ignition] == Array(repeating: 0, count: 7))
    try await world.expectClean()
  }

  @Test func `holds that end, downgrades due, warm-ups and orders under way arrive on their days`()
    async throws
  {
    try await world.stock(ResourceCounts(emailDomains: 10, phoneNumbers: 4, linkedInSeats: 13))
    try await world.stock(ResourceCounts(emailDomains: 2), prefix: "w", isWarmed: false)
    let clients = try await names(3)
    try await world.confirm(clients[0], .velocity)
    try await world.confirm(clients[1], .ignition)
    // So that the hold ends two days after the billing month.
    world.clock.advance(by: .hours(48))
    for n in 0..<2 {
      let id: ID<Resource> = try #require(
        try await world.pool.value(
          "SELECT id FROM resource_pool WHERE resource_value = 'w' || \(n)::int || '.example.com'"))
      _ = try await world.resources.perform(.startWarmup, on: id, actor: .commandLine)
    }
    try await order(3, .linkedInSeat)
    let month = try await world.confirm(clients[0], .ignition)
    let downgrade = TimeZoneName.utc.date(at: try #require(month.subscription.next).at)
    try await world.end(clients[1])
    let waits = try await world.confirm(clients[2], .velocity)
    #expect(
      waits.backordered == ResourceCounts(emailDomains: 3, mailboxes: 6, phoneNumbers: 1, linkedInSeats: 5))

    let found = try await outlook()
    let facts = found.facts
    #expect(facts.stock == .zero)
    #expect(facts.backordered == waits.backordered)
    func arrivals(_ kind: ResourceKind) -> [CivilDate: Int] {
      facts.arrivals.filter { $0.kind == kind }.reduce(into: [:]) { $0[$1.expected, default: 0] += $1.count }
    }
    let hold = today(30)
    #expect(arrivals(.emailDomain) == [hold: 3, downgrade: 2, today(21): 2])
    #expect(arrivals(.mailbox) == [hold: 6, downgrade: 4, today(21): 4])
    #expect(arrivals(.phoneNumber) == [hold: 1, downgrade: 1])
    #expect(arrivals(.linkedInSeat) == [hold: 4, downgrade: 3, today(1): 3])
    let domains = found.forecast[.emailDomain]
    #expect(domains.firstShortage == today(), "three are waited for")
    #expect(domains.days[59].supply == .exactly(7))
    #expect(found.buffer(.linkedInSeat).arriving == 3)
  }

  @Test func `the band holds for sign-ups that come at random`() async throws {
    let seed: UInt64 = 11
    var random = Seeded(seed)
    var forecasts: [(day: Int, outlook: Outlook)] = []
    var claims: [ResourceCounts] = []
    let (history, horizon, rounds) = (90, 40, 6)
    for day in 0..<history + rounds * horizon {
      if day >= history, (day - history).isMultiple(of: horizon) {
        forecasts.append((day, try await outlook(history)))
      }
      for tier in [PricingTierName.ignition, .velocity, .dominance] {
        for _ in 0..<random.poisson(tier == .dominance ? 0.1 : 0.45) {
          world.clock.advance(by: .seconds(1))
          let client = try await world.client("\(day) \(world.clock.now)")
          try await world.confirm(client, tier)
        }
      }
      claims.append(try await claimed())
      let next = TimeZoneName.utc.endOfDay(containing: world.clock.now)
      world.clock.advance(to: next)
    }
    var (held, all, covered, coveredOf) = (0, 0, 0, 0)
    for (start, outlook) in forecasts {
      for kind in ResourceKind.allCases {
        let before = claims[start - 1][kind]
        for day in 0..<horizon {
          let band = outlook.forecast[kind].days[day].need
          let need = claims[start + day][kind] - before + outlook.facts.backordered[kind]
          all += 1
          if (band.low...band.high).contains(need) { held += 1 }
        }
        let lead = LeadTime.of(kind).days.upperBound
        let need = claims[start + lead][kind] - before + outlook.facts.backordered[kind]
        coveredOf += 1
        if need <= outlook.facts.stock[kind] + outlook.forecast[kind].order.quantity { covered += 1 }
      }
    }
    #expect(claims.last.map { $0.emailDomains > 1_000 } == true, "seed \(seed)")
    #expect(all == rounds * horizon * 4 && Double(held) >= 0.85 * Double(all), "seed \(seed): \(held)")
    #expect(Double(covered) >= 0.9 * Double(coveredOf), "seed \(seed): \(covered) of \(coveredOf)")
  }

  // MARK: Helpers

  private func names(_ count: Int) async throws -> [ID<Client>] {
    var clients: [ID<Client>] = []
    for n in 0..<count { clients.append(try await world.client("Company \(n)")) }
    return clients
  }

  /// An order that is placed now.
  private func order(_ count: Int, _ kind: ResourceKind) async throws {
    let now = world.clock.now
    _ = try await world.pool.execute(
      """
      INSERT INTO resource_orders (id, resource_type, quantity, unit_price_cents, provider, status, since,
        is_automatic, reason, requested_at, requested_by, placed_at)
      VALUES (uuid_v7(), \(kind), \(Int32(count)), 0, 'manual', 'placed', \(now), false, 'test', \(now),
        'test', \(now))
      """)
  }

  /// All that clients have and wait for.
  private func claimed() async throws -> ResourceCounts {
    let rows = try await world.pool.database.transaction { transaction in
      try transaction.query(
        """
        SELECT resource_type, sum(count)::bigint FROM (
          SELECT resource_type, wanted - filled AS count FROM backorders WHERE closed_at IS NULL
          UNION ALL
          SELECT r.resource_type, 1
          FROM client_resources a JOIN resource_pool r ON r.id = a.resource_pool_id
          WHERE a.released_at IS NULL) AS claims
        GROUP BY 1
        """
      ).map { (try $0.decode(at: 0, as: ResourceKind.self), try $0.decode(at: 1, as: Int.self)) }
    }
    return rows.reduce(into: ResourceCounts.zero) { $0[$1.0] += $1.1 }
  }
}

extension Seeded {
  /// Knuth's: as many as fit before a product of random numbers falls below e^−mean.
  fileprivate mutating func poisson(_ mean: Double) -> Int {
    // e^−mean, by its series.
    let limit = (1...20).reduce((sum: 1.0, term: 1.0)) { part, n in
      let term = part.term * -mean / Double(n)
      return (part.sum + term, term)
    }.sum
    var product = Double.random(in: 0..<1, using: &self)
    var count = 0
    while product >= limit {
      product *= Double.random(in: 0..<1, using: &self)
      count += 1
    }
    return count
  }
}
