import Domain
import Engine
import Synchronization

/// Has the alerts looked after when a pool refused a lead, so that they need not wait for the next round of
/// their job: once in ten seconds for each pool.
final class RefusalLooks: Sendable {
  private let alerts: AlertService
  private let clients: ClientService
  private let looks = Mutex<[PoolReference: ContinuousClock.Instant]>([:])

  init(alerts: AlertService, clients: ClientService) {
    self.alerts = alerts
    self.clients = clients
  }

  /// What fails here is the job's to do again, and no fault of the request.
  func look(at pool: PoolReference) async {
    let now = ContinuousClock.now
    let isTimely = looks.withLock { looks in
      if let last = looks[pool], now - last < .seconds(10) { return false }
      if looks.count >= 10_000 { looks.removeAll() }
      looks[pool] = now
      return true
    }
    guard isTimely else { return }
    switch pool {
    case .client(let id): _ = try? await alerts.look(at: id)
    case .company(let name):
      guard case .found(let client)? = try? await clients.find(name, withHints: false) else { return }
      _ = try? await alerts.look(at: client.id)
    }
  }
}
