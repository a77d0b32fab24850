import CPostgres
import Glibc
import Synchronization
import Testing

@testable import Postgres

/// The server that the suites of this folder use.
enum TestServer {
  /// Of a superuser on a throw-away cluster, from `RESERVOIR_TEST_DATABASE_URL`.
  static let conninfo = getenv("RESERVOIR_TEST_DATABASE_URL").map { String(cString: $0) }
  static let isAvailable = conninfo != nil
  static let hint = "needs RESERVOIR_TEST_DATABASE_URL"
  private static let counter = Atomic(0)

  static func conninfo(database: String) -> String {
    let base = conninfo ?? ""
    guard base.hasPrefix("postgres") else { return base + " dbname=" + database }
    return base + (base.contains("?") ? "&" : "?") + "dbname=" + database
  }

  /// Runs one command outside of any transaction, past the client under test.
  @discardableResult
  static func commandNow(_ text: String, on conninfo: String? = nil) throws -> String? {
    let handle = PQconnectdb(conninfo ?? Self.conninfo(database: "postgres"))
    defer { PQfinish(handle) }
    let result = PQexec(handle, text)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
      throw CommandFailure(text: String(cString: PQerrorMessage(handle)))
    }
    return PQntuples(result) > 0 ? String(cString: PQgetvalue(result, 0, 0)) : nil
  }

  /// The same without blocking a thread of the tests' tasks.
  @discardableResult
  static func command(_ text: String, on conninfo: String? = nil) async throws -> String? {
    try await offPool { try commandNow(text, on: conninfo) }
  }

  struct CommandFailure: Error { let text: String }

  /// Lends a fresh database, and drops it afterwards.
  static func withDatabase<R>(
    _ change: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (Database) async throws -> R
  ) async throws -> R {
    let name = "client_\(getpid())_\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    try await command("CREATE DATABASE \(name)")
    var configuration = DatabaseConfiguration(conninfo: conninfo(database: name), applicationName: name)
    change(&configuration)
    let database = Database(configuration)
    do {
      let value = try await body(database)
      await database.shutdown()
      try await command("DROP DATABASE \(name) WITH (FORCE)")
      return value
    } catch {
      await database.shutdown()
      try await command("DROP DATABASE \(name) WITH (FORCE)")
      throw error
    }
  }
}

extension Database {
  /// One statement in a transaction of its own.
  @discardableResult
  func run(_ sql: SQL) async throws -> Rows { try await transaction { try $0.query(sql) } }

  /// The only value of a statement.
  func value<T: PostgresDecodable & Sendable>(_ sql: SQL, as type: T.Type = T.self) async throws -> T {
    try await transaction { try $0.query(sql)[0].decode(at: 0) }
  }
}

extension Database {
  /// Expects that the only value of a statement is this one.
  func expect<T: PostgresDecodable & Equatable & Sendable>(
    _ sql: SQL, _ value: T, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let found = try await self.value(sql, as: T.self)
    #expect(found == value, sourceLocation: sourceLocation)
  }
}

/// The error that a piece of work throws, as a PostgresError.
func postgresError(_ work: () async throws -> Void) async -> PostgresError? {
  do {
    try await work()
    return nil
  } catch { return error as? PostgresError }
}

/// Waits until something that only the server knows has become true.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(20)
  while try await !condition() {
    guard clock.now < deadline else {
      Issue.record("in vain: \(what)")
      return
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

extension Database {
  /// Waits until a connection of this database is busy with a statement that contains this text.
  func untilServerRuns(_ text: String) async throws {
    let query = """
      SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(configuration.applicationName)'
      AND state = 'active' AND query LIKE '%\(text)%' AND pid <> pg_backend_pid()
      """
    try await eventually(text) { try await TestServer.command(query) != "0" }
  }

  /// Kills all connections of this database.
  func terminateAll() throws {
    try TestServer.commandNow(
      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
        + "WHERE application_name = '\(configuration.applicationName)'")
  }
}

/// Runs blocking work on a thread of its own.
func offPool<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    let started = startThread { continuation.resume(with: Result { try work() }) }
    precondition(started, "the system gives a thread")
  }
}

/// A value that many tasks change.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R {
    value.withLock { value in
      var copy = value
      defer { value = copy }
      return body(&copy)
    }
  }
}
