/// Resources that come to the pool, as far as it is known.
public struct Arrival: Hashable, Sendable {
  public let kind: ResourceKind
  public let count: Int
  /// The day on which it can be assigned at the earliest, most likely, and at the latest.
  public let earliest: CivilDate
  public let expected: CivilDate
  public let latest: CivilDate

  public init(kind: ResourceKind, count: Int, earliest: CivilDate, expected: CivilDate, latest: CivilDate) {
    precondition(earliest <= expected && expected <= latest, "an arrival's days in order")
    self.kind = kind
    self.count = count
    self.earliest = earliest
    self.expected = expected
    self.latest = latest
  }

  /// Something with a date: a hold that ends, a downgrade that is due.
  public init(kind: ResourceKind, count: Int, on date: CivilDate) {
    self.init(kind: kind, count: count, earliest: date, expected: date, latest: date)
  }

  /// What an order still brings; nil when that is nothing. R11 completes a warm-up after 21 days, so the
  /// latest day is the expected one, and an earlier one takes an operator.
  public init?(of order: ResourceOrder, at now: Timestamp, in zone: TimeZoneName) {
    guard let span = order.expected(at: now) else { return nil }
    let latest = zone.date(at: span.upperBound)
    self.init(
      kind: order.kind, count: order.outstanding, earliest: zone.date(at: span.lowerBound),
      expected: latest, latest: latest)
  }

  /// A resource of the pool that warms up while nobody has it; nil for any other. One that was given back
  /// before its warm-up was over is in the pool already, and counts when it is warmed, like the others.
  ///
  /// - Parameter domain: the email domain of a mailbox, which decides when that sends.
  public init?(of resource: Resource, domain: Resource? = nil, at now: Timestamp, in zone: TimeZoneName) {
    guard let sender = resource.kind == .mailbox ? domain : resource, Self.warmsUp(resource),
      resource.status == .warming || Self.warmsUp(sender),
      let end = sender.warmup.expectedCompletion(at: now)
    else { return nil }
    let early = max(now, end - .hours((21 - LeadTime.of(resource.kind).warmup.lowerBound) * 24))
    let latest = zone.date(at: end)
    self.init(
      kind: resource.kind, count: 1, earliest: min(latest, zone.date(at: early)), expected: latest,
      latest: latest)
  }

  private static func warmsUp(_ resource: Resource) -> Bool {
    switch resource.status {
    case .warming: true
    case .available: resource.kind == .mailbox || resource.kind.needsWarmup && resource.warmup.isUnderWay
    case .assigned, .held, .quarantined, .retired: false
    }
  }

  /// What a client on hold will leave; nil if it would then not lie ready like the rest of the buffer, or if
  /// it lies ready today, having another place.
  public init?(ofHeld resource: Resource, domain: Resource? = nil, now: Timestamp, in zone: TimeZoneName) {
    guard let end = resource.heldUntil, resource.status == .held || resource.status == .assigned
    else { return nil }
    func released(_ resource: Resource) -> Resource {
      var resource = resource
      if resource.status == .held || resource.status == .assigned {
        resource.status = .available
        resource.currentClients -= 1
      }
      return resource
    }
    let later = Assignability(
      of: released(resource), domain: domain.map(released), policy: .strict, now: max(now, end))
    guard later.countsAsBuffer else { return nil }
    self.init(kind: resource.kind, count: 1, on: zone.date(at: max(now, end)))
  }
}

/// Changes to a tier that gives more, day by day.
public struct TierUpgrade: Hashable, Sendable {
  /// What such a client gets in addition.
  public var adds: ResourceCounts
  /// How many there were each day; as many days as of sign-ups.
  public var daily: [Int]

  public init(adds: ResourceCounts, daily: [Int]) {
    self.adds = adds
    self.daily = daily
  }
}

/// What a forecast is made from.
public struct ForecastFacts: Hashable, Sendable {
  /// The first day of the forecast.
  public var today: CivilDate
  public var tiers: [PricingTier]
  /// New clients of each tier a day, the latest days before today; as many days for each tier.
  public var signups: [PricingTierName: [Int]]
  /// Clients of each tier that left, a day.
  public var churn: [PricingTierName: [Int]]
  public var upgrades: [TierUpgrade]
  /// What could be assigned today: `Assignability.countsAsBuffer`.
  public var stock: ResourceCounts
  /// What clients wait for already (R6).
  public var backordered: ResourceCounts
  /// Holds that end, downgrades due, orders and warm-ups under way.
  public var arrivals: [Arrival]

  public init(
    today: CivilDate, tiers: [PricingTier], signups: [PricingTierName: [Int]],
    churn: [PricingTierName: [Int]] = [:], upgrades: [TierUpgrade] = [], stock: ResourceCounts,
    backordered: ResourceCounts = .zero, arrivals: [Arrival] = []
  ) {
    self.today = today
    self.tiers = tiers
    self.signups = signups
    self.churn = churn
    self.upgrades = upgrades
    self.stock = stock
    self.backordered = backordered
    self.arrivals = arrivals
  }
}
