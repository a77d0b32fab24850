import Domain
import Postgres
import Runtime
import Store
import Synchronization

/// Warns when a client's pool runs low or dry, and calls the warning off when it has recovered.
public final class AlertService: Sendable {
  private let database: Database
  private let time: any TimeSource
  private let onEvent: @Sendable (PoolAlertEvent) -> Void
  /// When a refusal last led to a look, by pool as it was named.
  private let looks = Mutex<[PoolReference: Timestamp]>([:])

  /// - Parameter onEvent: called on any thread after an alert was raised or cleared by this server.
  public init(
    database: Database, time: any TimeSource, onEvent: @escaping @Sendable (PoolAlertEvent) -> Void = { _ in }
  ) {
    self.database = database
    self.time = time
    self.onEvent = onEvent
  }

  /// Newest first, from the one after `id` on.
  public func list(
    _ state: PoolAlert.State = .open, client: ID<Client>? = nil, after id: ID<PoolAlert>? = nil, limit: Int
  ) async throws -> [PoolAlert] {
    try await database.transaction(.init(isReadOnly: true)) {
      try AlertStore.list(state, client: client, after: id, limit: limit, in: &$0)
    }
  }

  /// Looks at one client's pool now; returns what came of it.
  @discardableResult
  public func look(at client: ID<Client>) async throws -> [PoolAlertEvent] {
    let now = time.now
    let found = try await database.transaction(.init(isReadOnly: true)) {
      try AlertStore.standings(only: client, after: nil, limit: 1, now: now, in: &$0).first
    }
    guard let found, found.standing.change(at: now) != .keep else { return [] }
    return try await change(client, now)
  }

  /// For the path of refusals, so that alerts need not wait for their job: looks at the pool unless one did
  /// within the last ten seconds.
  public func lookAfterRefusal(at pool: PoolReference) async throws {
    let now = time.now
    let isTimely = looks.withLock { looks in
      if let last = looks[pool], now - last < .seconds(10), last <= now { return false }
      if looks.count >= 10_000 { looks.removeAll() }
      looks[pool] = now
      return true
    }
    guard isTimely else { return }
    switch pool {
    case .client(let id): try await look(at: id)
    case .company(let name):
      let client = try await database.transaction(.init(isReadOnly: true)) {
        try ClientStore.find(name, in: &$0)
      }
      if let client { try await look(at: client.id) }
    }
  }

  /// Looks at the clients after `id`, at most `limit`; returns the last one, nil when all were looked at, and
  /// what came of it.
  public func lookAtAll(
    after id: ID<Client>?, limit: Int
  ) async throws -> (last: ID<Client>?, events: [PoolAlertEvent]) {
    let now = time.now
    let found = try await database.transaction(.init(isReadOnly: true)) {
      try AlertStore.standings(only: nil, after: id, limit: limit, now: now, in: &$0)
    }
    var events: [PoolAlertEvent] = []
    for (client, standing) in found where standing.change(at: now) != .keep {
      events += try await change(client, now)
    }
    return (found.count < limit ? nil : found.last?.clientID, events)
  }

  /// Decides again with the client locked, so that two servers do not raise the same alert.
  private func change(_ client: ID<Client>, _ now: Timestamp) async throws -> [PoolAlertEvent] {
    let events = try await database.transaction { transaction -> [PoolAlertEvent] in
      guard try AlertStore.lock(client, in: &transaction),
        let found = try AlertStore.standings(
          only: client, after: nil, limit: 1, now: now, in: &transaction
        )
        .first
      else { return [] }
      switch found.standing.change(at: now) {
      case .keep: return []
      case .confirm:
        AlertStore.confirm(of: client, now: now, in: &transaction)
        return []
      case .clear:
        return try AlertStore.clear(of: client, now: now, in: &transaction).map(PoolAlertEvent.cleared)
      case .raise(let kind):
        let cleared = try AlertStore.clear(of: client, now: now, in: &transaction)
        guard let alert = try Self.alert(kind, client, now, &transaction) else { return [] }
        AlertStore.insert(alert, in: &transaction)
        return cleared.map(PoolAlertEvent.cleared) + [.raised(alert)]
      }
    }
    events.forEach(onEvent)
    return events
  }

  private static func alert(
    _ kind: PoolAlert.Kind, _ client: ID<Client>, _ now: Timestamp, _ transaction: inout Transaction
  ) throws -> PoolAlert? {
    guard let pool = try PoolStore.list(only: client, after: nil, limit: 1, now: now, in: &transaction).first
    else { return nil }
    return PoolAlert(
      id: ID(at: now), kind: kind, clientID: client, company: pool.company, available: pool.totals.available,
      total: pool.totals.total, raisedAt: now)
  }
}

/// Looks at all pools once a minute.
public struct PoolAlertJob: Job {
  public let name = "pool-alerts"
  public let interval: Duration
  private let alerts: AlertService

  public init(_ alerts: AlertService, interval: Duration = .minutes(1)) {
    self.alerts = alerts
    self.interval = interval
  }

  /// Counts alerts that were raised or cleared. All pools are looked at, `limit` clients at a time.
  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    var report = JobReport(processed: 0, details: ["raised": 0, "cleared": 0])
    var last: ID<Client>?
    repeat {
      let part = try await alerts.lookAtAll(after: last, limit: limit)
      for event in part.events {
        if case .raised = event { report.details["raised", default: 0] += 1 }
        if case .cleared = event { report.details["cleared", default: 0] += 1 }
      }
      report.processed += part.events.count
      last = part.last
      try Task.checkCancellation()
    } while last != nil
    return report
  }
}
