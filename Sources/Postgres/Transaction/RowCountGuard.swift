/// Lets the server itself refuse a wrong number of changed rows, so that COMMIT need not wait for the count.
///
/// A plain INSERT, UPDATE or DELETE is made a part of a SELECT which counts the rows and, if they are not as
/// many as expected, fails on a cast of a text that carries the count.
enum RowCountGuard {
  private static let token = "changed rows: "
  private static let verbs = ["insert", "update", "delete"].map { Array($0.utf8) }
  private static let returning = Array("returning".utf8)

  /// True for a statement that can be wrapped for certain; others are counted by the client.
  static func canGuard(_ sql: SQL) -> Bool {
    var text = sql.text
    return text.withUTF8 { bytes in
      verbs.contains { matches($0, bytes, at: 0) } && !bytes.contains(UInt8(ascii: ";"))
        && !bytes.indices.contains { matches(returning, bytes, at: $0) }
    }
  }

  private static func matches(_ word: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    guard start + word.count <= bytes.count else { return false }
    return word.indices.allSatisfy { bytes[start + $0] | 0x20 == word[$0] }
  }

  static func guarded(_ sql: SQL, _ expected: Int) -> SQL {
    let failure = "('\(token)\(expected)/' || count(*))::int"
    return SQL(
      text: "WITH changed AS (\(sql.text)\nRETURNING 1) "
        + "SELECT CASE WHEN count(*) = \(expected) THEN 0 ELSE \(failure) END FROM changed",
      binds: sql.binds)
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
