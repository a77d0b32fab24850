import Dispatch
import Domain
import Engine
import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LedgerPartitionTests {
  let world = World()

  @Test func `partitions are not waited for behind a long reader, so that leases do not queue behind them`()
    async throws
  {
    let job = LedgerPartitionsJob(database: world.database)
    let other = PoolFixture()
    let (isReading, reading) = AsyncStream.makeStream(of: Void.self)
    let isDone = DispatchSemaphore(value: 0)
    async let reader: Void = other.database.transaction { transaction in
      // Ended by the server, should the job wait for us while we wait for it.
      transaction.enqueue("SET LOCAL idle_in_transaction_session_timeout = '20s'")
      _ = try transaction.query("SELECT FROM phone_number_ledger LIMIT 1")
      reading.finish()
      isDone.wait()
    }
    for await _ in isReading {}
    let now = world.clock.now
    let refusal = await #expect(throws: PostgresError.self) { try await job.runOnce(now: now, limit: 9) }
    #expect(refusal?.sqlState == .lockNotAvailable)
    isDone.signal()
    try await reader
    let ledgers: [String] = try await world.pool.column(
      "SELECT partrelid::regclass::text FROM pg_partitioned_table")
    #expect(try await job.runOnce(now: now, limit: 9).processed == 4 * ledgers.count)
    await other.database.shutdown()
  }
}
