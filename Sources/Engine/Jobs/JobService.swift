import Domain
import Postgres
import Runtime
import Store

/// A job as operators see it.
public struct JobSummary: Hashable, Sendable {
  public enum Result: String, Hashable, Sendable { case succeeded, failed }

  public let name: String
  public let interval: Duration
  public let lastStartedAt: Timestamp?
  public let lastFinishedAt: Timestamp?
  /// Nil before the first run has ended.
  public let lastResult: Result?
  /// Redacted; nil when the last run succeeded.
  public let lastError: String?
  /// Nil before the first run.
  public let nextRunAt: Timestamp?
}

/// What came of running a job on demand.
public enum JobRunOutcome: Hashable, Sendable {
  case ran(processed: Int, startedAt: Timestamp, finishedAt: Timestamp)
  /// The reason is redacted.
  case failed(reason: String)
  case unknownJob
  /// On this or another server.
  case alreadyRunning
}

/// The jobs of the scheduler, listed and run on demand.
public struct JobService: Sendable {
  private let scheduler: Scheduler
  private let database: Database
  private let time: any TimeSource

  public init(scheduler: Scheduler, database: Database, time: any TimeSource) {
    self.scheduler = scheduler
    self.database = database
    self.time = time
  }

  /// All jobs, by name, with their last run on whichever server it was.
  public func list() async throws -> [JobSummary] {
    try await scheduler.states().map { job, state in
      var reason: String?
      if case .failed(_, let text)? = state?.outcome { reason = text }
      return JobSummary(
        name: job.name, interval: job.interval, lastStartedAt: state?.startedAt,
        lastFinishedAt: state?.finishedAt,
        lastResult: state?.outcome.map { $0.isSuccess ? .succeeded : .failed },
        lastError: reason, nextRunAt: state?.nextDueAt)
    }.sorted { $0.name < $1.name }
  }

  /// Runs the job once, to its end.
  ///
  /// A run is many transactions, so its answer cannot be kept in the transaction of its effect: a server that
  /// dies in between runs the job again for the same key, which jobs allow.
  public func run(
    _ name: String, idempotency: Idempotency<JobRunOutcome>? = nil
  ) async throws -> Answered<JobRunOutcome> {
    if let idempotency, let earlier = try await earlier(idempotency) { return earlier }
    let outcome = try await run(name)
    guard let idempotency, let answer = idempotency.answer(outcome) else { return .fresh(outcome) }
    let now = time.now
    try await database.transaction { transaction in
      _ = try IdempotencyStore.lock([idempotency.use], now: now, in: &transaction)
      IdempotencyStore.keep([(idempotency.use, answer.status, answer.body)], now: now, in: &transaction)
    }
    return .fresh(outcome)
  }

  private func earlier(_ idempotency: Idempotency<JobRunOutcome>) async throws -> Answered<JobRunOutcome>? {
    let now = time.now
    let kept = try await database.transaction {
      try IdempotencyStore.lock([idempotency.use], now: now, in: &$0)[0]
    }
    return idempotency.earlier(kept)
  }

  private func run(_ name: String) async throws -> JobRunOutcome {
    let start = time.now
    do {
      switch try await scheduler.runNow(name) {
      case .succeeded(let report):
        return .ran(processed: report.processed, startedAt: start, finishedAt: time.now)
      case .failed(_, let reason): return .failed(reason: reason)
      }
    } catch is JobUnknown {
      return .unknownJob
    } catch is JobBusy {
      return .alreadyRunning
    }
  }
}
