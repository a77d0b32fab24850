/// A forecast beside the buffer: what an operator looks at before ordering.
public struct Outlook: Hashable, Sendable {
  public let facts: ForecastFacts
  public let forecast: Forecast
  /// In the order of `ResourceKind.allCases`.
  public let buffers: [Buffer]
  /// Days of history that the rates are from; 0 before the first sign-up.
  public let historyDays: Int

  public init(_ facts: ForecastFacts, buffers: [Buffer], historyDays: Int) {
    precondition(buffers.map(\.kind) == ResourceKind.allCases, "a buffer of every kind")
    self.facts = facts
    self.forecast = Forecast(facts)
    self.buffers = buffers
    self.historyDays = historyDays
  }

  public var lastDay: CivilDate { facts.today.adding(days: Forecast.days - 1) }

  public func buffer(_ kind: ResourceKind) -> Buffer {
    guard let found = buffers.first(where: { $0.kind == kind })
    else { preconditionFailure("a buffer of every kind") }
    return found
  }

  /// What to order of the kind today: the greater of what the buffer lacks (R10) and what the forecast asks
  /// for, since what is bought for the one serves the other too.
  public func toOrder(_ kind: ResourceKind) -> Int {
    max(buffer(kind).toOrder, forecast[kind].order.quantity)
  }
}

/// Changes of what clients pay for, counted by day: what rates are made from.
public struct SubscriptionHistory: Hashable, Sendable {
  public enum Event: Hashable, Sendable {
    case signedUp(PricingTierName)
    case left(PricingTierName)
    /// Between tiers, up or down.
    case moved(from: PricingTierName, to: PricingTierName)
  }

  /// The first day that counts.
  public let start: CivilDate
  public let days: Int
  public private(set) var counts: [Event: [Int]] = [:]

  /// - Parameter days: those from `start` to yesterday.
  public init(start: CivilDate, days: Int) {
    precondition(days >= 0, "a history ends after it began")
    self.start = start
    self.days = days
  }

  /// Days out of the history are left out.
  public mutating func add(_ event: Event, on date: CivilDate, count: Int) {
    let day = date.days(since: start)
    guard (0..<days).contains(day) else { return }
    counts[event, default: Array(repeating: 0, count: days)][day] += count
  }

  public func signups(_ tiers: [PricingTier]) -> [PricingTierName: [Int]] {
    daily(tiers) { .signedUp($0) }
  }

  public func churn(_ tiers: [PricingTier]) -> [PricingTierName: [Int]] { daily(tiers) { .left($0) } }

  /// Moves to a tier that gives more of something, as the tiers are today; in the order of `tiers`.
  public func upgrades(_ tiers: [PricingTier]) -> [TierUpgrade] {
    tiers.flatMap { from in
      tiers.compactMap { to in
        guard let daily = counts[.moved(from: from.name, to: to.name)] else { return nil }
        let adds = to.resources.excess(over: from.resources)
        return adds.isZero ? nil : TierUpgrade(adds: adds, daily: daily)
      }
    }
  }

  private func daily(
    _ tiers: [PricingTier], _ event: (PricingTierName) -> Event
  ) -> [PricingTierName: [Int]] {
    Dictionary(
      uniqueKeysWithValues: tiers.map { tier in
        (tier.name, counts[event(tier.name)] ?? Array(repeating: 0, count: days))
      })
  }
}
