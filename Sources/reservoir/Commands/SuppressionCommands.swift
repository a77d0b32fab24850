import API
import Domain
import Engine
import Store
import Terminal

extension ReservoirProgram {
  var suppressions: Command {
    Command(
      "suppressions", "What must not be contacted.",
      subcommands: [
        addSuppression, listSuppressions, checkSuppressions, liftSuppression, importSuppressions,
        exportSuppressions,
      ])
  }

  private static let reasons = Suppression.Reason.given.map(\.rawValue).joined(separator: ", ")
  private static let kinds = ContactAddress.Kind.allCases.map(\.rawValue).joined(separator: ", ")
  private static let clientOption = Option.value("client", "NAME", "Not by this client; else by nobody.")
  private static let kindOption = Option.value("kind", "KIND", "One of \(kinds); else each value tells.")
  private static let reasonOption = Option.value(
    "reason", "REASON", "One of \(reasons).", default: Suppression.Reason.manual.rawValue)

  private var addSuppression: Command {
    command(
      "add", "Suppresses addresses: from now on they are not contacted.",
      discussion: "A domain covers all addresses at it and at the domains below it.",
      options: [Self.clientOption, Self.kindOption, Self.reasonOption],
      positionals: [.rest("address", "Email addresses, domains, numbers, LinkedIn URLs.", required: true)],
      examples: [
        Example("reservoir suppressions add dana@example.com --reason opt_out", "By nobody."),
        Example("reservoir suppressions add rival.example --client 'Acme'", "Not by Acme."),
      ]
    ) { context in
      let defaults = try context.listDefaults(source: "manual")
      let news = try context.invocation.values("address").map { text in
        do throws(FieldError) {
          return try SuppressionList.suppression(value: text, kind: nil, reason: nil, defaults)
        } catch { throw context.usage("<address>: \(error.detail)") }
      }
      return try await context.withServices { services in
        let client = try await context.optionalClient(services)
        let own = news.map { new in
          var new = new
          new.clientID = client?.id
          return new
        }
        guard case .fresh(.done(let added)) = try await services.suppressions.add(own, actor: .commandLine)
        else { throw CommandFailure("there is no such client") }
        context.show(added.map(\.suppression))
        return .success
      }
    }
  }

  private var listSuppressions: Command {
    command(
      "list", "Lists suppressions, the oldest first.", options: Self.filterOptions + [.limit],
      examples: [
        Example("reservoir suppressions list --reason opt_out", "Opt-outs that count."),
        Example("reservoir suppressions list --client 'Acme' --state all", "Acme's own, lifted ones too."),
      ]
    ) { context in
      try await context.withServices { services in
        let filter = try await context.filter(services)
        let found: [Suppression] = try await context.gather { last, limit in
          try await services.suppressions.list(filter, after: last?.id, limit: limit)
        }
        context.show(found)
        return .success
      }
    }
  }

  private static var filterOptions: [Option] {
    [
      .value("client", "NAME", "Only this client's own."),
      .value("scope", "SCOPE", "everybody or client: only those."),
      .value("kind", "KIND", "Only one of \(kinds)."),
      .value("reason", "REASON", "Only one of \(reasons), erased."),
      .value("state", "STATE", "active, lifted or all.", default: "active"),
    ]
  }

  private var checkSuppressions: Command {
    command(
      "check", "Tells whether addresses are suppressed, and why. Ends with 1 when one is.",
      options: [.value("client", "NAME", "The client that wants to contact them."), Self.kindOption],
      positionals: [.rest("address", "As for 'add'.", required: true)],
      examples: [Example("reservoir suppressions check dana@mail.rival.example", "By address and domain.")]
    ) { context in
      let kind = try context.kind()
      let addresses = try context.invocation.values("address").map { text in
        guard let address = kind.map({ ContactAddress($0, text) }) ?? ContactAddress(guessing: text) else {
          throw context.usage("<address>: expected \(kind?.expectation ?? "an address")")
        }
        return address
      }
      return try await context.withServices { services in
        let client = try await context.optionalClient(services)
        let results = try await services.suppressions.check(addresses, for: client?.id)
        context.print(
          results, [.text("ADDRESS"), .text("SUPPRESSED"), .text("BECAUSE")], empty: "nothing was asked"
        ) { result in
          let why = result.suppressions.map { "\($0.reason.rawValue) of its \($0.kind.rawValue)" }
          return [
            result.address.value, why.isEmpty ? "no" : "yes", why.joined(separator: ", "),
          ]
        }
        return results.contains { !$0.suppressions.isEmpty } ? .failure : .success
      }
    }
  }

  private var liftSuppression: Command {
    command(
      "lift", "Lifts a suppression; it stays as history.",
      options: [.value("because", "TEXT", "Why, for the history.", default: "")],
      positionals: [.required("id", "The suppression's id.")],
      examples: [
        Example(
          "reservoir suppressions lift 019ac5b0-31f0-7a94-8d60-2f7be1c93a07 --because 'a typing mistake'",
          "It no longer counts.")
      ]
    ) { context in
      guard let id = ID<Suppression>(context.invocation.text("id")) else {
        throw context.usage("<id>: expected a UUID")
      }
      return try await context.withServices { services in
        let answer = try await services.suppressions.lift(
          id, because: context.invocation.text("because"), actor: .commandLine)
        switch answer {
        case .fresh(.lifted(let suppression)):
          context.print("lifted") { $0.value(suppression) }
          return .success
        case .fresh(.stays(.erased)): throw CommandFailure("the person was forgotten: it stays for ever")
        case .fresh(.stays): throw CommandFailure("it cannot be lifted")
        case .fresh(.unknown), .replayed, .keyReused: throw CommandFailure("there is no such suppression")
        }
      }
    }
  }

  private var importSuppressions: Command {
    command(
      "import", "Suppresses the addresses of a CSV file; a verdict for each row.",
      discussion: """
        Columns are value, kind and reason; without a header they stand in this order. Any size is
        read, part by part. Ends with 1 when a row was rejected.
        """,
      options: [
        Self.clientOption, Self.kindOption, Self.reasonOption,
        .value("source", "TEXT", "Where the list comes from.", default: "list"),
        .value("report", "FILE", "Writes the verdict of each row here, as CSV."),
      ],
      positionals: [.required("file", "What to read; - is standard input.")],
      examples: [
        Example("reservoir suppressions import opt-outs.csv --reason opt_out", "For everybody."),
        Example("reservoir suppressions import rivals.csv --client 'Acme' --report verdicts.csv", "Acme's."),
      ]
    ) { context in
      var defaults = try context.listDefaults(source: context.invocation.text("source"))
      let path = context.invocation.text("file")
      return try await context.withServices { services in
        defaults.clientID = try await context.optionalClient(services)?.id
        let run = SuppressionImport(context: context, service: services.suppressions, path: path)
        return try await run.run(defaults)
      }
    }
  }

  private var exportSuppressions: Command {
    command(
      "export", "Writes suppressions as CSV, to be imported elsewhere.",
      discussion: "Keys of people who were forgotten are no addresses, and are left out.",
      options: Self.filterOptions,
      examples: [Example("reservoir suppressions export --scope everybody", "All of them, on the output.")]
    ) { context in
      try await context.withServices { services in
        let filter = try await context.filter(services)
        context.console.out.write(SuppressionCSV.header)
        var last: ID<Suppression>?
        while true {
          let page = try await services.suppressions.list(filter, after: last, limit: 5_000)
          context.console.out.write(page.compactMap(SuppressionCSV.row).joined())
          last = page.last?.id
          if page.count < 5_000 { return .success }
        }
      }
    }
  }
}

extension CommandContext {
  fileprivate func kind() throws -> ContactAddress.Kind? {
    try invocation.optional("kind", expected: "one of the kinds that --help lists") {
      ContactAddress.Kind(rawValue: $0)
    }
  }

  fileprivate func reason() throws -> Suppression.Reason? {
    try invocation.optional("reason", expected: "one of the reasons that --help lists") {
      Suppression.Reason(rawValue: $0)
    }
  }

  /// What the options say of all rows; the client is looked up later.
  fileprivate func listDefaults(source: String) throws -> SuppressionList.Defaults {
    let reason = try reason() ?? .manual
    guard reason != .erased else { throw usage("--reason: 'reservoir leads erase' forgets a person") }
    guard source.isPlainLine(Suppression.sourceLength) else {
      throw usage("--source: expected 1 to 100 characters on one line")
    }
    return SuppressionList.Defaults(kind: try kind(), reason: reason, source: source)
  }

  fileprivate func optionalClient(_ services: Services) async throws -> Client? {
    guard let name = invocation.optional("client") else { return nil }
    return try await services.client(name)
  }

  fileprivate func filter(_ services: Services) async throws -> SuppressionStore.Filter {
    var filter = SuppressionStore.Filter()
    filter.kind = try kind()
    filter.reason = try reason()
    filter.scope = try invocation.optional("scope", expected: "everybody or client") {
      SuppressionStore.Filter.Scope(rawValue: $0)
    }
    filter.state =
      try invocation.optional("state", expected: "active, lifted or all") {
        SuppressionStore.Filter.State(rawValue: $0)
      } ?? .active
    filter.clientID = try await optionalClient(services)?.id
    return filter
  }

  fileprivate func show(_ suppressions: [Suppression]) {
    print(
      suppressions,
      [.whole("ID"), .text("KIND"), .text("VALUE"), .text("REASON"), .text("FOR"), .text("SINCE")],
      empty: "no suppressions; 'reservoir suppressions add' makes one"
    ) {
      [
        "\($0.id)", $0.kind.rawValue, $0.value ?? "(forgotten)", $0.reason.rawValue,
        $0.clientID.map { "\($0)" } ?? "everybody", "\($0.createdAt)",
      ]
    }
  }
}
