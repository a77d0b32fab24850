import API
import Domain
import Engine
import JSON
import Store
import Terminal

extension ReservoirProgram {
  var resources: Command {
    Command(
      "resources", "Domains, mailboxes, phone numbers and seats.",
      subcommands: [importResources, listResources, explainResource, resourceHistory])
  }

  private var listResources: Command {
    command(
      "list", "Lists resources, the oldest first.",
      options: [
        .limit, .value("type", "TYPE", "Only email_domain, mailbox, phone_number or linkedin_seat."),
        .value("status", "STATUS", "Only those that are so, such as available."),
        .value("client", "NAME", "Only what this client has; a name or an id."),
      ],
      examples: [
        Example("reservoir resources list --type email_domain --status available", "Free domains.")
      ]
    ) { context in
      let words = context.invocation
      let kinds = ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")
      let states = ResourceStatus.allCases.map(\.rawValue).joined(separator: ", ")
      let kind = try words.optional("type", expected: kinds) { ResourceKind(rawValue: $0) }
      let status = try words.optional("status", expected: states) { ResourceStatus(rawValue: $0) }
      return try await context.withServices { services in
        var filter = ResourceStore.Filter(kind: kind, status: status)
        if let name = words.optional("client") { filter.clientID = try await services.client(name).id }
        let own = filter
        let found: [Resource] = try await context.gather { last, limit in
          try await services.resources.list(own, after: last?.id, limit: limit)
        }
        context.print(
          found,
          [.whole("ID"), .text("TYPE"), .text("VALUE"), .text("STATUS"), .number("CLIENTS"), .number("REP")],
          empty: "no such resources; 'reservoir resources import FILE' adds some"
        ) {
          [
            "\($0.id)", $0.kind.rawValue, $0.value.text, $0.status.rawValue,
            "\($0.currentClients)/\($0.maxClients)", "\($0.reputationScore)",
          ]
        }
        return .success
      }
    }
  }

  private var explainResource: Command {
    command(
      "explain", "Says why a resource is or is not assignable now.",
      options: [
        .value("client", "NAME", "Whose policy of warm-up counts; a name or an id.")
      ],
      positionals: [.required("id", "The resource's id.")],
      examples: [
        Example("reservoir resources explain 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Check by check.")
      ]
    ) { context in
      let id = try context.resourceID()
      return try await context.withServices { services in
        var receiver: ID<Client>?
        if let name = context.invocation.optional("client") {
          receiver = try await services.client(name).id
        }
        guard
          case .explained(_, let assignability) = try await services.resources.explain(id, to: receiver)
        else { throw CommandFailure("there is no such resource") }
        if context.isJSON {
          context.print { $0.value(assignability) }
          return .success
        }
        var table = Table([.text("CHECK"), .text("PASSED"), .text("")])
        for check in assignability.checks {
          let detail = check.isPassed ? "" : check.name.failure
          table.add([check.name.rawValue, check.isPassed ? "yes" : "no", detail])
        }
        context.console.out.write(table.text(for: context.console.out, empty: ""))
        context.console.print(
          assignability.isAssignable
            ? "assignable; it can send from \(assignability.sendsFrom)" : "not assignable now")
        return .success
      }
    }
  }

  private var resourceHistory: Command {
    command(
      "history", "Shows everything that happened to a resource, newest first.",
      options: [.limit],
      positionals: [.required("id", "The resource's id.")],
      examples: [
        Example("reservoir resources history 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Who had it, and when.")
      ]
    ) { context in
      let id = try context.resourceID()
      return try await context.withServices { services in
        guard try await services.resources.find(id) != nil else {
          throw CommandFailure("there is no such resource")
        }
        let entries: [ResourceLedgerStore.Entry] = try await context.gather { last, limit in
          try await services.resources.history(
            of: id, after: last.map { .init(at: $0.at, change: $0.change) }, limit: limit) ?? []
        }
        context.print(
          entries,
          [
            .whole("AT"), .text("WHAT"), .text("STATUS"), .whole("CLIENT"), .text("BY"), .text("BECAUSE"),
          ], empty: "nothing"
        ) {
          [
            "\($0.at)", $0.kind, $0.status ?? "-", $0.clientID.map { "\($0)" } ?? "-", $0.actor,
            $0.reason ?? "-",
          ]
        }
        return .success
      }
    }
  }
}

extension CommandContext {
  /// - Throws: `CommandFailure` when `<id>` is no UUID.
  fileprivate func resourceID() throws -> ID<Resource> {
    guard let id = ID<Resource>(invocation.text("id")) else { throw usage("<id>: expected a UUID") }
    return id
  }
}
