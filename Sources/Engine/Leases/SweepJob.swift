import Domain
import Runtime

/// R17: ends the leases whose time is over, in chunks that never block a claim.
public struct SweepJob: Job {
  public let name = "sweep"
  public let interval: Duration
  private let leases: LeaseService

  public init(_ leases: LeaseService, interval: Duration = .hours(1)) {
    self.leases = leases
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let ended = try await leases.sweep(now: now, limit: limit)
    return JobReport(processed: ended, hasMore: ended == limit)
  }
}
