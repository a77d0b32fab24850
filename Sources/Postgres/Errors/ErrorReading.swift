import CPostgres

extension PostgresError {
  /// The error that a result carries.
  init(result: OpaquePointer) {
    let state = Self.field(result, "C").map(SQLState.init(rawValue:))
    self.init(state == .queryCanceled ? .statementTimeout : .server, sqlState: state)
    severity = Self.field(result, "V")
    schema = Self.field(result, "s")
    table = Self.field(result, "t")
    column = Self.field(result, "c")
    constraint = Self.field(result, "n")
    debugText = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
  }

  /// The primary message of a result; it may carry values.
  static func message(_ result: OpaquePointer) -> String { field(result, "M") ?? "" }

  /// A field by its letter in the protocol, which is also libpq's code of it.
  static func field(_ result: OpaquePointer, _ code: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
  }

  /// The error of a connection that could not be made. libpq gives no SQLSTATE here, only a message, so
  /// its known phrases become a hint of fixed words; nothing is decided by it.
  static func connecting(_ message: String) -> PostgresError {
    let hints: [(String, String)] = [
      ("password authentication failed", "password refused"), ("no password supplied", "no password given"),
      ("no pg_hba.conf entry", "the server's pg_hba.conf refuses this user, database or address"),
      ("too many clients", "the server has no connection left"),
      ("connection slots", "the server has no connection left"),
      ("starting up", "the server is starting up"), ("shutting down", "the server is shutting down"),
      ("role \"", "no such user"), ("database \"", "no such database"),
      ("could not translate host name", "unknown host"), ("timeout expired", "no answer in time"),
      ("Connection refused", "nobody listens at the address"), ("No such file", "no server at the socket"),
      ("read-only", "the server is read-only"), ("hot standby", "the server is a standby"),
      ("certificate", "the TLS certificate was refused"), ("SSL", "TLS failed"),
    ]
    let hint = hints.first { message.contains($0.0) }?.1
    return PostgresError(.connectionFailed, reason: hint, debugText: message)
  }
}
