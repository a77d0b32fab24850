import CPostgres

/// A database session that keeps a transaction, with its locks, until it is ended.
final class HeldSession {
  private let connection: OpaquePointer?

  init(_ conninfo: String, _ sql: String) throws {
    connection = PQconnectdb(conninfo)
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw Unexpected(description: String(cString: PQerrorMessage(connection)))
    }
  }

  deinit { PQfinish(connection) }

  func end() throws {
    let result = PQexec(connection, "ROLLBACK")
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw Unexpected(description: String(cString: PQerrorMessage(connection)))
    }
  }
}
