import Dispatch
import Domain
import Engine
import Postgres
import TestSupport
import Testing

/// What an import locks, and in which order.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct NumberImportLockTests {
  let world = World()

  /// Two numbers whose lease is due.
  func prepared() async throws -> [ID<Lead>] {
    _ = try await world.client("First")
    _ = try await world.client("Second")
    try await world.pool.numbers(2, of: "First")
    let leads = try await world.pool.leads(2)
    for (index, lead) in leads.enumerated() { try await world.lease("n-\(index)", to: lead) }
    world.clock.advance(by: .hours(18))
    return leads
  }

  @Test func `an import that ends leases waits for their leads before it locks a number`() async throws {
    let leads = try await prepared()
    let rows = try NumberImportTests.rows(0..<2, of: "Second")
    let other = PoolFixture()
    let (isLocked, locked) = AsyncStream.makeStream(of: Void.self)
    let isAwaited = DispatchSemaphore(value: 0)
    async let locker: Void = other.database.transaction { transaction in
      _ = try transaction.query("SELECT FROM leads WHERE id = \(leads[1]) FOR NO KEY UPDATE")
      locked.finish()
      isAwaited.wait()
      // As a round does that leases the number to this lead again: leads before numbers.
      _ = try transaction.query("SELECT FROM signalwire_phone_numbers FOR UPDATE NOWAIT")
    }
    for await _ in isLocked {}
    async let answer = world.numbers.importNumbers(rows, actor: world.actor)
    try await world.pool.untilSomebodyWaitsForALock()
    isAwaited.signal()
    try await locker
    guard case .imported(let report) = try await answer.outcome else { return #expect(Bool(false)) }
    #expect(report.updated == 2)
    #expect(try await world.check.run().filter { !$0.isClean } == [])
    await other.database.shutdown()
  }
}
