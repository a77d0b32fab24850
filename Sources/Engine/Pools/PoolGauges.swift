import Domain
import Runtime

/// Shows the sums of all pools as gauges. Each server looks for itself, so that any of them can be scraped.
public struct PoolGauges: Service {
  public let name = "pool gauges"
  private let pools: PoolService
  private let interval: Duration
  private let time: any TimeSource
  private let log: Log
  private let numbers: Family<Gauge>
  private let overdue: Gauge
  private let clients: Family<Gauge>

  public init(
    _ pools: PoolService, metrics: Metrics, interval: Duration = .minutes(1), time: any TimeSource,
    log: Log = .off
  ) {
    self.pools = pools
    self.interval = interval
    self.time = time
    self.log = log
    numbers = metrics.gauges(
      "reservoir_pool_numbers", "Phone numbers by state, of all clients.", labels: ["state"])
    overdue = metrics.gauge(
      "reservoir_pool_overdue_leases", "Leases whose time is over and that nobody has ended yet.")
    clients = metrics.gauges(
      "reservoir_pool_clients", "Clients with numbers in service, by the level of their pools.",
      labels: ["level"])
  }

  /// Looks once.
  public func refresh() async throws {
    let sums = try await pools.together()
    numbers["available"].set(sums.available)
    numbers["leased"].set(sums.leased)
    numbers["out_of_service"].set(sums.outOfService)
    overdue.set(sums.overdue)
    for level in PoolLevel.allCases { clients[level.rawValue].set(sums.clients[level] ?? 0) }
  }

  public func run() async throws {
    while !Task.isCancelled {
      do {
        try await refresh()
      } catch {
        if Task.isCancelled { return }
        log.warning("pools could not be counted", ["error": .error(error)])
      }
      do { try await time.sleep(for: interval) } catch { return }
    }
  }
}
