/// Lets the server itself refuse a wrong number of changed rows, so that COMMIT need not wait for the count.
///
/// A plain INSERT, UPDATE or DELETE is made a part of a SELECT which counts the rows and, if they are not as
/// many as expected, fails on a cast of a text that carries the count.
enum RowCountGuard {
  private static let token = "changed rows: "

  /// True for a statement that can be wrapped for certain; others are counted by the client.
  static func canGuard(_ sql: SQL) -> Bool {
    let text = sql.text.lowercased()
    return ["insert ", "update ", "delete "].contains { text.hasPrefix($0) }
      && !text.contains("returning") && !text.contains(";")
  }

  static func guarded(_ sql: SQL, _ expected: Int) -> SQL {
    SQL(
      text: """
        WITH changed AS (\(sql.text)
        RETURNING 1)
        SELECT CASE WHEN count(*) = \(expected) THEN 0 ELSE ('\(token)\(expected)/' || count(*))::int END FROM changed
        """, binds: sql.binds)
  }

  /// Recognises the error that the wrapping raises.
  static func translate(_ error: PostgresError) -> PostgresError {
    guard error.sqlState == .invalidTextRepresentation, let start = error.debugText.firstRange(of: token)
    else {
      return error
    }
    let counts = error.debugText[start.upperBound...].prefix { $0.isNumber || $0 == "/" }.split(
      separator: "/")
    guard counts.count == 2, let expected = Int(counts[0]), let found = Int(counts[1]) else { return error }
    return Self.error(expected: expected, found: found)
  }

  static func error(expected: Int, found: Int) -> PostgresError {
    PostgresError(.unexpectedRowCount, reason: "\(found) instead of \(expected)")
  }
}
