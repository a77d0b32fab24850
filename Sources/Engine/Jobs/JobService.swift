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
  /// An earlier request with the same idempotency key is not answered yet, or its server died.
  case underWay
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

  /// For how long a request has its idempotency key to itself: longer than any run takes. A server that dies
  /// before the answer is kept blocks the key for that long.
  static let claimTime: Duration = .minutes(10)

  /// Runs the job once, to its end.
  ///
  /// A run is many transactions, so its answer cannot be kept in the transaction of its effect. The key is
  /// claimed before the run instead: of many requests with one key, one runs the job. A server that dies
  /// between the job and keeping its answer leaves the claim, and once that is over a repeated request runs
  /// the job again, which jobs allow.
  public func run(
    _ name: String, idempotency: Idempotency<JobRunOutcome>? = nil
  ) async throws -> Answered<JobRunOutcome> {
    guard let idempotency else { return .fresh(try await run(name)) }
    let start = time.now
    let end = start + Self.claimTime
    let claim = try await database.transaction {
      try IdempotencyClaimStore.claim(idempotency.use, now: start, until: end, in: &$0)
    }
    switch claim {
    case .claimed: break
    case .kept(let kept): return idempotency.earlier(kept) ?? .keyReused
    case .underWay(let fingerprint):
      return fingerprint == idempotency.use.fingerprint ? .fresh(.underWay) : .keyReused
    }
    let outcome: JobRunOutcome
    do { outcome = try await run(name) } catch {
      try? await settle(idempotency.use, until: end, keeping: nil)
      throw error
    }
    try await settle(idempotency.use, until: end, keeping: idempotency.answer(outcome))
    return .fresh(outcome)
  }

  /// Keeps the answer, if it is one to be kept, in the place of the claim. Not cut short by a cancellation:
  /// the run has ended, and who asks again should hear of it.
  private func settle(
    _ use: IdempotencyStore.Use, until end: Timestamp, keeping answer: KeptAnswer?
  ) async throws {
    let now = time.now
    let store = Task { [database] in
      try await database.transaction { transaction in
        _ = try IdempotencyStore.lock([use], now: now, in: &transaction)
        IdempotencyClaimStore.release(use, until: end, in: &transaction)
        guard let answer else { return }
        IdempotencyStore.keep([(use, answer.status, answer.body)], now: now, in: &transaction)
      }
    }
    try await store.value
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
