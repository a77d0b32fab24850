/// How to reach a database and how to use it.
public struct DatabaseConfiguration: Sendable {
  /// What stands between the program and the server.
  public enum Mode: Sendable {
    /// The server itself: prepared statements are kept, settings are made once per connection.
    case session
    /// A pooler that gives a server connection to each transaction (PgBouncer in transaction mode,
    /// Supabase's pooler): no named statements, no session state, no LISTEN.
    case transactionPooler
  }

  /// How the server plans prepared statements.
  public enum Planning: Sendable {
    /// As it sees fit: again for each set of values, while that seems to promise more than it costs.
    case automatic
    /// Once, for whatever values come. For statements whose best plan is always the same: planning again
    /// would cost more than a small statement itself.
    case generic
  }

  /// Faults for tests.
  public struct Faults: Sendable {
    /// The first attempt of each transaction is rolled back at its end with 40001, so that it runs twice.
    public var failsFirstAttempt = false
    public init(failsFirstAttempt: Bool = false) { self.failsFirstAttempt = failsFirstAttempt }
  }

  /// Any connection string or URL of libpq. TLS options, several hosts and `target_session_attrs` count.
  public var conninfo: String
  public var mode: Mode = .session
  public var planning: Planning = .automatic
  /// The most connections that are open at a time, those of `listen` not counted.
  public var poolSize = 8
  /// How long a transaction waits for a connection.
  public var acquireTimeout: Duration = .seconds(10)
  /// How long each host may take to answer a new connection; whole seconds, at least 2.
  public var connectTimeout: Duration = .seconds(5)
  /// The server cancels a statement after this time. Zero: never.
  public var statementTimeout: Duration = .seconds(30)
  /// An unused connection is closed after this time.
  public var idleTimeout: Duration = .seconds(600)
  /// An unused connection is tried out each time this has passed.
  public var healthCheckInterval: Duration = .seconds(30)
  /// Shown in `pg_stat_activity`, unless the connection string names another.
  public var applicationName: String
  /// The most prepared statements that a connection keeps.
  public var preparedStatementLimit = 256
  public var faults = Faults()
  /// Called on a connection's thread for each NOTICE and WARNING of the server; must not block.
  public var onNotice: (@Sendable (DatabaseNotice) -> Void)?
  /// Called on a connection's thread for what happens to connections; must not block.
  public var onEvent: (@Sendable (DatabaseEvent) -> Void)?

  public init(conninfo: String, applicationName: String = "swift") {
    self.conninfo = conninfo
    self.applicationName = applicationName
  }
}

/// A message of the server that is not an error. Its text may carry data.
public struct DatabaseNotice: Sendable {
  public let severity: String
  public let sqlState: SQLState?
  public let message: String
}

/// What happened to the connections of a database.
public enum DatabaseEvent: Sendable {
  case connected
  case connectFailed(PostgresError)
  case lost(PostgresError)
  case closed
  /// A transaction is done again, after attempt number `attempt` failed.
  case retry(SQLState, attempt: Int)
}

/// How one transaction runs.
public struct TransactionOptions: Sendable {
  public enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
  }

  public var isolation: Isolation
  public var isReadOnly: Bool
  /// Instead of the configuration's, for this transaction. Zero: never.
  public var statementTimeout: Duration?
  /// How often the whole is tried when it ends with 40001 or 40P01; at least 1.
  public var maxAttempts: Int

  public init(
    isolation: Isolation = .readCommitted, isReadOnly: Bool = false, statementTimeout: Duration? = nil,
    maxAttempts: Int = 5
  ) {
    precondition(maxAttempts >= 1, "a transaction is tried at least once")
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.statementTimeout = statementTimeout
    self.maxAttempts = maxAttempts
  }
}

extension Duration {
  var wholeMilliseconds: Int64 {
    components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
  }
}
