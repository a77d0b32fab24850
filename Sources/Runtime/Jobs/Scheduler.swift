import Domain

/// Runs jobs when they are due, here or on another server of the same ledger, and on demand.
public final class Scheduler: Service {
  public struct Settings: Sendable {
    /// The most units of one call of `runOnce`.
    public var limit: Int
    /// After this long a run ends, and the rest is due at once: so that one job cannot hold a claim for ever.
    public var budget: Duration
    /// How long a claim lives without a sign of life; longer than any single chunk takes.
    public var claimTime: Duration
    /// A random delay below this before each look, so that many servers do not look at once.
    public var jitter: @Sendable (Duration) -> Duration

    public init(
      limit: Int = 1_000, budget: Duration = .seconds(30), claimTime: Duration = .minutes(5),
      jitter: @escaping @Sendable (Duration) -> Duration = Scheduler.randomDelay
    ) {
      self.limit = limit
      self.budget = budget
      self.claimTime = claimTime
      self.jitter = jitter
    }
  }

  public let name = "scheduler"
  public let jobs: [any Job]
  private let ledger: any JobLedger
  private let settings: Settings
  private let time: any TimeSource
  private let log: Log
  private let metrics: JobMetrics

  public init(
    _ jobs: [any Job], ledger: any JobLedger, settings: Settings = Settings(),
    time: any TimeSource = WallClock(), log: Log = .off, metrics: Metrics = Metrics()
  ) {
    precondition(Set(jobs.map(\.name)).count == jobs.count, "a job is named twice")
    self.jobs = jobs
    self.ledger = ledger
    self.settings = settings
    self.time = time
    self.log = log
    self.metrics = JobMetrics(metrics)
  }

  /// Less than a tenth of the interval, and less than ten seconds.
  public static func randomDelay(_ interval: Duration) -> Duration {
    .microseconds(Int64.random(in: 0...max(0, min(interval / 10, .seconds(10)).wholeMicroseconds)))
  }

  /// Runs until it is cancelled; jobs that run then are cancelled too.
  public func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      for job in jobs { group.addTask { await self.keepRunning(job) } }
    }
  }

  /// Runs a job now, due or not, to its end.
  ///
  /// - Throws: `JobUnknown`; `JobBusy` when it runs already, here or elsewhere; errors of the ledger.
  public func runNow(_ name: String) async throws -> JobOutcome {
    guard let job = jobs.first(where: { $0.name == name }) else { throw JobUnknown(name: name) }
    switch try await attempt(job, isForced: true) {
    case .finished(let outcome): return outcome
    case .later: throw JobBusy(name: name)
    }
  }

  /// What is known about each job of this scheduler, in its order; nil for one that never ran.
  public func states() async throws -> [(job: any Job, state: JobState?)] {
    let known = Dictionary(uniqueKeysWithValues: try await ledger.states().map { ($0.name, $0) })
    return jobs.map { ($0, known[$0.name]) }
  }

  private enum Attempt {
    case finished(JobOutcome)
    case later(Timestamp)
  }

  private func keepRunning(_ job: any Job) async {
    var next = time.now
    while !Task.isCancelled {
      do {
        try await time.sleep(until: next + settings.jitter(job.interval))
        switch try await attempt(job, isForced: false) {
        // The ledger knows when it is due again; it says so at the next look.
        case .finished: next = time.now
        case .later(let instant): next = min(instant, time.now + max(job.interval, Duration.seconds(1)))
        }
      } catch {
        if Task.isCancelled { return }
        log.error("job ledger failed", ["job": .vouched(job.name), "error": .error(error)])
        next = time.now + .seconds(5)
      }
    }
  }

  private func attempt(_ job: any Job, isForced: Bool) async throws -> Attempt {
    let start = time.now
    switch try await ledger.claim(
      job.name, now: start, until: start + settings.claimTime, isForced: isForced)
    {
    case .notDue(let instant), .running(until: let instant): return .later(instant)
    case .claimed(let claim):
      let run = JobRun(job: job, claim: claim, ledger: ledger, settings: settings, time: time)
      let outcome = try await run.run()
      report(job, outcome, span: time.now - start)
      return .finished(outcome)
    }
  }

  private func report(_ job: any Job, _ outcome: JobOutcome, span: Duration) {
    metrics.note(job.name, outcome, span: span, at: time.now)
    let fields: LogFields = [
      "job": .vouched(job.name), "processed": .count(outcome.report.processed), "took_s": .seconds(span),
    ]
    switch outcome {
    case .failed(_, let reason): log.error("job failed", fields + ["error": .vouched(reason)])
    // A look that found nothing to do is not worth a line.
    case .succeeded(let report) where report.processed == 0: log.debug("job had nothing to do", fields)
    case .succeeded: log.info("job finished", fields)
    }
  }
}

public struct JobUnknown: Error, Equatable, CustomStringConvertible {
  public let name: String

  public init(name: String) { self.name = name }

  public var description: String { "there is no such job" }
}

/// The job runs already, on this or another server.
public struct JobBusy: Error, Equatable, CustomStringConvertible {
  public let name: String

  public init(name: String) { self.name = name }

  public var description: String { "\(name) is running already" }
}

/// What the scheduler tells about its jobs.
struct JobMetrics: Sendable {
  private let runs: Family<Counter>
  private let seconds: Family<Histogram>
  private let processed: Family<Counter>
  private let lastSuccess: Family<Gauge>

  init(_ metrics: Metrics) {
    runs = metrics.counters(
      "reservoir_job_runs_total", "Runs of background jobs.", labels: ["job", "outcome"])
    seconds = metrics.histograms(
      "reservoir_job_duration_seconds", "Time of a run.", labels: ["job"], buckets: .shortSeconds)
    processed = metrics.counters("reservoir_job_processed_total", "Units done by jobs.", labels: ["job"])
    lastSuccess = metrics.gauges(
      "reservoir_job_last_success_timestamp_seconds", "When the job last succeeded.", labels: ["job"])
  }

  func note(_ job: String, _ outcome: JobOutcome, span: Duration, at time: Timestamp) {
    runs[job, outcome.isSuccess ? "succeeded" : "failed"].add()
    seconds[job].observe(span)
    processed[job].add(outcome.report.processed)
    if outcome.isSuccess { lastSuccess[job].set(Double(time.microseconds) / 1e6) }
  }
}
