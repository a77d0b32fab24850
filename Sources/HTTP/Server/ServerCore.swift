import Synchronization

/// What the polling threads, the handlers' tasks and the sweep share.
final class ServerCore: Sendable {
  let configuration: ServerConfiguration
  let router: Router
  let receiveTimeout: Nanoseconds
  let handlerTimeout: Nanoseconds
  private let table = Mutex<[ObjectIdentifier: Connection]>([:])
  private let flags = Atomic<UInt8>(0)

  init(_ configuration: ServerConfiguration, _ router: Router) {
    self.configuration = configuration
    self.router = router
    receiveTimeout = Nanoseconds(configuration.receiveTimeout)
    handlerTimeout = Nanoseconds(configuration.handlerTimeout)
  }

  /// No new connections; every answer closes its connection.
  var isDraining: Bool { flags.load(ordering: .acquiring) >= 1 }
  /// No new requests either.
  var isRefusing: Bool { flags.load(ordering: .acquiring) >= 2 }
  func drain() { flags.store(1, ordering: .releasing) }
  func refuse() { flags.store(2, ordering: .releasing) }

  func opened(_ connection: Connection) { table.withLock { $0[ObjectIdentifier(connection)] = connection } }
  func closed(_ connection: Connection) { table.withLock { $0[ObjectIdentifier(connection)] = nil } }

  var connections: [Connection] { table.withLock { Array($0.values) } }
  var connectionCount: Int { table.withLock { $0.count } }
}
