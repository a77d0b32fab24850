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
  static func command(_ text: String, on conninfo: String? = nil) throws -> String? {
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

  struct CommandFailure: Error { let text: String }

  /// Lends a fresh database, and drops it afterwards.
  static func withDatabase<R>(
    _ change: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (Database) async throws -> R
  ) async throws -> R {
    let name = "client_\(getpid())_\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    try command("CREATE DATABASE \(name)")
    var configuration = DatabaseConfiguration(conninfo: conninfo(database: name), applicationName: name)
    change(&configuration)
    let database = Database(configuration)
    do {
      let value = try await body(database)
      await database.shutdown()
      try command("DROP DATABASE \(name) WITH (FORCE)")
      return value
    } catch {
      await database.shutdown()
      try command("DROP DATABASE \(name) WITH (FORCE)")
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
