import Domain

/// One run of a job under a claim: chunk after chunk until nothing is left, the time budget is used up, the
/// claim is lost, or it fails.
struct JobRun: Sendable {
  let job: any Job
  let claim: JobClaim
  let ledger: any JobLedger
  let settings: Scheduler.Settings
  let time: any TimeSource

  /// The outcome, stored in the ledger; also after a cancellation.
  func run() async throws -> JobOutcome {
    var report = JobReport(processed: 0)
    let outcome: JobOutcome
    do {
      try await work(&report)
      outcome = .succeeded(report)
    } catch {
      outcome = .failed(report, reason: Redaction.scrub(String(describing: error)))
    }
    let failures = outcome.isSuccess ? 0 : claim.failures + 1
    let end = time.now
    // Storing must not be cut short by the cancellation that ended the work.
    let store = Task { [ledger, claim, nextDueAt = nextDue(after: outcome, failures, at: end)] in
      try await ledger.finish(claim, at: end, outcome: outcome, failures: failures, nextDueAt: nextDueAt)
    }
    try await store.value
    return outcome
  }

  private func work(_ report: inout JobReport) async throws {
    let end = time.now + settings.budget
    repeat {
      let part = try await job.runOnce(now: time.now, limit: settings.limit)
      report.add(part)
      guard part.hasMore, time.now < end else { return }
      try Task.checkCancellation()
      guard try await ledger.renew(claim, until: time.now + settings.claimTime) else { throw JobLost() }
    } while true
  }

  private func nextDue(after outcome: JobOutcome, _ failures: Int, at time: Timestamp) -> Timestamp {
    guard !outcome.isSuccess else { return outcome.report.hasMore ? time : time + job.interval }
    // 1, 2, 4 … seconds, never longer than the interval itself.
    let backoff = Duration.seconds(1 << min(failures - 1, 12))
    return time + min(backoff, max(job.interval, Duration.seconds(1)))
  }
}

/// The run took so long without a sign of life that another server took the job over.
struct JobLost: Error, CustomStringConvertible {
  var description: String { "the job was taken over by another server" }
}
