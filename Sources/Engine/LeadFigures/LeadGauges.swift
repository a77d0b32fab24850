import Domain
import Runtime

/// The size of the lead pool as gauges. Each server looks for itself, so that any of them can be scraped.
public struct LeadGauges: Service {
  public let name = "lead gauges"
  private let figures: LeadFiguresService
  private let interval: Duration
  private let log: Log
  private let leads: Gauge
  private let assigned: Gauge
  private let collisions: Gauge

  public init(
    _ figures: LeadFiguresService, metrics: Metrics, interval: Duration = .minutes(1), log: Log = .off
  ) {
    self.figures = figures
    self.interval = interval
    self.log = log
    leads = metrics.gauge("reservoir_leads", "Leads of the pool, about.")
    assigned = metrics.gauge("reservoir_leads_assigned", "Leads that have a client.")
    collisions = metrics.gauge(
      "reservoir_lead_collisions", "Leads that have more than one client; must be 0.")
  }

  /// Looks once.
  public func refresh() async throws {
    let now = try await figures.standing()
    leads.set(now.leads)
    assigned.set(now.assigned)
    collisions.set(now.collisions)
  }

  public func run() async throws {
    while !Task.isCancelled {
      do {
        try await refresh()
      } catch {
        if Task.isCancelled { return }
        log.warning("leads could not be counted", ["error": .error(error)])
      }
      do { try await figures.time.sleep(for: interval) } catch { return }
    }
  }
}
