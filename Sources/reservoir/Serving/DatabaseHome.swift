import Domain
import Postgres
import Runtime
import Store

/// The database that a command works on: the one that was named, or the private cluster, started if need be.
struct DatabaseHome: Sendable {
  let database: Database
  /// Nil when the database was named.
  let cluster: PrivateCluster?

  static let migrator = Migrator(Schema.migrations, table: Schema.ledgerTable)

  /// - Parameter log: is told what happens to the cluster and to connections.
  static func open(
    _ configuration: Configuration, environment: [String: String], log: Log
  ) async throws -> DatabaseHome {
    var cluster: PrivateCluster?
    let conninfo: String
    if let given = configuration[Settings.databaseURL] {
      conninfo = given
    } else {
      let made = PrivateCluster(clusterSettings(configuration, environment, log))
      conninfo = try await made.start()
      cluster = made
    }
    var settings = DatabaseConfiguration(conninfo: conninfo, applicationName: "reservoir")
    settings.mode = configuration[Settings.pooler] ? .transactionPooler : .session
    settings.poolSize = configuration[Settings.poolSize]
    settings.statementTimeout = configuration[Settings.statementTimeout]
    settings.acquireTimeout = configuration[Settings.acquireTimeout]
    settings.connectTimeout = configuration[Settings.connectTimeout]
    settings.onEvent = { note($0, in: log) }
    return DatabaseHome(database: Database(settings), cluster: cluster)
  }

  /// Closes the connections and ends this process's use of the cluster.
  func close() async {
    await database.shutdown()
    await cluster?.stop()
  }

  private static func clusterSettings(
    _ configuration: Configuration, _ environment: [String: String], _ log: Log
  ) -> PrivateCluster.Configuration {
    var settings = PrivateCluster.Configuration(
      directory: configuration[Settings.dataDirectory], database: "reservoir")
    settings.searchPath = PrivateCluster.searchPath(path: environment["PATH"])
    settings.onEvent = { note($0, in: log) }
    return settings
  }

  private static func note(_ event: PrivateCluster.Event, in log: Log) {
    switch event {
    case .created(let major): log.info("private database created", ["major": .count(major)])
    case .started(let pid): log.info("private database started", ["pid": .count(pid)])
    case .adopted(let pid): log.info("private database was running already", ["pid": .count(pid)])
    case .died(let pid): log.error("private database died; it is started again", ["pid": .count(pid)])
    case .restartFailed(let reason):
      log.error("private database cannot be started again", ["reason": .vouched(reason)])
    case .stopped: log.info("private database stopped")
    case .leftRunning: log.info("private database is left running: another process uses it")
    case .stopForced: log.warning("private database did not stop in time and was ended")
    }
  }

  private static func note(_ event: DatabaseEvent, in log: Log) {
    switch event {
    case .connected: log.debug("database connection made")
    case .connectFailed(let error): log.warning("database connection failed", ["error": .error(error)])
    case .lost(let error): log.warning("database connection lost", ["error": .error(error)])
    case .closed: log.debug("database connection closed")
    case .retry(let state, let attempt):
      log.debug("transaction is done again", ["sqlstate": .vouched("\(state)"), "attempt": .count(attempt)])
    }
  }
}

/// The life of the private cluster: watched while the server runs, stopped after everything else.
struct ClusterService: Service {
  let name = "private database"
  let cluster: PrivateCluster

  func run() async throws {
    await cluster.run()
    // A task of its own, because this one is cancelled.
    await Task { await cluster.stop() }.value
  }
}

struct DatabaseService: Service {
  let name = "database"
  let database: Database

  func run() async throws { try await database.run() }
}
