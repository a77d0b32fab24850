import API
import Domain
import Engine
import HTTP
import Postgres
import Runtime

/// The services of the engine over one database, for a server and for commands alike.
struct Services: Sendable {
  let time = WallClock()
  let leases: LeaseService
  let clients: ClientService
  let leads: LeadService
  let numbers: NumberService
  let pools: PoolService
  let alerts: AlertService
  let keys: KeyService
  let scheduler: Scheduler
  let jobs: JobService
  let check: CheckService

  init(
    _ configuration: Configuration, _ database: Database, log: Log = .off, metrics: Metrics = Metrics()
  ) {
    leases = LeaseService(
      database: database, time: time, lanes: configuration[Settings.leaseLanes],
      maxQueue: configuration[Settings.leaseQueue], metrics: metrics)
    clients = ClientService(database: database, time: time)
    leads = LeadService(database: database, time: time)
    numbers = NumberService(database: database, time: time)
    pools = PoolService(database: database, time: time)
    alerts = AlertService(database: database, time: time) { note($0, in: log) }
    keys = KeyService(
      database: database, time: time, environmentKey: configuration[Settings.apiKey]?.revealed)
    scheduler = Scheduler(
      [
        SweepJob(leases, interval: configuration[Settings.sweepInterval]),
        PoolAlertJob(alerts, interval: configuration[Settings.alertInterval]),
        LedgerPartitionsJob(database: database), IdempotencyKeysJob(database: database),
      ], ledger: DatabaseJobLedger(database: database), time: time, log: log, metrics: metrics)
    jobs = JobService(scheduler: scheduler, database: database, time: time)
    check = CheckService(database: database, time: time)
  }
}

private func note(_ event: PoolAlertEvent, in log: Log) {
  switch event {
  case .raised(let alert):
    log.warning(
      "pool alert raised",
      [
        "alert": .id(alert.id), "kind": .vouched(alert.kind.rawValue), "client": .id(alert.clientID),
        "available": .count(alert.available), "total": .count(alert.total),
      ])
  case .cleared(let alert):
    log.info("pool alert cleared", ["alert": .id(alert.id), "client": .id(alert.clientID)])
  }
}

/// Ends the leases whose time is over.
struct SweepJob: Job {
  let name = "sweep"
  let interval: Duration
  private let leases: LeaseService

  init(_ leases: LeaseService, interval: Duration) {
    self.leases = leases
    self.interval = interval
  }

  func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let ended = try await leases.sweep(now: now, limit: limit)
    return JobReport(processed: ended, hasMore: ended == limit)
  }
}

/// The parts of a server, put together: the only place that knows them all.
struct Composition {
  let metrics: Metrics
  let services: Services
  let router: Router
  private let gauges: PoolGauges

  init(_ configuration: Configuration, _ database: Database, log: Log) {
    metrics = Metrics()
    services = Services(configuration, database, log: log, metrics: metrics)
    gauges = PoolGauges(services.pools, metrics: metrics, time: services.time, log: log)
    let api = API(
      API.Services(
        leases: services.leases, numbers: services.numbers, pools: services.pools, alerts: services.alerts,
        clients: services.clients, leads: services.leads, keys: services.keys, jobs: services.jobs),
      database: database, metrics: metrics)
    router = api.router(
      observer: RequestObservation(
        metrics: metrics, accessLog: configuration[Settings.accessLog] ? log : nil, errorLog: log))
    DatabaseMetrics.show(database, in: metrics)
  }

  /// What runs between the database and the HTTP server, in the order in which it starts.
  var running: [any Service] { [services.keys, services.leases.service, services.scheduler, gauges] }
}

/// The pool of connections as metrics.
enum DatabaseMetrics {
  static func show(_ database: Database, in metrics: Metrics) {
    metrics.gauge("reservoir_database_connections_open", "Open connections to the database.") {
      Double(database.statistics.open)
    }
    metrics.gauge("reservoir_database_connections_in_use", "Connections that run a transaction.") {
      Double(database.statistics.inUse)
    }
    metrics.gauge("reservoir_database_waiting", "Transactions that wait for a connection.") {
      Double(database.statistics.waiting)
    }
  }
}
