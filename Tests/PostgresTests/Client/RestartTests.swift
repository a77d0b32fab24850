import Foundation
import Testing

@testable import Postgres

@Suite(.enabled(if: ServerDirectory.binaries != nil, "needs PostgreSQL's initdb"), .timeLimit(.minutes(2)))
struct RestartTests {
  @Test func `a restarted server is found again by the same pool, and loses nothing acknowledged`()
    async throws
  {
    try await OwnServer.lend { server in
      let database = Database(DatabaseConfiguration(conninfo: server.conninfo))
      try await database.run("CREATE TABLE t (x int)")
      let acknowledged = Shared(0)
      let writers = Task {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<8 {
            group.addTask {
              while !Task.isCancelled {
                let written: Void? = try? await database.transaction {
                  $0.enqueue("INSERT INTO t VALUES (1)", expecting: 1)
                }
                if written != nil { acknowledged.withLock { $0 += 1 } }
              }
            }
          }
        }
      }
      for _ in 0..<3 {
        let before = acknowledged.withLock { $0 }
        try await eventually("they write") { acknowledged.withLock { $0 } > before + 50 }
        try await server.stop()
        try await server.start()
      }
      let before = acknowledged.withLock { $0 }
      try await eventually("they write again") { acknowledged.withLock { $0 } > before + 50 }
      writers.cancel()
      await writers.value
      let found = try await database.value("SELECT count(*)::int FROM t", as: Int.self)
      #expect(found >= acknowledged.withLock { $0 })
      await database.shutdown()
    }
  }

  @Test func `a killed backend takes all connections with it, and the pool recovers`() async throws {
    try await OwnServer.lend { server in
      let database = Database(DatabaseConfiguration(conninfo: server.conninfo))
      for _ in 0..<3 {
        let error = await postgresError {
          try await database.transaction { transaction in
            kill(try transaction.query("SELECT pg_backend_pid()")[0].decode(at: 0), SIGKILL)
            _ = try transaction.query("SELECT pg_sleep(60)")
          }
        }
        #expect(error?.kind == .connectionLost)
        try await database.expect("SELECT 1", 1)
      }
      await database.shutdown()
    }
  }

  @Test func `while the server is away callers wait for their time and hear why`() async throws {
    try await OwnServer.lend { server in
      var configuration = DatabaseConfiguration(conninfo: server.conninfo)
      configuration.acquireTimeout = .milliseconds(300)
      let database = Database(configuration)
      try await eventually("it connects") {
        await postgresError { try await database.run("SELECT 1") } == nil
      }
      try await server.stop()
      let error = await postgresError { try await database.run("SELECT 1") }
      #expect(error?.kind == .connectionFailed)
      try await server.start()
      try await eventually("it recovers") {
        await postgresError { try await database.run("SELECT 1") } == nil
      }
      await database.shutdown()
    }
  }
}
