import Domain

/// Work that is done again and again in the background, by one server at a time.
public protocol Job: Sendable {
  /// Lower case with hyphens, such as `release-expired-leases`; the key in the ledger.
  var name: String { get }
  /// From the end of a run to the next.
  var interval: Duration { get }

  /// Does at most `limit` units of what is due at `now`. Bounded and repeatable: what an interrupted call
  /// left undone is found by the next.
  func runOnce(now: Timestamp, limit: Int) async throws -> JobReport
}

/// What a run did.
public struct JobReport: Sendable, Equatable {
  /// Units done.
  public var processed: Int
  /// Whether more was due than the limit allowed.
  public var hasMore: Bool
  /// Further counts by name.
  public var details: [String: Int]

  public init(processed: Int, hasMore: Bool = false, details: [String: Int] = [:]) {
    self.processed = processed
    self.hasMore = hasMore
    self.details = details
  }

  /// Adds the next part of the same run.
  mutating func add(_ next: JobReport) {
    processed += next.processed
    hasMore = next.hasMore
    details.merge(next.details, uniquingKeysWith: +)
  }
}

/// How a run ended.
public enum JobOutcome: Sendable, Equatable {
  case succeeded(JobReport)
  /// What was done before it failed, and a redacted description of the error.
  case failed(JobReport, reason: String)

  public var report: JobReport {
    switch self {
    case .succeeded(let report), .failed(let report, _): report
    }
  }

  public var isSuccess: Bool {
    if case .succeeded = self { true } else { false }
  }
}

/// What the ledger knows about a job.
public struct JobState: Sendable, Equatable {
  public var name: String
  public var nextDueAt: Timestamp
  /// Set while a server runs the job; a run that is not renewed until then is lost and may be taken over.
  public var runningUntil: Timestamp?
  public var startedAt: Timestamp?
  public var finishedAt: Timestamp?
  public var outcome: JobOutcome?
  /// Failed runs since the last good one.
  public var failures: Int

  public init(
    name: String, nextDueAt: Timestamp, runningUntil: Timestamp? = nil, startedAt: Timestamp? = nil,
    finishedAt: Timestamp? = nil, outcome: JobOutcome? = nil, failures: Int = 0
  ) {
    self.name = name
    self.nextDueAt = nextDueAt
    self.runningUntil = runningUntil
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.outcome = outcome
    self.failures = failures
  }
}
