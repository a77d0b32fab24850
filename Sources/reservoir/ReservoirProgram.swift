import Runtime
import Terminal

/// The tree of commands.
struct ReservoirProgram {
  let environment: [String: String]

  /// The version of the program and of its API.
  static let version = "1.0.0"

  var program: Program {
    Program(
      "reservoir", version: Self.version,
      root: Command(
        "reservoir", "Gives phone numbers to leads, each to exactly one at a time.",
        discussion: """
          Settings come from flags, else from the environment (RESERVOIR_DATABASE_URL for
          --database-url), else from reservoir.conf; 'reservoir config' shows what is in force.
          Exit codes: 0 done, 1 refused or failed, 2 a wrong command line.
          """,
        options: Settings.common.map(\.option) + [.flag("json", "Prints JSON for programs.")],
        examples: [
          Example(
            "reservoir serve --sample-data", "Starts a server with a database of its own and something in it."
          ),
          Example("reservoir numbers import pool.csv --create-clients", "Fills the pool."),
        ],
        subcommands: [
          serve, migrate, check, keys, numbers, clients, resources, plan, leads, jobs, config, version,
          campaigns, templates,
          forecast, supply, orders,
          payments, profile, permits, gate, suppressions,
        ]))
  }

  /// A command whose action gets its context.
  func command(
    _ name: String, _ summary: String, discussion: String = "", options: [Option] = [],
    positionals: [Positional] = [], examples: [Example],
    action: @escaping @Sendable (CommandContext) async throws -> ExitCode
  ) -> Command {
    let environment = environment
    return Command(
      name, summary, discussion: discussion, options: options, positionals: positionals, examples: examples
    ) { invocation, console in
      try await action(CommandContext(invocation, console, environment: environment))
    }
  }

  private var version: Command {
    command(
      "version", "Shows the version.",
      examples: [Example("reservoir version", "Prints the version; --json for programs.")]
    ) { context in
      context.print("reservoir \(Self.version)") { writer in
        writer.object { $0.field("version", Self.version) }
      }
      return .success
    }
  }
}
