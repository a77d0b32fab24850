import Domain
import Postgres
import Runtime
import Store

/// Keeps partitions of the ledgers ready: for this month and the next three.
public struct LedgerPartitionsJob: Job {
  public let name = "ledger-partitions"
  public let interval: Duration
  private let database: Database

  public init(database: Database, interval: Duration = .hours(6)) {
    self.database = database
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    // Three months have at most 92 days.
    let last = now + .hours(92 * 24)
    let made = try await database.transaction { transaction in
      // A new partition locks its whole ledger. Who reads it for long must not make leases wait behind us:
      // the job fails at once and is tried again.
      transaction.enqueue("SET LOCAL lock_timeout = '100ms'")
      return try LedgerStore.prepare(now: now, through: last, in: &transaction)
    }
    return JobReport(processed: made)
  }
}

/// Forgets answers that were kept for idempotency keys and are past their lifetime.
public struct IdempotencyKeysJob: Job {
  public let name = "idempotency-keys"
  public let interval: Duration
  private let database: Database

  public init(database: Database, interval: Duration = .minutes(10)) {
    self.database = database
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let forgotten = try await database.transaction { transaction in
      IdempotencyClaimStore.forgetExpired(now: now, in: &transaction)
      return try IdempotencyStore.forgetExpired(now: now, limit: limit, in: &transaction)
    }
    return JobReport(processed: forgotten, hasMore: forgotten == limit)
  }
}
