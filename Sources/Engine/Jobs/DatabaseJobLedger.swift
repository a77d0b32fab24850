import Domain
import Postgres
import Runtime
import Store

/// The ledger of jobs that all servers of a database share.
public struct DatabaseJobLedger: JobLedger {
  private let database: Database

  public init(database: Database) { self.database = database }

  public func claim(
    _ job: String, now: Timestamp, until: Timestamp, isForced: Bool
  ) async throws -> JobClaimAnswer {
    let claim = try await database.transaction {
      try JobStore.claim(job, now: now, until: until, isForced: isForced, in: &$0)
    }
    return switch claim {
    case .claimed(let term, let failures): .claimed(JobClaim(job: job, term: term, failures: failures))
    case .notDue(let instant): .notDue(instant)
    case .running(let until): .running(until: until)
    }
  }

  public func renew(_ claim: JobClaim, until: Timestamp) async throws -> Bool {
    try await database.transaction {
      try JobStore.renew(claim.job, term: claim.term, until: until, in: &$0)
    }
  }

  public func finish(
    _ claim: JobClaim, at time: Timestamp, outcome: JobOutcome, failures: Int, nextDueAt: Timestamp
  ) async throws {
    let report = outcome.report
    var reason: String?
    if case .failed(_, let text) = outcome { reason = text }
    let result = JobStore.Result(
      processed: report.processed, hasMore: report.hasMore, details: report.details)
    try await database.transaction { [reason] in
      try JobStore.finish(
        claim.job, term: claim.term, at: time, result: result, error: reason, failures: failures,
        nextRunAt: nextDueAt, in: &$0)
    }
  }

  public func states() async throws -> [JobState] {
    try await database.transaction(.init(isReadOnly: true)) { try JobStore.all(in: &$0) }.map(Self.state)
  }

  private static func state(_ record: JobStore.Record) -> JobState {
    let outcome = record.result.map { result -> JobOutcome in
      let report = JobReport(processed: result.processed, hasMore: result.hasMore, details: result.details)
      return record.error.map { .failed(report, reason: $0) } ?? .succeeded(report)
    }
    return JobState(
      name: record.name, nextDueAt: record.nextRunAt, runningUntil: record.claimedUntil,
      startedAt: record.startedAt, finishedAt: record.finishedAt, outcome: outcome,
      failures: record.failures)
  }
}
