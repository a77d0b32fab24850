/// The five characters by which PostgreSQL names what went wrong.
///
///     switch error.sqlState {
///     case .uniqueViolation?: …
///     case SQLState.Class.integrityConstraint?: …
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  public static let notNullViolation = SQLState(rawValue: "23502")
  public static let foreignKeyViolation = SQLState(rawValue: "23503")
  public static let uniqueViolation = SQLState(rawValue: "23505")
  public static let checkViolation = SQLState(rawValue: "23514")
  public static let exclusionViolation = SQLState(rawValue: "23P01")
  public static let serializationFailure = SQLState(rawValue: "40001")
  public static let deadlockDetected = SQLState(rawValue: "40P01")
  public static let inFailedTransaction = SQLState(rawValue: "25P02")
  public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
  public static let divisionByZero = SQLState(rawValue: "22012")
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  public static let syntaxError = SQLState(rawValue: "42601")
  public static let undefinedTable = SQLState(rawValue: "42P01")
  public static let undefinedColumn = SQLState(rawValue: "42703")
  public static let duplicateDatabase = SQLState(rawValue: "42P04")
  public static let duplicateTable = SQLState(rawValue: "42P07")
  public static let lockNotAvailable = SQLState(rawValue: "55P03")
  public static let queryCanceled = SQLState(rawValue: "57014")
  public static let adminShutdown = SQLState(rawValue: "57P01")
  public static let raisedException = SQLState(rawValue: "P0001")

  /// Only these say that the same transaction, done again, may succeed.
  public var isRetryable: Bool { self == .serializationFailure || self == .deadlockDetected }

  /// The first two characters: what kind of thing went wrong.
  public struct Class: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let connection = Class(rawValue: "08")
    public static let data = Class(rawValue: "22")
    public static let integrityConstraint = Class(rawValue: "23")
    public static let transactionRollback = Class(rawValue: "40")
    public static let syntaxOrAccess = Class(rawValue: "42")
    public static let insufficientResources = Class(rawValue: "53")
    public static let operatorIntervention = Class(rawValue: "57")

    public static func ~= (pattern: Class, value: SQLState) -> Bool { value.class == pattern }
    public static func ~= (pattern: Class, value: SQLState?) -> Bool { value?.class == pattern }
  }

  public var `class`: Class { Class(rawValue: String(rawValue.prefix(2))) }

  /// A fixed English name of the condition, from PostgreSQL's appendix A, or the name of its class.
  public var conditionName: String {
    Self.conditions[rawValue] ?? Self.conditions[String(rawValue.prefix(2))] ?? "error"
  }

  private static let conditions: [String: String] = [
    "22012": "division by zero", "22021": "character not in repertoire",
    "22003": "numeric value out of range",
    "22001": "text too long for its column", "22007": "invalid datetime",
    "22P02": "invalid text representation",
    "23502": "not-null violation", "23503": "foreign-key violation", "23505": "unique violation",
    "23514": "check violation", "23P01": "exclusion violation", "25006": "read-only transaction",
    "25P02": "the transaction has already failed", "26000": "no such prepared statement",
    "0A000": "feature not supported", "28P01": "password refused", "28000": "authorization refused",
    "3D000": "no such database", "40001": "serialization failure", "40P01": "deadlock",
    "42501": "no privilege",
    "42601": "syntax error", "42P01": "no such table", "42703": "no such column", "42883": "no such function",
    "42P07": "table exists already", "42P04": "database exists already", "42804": "type mismatch",
    "53300": "too many connections", "53100": "disk full", "55P03": "lock not available",
    "57014": "statement cancelled", "57P01": "server is shutting down", "57P02": "server crashed",
    "57P03": "server is starting up", "P0001": "raised exception",
    "08": "connection failure", "22": "data error", "23": "constraint violation",
    "25": "wrong transaction state",
    "40": "transaction rolled back", "42": "syntax or access error", "53": "insufficient resources",
    "54": "limit exceeded", "55": "object not ready", "57": "operator intervention", "58": "system error",
    "XX": "internal error",
  ]
}
