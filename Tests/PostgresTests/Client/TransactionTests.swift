import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"))
struct TransactionTests {
  private func withTable<R>(
    _ change: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (Database) async throws -> R
  ) async throws -> R {
    try await TestServer.withDatabase(change) { database in
      try await database.run(
        "CREATE TABLE stock (id int PRIMARY KEY, n int NOT NULL CONSTRAINT positive CHECK (n >= 0))")
      try await database.run("INSERT INTO stock VALUES (1, 10), (2, 20)")
      return try await body(database)
    }
  }

  @Test func `what is read and what follows from it cost two round trips`() async throws {
    try await withTable { database in
      let before = database.statistics.roundTrips
      let sum = try await database.transaction { transaction in
        let answers = try transaction.query([
          "SELECT n FROM stock WHERE id = \(Int32(1))", "SELECT n FROM stock WHERE id = \(Int32(2))",
          "SELECT 3",
        ])
        for id in 1...4 { transaction.enqueue("UPDATE stock SET n = n + 1 WHERE id = \(id)") }
        return try answers.map { try $0[0].decode(at: 0, as: Int.self) }.reduce(0, +)
      }
      #expect(sum == 33)
      #expect(database.statistics.roundTrips - before == 2)
      try await database.expect("SELECT sum(n)::int FROM stock", 32)
    }
  }

  @Test func `a transaction of enqueued statements alone costs one round trip, an empty one none`()
    async throws
  {
    try await withTable { database in
      let before = database.statistics.roundTrips
      try await database.transaction { $0.enqueue("UPDATE stock SET n = 5", expecting: 2) }
      #expect(database.statistics.roundTrips - before == 1)
      try await database.transaction { _ in }
      #expect(database.statistics.roundTrips - before == 1)
    }
  }

  @Test func `an enqueued statement that fails is told at the end, and nothing remains`() async throws {
    try await withTable { database in
      let error = await postgresError {
        try await database.transaction { transaction in
          transaction.enqueue("UPDATE stock SET n = 99 WHERE id = 1")
          transaction.enqueue("UPDATE stock SET n = -1 WHERE id = 2")
          transaction.enqueue("INSERT INTO stock VALUES (3, 3)")
        }
      }
      #expect(error?.constraint == "positive")
      #expect(error?.sqlState == .checkViolation)
      try await database.expect("SELECT sum(n)::int FROM stock", 30)
    }
  }

  @Test(arguments: [
    "UPDATE stock SET n = 7 WHERE id = 3", "UPDATE stock SET n = 7 WHERE id = 3 RETURNING n",
    "WITH x AS (SELECT 3 AS id) UPDATE stock SET n = 7 FROM x WHERE x.id = stock.id",
    "INSERT INTO stock VALUES (1, 1) ON CONFLICT DO NOTHING", "DELETE FROM stock WHERE id = 3",
  ])
  func `a wrong number of changed rows rolls back`(text: String) async throws {
    try await withTable { database in
      for isFollowedByQuery in [false, true] {
        let error = await postgresError {
          try await database.transaction { transaction in
            transaction.enqueue("UPDATE stock SET n = 99 WHERE id = 1", expecting: 1)
            transaction.enqueue(SQL(text: text), expecting: 1)
            if isFollowedByQuery { _ = try transaction.query("SELECT 1") }
          }
        }
        #expect(error?.kind == .unexpectedRowCount)
        #expect(error?.description == "a statement changed an unexpected number of rows, 0 instead of 1")
      }
      try await database.expect("SELECT n FROM stock WHERE id = 1", 10)
    }
  }

  @Test func `an error of the body rolls back and passes through unchanged`() async throws {
    struct Own: Error, Equatable { let number: Int }
    try await withTable { database in
      await #expect(throws: Own(number: 7)) {
        try await database.transaction { transaction in
          _ = try transaction.execute("DELETE FROM stock")
          throw Own(number: 7)
        }
      }
      try await database.expect("SELECT count(*) FROM stock", 2)
    }
  }

  @Test func `an error that the body swallows is thrown all the same`() async throws {
    try await withTable { database in
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try transaction.execute("UPDATE stock SET n = 99")
          _ = try? transaction.query("SELECT 1 / 0")
        }
      }
      #expect(error?.sqlState == .divisionByZero)
      try await database.expect("SELECT max(n) FROM stock", 20)
    }
  }

  @Test func `with injected faults each transaction runs twice and takes effect once`() async throws {
    try await withTable({ $0.faults.failsFirstAttempt = true }) { database in
      let before = database.statistics.retries
      try await database.transaction { transaction in
        _ = try transaction.query("UPDATE stock SET n = n + 1 RETURNING n")
        transaction.enqueue("INSERT INTO stock VALUES (3, 0)", expecting: 1)
      }
      #expect(database.statistics.retries - before == 1)
      try await database.expect("SELECT n FROM stock WHERE id = 1", 11)
    }
  }

  @Test func `retries are bounded`() async throws {
    try await withTable { database in
      let error = await postgresError {
        try await database.transaction(.init(maxAttempts: 3)) { transaction in
          try transaction.script("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$")
        }
      }
      #expect(error?.sqlState == .deadlockDetected)
      #expect(database.statistics.retries == 2)
    }
  }

  @Test func `under repeatable read 64 rivals increment one row exactly 64 times`() async throws {
    try await withTable { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask {
            try await database.transaction(.init(isolation: .repeatableRead, maxAttempts: 200)) {
              transaction in
              let n = try transaction.query("SELECT n, pg_sleep(0.002)::text FROM stock WHERE id = 1")[0]
                .decode("n", as: Int.self)
              transaction.enqueue("UPDATE stock SET n = \(Int32(n + 1)) WHERE id = 1", expecting: 1)
            }
          }
        }
        try await group.waitForAll()
      }
      try await database.expect("SELECT n FROM stock WHERE id = 1", 74)
      #expect(database.statistics.retries > 0)
    }
  }

  @Test func `options reach the server`() async throws {
    try await withTable { database in
      let options = TransactionOptions(
        isolation: .serializable, isReadOnly: true, statementTimeout: .milliseconds(1_234))
      let settings = try await database.transaction(options) { transaction in
        try ["transaction_isolation", "transaction_read_only", "statement_timeout", "TimeZone", "jit"].map {
          try transaction.query("SELECT current_setting(\($0))")[0].decode(at: 0, as: String.self)
        }
      }
      #expect(settings == ["serializable", "on", "1234ms", "UTC", "off"])
      try await database.expect("SELECT current_setting('statement_timeout')", "30s")
    }
  }

  @Test func `a database may have its statements planned once for all values`() async throws {
    try await TestServer.withDatabase {
      $0.planning = .generic
    } _: { database in
      try await database.run("CREATE TABLE t (n int)")
      let plans = try await database.transaction { transaction in
        for n in 1...3 { _ = try transaction.query("SELECT FROM t WHERE n = ANY (\([n]))") }
        return try transaction.query(
          "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%ANY ($1)'"
        )
        .map { [try $0.decode(at: 0, as: Int64.self), try $0.decode(at: 1, as: Int64.self)] }
      }
      #expect(plans == [[3, 0]])
    }
  }

  @Test func `a script runs many statements in the transaction and may not end it`() async throws {
    try await withTable { database in
      try await database.transaction { transaction in
        transaction.enqueue("INSERT INTO stock VALUES (3, 3)")
        try transaction.script(
          "UPDATE stock SET n = n + 1; CREATE TABLE more (x int); INSERT INTO more VALUES (1);")
        _ = try transaction.execute("INSERT INTO more VALUES (2)")
      }
      try await database.expect("SELECT sum(n)::int FROM stock", 36)
      try await database.expect("SELECT count(*) FROM more", 2)
      for text in ["COMMIT", "COPY more FROM STDIN", "COPY more TO STDOUT"] {
        let error = await postgresError { try await database.transaction { try $0.script(text) } }
        #expect(error?.kind == .server)
        try await database.expect("SELECT 1", 1)
      }
    }
  }

  @Test func `deferred constraints fail at COMMIT`() async throws {
    try await withTable { database in
      try await database.run(
        "ALTER TABLE stock ADD up int CONSTRAINT to_up REFERENCES stock DEFERRABLE INITIALLY DEFERRED")
      let error = await postgresError {
        try await database.transaction { $0.enqueue("UPDATE stock SET up = 77", expecting: 2) }
      }
      #expect(error?.constraint == "to_up")
      try await database.expect("SELECT 1", 1)
    }
  }
}
