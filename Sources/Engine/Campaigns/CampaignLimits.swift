import Domain
import Postgres
import Runtime
import Store

/// Keeps in step what campaigns may use. Whoever changed assignments or resources in a transaction calls
/// `settle` at its end, so that campaigns never show what is not so any more; what SQL users changed, and
/// what the passing of time changes, the job finds.
enum CampaignLimits {
  /// As many rows as one command decides; the job does the rest.
  static let most = 5_000

  static func settle(
    _ due: CampaignResourceStore.Due, now: Timestamp, in transaction: inout Transaction
  ) throws {
    _ = try CampaignResourceStore.refresh(due, limit: most, now: now, in: &transaction)
  }
}

/// Decides anew what resources may do in campaigns: where somebody changed the facts by SQL, and where a
/// warm-up has come to its next step.
public struct CampaignLimitsJob: Job {
  public let name = "campaign-limits"
  public let interval: Duration
  private let database: Database

  public init(database: Database, interval: Duration = .seconds(30)) {
    self.database = database
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let chunk = min(limit, CampaignLimits.most)
    let decided = try await database.transaction {
      try CampaignResourceStore.refresh(.any, limit: chunk, now: now, in: &$0)
    }
    return JobReport(processed: decided, hasMore: decided == chunk)
  }
}
