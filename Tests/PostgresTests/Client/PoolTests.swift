import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"))
struct PoolTests {
  /// Runs the work while the pool's only connection is in use.
  private func whileBusy(_ database: Database, _ work: () async throws -> Void) async throws {
    try await eventually("there is a connection") {
      await postgresError { try await database.run("SELECT 1") } == nil
    }
    let (begun, end) = (AsyncStream.makeStream(of: Void.self), Semaphore())
    async let busy: Void = database.transaction { transaction in
      begun.continuation.finish()
      end.wait()
    }
    for await _ in begun.stream {}
    do {
      try await work()
    } catch {
      end.signal()
      throw error
    }
    end.signal()
    try await busy
  }

  @Test func `never more connections than allowed`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 3 }) { database in
      let most = Shared(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<30 {
          group.addTask {
            let open = try await database.value(
              """
              SELECT count(*)::int FROM pg_stat_activity, pg_sleep(0.005)
              WHERE application_name = \(database.configuration.applicationName)
              """, as: Int.self)
            most.withLock { $0 = max($0, open) }
          }
        }
        try await group.waitForAll()
      }
      #expect((2...3).contains(most.withLock { $0 }))
      #expect(database.statistics.open <= 3)
    }
  }

  @Test func `who waits too long for a connection is told so`() async throws {
    let change: (inout DatabaseConfiguration) -> Void = {
      $0.poolSize = 1
      $0.acquireTimeout = .milliseconds(100)
    }
    try await TestServer.withDatabase(change) { database in
      try await whileBusy(database) {
        let error = await postgresError { try await database.run("SELECT 1") }
        #expect(error?.kind == .poolTimeout)
      }
      #expect(database.statistics.timeouts >= 1)
      try await database.expect("SELECT 1", 1)
    }
  }

  @Test func `a waiting caller can leave`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 1 }) { database in
      try await whileBusy(database) {
        let waiter = Task { try await database.run("SELECT 1") }
        try await eventually("the caller waits") { database.statistics.waiting == 1 }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiter.value }
        #expect(database.statistics.waiting == 0)
      }
    }
  }

  @Test func `a cancelled task was never in the pool`() async throws {
    try await TestServer.withDatabase { database in
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await database.run("SELECT 1")
      }
      await #expect(throws: CancellationError.self) { _ = try await task.value }
      #expect(database.statistics.open == 0)
    }
  }

  @Test func `cancelling stops the statement on the server, and the connection stays`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 1 }) { database in
      try await database.run("CREATE TABLE t (x int)")
      let process = try await database.value("SELECT pg_backend_pid()", as: Int.self)
      for isEnqueued in [false, true] {
        let task = Task {
          try await database.transaction(.init(statementTimeout: .zero)) { transaction in
            _ = try transaction.execute("INSERT INTO t VALUES (1)")
            if isEnqueued { return transaction.enqueue("SELECT pg_sleep(60)") }
            _ = try transaction.query("SELECT pg_sleep(60)")
          }
        }
        try await database.untilServerRuns("pg_sleep(60)")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await database.expect("SELECT pg_backend_pid()", process)
        try await database.expect("SELECT count(*) FROM t", 0)
      }
    }
  }

  @Test func `many cancellations at any moment leave a sound pool`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 4 }) { database in
      try await database.run("CREATE TABLE t (x int)")
      let committed = Shared(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask {
            let task = Task {
              try await database.transaction { transaction in
                _ = try transaction.query("INSERT INTO t SELECT \(number) FROM pg_sleep(0.001)")
              }
            }
            try? await Task.sleep(for: .microseconds(Int.random(in: 0...40_000)))
            task.cancel()
            do {
              try await task.value
              committed.withLock { $0 += 1 }
            } catch is CancellationError {}
          }
        }
        try await group.waitForAll()
      }
      try await database.expect("SELECT count(*)::int FROM t", committed.withLock { $0 })
    }
  }

  @Test func `a statement that takes too long is stopped by the server`() async throws {
    try await TestServer.withDatabase({ $0.statementTimeout = .milliseconds(50) }) { database in
      let error = await postgresError { try await database.run("SELECT pg_sleep(60)") }
      #expect(error?.kind == .statementTimeout)
      #expect(error?.sqlState == .queryCanceled)
      let own = await postgresError {
        try await database.transaction(.init(statementTimeout: .milliseconds(1))) {
          $0.enqueue("SELECT pg_sleep(60)")
        }
      }
      #expect(own?.kind == .statementTimeout)
      try await database.expect("SELECT 1", 1)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `six transactions that block their threads freeze nobody else`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 6 }) { database in
      let (begun, end) = (AsyncStream.makeStream(of: Void.self), Semaphore())
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 {
          group.addTask {
            try await database.transaction { transaction in
              _ = try transaction.query("SELECT 1")
              begun.continuation.yield()
              end.wait()
            }
          }
        }
        var events = begun.stream.makeAsyncIterator()
        for _ in 0..<6 { await events.next() }
        // All tasks' own threads would be blocked by now; the unrelated work goes on.
        for _ in 0..<1_000 { await Task.yield() }
        #expect(database.statistics.inUse == 6)
        for _ in 0..<6 { end.signal() }
        try await group.waitForAll()
      }
    }
  }

  @Test func `a shutdown lets the running transaction end and refuses the next`() async throws {
    try await TestServer.withDatabase { database in
      let service = Task { try await database.run() }
      try await whileBusy(database) {
        service.cancel()
        try await eventually("the pool refuses") {
          await postgresError { try await database.run("SELECT 1") }?.kind == .closed
        }
      }
      try await service.value
      await database.shutdown()
      #expect(database.statistics.open == 0)
    }
  }

  @Test func `unused connections are checked and closed`() async throws {
    let closed = AsyncStream.makeStream(of: Void.self)
    let change: (inout DatabaseConfiguration) -> Void = {
      $0.healthCheckInterval = .milliseconds(20)
      $0.idleTimeout = .milliseconds(200)
      $0.onEvent = { if case .closed = $0 { closed.continuation.finish() } }
    }
    try await TestServer.withDatabase(change) { database in
      try await database.expect("SELECT 1", 1)
      for await _ in closed.stream {}
      #expect(database.statistics.open == 0)
      try await database.expect("SELECT 1", 1)
    }
  }
}
