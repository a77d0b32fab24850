import Domain
import Runtime

/// What lies ready and what is ordered, as gauges, and what goes wrong, as counters. Each server looks for
/// itself, so that any of them can be scraped.
public struct SupplyGauges: Service {
  public let name = "supply gauges"
  private let supply: SupplyService
  private let interval: Duration
  private let log: Log
  private let resources: Family<Gauge>
  private let level: Family<Gauge>
  private let orders: Family<Gauge>

  public init(_ supply: SupplyService, metrics: Metrics, interval: Duration = .minutes(1), log: Log = .off) {
    self.supply = supply
    self.interval = interval
    self.log = log
    resources = metrics.gauges(
      "reservoir_buffer_resources",
      "Resources by type: assigned, available, arriving, required, to_order, backordered.",
      labels: ["resource_type", "state"])
    level = metrics.gauges(
      "reservoir_buffer_level", "Level of the buffer by type: 0 ok, 1 low (40 %), 2 critical (20 %).",
      labels: ["resource_type"])
    orders = metrics.gauges("reservoir_orders", "Orders of resources by status.", labels: ["status"])
  }

  /// Looks once.
  public func refresh() async throws {
    for buffer in try await supply.buffers() {
      let kind = buffer.kind.rawValue
      resources[kind, "assigned"].set(buffer.assigned)
      resources[kind, "available"].set(buffer.available)
      resources[kind, "arriving"].set(buffer.arriving)
      resources[kind, "required"].set(buffer.required)
      resources[kind, "to_order"].set(buffer.toOrder)
      resources[kind, "backordered"].set(buffer.backordered)
      level[kind].set(buffer.level == .ok ? 0 : buffer.level == .low ? 1 : 2)
    }
    let counts = try await supply.orderCounts()
    for status in OrderStatus.allCases { orders[status.rawValue].set(counts[status] ?? 0) }
  }

  public func run() async throws {
    while !Task.isCancelled {
      do {
        try await refresh()
      } catch {
        if Task.isCancelled { return }
        log.warning("supply could not be counted", ["error": .error(error)])
      }
      do { try await supply.time.sleep(for: interval) } catch { return }
    }
  }
}

/// Tells log and metrics what jobs of supply do.
public struct SupplyReporter: Sendable {
  private let log: Log
  private let failures: Family<Counter>

  public init(log: Log, metrics: Metrics) {
    self.log = log
    failures = metrics.counters(
      "reservoir_provider_failures_total", "Calls to providers that came to nothing.",
      labels: ["provider", "kind"])
  }

  @Sendable public func report(_ event: SupplyEvent) {
    switch event {
    case .alertRaised(let alert):
      log.warning("buffer alert raised", Self.fields(alert))
    case .alertCleared(let alert):
      log.info("buffer alert cleared", Self.fields(alert))
    case .beyondBudget(let kind, let count):
      let fields: LogFields = ["resource_type": .vouched(kind.rawValue), "count": .count(count)]
      if count > 0 {
        log.warning("the budget does not cover what the buffer lacks", fields)
      } else {
        log.info("the budget covers what the buffer lacks again", fields)
      }
    case .ordered(let record), .orderChanged(let record):
      log.info("order of resources", Self.fields(record))
    case .orderFailed(let record, let reason):
      log.error("order ended without all of it", Self.fields(record) + ["reason": .vouched(reason)])
    case .providerFailed(let provider, let failure, let order):
      failures[provider.text, failure.kind.rawValue].add()
      log.warning(
        "provider failed",
        [
          "provider": .vouched(provider.text), "kind": .vouched(failure.kind.rawValue),
          "reason": .vouched(failure.message), "order": .id(order),
        ])
    }
  }

  private static func fields(_ alert: BufferAlert) -> LogFields {
    [
      "alert": .id(alert.id), "resource_type": .vouched(alert.kind.rawValue),
      "level": .vouched(alert.level.rawValue), "available": .count(alert.available),
      "required": .count(alert.required), "assigned": .count(alert.assigned),
    ]
  }

  private static func fields(_ record: OrderRecord) -> LogFields {
    [
      "order": .id(record.id), "resource_type": .vouched(record.kind.rawValue),
      "status": .vouched(record.order.status.rawValue), "quantity": .count(record.order.quantity),
      "delivered": .count(record.order.delivered), "provider": .vouched(record.provider.text),
    ]
  }
}
