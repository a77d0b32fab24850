import Foundation
import Testing

@testable import Postgres

private let poolerIsAvailable = ServerDirectory.pgBouncer != nil && ServerDirectory.binaries != nil

/// The client behind PgBouncer in transaction mode.
@Suite(.enabled(if: poolerIsAvailable, "needs PgBouncer and PostgreSQL's initdb"), .timeLimit(.minutes(2)))
struct PoolerTests {
  private func withPooler(_ body: (Database) async throws -> Void) async throws {
    try await OwnServer.lend { server in
      let path = server.directory.path
      try server.directory.write("\"postgres\" \"\"\n", to: "users.txt")
      try server.directory.write(
        """
        [databases]
        postgres = host=\(path) port=5432
        [pgbouncer]
        listen_port = 6543
        unix_socket_dir = \(path)
        pool_mode = transaction
        default_pool_size = 4
        max_client_conn = 100
        auth_type = trust
        auth_file = \(path)/users.txt
        """, to: "pgbouncer.ini")
      let process = try server.directory.startDaemon(
        ServerDirectory.pgBouncer ?? "", ["\(path)/pgbouncer.ini"])
      defer { kill(process, SIGTERM) }
      var configuration = DatabaseConfiguration(
        conninfo: "host=\(path) port=6543 user=postgres dbname=postgres")
      configuration.mode = .transactionPooler
      configuration.poolSize = 16
      let database = Database(configuration)
      try await eventually("the pooler answers") {
        await postgresError { try await database.run("SELECT 1") } == nil
      }
      try await body(database)
      await database.shutdown()
    }
  }

  @Test func `200 transactions of 16 tasks share four server connections`() async throws {
    try await withPooler { database in
      try await database.run("CREATE TABLE t (task int, n int, UNIQUE (task, n))")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<16 {
          group.addTask {
            for n in 0..<200 {
              try await database.transaction { transaction in
                let rows = try transaction.query([
                  "SELECT count(*)::int AS n FROM t WHERE task = \(task)",
                  "SELECT current_setting('TimeZone') AS zone",
                ])
                #expect(try rows[0][0].decode("n", as: Int.self) == n)
                #expect(try rows[1][0].decode("zone", as: String.self) == "UTC")
                transaction.enqueue("INSERT INTO t VALUES (\(Int32(task)), \(Int32(n)))", expecting: 1)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      try await database.expect("SELECT count(*)::int FROM t", 3_200)
      try await database.expect("SELECT count(*)::int FROM pg_prepared_statements", 0)
    }
  }

  @Test func `rows are copied by many tasks at once`() async throws {
    try await withPooler { database in
      try await database.run("CREATE TABLE copied (task int, n bigint)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<16 {
          group.addTask {
            try await database.transaction { transaction in
              _ = try transaction.copy("COPY copied (task, n) FROM STDIN (FORMAT binary)") { writer in
                for n in 0..<5_000 {
                  try writer.row(2)
                  writer.value(Int32(task))
                  writer.value(n)
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      try await database.expect("SELECT count(*)::int FROM copied", 80_000)
    }
  }

  @Test func `errors, timeouts and cancellation work as without a pooler`() async throws {
    try await withPooler { database in
      let error = await postgresError {
        try await database.transaction { _ = try $0.query(["SELECT 1", "SELECT 1 / 0", "SELECT 2"]) }
      }
      #expect(error?.sqlState == .divisionByZero)
      let late = await postgresError {
        try await database.transaction(.init(statementTimeout: .milliseconds(20))) {
          $0.enqueue("SELECT pg_sleep(60)")
        }
      }
      #expect(late?.kind == .statementTimeout)
      let task = Task { try await database.run("SELECT pg_sleep(60)") }
      try await eventually("it sleeps") { database.statistics.inUse == 1 }
      task.cancel()
      await #expect(throws: CancellationError.self) { _ = try await task.value }
      try await database.transaction { try $0.script("CREATE TABLE a (x int); CREATE TABLE b (x int)") }
      try await database.expect("SELECT count(*)::int FROM b", 0)
    }
  }
}
