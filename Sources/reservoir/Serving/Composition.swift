import API
import Domain
import Engine
import HTTP
import Postgres
import Runtime

/// The parts of a server, put together: the only place that knows them all.
struct Composition {
  let metrics: Metrics
  let services: Services
  let router: Router
  private let gauges: PoolGauges
  private let supplyGauges: SupplyGauges
  private let leadGauges: LeadGauges

  init(_ configuration: Configuration, _ database: Database, log: Log) throws {
    metrics = Metrics()
    services = try Services(configuration, database, log: log, metrics: metrics)
    gauges = PoolGauges(services.pools, metrics: metrics, time: services.time, log: log)
    supplyGauges = SupplyGauges(services.supply, metrics: metrics, log: log)
    leadGauges = LeadGauges(services.leadFigures, metrics: metrics, log: log)
    let api = API(
      API.Services(
        leases: services.leases, numbers: services.numbers, pools: services.pools, alerts: services.alerts,
        clients: services.clients, leads: services.leads, leadConflicts: services.leadConflicts,
        leadImports: services.leadImports,
        keys: services.keys, jobs: services.jobs,
        resources: services.resources, assignments: services.assignments,
        subscriptions: services.subscriptions, tiers: services.tiers, campaigns: services.campaigns,
        forecasts: services.forecasts, supply: services.supply, payments: services.payments,
        permits: services.permits,
        profiles: services.profiles, leadScores: services.leadScores,
        leadAssignments: services.leadAssignments, leadPlans: services.leadPlans,
        suppressions: services.suppressions, erasures: services.erasures, leadEvents: services.leadEvents,
        leadSearch: services.leadSearch, templates: services.templates, leadFigures: services.leadFigures),
      database: database, metrics: metrics)
    router = api.router(
      observer: RequestObservation(
        metrics: metrics, accessLog: configuration[Settings.accessLog] ? log : nil, errorLog: log))
    DatabaseMetrics.show(database, in: metrics)
  }

  /// What runs between the database and the HTTP server, in the order in which it starts.
  var running: [any Service] {
    [
      services.keys, services.leases.service, services.permits.service, services.scheduler, gauges,
      supplyGauges, leadGauges,
    ]
  }
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
