import Domain
import Postgres
import Runtime
import Store

/// Keeps the index that the allocator searches in step with the pool.
public struct LeadMatching: Sendable {
  private let database: Database

  /// Leads of one transaction.
  static let chunk = 5_000

  public init(database: Database) { self.database = database }

  /// Looks at leads whose facts have changed; returns how many it looked at, `limit` or a little more at
  /// most. Their scores are due from then on.
  ///
  /// - Parameter onProgress: is told how many more it looked at.
  public func refresh(
    now: Timestamp, limit: Int = .max, onProgress: @Sendable (Int) -> Void = { _ in }
  ) async throws -> Int {
    let today = TimeZoneName.utc.date(at: now)
    var seen = 0
    while seen < limit {
      let chunk = min(Self.chunk, limit - seen)
      let leads = try await database.transaction { transaction in
        let leads = try LeadMatchingStore.take(limit: chunk, today: today, in: &transaction)
        guard !leads.isEmpty else { return 0 }
        let facts = try ScoredFactsStore.find(leads, in: &transaction)
        let known = Dictionary(uniqueKeysWithValues: facts.map { ($0.lead, $0) })
        LeadMatchingStore.save(
          leads.map { lead in
            (lead, known[lead].flatMap { LeadTraits($0.facts, $0.state, now: now) })
          }, in: &transaction)
        LeadScoreStore.markDue(leads, in: &transaction)
        return leads.count
      }
      if leads == 0 { break }
      seen += leads
      onProgress(leads)
    }
    return seen
  }
}

/// Takes what was imported or changed into the allocator's index.
public struct LeadMatchingJob: Job {
  public let name = "lead-matching"
  public let interval: Duration
  private let matching: LeadMatching

  public init(_ matching: LeadMatching, interval: Duration = .seconds(15)) {
    self.matching = matching
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let seen = try await matching.refresh(now: now, limit: limit)
    return JobReport(processed: seen, hasMore: seen >= limit)
  }
}
