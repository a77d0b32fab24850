import CPostgres
import Dispatch
import Postgres

/// Plain SQL on a connection of its own, for what tests arrange or look at behind the code under test.
/// It uses libpq directly, so that a fault of our client cannot hide itself.
public enum Admin {
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let sqlState: String
    public let description: String
  }

  /// Runs one or several statements and returns the last one's rows, values as text.
  @discardableResult
  public static func execute(_ sql: String, on conninfo: String) async throws -> [[String?]] {
    try await onThread { try run(sql, on: conninfo) }
  }

  /// The first value of the first row.
  public static func value(_ sql: String, on conninfo: String) async throws -> String? {
    try await execute(sql, on: conninfo).first?.first ?? nil
  }

  /// `conninfo` with another database.
  public static func conninfo(_ conninfo: String, database: String) throws -> String {
    var options = try options(conninfo)
    options["dbname"] = database
    return options.map { "\($0.key)='\(escaped($0.value))'" }.joined(separator: " ")
  }

  /// A connection string or URL by its keywords.
  public static func options(_ conninfo: String) throws -> [String: String] {
    guard let options = PQconninfoParse(conninfo, nil) else {
      throw Failure(sqlState: "", description: "not a connection string")
    }
    defer { PQconninfoFree(options) }
    var found: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return found
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { text, character in
      if character == "'" || character == "\\" { text.append("\\") }
      text.append(character)
    }
  }

  static func run(_ sql: String, on conninfo: String) throws -> [[String?]] {
    let connection = PQconnectdb(conninfo)
    defer { PQfinish(connection) }
    guard PQstatus(connection) == CONNECTION_OK else {
      throw Failure(sqlState: "08001", description: String(cString: PQerrorMessage(connection)))
    }
    _ = PQsetNoticeProcessor(connection, { _, _ in }, nil)
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
      let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
      throw Failure(sqlState: state ?? "", description: String(cString: PQresultErrorMessage(result)))
    }
    return (0..<PQntuples(result)).map { row in
      (0..<PQnfields(result)).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
  }
}

/// Runs what blocks on a thread of its own, so that it never holds one of the cooperative pool.
public func onThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { done in
    DispatchQueue(label: "test thread").async { done.resume(with: Result(catching: body)) }
  }
}
