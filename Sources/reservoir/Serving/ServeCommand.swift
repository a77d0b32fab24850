import Domain
import Engine
import HTTP
import Postgres
import Runtime
import Terminal

extension ReservoirProgram {
  var serve: Command {
    command(
      "serve", "Runs the server until it gets SIGTERM or SIGINT.",
      discussion: """
        Without --database-url it makes and runs a PostgreSQL of its own below --data-dir. The
        database's schema is brought up to date first. Any number of servers may run on one
        database.
        """,
      options: Settings.server.map(\.option) + [
        .flag("sample-data", "Loads sample data once, and prints a key and a first request to try.")
      ],
      examples: [
        Example("reservoir serve --sample-data", "Everything on this machine, with something to play with."),
        Example(
          "RESERVOIR_DATABASE_URL=postgresql://app@db/reservoir reservoir serve --listen :8080",
          "On a PostgreSQL that runs elsewhere, for all networks."),
      ]
    ) { context in
      let signals = SignalListener()
      let writer = LogWriter()
      defer { writer.flush() }
      let log = Log(context, sink: writer)
      try await Server(context: context, log: log, signals: signals).run()
      return .success
    }
  }
}

extension Log {
  /// The log of a server, on standard error.
  init(_ context: CommandContext, sink: any LogSink) {
    let errors = context.console.err
    let form: LogFormat =
      switch context.configuration[Settings.logFormat] {
      case .text: .human(colours: errors.hasColours)
      case .json: .json
      case .auto: errors.isTerminal ? .human(colours: errors.hasColours) : .json
      }
    self.init(level: context.configuration[Settings.logLevel], format: form, sink: sink)
  }
}

/// One run of the server, from the database at the bottom to the HTTP server at the top.
struct Server {
  let context: CommandContext
  let log: Log
  let signals: SignalListener

  /// - Throws: whatever keeps the server from starting, or `ServiceGroupFailure`.
  func run() async throws {
    let home = try await DatabaseHome.open(
      context.configuration, environment: context.environment, log: log)
    let services: [any Service]
    do {
      services = try await start(home)
    } catch {
      await home.close()
      throw error
    }
    try await ServiceGroup(
      services, deadline: context.configuration[Settings.shutdownDeadline], signals: signals.signals,
      log: log
    ).run()
    log.info("stopped")
  }

  /// Everything that can go wrong before the first request does so here.
  private func start(_ home: DatabaseHome) async throws -> [any Service] {
    try await DatabaseHome.migrator.apply(to: home.database) { migration in
      log.info("migration applied", ["number": .count(migration.number), "name": .vouched(migration.name)])
    }
    let parts = try Composition(context.configuration, home.database, log: log)
    var sample: SampleData.Guide?
    if context.invocation.flag("sample-data") {
      let directory = home.cluster == nil ? nil : context.configuration[Settings.dataDirectory]
      let data = SampleData(services: parts.services, keyFile: directory.map { $0 + "/sample-key" })
      sample = try await data.load()
    }
    let output = context.console.out
    let isWanted = sample != nil || output.isTerminal
    let http = try HTTPService(context.configuration, parts.router, log: log) { [sample] address in
      guard isWanted else { return }
      output.write(Announcement(address: address, sample: sample).text(for: output))
    }
    let bottom: [any Service] = home.cluster.map { [ClusterService(cluster: $0)] } ?? []
    return bottom + [DatabaseService(database: home.database)] + parts.running + [http]
  }
}
