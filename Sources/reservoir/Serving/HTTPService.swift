import HTTP
import Runtime

/// The HTTP server; it listens from its making on, so that a taken port is known before anything starts.
struct HTTPService: Service {
  let name = "http"
  let server: HTTPServer
  let address: ListenAddress
  let log: Log
  /// Told once the server answers.
  let announce: @Sendable (ListenAddress) -> Void

  init(
    _ configuration: Configuration, _ router: Router, log: Log,
    announce: @escaping @Sendable (ListenAddress) -> Void
  ) throws {
    let wanted = configuration[Settings.listen]
    do {
      server = try HTTPServer(Self.limits(configuration), router)
    } catch {
      throw CommandFailure("\(error); --listen ADDRESS chooses another one")
    }
    address = wanted.with(port: server.port)
    self.log = log
    self.announce = announce
  }

  func run() async throws {
    log.info("listening on", ["url": .vouched(address.url), "version": .vouched(ReservoirProgram.version)])
    announce(address)
    let report = try await server.run()
    guard report.abandoned > 0 else { return }
    log.warning("requests were cut off", ["count": .count(report.abandoned)])
  }

  private static func limits(_ configuration: Configuration) -> ServerConfiguration {
    let address = configuration[Settings.listen]
    var limits = ServerConfiguration(host: address.host, port: address.port)
    limits.threads = configuration[Settings.httpThreads]
    limits.connections = configuration[Settings.connectionLimit]
    limits.connectionsPerAddress = configuration[Settings.connectionsPerAddress]
    limits.bodyLimit = configuration[Settings.bodyLimit]
    limits.receiveTimeout = configuration[Settings.receiveTimeout]
    limits.idleTimeout = configuration[Settings.idleTimeout]
    limits.handlerTimeout = configuration[Settings.requestTimeout]
    // The group gives each service half of what is left; so a third is always there.
    limits.drainTimeout = configuration[Settings.shutdownDeadline] / 3
    return limits
  }
}
