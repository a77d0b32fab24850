import CPostgres
import Glibc
import Synchronization

/// What comes out of `Database.listen`.
public enum Notification: Sendable, Equatable {
  /// Somebody notified, with this payload.
  case message(String)
  /// The connection is there (again): notifications may have been lost before.
  case reconnected
}

/// The thread that listens to one channel.
final class Listener: Sendable {
  private struct Stopped: Error {}

  private let configuration: DatabaseConfiguration
  private let channel: String
  private let continuation: AsyncStream<Notification>.Continuation
  private let isStopped = Atomic(false)
  /// Becomes readable when the listener is to stop.
  private let stopDescriptor: Int32

  /// Nil when the system has no descriptor left.
  init?(
    _ configuration: DatabaseConfiguration, _ channel: String,
    _ continuation: AsyncStream<Notification>.Continuation
  ) {
    stopDescriptor = eventfd(0, Int32(EFD_CLOEXEC))
    guard stopDescriptor >= 0 else { return nil }
    self.configuration = configuration
    self.channel = channel
    self.continuation = continuation
  }

  deinit { close(stopDescriptor) }

  /// From any thread, any number of times.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    var one: UInt64 = 1
    _ = write(stopDescriptor, &one, MemoryLayout<UInt64>.size)
    continuation.finish()
  }

  /// The thread's whole life.
  func live() {
    var pause = 50
    while !isStopped.load(ordering: .acquiring) {
      do {
        let connection = try Connection.open(configuration)
        _ = try connection.exchange([SQL("LISTEN \(identifier: channel)")])
        configuration.onEvent?(.connected)
        continuation.yield(.reconnected)
        pause = 50
        try hear(connection)
      } catch let error as PostgresError {
        configuration.onEvent?(error.kind == .connectionLost ? .lost(error) : .connectFailed(error))
      } catch {
        return
      }
      _ = waitForInput(nil, milliseconds: Int32(pause))
      pause = min(pause * 2, 2_000)
    }
  }

  /// Returns never but by an error.
  private func hear(_ connection: Connection) throws {
    let interval = Int32(clamping: max(100, configuration.healthCheckInterval.wholeMilliseconds))
    while true {
      guard connection.isAlive() else { throw connection.markLost() }
      while let notification = PQnotifies(connection.handle) {
        continuation.yield(.message(String(cString: notification.pointee.extra)))
        PQfreemem(notification)
      }
      let isQuiet = !waitForInput(connection, milliseconds: interval)
      if isStopped.load(ordering: .acquiring) { throw Stopped() }
      if isQuiet, !connection.check() { throw connection.markLost() }
    }
  }

  /// True when the server has sent something or the listener is to stop, false when the time is up.
  private func waitForInput(_ connection: Connection?, milliseconds: Int32) -> Bool {
    var descriptors = [
      pollfd(fd: stopDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: connection.map { PQsocket($0.handle) } ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    return poll(&descriptors, 2, milliseconds) != 0
  }

  fileprivate func whenStreamEnds(_ action: @escaping @Sendable () -> Void) {
    continuation.onTermination = { _ in action() }
  }
}

/// The listeners of one database.
final class Listeners: Sendable {
  private let running = Mutex<(next: Int, all: [Int: Listener], isStopped: Bool)>((0, [:], false))

  func start(_ listener: Listener) {
    let id = running.withLock { state -> Int? in
      guard !state.isStopped else { return nil }
      state.next += 1
      state.all[state.next] = listener
      return state.next
    }
    guard let id else { return listener.stop() }
    listener.whenStreamEnds { [weak self] in self?.remove(id) }
    if !startThread({ listener.live() }) { listener.stop() }
  }

  private func remove(_ id: Int) {
    running.withLock { $0.all.removeValue(forKey: id) }?.stop()
  }

  /// Stops all, and all that would be started later.
  func stop() {
    let listeners = running.withLock { state in
      state.isStopped = true
      defer { state.all = [:] }
      return Array(state.all.values)
    }
    for listener in listeners { listener.stop() }
  }
}
