import Domain
import Postgres
import Runtime
import Store
import Synchronization

/// The totals of pools that are exhausted, counted at most once a second for each: counting walks over a
/// whole pool, and a pool that is exhausted is asked often.
final class RecentTotals: Sendable {
  private static let lifetime: Duration = .seconds(1)
  private static let capacity = 1_000

  private let database: Database
  private let time: any TimeSource
  private let counted: Mutex<[CompanyName: (at: Timestamp, totals: PoolTotals)]> = Mutex([:])

  init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Nil when the pool has a number for the lead after all: a free one that somebody else may have locked, or
  /// one that another server has given to this lead a moment ago.
  func ifExhausted(_ company: CompanyName, for lead: ID<Lead>) async throws -> PoolTotals? {
    let now = time.now
    let known = counted.withLock { $0[company] }
    let fresh: PoolTotals? = known.flatMap { now - $0.at < Self.lifetime && now >= $0.at ? $0.totals : nil }
    let totals: PoolTotals? = try await database.transaction(.init(isReadOnly: true)) { transaction in
      if try PoolTotalsStore.hasNumber(of: company, for: lead, now: now, in: &transaction) { return nil }
      if let fresh { return fresh }
      return try PoolTotalsStore.totals(of: [company], now: now, in: &transaction)[company]
    }
    guard let totals, totals.available == 0 else { return nil }
    if fresh == nil {
      counted.withLock {
        if $0.count >= Self.capacity { $0.removeAll() }
        $0[company] = (now, totals)
      }
    }
    return totals
  }
}
