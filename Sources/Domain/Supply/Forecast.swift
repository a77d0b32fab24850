/// Supply and need of each kind of resource, day by day.
///
/// Both are running totals at the end of a day: need is all that backorders, sign-ups and upgrades ask for
/// until then, supply all that there was and came. So a day is short when need exceeds supply, and an order
/// is a lift of supply from its arrival on. A client that leaves in these days gives back what its tier has
/// after the hold (R7); that one may return within the hold is not counted.
public struct Forecast: Hashable, Sendable {
  public static let days = 60

  public struct Day: Hashable, Sendable {
    public let date: CivilDate
    public let need: Band
    public let supply: Band
  }

  public struct Kind: Hashable, Sendable {
    public let kind: ResourceKind
    /// Sixty, from today on.
    public let days: [Day]

    /// The first day on which the expected need exceeds the expected supply.
    public var firstShortage: CivilDate? { days.first { $0.need.expected > $0.supply.expected }?.date }

    /// The first day on which somebody might wait: the high end of need exceeds the low end of supply.
    public var firstPossibleShortage: CivilDate? { days.first { $0.need.high > $0.supply.low }?.date }

    public var order: OrderAdvice { OrderAdvice(for: self) }
  }

  /// In the order of `ResourceKind.allCases`.
  public let kinds: [Kind]
  private let facts: ForecastFacts

  public init(_ facts: ForecastFacts) {
    self.facts = facts
    let signups =
      facts.tiers.map { ($0.resources, DailyRate(facts.signups[$0.name] ?? [])) }
      + facts.upgrades.map { ($0.adds, DailyRate($0.daily)) }
    let churn = facts.tiers.map { ($0.resources, DailyRate(facts.churn[$0.name] ?? [])) }
    let holdDays = Int(Hold.length.components.seconds / 86_400)
    kinds = ResourceKind.allCases.map { kind in
      Kind(
        kind: kind,
        days: (0..<Self.days).map { index in
          let date = facts.today.adding(days: index)
          return Day(
            date: date,
            need: .exactly(facts.backordered[kind]) + Self.moved(kind, signups, over: index + 1),
            supply: .exactly(facts.stock[kind]) + Self.arrived(kind, facts.arrivals, by: date)
              + Self.moved(kind, churn, over: index + 1 - holdDays))
        })
    }
  }

  public subscript(kind: ResourceKind) -> Kind {
    guard let found = kinds.first(where: { $0.kind == kind })
    else { preconditionFailure("a forecast has every kind") }
    return found
  }

  /// What clients that come or leave in so many days take or bring.
  private static func moved(
    _ kind: ResourceKind, _ rates: [(ResourceCounts, DailyRate)], over span: Int
  ) -> Band {
    rates.reduce(Moments.zero) { $0 + $1.1.total(over: span) * $1.0[kind] }.band
  }

  private static func arrived(_ kind: ResourceKind, _ arrivals: [Arrival], by date: CivilDate) -> Band {
    arrivals.reduce(.exactly(0)) { sum, arrival in
      guard arrival.kind == kind else { return sum }
      return sum
        + Band(
          low: arrival.latest <= date ? arrival.count : 0,
          expected: arrival.expected <= date ? Double(arrival.count) : 0,
          high: arrival.earliest <= date ? arrival.count : 0)
    }
  }

  /// How many clients of each tier, if of that tier alone, could be given all that it has by a day of the
  /// forecast, once every backorder is filled: with the low, the expected and the high supply. In the order
  /// of the facts' tiers; nil outside of the forecast's days. Of a tier without resources any number.
  public func capacity(by date: CivilDate) -> [(tier: PricingTierName, clients: Capacity)]? {
    let index = date.days(since: facts.today)
    guard (0..<Self.days).contains(index) else { return nil }
    return facts.tiers.map { tier in
      func clients(_ supply: (Band) -> Int) -> Int {
        ResourceKind.allCases.filter { tier.resources[$0] > 0 }.map { kind in
          max(0, supply(self[kind].days[index].supply) - facts.backordered[kind]) / tier.resources[kind]
        }.min() ?? .max
      }
      return (
        tier.name,
        Capacity(
          low: clients(\.low), expected: clients { Int($0.expected.rounded(.down)) }, high: clients(\.high))
      )
    }
  }

  /// A number of clients.
  public struct Capacity: Hashable, Sendable {
    public let low: Int
    public let expected: Int
    public let high: Int
  }
}

/// What to order of a kind today so that no sign-up waits, in 19 of 20 cases on either side.
///
/// Orders are thought about every day. One of today can be assigned after the longest lead time, so it has to
/// cover the need until the end of that day; what comes later is tomorrow's order. R10's buffer is another
/// rule: the greater of the two is to be ordered.
public struct OrderAdvice: Hashable, Sendable {
  public let quantity: Int
  /// When it could be assigned at the latest.
  public let arrivesOn: CivilDate
  /// The first day before that on which somebody might wait, whatever is ordered now.
  public let tooLateFor: CivilDate?

  init(for kind: Forecast.Kind) {
    let lead = LeadTime.of(kind.kind).days.upperBound
    precondition(lead < kind.days.count, "the forecast reaches beyond the lead time")
    let day = kind.days[lead]
    quantity = max(0, day.need.high - day.supply.low)
    arrivesOn = day.date
    tooLateFor = kind.firstPossibleShortage.flatMap { $0 < day.date ? $0 : nil }
  }
}
