import API
import Domain
import Engine
import HTTP
import Postgres
import Runtime

/// The parts of a server, put together: the only place that knows them all.
struct Composition {
  let metrics = Metrics()
  let leases: LeaseService
  let router: Router

  init(_ configuration: Configuration, _ database: Database, log: Log) {
    let time = WallClock()
    leases = LeaseService(
      database: database, time: time, lanes: configuration[Settings.leaseLanes],
      maxQueue: configuration[Settings.leaseQueue], metrics: metrics)
    var routes = Routes()
    routes.get("/healthz") { _ in .text("ok") }
    router = Router(routes)
  }

  /// In the order in which they start.
  var services: [any Service] { [leases.service] }
}
