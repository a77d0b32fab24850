import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var clients: Command {
    Command(
      "clients", "The companies that own numbers and other resources.",
      subcommands: [createClient, listClients, confirmPayment, endSubscription, assignResources])
  }

  private var createClient: Command {
    command(
      "create", "Makes a client and prints its id.",
      options: [
        .value("time-zone", "ZONE", "Decides its local days; an IANA name.", default: "UTC"),
        .value(
          "low-water-mark", "N", "An alert is raised when no more numbers than this are free.", default: "1"),
      ],
      positionals: [.required("name", "The company's name, unique and matched exactly.")],
      examples: [
        Example(
          "reservoir clients create 'My Reverse Options' --time-zone America/Los_Angeles",
          "A client in California.")
      ]
    ) { context in
      let words = context.invocation
      guard let name = CompanyName(words.text("name")) else {
        throw context.usage("<name>: expected 1 to 200 characters on one line")
      }
      let zone = try words.optional("time-zone", expected: "an IANA name such as America/New_York") {
        TimeZoneName($0)
      }
      let mark = try words.integer("low-water-mark", in: 0...1_000_000)
      let new = NewClient(companyName: name, timeZone: zone ?? .utc, lowWaterMark: mark)
      return try await context.withServices { services in
        guard
          case .fresh(.created(let client)) = try await services.clients.create(new, actor: .commandLine)
        else { throw CommandFailure("there is a client of this name already") }
        context.print("\(client.id)") { $0.value(client) }
        return .success
      }
    }
  }

  private var listClients: Command {
    command(
      "list", "Lists clients, the oldest first.", options: [.limit],
      examples: [Example("reservoir clients list --json", "All clients, for programs.")]
    ) { context in
      try await context.withServices { services in
        let clients: [Client] = try await context.gather { last, limit in
          try await services.clients.list(after: last?.id, limit: limit)
        }
        context.print(
          clients, [.whole("ID"), .text("NAME"), .text("TIME ZONE"), .number("LOW WATER")],
          empty: "no clients yet; 'reservoir clients create NAME' makes one"
        ) {
          [
            "\($0.id)", $0.companyName.text, "\($0.timeZone)",
            "\($0.lowWaterMark)",
          ]
        }
        return .success
      }
    }
  }
}

extension Services {
  /// The client of an id or an exact name.
  ///
  /// - Throws: `CommandFailure` with names that may have been meant.
  func client(_ text: String) async throws -> Client {
    if let id = ID<Client>(text) {
      if let client = try await clients.get(id) { return client }
      throw CommandFailure("there is no client with this id")
    }
    guard let name = CompanyName(text) else { throw CommandFailure("there is no such client") }
    switch try await clients.find(name) {
    case .found(let client): return client
    case .unknown(let similar): throw Self.unknownClient(similar)
    }
  }

  static func unknownClient(_ similar: [String]) -> CommandFailure {
    let names = similar.map { "'\(visible($0))'" }.joined(separator: " or ")
    let hint = names.isEmpty ? "'reservoir clients list' shows all" : "did you mean \(names)?"
    return CommandFailure("there is no client of exactly this name; \(hint)")
  }
}
