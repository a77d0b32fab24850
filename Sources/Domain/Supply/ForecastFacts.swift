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

  /// A resource of the pool that warms up, from its status; nil for any other.
  public init?(of resource: Resource, at now: Timestamp, in zone: TimeZoneName) {
    guard resource.status == .warming, let end = resource.warmup.expectedCompletion(at: now)
    else { return nil }
    let early = max(now, end - .hours((21 - LeadTime.of(resource.kind).warmup.lowerBound) * 24))
    let latest = zone.date(at: end)
    self.init(
      kind: resource.kind, count: 1, earliest: min(latest, zone.date(at: early)), expected: latest,
      latest: latest)
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
  /// What could be assigned today: `Assignability.countsAsBuffer`.
  public var stock: ResourceCounts
  /// What clients wait for already (R6).
  public var backordered: ResourceCounts
  /// Holds that end, downgrades due, orders and warm-ups under way.
  public var arrivals: [Arrival]

  public init(
    today: CivilDate, tiers: [PricingTier], signups: [PricingTierName: [Int]],
    churn: [PricingTierName: [Int]] = [:], stock: ResourceCounts, backordered: ResourceCounts = .zero,
    arrivals: [Arrival] = []
  ) {
    self.today = today
    self.tiers = tiers
    self.signups = signups
    self.churn = churn
    self.stock = stock
    self.backordered = backordered
    self.arrivals = arrivals
  }
}
