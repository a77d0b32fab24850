/// What went wrong between the program and its database.
///
/// `description` may stand in any log: it has the kind, the SQLSTATE with its condition, and the names of
/// table, column and constraint; never a value, a message of the server, or an address. Those are in
/// `debugText` alone.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// The connection string is malformed.
    case configuration
    /// No connection could be made.
    case connectionFailed
    /// The connection broke before COMMIT was sent: nothing has happened.
    case connectionLost
    /// The connection broke after COMMIT was sent: it may have happened or not.
    case commitUnknown
    /// No connection became free in time.
    case poolTimeout
    /// The database was shut down by the program.
    case closed
    /// The server refused a statement.
    case server
    /// The server cancelled a statement that took too long.
    case statementTimeout
    /// An enqueued statement changed another number of rows than expected.
    case unexpectedRowCount
    /// A value cannot be bound, or a text cannot be sent.
    case invalidBind
  }

  public let kind: Kind
  public internal(set) var sqlState: SQLState?
  public internal(set) var severity: String?
  public internal(set) var schema: String?
  public internal(set) var table: String?
  public internal(set) var column: String?
  public internal(set) var constraint: String?
  /// A reason in fixed words, free of data.
  public internal(set) var reason: String?
  /// Everything that is known, data included: for a developer's eyes, not for a log.
  public internal(set) var debugText: String

  init(_ kind: Kind, sqlState: SQLState? = nil, reason: String? = nil, debugText: String? = nil) {
    self.kind = kind
    self.sqlState = sqlState
    self.reason = reason
    self.debugText = debugText ?? reason ?? ""
  }

  public var description: String {
    var parts = [headline]
    if let sqlState, kind == .server || kind == .statementTimeout {
      parts.append("\(sqlState) \(sqlState.conditionName)")
    }
    if let reason { parts.append(reason) }
    if let constraint { parts.append("constraint \(constraint)") }
    if let table { parts.append("table \(table)") }
    if let column { parts.append("column \(column)") }
    return parts.joined(separator: ", ")
  }

  private var headline: String {
    switch kind {
    case .configuration: "the connection string is malformed"
    case .connectionFailed: "cannot connect to the database"
    case .connectionLost: "the connection to the database was lost; nothing was committed"
    case .commitUnknown: "the connection to the database was lost during COMMIT; its outcome is unknown"
    case .poolTimeout: "no database connection became free in time"
    case .closed: "the database was shut down"
    case .server: "the database refused the statement"
    case .statementTimeout: "the statement took too long"
    case .unexpectedRowCount: "a statement changed an unexpected number of rows"
    case .invalidBind: "a value cannot be sent to the database"
    }
  }

  /// True where the server ended the connection by this error, or libpq found it ended: then there is no
  /// SQLSTATE.
  var isFatal: Bool { severity == "FATAL" || severity == "PANIC" || sqlState == nil }

  /// True where the same transaction, done again, may succeed.
  var isRetryable: Bool { sqlState?.isRetryable == true }
}
