import Domain
import Synchronization

/// Decides which server runs a job, and remembers how it went. All servers of one database share one.
public protocol JobLedger: Sendable {
  /// Takes the job for a run, in one atomic step: if it is due, or `isForced`, and no live run has it.
  ///
  /// A job that the ledger does not know is entered and due at once.
  ///
  /// - Parameter until: when the run counts as lost unless it is renewed.
  func claim(_ job: String, now: Timestamp, until: Timestamp, isForced: Bool) async throws -> JobClaimAnswer

  /// Moves the end of a claim. False when the claim was lost to another server.
  func renew(_ claim: JobClaim, until: Timestamp) async throws -> Bool

  /// Ends a run and stores its outcome. Nothing happens when the claim was lost.
  ///
  /// - Parameter failures: failed runs since the last good one, this one included.
  func finish(
    _ claim: JobClaim, at time: Timestamp, outcome: JobOutcome, failures: Int, nextDueAt: Timestamp
  ) async throws

  /// All jobs that ever ran, by name.
  func states() async throws -> [JobState]
}

/// The right to run a job until it is finished or lost.
public struct JobClaim: Sendable, Equatable {
  public let job: String
  /// Rises with every claim of the job: an old claim cannot end a newer run.
  public let term: Int64
  /// Failed runs since the last good one, before this run.
  public let failures: Int

  public init(job: String, term: Int64, failures: Int) {
    self.job = job
    self.term = term
    self.failures = failures
  }
}

public enum JobClaimAnswer: Sendable, Equatable {
  case claimed(JobClaim)
  /// Not due before this instant.
  case notDue(Timestamp)
  /// A server runs it; the claim ends at this instant if it is not renewed.
  case running(until: Timestamp)
}

/// A ledger for one process: tests and simulations.
public final class MemoryJobLedger: JobLedger {
  private struct Entry {
    var state: JobState
    var term: Int64 = 0
  }

  private let entries = Mutex<[String: Entry]>([:])

  public init() {}

  public func claim(
    _ job: String, now: Timestamp, until: Timestamp, isForced: Bool
  ) async throws -> JobClaimAnswer {
    entries.withLock { entries in
      var entry = entries[job] ?? Entry(state: JobState(name: job, nextDueAt: now))
      if let end = entry.state.runningUntil, end > now { return .running(until: end) }
      guard isForced || entry.state.nextDueAt <= now else { return .notDue(entry.state.nextDueAt) }
      entry.term += 1
      entry.state.runningUntil = until
      entry.state.startedAt = now
      entries[job] = entry
      return .claimed(JobClaim(job: job, term: entry.term, failures: entry.state.failures))
    }
  }

  public func renew(_ claim: JobClaim, until: Timestamp) async throws -> Bool {
    entries.withLock { entries in
      guard let entry = entries[claim.job], entry.term == claim.term, entry.state.runningUntil != nil
      else { return false }
      entries[claim.job]?.state.runningUntil = until
      return true
    }
  }

  public func finish(
    _ claim: JobClaim, at time: Timestamp, outcome: JobOutcome, failures: Int, nextDueAt: Timestamp
  ) async throws {
    entries.withLock { entries in
      guard var entry = entries[claim.job], entry.term == claim.term else { return }
      entry.state.runningUntil = nil
      entry.state.finishedAt = time
      entry.state.outcome = outcome
      entry.state.failures = failures
      entry.state.nextDueAt = nextDueAt
      entries[claim.job] = entry
    }
  }

  public func states() async throws -> [JobState] {
    entries.withLock { $0.values.map(\.state).sorted { $0.name < $1.name } }
  }
}
