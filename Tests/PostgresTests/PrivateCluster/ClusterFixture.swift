import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Private clusters in a scratch directory. Not durable, since only processes die here, not machines.
final class ClusterFixture: Sendable {
  let scratch = Scratch()
  let events = Events()

  var directory: String { scratch.path + "/data" }

  func configuration(database: String = "app") -> PrivateCluster.Configuration {
    var configuration = PrivateCluster.Configuration(directory: directory, database: database)
    configuration.settings = ["fsync": "off", "shared_buffers": "16MB"]
    configuration.startTimeout = .seconds(60)
    configuration.onEvent = { [events] in events.add($0) }
    return configuration
  }

  func cluster() -> PrivateCluster { PrivateCluster(configuration()) }

  /// The number in `postmaster.pid`.
  func pid() throws -> pid_t {
    let text = try #require(Files.text(directory + "/data/postmaster.pid"))
    return try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
  }

  func isRunning(_ pid: pid_t) -> Bool { Postmaster(pid: pid).isAlive }

  /// Ends a PostgreSQL that a test leaves behind.
  deinit {
    guard let directory = try? ClusterDirectory(preparing: directory, user: "postgres") else { return }
    if let left = Postmaster(runningIn: directory) { kill(left.pid, SIGQUIT) }
  }
}

/// Collects what a cluster tells, and lets a test wait for it.
final class Events: Sendable {
  typealias Condition = @Sendable (_ seen: [PrivateCluster.Event]) -> Bool

  private struct State {
    var seen: [PrivateCluster.Event] = []
    var waiting: [(condition: Condition, done: CheckedContinuation<Void, Never>)] = []
  }
  private let state = Mutex(State())

  var all: [PrivateCluster.Event] { state.withLock { $0.seen } }

  func add(_ event: PrivateCluster.Event) {
    let ready = state.withLock { state in
      state.seen.append(event)
      let ready = state.waiting.filter { $0.condition(state.seen) }
      state.waiting.removeAll { $0.condition(state.seen) }
      return ready
    }
    for waiter in ready { waiter.done.resume() }
  }

  /// Returns as soon as PostgreSQL was started `count` times by those who share these events.
  func starts(_ count: Int) async {
    let condition: Condition = { seen in
      seen.count { if case .started = $0 { true } else { false } } >= count
    }
    await withCheckedContinuation { done in
      let isMet = state.withLock { state in
        if condition(state.seen) { return true }
        state.waiting.append((condition, done))
        return false
      }
      if isMet { done.resume() }
    }
  }
}
