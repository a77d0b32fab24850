import CPostgres
import Glibc

/// What is given to libpq besides the user's connection string.
struct ConnectionParameters {
  private let pairs: [(String, String)]
  private let conninfo: String

  init(_ configuration: DatabaseConfiguration) {
    conninfo = configuration.conninfo
    let timeout = max(2, (configuration.connectTimeout.wholeMilliseconds + 999) / 1_000)
    // Of two values the later counts: what stands before `dbname` is a default, what stands after is fixed.
    pairs = [
      ("connect_timeout", String(timeout)), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
      ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
      ("fallback_application_name", configuration.applicationName), ("dbname", configuration.conninfo),
      ("client_encoding", "UTF8"),
    ]
  }

  /// libpq's own message is not passed on: it quotes the string, password and all.
  func validate() throws(PostgresError) {
    guard let parsed = PQconninfoParse(conninfo, nil) else { throw PostgresError(.configuration) }
    PQconninfoFree(parsed)
  }

  func connect() -> OpaquePointer? {
    let keys = pairs.map { strdup($0.0) } + [nil]
    let values = pairs.map { strdup($0.1) } + [nil]
    defer { for string in keys + values { free(string) } }
    return keys.map { UnsafePointer($0) }.withUnsafeBufferPointer { keys in
      values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
        PQconnectdbParams(keys.baseAddress, values.baseAddress, 1)
      }
    }
  }
}

/// The settings that results and plans depend on.
enum SessionSettings {
  private static let fixed = [
    ("TimeZone", "UTC"), ("DateStyle", "ISO, YMD"), ("IntervalStyle", "iso_8601"), ("jit", "off"),
  ]

  /// For the life of a connection.
  static func forSession(_ configuration: DatabaseConfiguration) -> SQL {
    let planning = configuration.planning == .generic ? [("plan_cache_mode", "force_generic_plan")] : []
    return settings(fixed + planning + [timeout(configuration.statementTimeout)], isLocal: false)
  }

  /// For one transaction behind a pooler.
  static func forTransaction(statementTimeout: Duration) -> SQL {
    settings(fixed + [timeout(statementTimeout)], isLocal: true)
  }

  /// Another statement timeout for one transaction.
  static func statementTimeout(_ duration: Duration) -> SQL { settings([timeout(duration)], isLocal: true) }

  private static func timeout(_ duration: Duration) -> (String, String) {
    ("statement_timeout", String(max(duration > .zero ? 1 : 0, duration.wholeMilliseconds)))
  }

  private static func settings(_ pairs: [(String, String)], isLocal: Bool) -> SQL {
    SQL(
      text: "SELECT "
        + pairs.map { "pg_catalog.set_config('\($0.0)', '\($0.1)', \(isLocal))" }.joined(separator: ", "))
  }
}
