import Domain
import Postgres
import Runtime
import Store

/// Supply and need of the next sixty days, beside the buffer.
public struct ForecastService: Sendable {
  /// How much history a forecast may be made from.
  public static let historyRange = 7...730
  public static let historyDays = 90

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// From one instant of the tables. Days are those of UTC.
  ///
  /// - Parameter historyDays: the most days before today that rates are made from.
  public func outlook(historyDays: Int = Self.historyDays) async throws -> Outlook {
    precondition(Self.historyRange.contains(historyDays), "a history of \(historyDays) days")
    let now = time.now
    let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
    return try await database.transaction(options) { transaction in
      let today = TimeZoneName.utc.date(at: now)
      let tiers = try TierStore.list(in: &transaction)
      let history = try ForecastStore.history(before: today, days: historyDays, in: &transaction)
      let buffers = try BufferStore.buffers(now: now, in: &transaction)
      func count(_ count: KeyPath<Buffer, Int>) -> ResourceCounts {
        ResourceCounts { kind in buffers.first { $0.kind == kind }?[keyPath: count] ?? 0 }
      }
      let facts = ForecastFacts(
        today: today, tiers: tiers, signups: history.signups(tiers), churn: history.churn(tiers),
        upgrades: history.upgrades(tiers), stock: count(\.available), backordered: count(\.backordered),
        arrivals: try Self.arrivals(tiers, now: now, in: &transaction))
      return Outlook(facts, buffers: buffers, historyDays: history.days)
    }
  }

  /// Holds that end, downgrades that are due, warm-ups and orders under way.
  private static func arrivals(
    _ tiers: [PricingTier], now: Timestamp, in transaction: inout Transaction
  ) throws -> [Arrival] {
    let zone = TimeZoneName.utc
    let held = try ForecastStore.held(in: &transaction).compactMap {
      Arrival(ofHeld: $0, domain: $1, now: now, in: zone)
    }
    let warming = try ForecastStore.warming(in: &transaction).compactMap {
      Arrival(of: $0, domain: $1, at: now, in: zone)
    }
    let orders = try OrderStore.open(in: &transaction).compactMap { Arrival(of: $0, at: now, in: zone) }
    let given = try ForecastStore.downgrades(in: &transaction).flatMap { downgrade -> [Arrival] in
      guard let tier = tiers.first(where: { $0.name == downgrade.tier }) else { return [] }
      let gives = downgrade.has.excess(over: tier.resources)
      return ResourceKind.allCases.filter { gives[$0] > 0 }.map {
        Arrival(kind: $0, count: gives[$0], on: zone.date(at: max(now, downgrade.at)))
      }
    }
    return held + warming + orders + given
  }
}
