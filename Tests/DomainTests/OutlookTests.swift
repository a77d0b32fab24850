import Domain
import Testing

@Suite struct `Facts of a forecast` {
  let today = day("2026-03-04")
  let tiers = PricingTier.defaults

  @Test func `are counted by day, and days out of the history are left out`() {
    var history = SubscriptionHistory(start: day("2026-03-01"), days: 3)
    history.add(.signedUp(.velocity), on: day("2026-02-28"), count: 9)
    history.add(.signedUp(.velocity), on: day("2026-03-01"), count: 2)
    history.add(.signedUp(.velocity), on: day("2026-03-03"), count: 1)
    history.add(.signedUp(.velocity), on: day("2026-03-03"), count: 1)
    history.add(.signedUp(.velocity), on: today, count: 9)
    history.add(.left(.ignition), on: day("2026-03-02"), count: 4)
    #expect(
      history.signups(tiers) == [.ignition: [0, 0, 0], .velocity: [2, 0, 2], .dominance: [0, 0, 0]])
    #expect(history.churn(tiers)[.ignition] == [0, 4, 0])
  }

  @Test func `count an upgrade as what it adds, and a downgrade as nothing`() {
    var history = SubscriptionHistory(start: day("2026-03-01"), days: 2)
    history.add(.moved(from: .ignition, to: .dominance), on: day("2026-03-02"), count: 1)
    history.add(.moved(from: .velocity, to: .ignition), on: day("2026-03-02"), count: 1)
    let adds = ResourceCounts(emailDomains: 6, mailboxes: 12, phoneNumbers: 2, linkedInSeats: 10)
    #expect(history.upgrades(tiers) == [TierUpgrade(adds: adds, daily: [0, 1])])
    let facts = ForecastFacts(
      today: today, tiers: tiers, signups: [:], upgrades: history.upgrades(tiers), stock: .zero)
    // One upgrade in two days.
    #expect(abs(Forecast(facts)[.phoneNumber].days[9].need.expected - 10) < 1e-9)
  }

  @Test("R7: what is on hold arrives when the hold ends, if it will then lie ready")
  func holds() {
    let end = noon + .days(12)
    func arrival(_ change: (inout Resource) -> Void) -> Arrival? {
      var held = resource(1, clients: 1, status: .held, heldUntil: end)
      change(&held)
      return Arrival(ofHeld: held, now: noon, in: .utc)
    }
    #expect(arrival { _ in } == Arrival(kind: .emailDomain, count: 1, on: day("2026-03-16")))
    #expect(arrival { $0.warmup = Warmup() } == nil, "never warmed")
    #expect(arrival { $0.status = .quarantined } == nil)
    #expect(arrival { $0.heldUntil = nil } == nil)
    #expect(arrival { $0.heldUntil = noon - .days(1) }?.expected == today, "overdue: today")
    let shared = resource(2, maxClients: 2, clients: 1, heldUntil: end)
    #expect(Arrival(ofHeld: shared, now: noon, in: .utc) == nil, "it is stock already")
    let domain = resource(1, clients: 1, status: .held, heldUntil: end)
    let mailbox = resource(3, .mailbox, on: 1, clients: 1, status: .held, heldUntil: end)
    #expect(Arrival(ofHeld: mailbox, domain: domain, now: noon, in: .utc)?.kind == .mailbox)
    #expect(Arrival(ofHeld: mailbox, now: noon, in: .utc) == nil, "its domain is unknown")
  }

  @Test func `know mailboxes of a domain that warms up, and domains given back before they were warm`() {
    let warmup = Warmup(startedAt: noon - .days(11))
    let warming = resource(1, status: .warming, warmup: warmup)
    let mailbox = resource(11, .mailbox, on: 1)
    #expect(Arrival(of: mailbox, domain: warming, at: noon, in: .utc)?.latest == today.adding(days: 10))
    #expect(Arrival(of: mailbox, domain: resource(1), at: noon, in: .utc) == nil, "it is stock")
    let back = resource(2, warmup: warmup)
    #expect(Arrival(of: back, at: noon, in: .utc)?.latest == today.adding(days: 10))
    #expect(Arrival(of: resource(3, warmup: Warmup()), at: noon, in: .utc) == nil, "nobody warms it up")
    #expect(Arrival(of: resource(4, clients: 1, warmup: warmup), at: noon, in: .utc) == nil)
  }

  @Test func `advise the greater of what the buffer and the forecast ask for`() {
    func outlook(assigned: Int, waiting: Int) -> Outlook {
      let facts = ForecastFacts(
        today: today, tiers: tiers, signups: [:], stock: .zero,
        backordered: ResourceCounts(phoneNumbers: waiting))
      let buffers = ResourceKind.allCases.map {
        Buffer(kind: $0, assigned: $0 == .phoneNumber ? assigned : 0, available: 0, arriving: 0)
      }
      return Outlook(facts, buffers: buffers, historyDays: 90)
    }
    #expect(outlook(assigned: 10, waiting: 3).toOrder(.phoneNumber) == 4, "40 % of ten")
    #expect(outlook(assigned: 10, waiting: 7).toOrder(.phoneNumber) == 7)
    #expect(outlook(assigned: 10, waiting: 7).toOrder(.mailbox) == 0)
  }
}
