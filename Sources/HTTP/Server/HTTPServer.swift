import Synchronization

/// What was left when the server stopped.
public struct DrainReport: Sendable, Equatable {
  /// Requests that were answered with 503 or cut off because they did not end in time.
  public var abandoned: Int
  /// The templates of those whose handler was at work, with how many of each.
  public var routes: [String: Int]

  public init(abandoned: Int = 0, routes: [String: Int] = [:]) {
    self.abandoned = abandoned
    self.routes = routes
  }
}

/// An HTTP/1.1 server over libmicrohttpd.
///
///     let server = try HTTPServer(ServerConfiguration(port: 8080), router)
///     print(server.port)
///     let report = try await server.run()
///
/// The socket listens from `init` on. `run` serves until its task is cancelled; then no connection is
/// accepted, answers carry `Connection: close`, and requests under way have `drainTimeout` to end.
///
/// Requests that libmicrohttpd cannot even parse it answers itself, with its own short HTML text and the
/// right status: a malformed field (400), a request without Host (400), a malformed Content-Length or chunk
/// (400), a header too large (414, 431), another major version (505). On bytes that are no request line, or a
/// target with a space, it closes the connection without an answer. All other requests get problem+json.
public final class HTTPServer: Sendable {
  private let core: ServerCore
  private let listener: Listener
  private let hasRun = Atomic(false)

  /// - Throws: `ListenError`
  public init(_ configuration: ServerConfiguration, _ router: Router) throws(ListenError) {
    listener = try Listener(
      host: configuration.host, port: configuration.port, backlog: configuration.backlog)
    core = ServerCore(configuration, router)
  }

  /// The port that it listens on, also when the configuration said 0.
  public var port: Int { listener.port }

  /// Open connections.
  public var connectionCount: Int { core.connectionCount }

  /// The server's whole life. To be called once.
  ///
  /// - Throws: `ListenError` when the polling threads cannot start
  public func run() async throws(ListenError) -> DrainReport {
    precondition(!hasRun.exchange(true, ordering: .relaxed), "a server runs once")
    let daemons = try PollingThreads(core, listener)
    while !Task.isCancelled {
      try? await Task.sleep(for: core.configuration.sweepInterval)
      sweep()
    }
    daemons.quiesce()
    core.drain()
    await drained()
    let report = breakOff()
    daemons.stop()
    return report
  }

  private func sweep() {
    let now = Monotonic.now
    for connection in core.connections { connection.sweep(now) }
  }

  /// Waits until no request is under way, at most for the configured time.
  private func drained() async {
    let end = Monotonic.now + Nanoseconds(core.configuration.drainTimeout)
    while Monotonic.now < end, core.connections.contains(where: \.isUnderWay) {
      sweep()
      // A task of its own, because in this cancelled one a sleep ends at once.
      await Task { try? await Task.sleep(for: .milliseconds(5)) }.value
    }
  }

  /// Answers what is still suspended, since libmicrohttpd must not be stopped over a suspended connection.
  private func breakOff() -> DrainReport {
    core.refuse()
    var report = DrainReport()
    for connection in core.connections where connection.isUnderWay {
      report.abandoned += 1
      if let route = connection.release() { report.routes[route, default: 0] += 1 }
    }
    return report
  }
}
