import Domain
import Postgres

/// What a forecast is made from, besides stock and orders (`BufferStore`, `OrderStore`).
public enum ForecastStore {
  /// Sign-ups, departures and moves between tiers, by day in UTC: of the last `days` before today, or of
  /// those since the first sign-up if that is less long ago.
  public static func history(
    before today: CivilDate, days: Int, in transaction: inout Transaction
  ) throws -> SubscriptionHistory {
    let first: Timestamp? = try transaction.query("SELECT min(at) FROM subscription_ledger")[0].decode(at: 0)
    let start = min(today, max(today.adding(days: -days), first.map(TimeZoneName.utc.date(at:)) ?? today))
    var history = SubscriptionHistory(start: start, days: today.days(since: start))
    for row in try transaction.query(
      """
      SELECT kind, tier, previous_tier, (floor(extract(epoch FROM at) / 86400))::bigint AS day, count(*)
      FROM subscription_ledger
      WHERE at >= \(TimeZoneName.utc.startOfDay(start)) AND at < \(TimeZoneName.utc.startOfDay(today))
        AND (kind IN ('signed_up', 'left') OR previous_tier IS NOT NULL)
      GROUP BY 1, 2, 3, 4
      """)
    {
      let date = CivilDate(daysSinceEpoch: try row.decode("day"))
      let tier = PricingTierName(unchecked: try row.decode("tier"))
      let event: SubscriptionHistory.Event
      switch try row.decode("kind", as: String.self) {
      case "signed_up": event = .signedUp(tier)
      case "left": event = .left(tier)
      default: event = .moved(from: PricingTierName(unchecked: try row.decode("previous_tier")), to: tier)
      }
      history.add(event, on: date, count: try row.decode("count"))
    }
    return history
  }

  /// What clients on hold have, each resource once, with the domain of a mailbox.
  public static func held(in transaction: inout Transaction) throws -> [(Resource, domain: Resource?)] {
    try withDomains(
      """
      SELECT id FROM resource_pool WHERE held_clients > 0 AND status IN ('assigned', 'held')
      """, in: &transaction)
  }

  /// What warms up in the pool, or belongs to a domain that does.
  public static func warming(in transaction: inout Transaction) throws -> [(Resource, domain: Resource?)] {
    try withDomains("\(unescaped: WarmingResources.ids)", in: &transaction)
  }

  /// A downgrade that is due one day.
  public struct DueDowngrade: Hashable, Sendable {
    public let at: Timestamp
    public let tier: PricingTierName
    public let has: ResourceCounts
  }

  public static func downgrades(in transaction: inout Transaction) throws -> [DueDowngrade] {
    try transaction.query(
      """
      SELECT s.next_tier_at, s.next_tier, \(unescaped: counts)
      FROM subscriptions s
      JOIN client_resources a ON a.client_id = s.client_id AND a.released_at IS NULL
      JOIN resource_pool r ON r.id = a.resource_pool_id
      WHERE s.next_tier_at IS NOT NULL
      GROUP BY s.client_id
      """
    ).map { row in
      var has = ResourceCounts.zero
      for kind in ResourceKind.allCases {
        has[kind] = try row.decode(kind.rawValue)
      }
      return DueDowngrade(
        at: try row.decode("next_tier_at"), tier: PricingTierName(unchecked: try row.decode("next_tier")),
        has: has)
    }
  }

  private static let counts = ResourceKind.allCases.map {
    "count(*) FILTER (WHERE r.resource_type = '\($0.rawValue)') AS \($0.rawValue)"
  }.joined(separator: ", ")

  /// - Parameter query: gives ids.
  private static func withDomains(
    _ query: SQL, in transaction: inout Transaction
  ) throws -> [(Resource, domain: Resource?)] {
    func find(_ ids: [ID<Resource>]) throws -> [Resource] {
      try transaction.query(
        """
        SELECT \(unescaped: Resource.columns) FROM resource_pool r WHERE r.id = ANY (\(ids)) ORDER BY r.id
        """
      ).map(Resource.init)
    }
    let found = try find(try transaction.query(query).map { try $0.decode(at: 0) })
    let domains = try find(Array(Set(found.compactMap(\.domainID))))
    let byID = Dictionary(uniqueKeysWithValues: domains.map { ($0.id, $0) })
    return found.map { ($0, $0.domainID.flatMap { byID[$0] }) }
  }
}
