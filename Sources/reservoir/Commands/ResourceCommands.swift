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
      subcommands: [importResources, listResources, explainResource])
  }

  private var importResources: Command {
    command(
      "import", "Adds resources from a CSV file; a verdict for each row.",
      discussion: """
        The header names resource_type and resource_value; optional are resource_name, max_clients,
        warmed, reputation_score, provider, provider_id and time_zone. What the pool has already
        stays as it is. A mailbox needs its domain, in the pool or in the file.
        Ends with 1 when a row was rejected.
        """,
      positionals: [.required("file", "What to read; - is standard input.")],
      examples: [Example("reservoir resources import domains.csv", "Adds what is new.")]
    ) { context in
      let path = context.invocation.text("file")
      guard let bytes = try TextFile.bytes(path) else {
        throw CommandFailure("there is no file \(visible(path))")
      }
      let rows = ResourceFile.domainsFirst(try ResourceFile.rows(bytes))
      guard !rows.isEmpty else { throw CommandFailure("the file has no resources") }
      return try await context.withServices { try await context.add(rows, $0) }
    }
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
      positionals: [.required("id", "The resource's id.")],
      examples: [
        Example("reservoir resources explain 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Check by check.")
      ]
    ) { context in
      guard let id = ID<Resource>(context.invocation.text("id")) else {
        throw context.usage("<id>: expected a UUID")
      }
      return try await context.withServices { services in
        guard let (_, assignability) = try await services.resources.explain(id) else {
          throw CommandFailure("there is no such resource")
        }
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
}

extension CommandContext {
  /// Adds the rows that are right, a thousand in a transaction, and tells what became of each other one.
  fileprivate func add(_ rows: [ResourceFile.Row], _ services: Services) async throws -> ExitCode {
    let bar = Progress("import", total: rows.count, on: console.err)
    var counts: [String: Int] = [:]
    var rejected: [(line: Int, detail: String)] = []
    for start in stride(from: 0, to: rows.count, by: 1_000) {
      let chunk = rows[start..<min(start + 1_000, rows.count)]
      var right: [(line: Int, new: ResourceService.NewResource)] = []
      for row in chunk {
        switch row.content {
        case .success(let new): right.append((row.line, new))
        case .failure(let fault): rejected.append((row.line, "\(fault.field): \(fault.detail)"))
        }
      }
      guard
        case .fresh(let verdicts) = try await services.resources.add(
          right.map(\.new), actor: .commandLine)
      else { preconditionFailure("a command without an idempotency key was answered from memory") }
      for (row, verdict) in zip(right, verdicts) {
        switch verdict {
        case .added: counts["added", default: 0] += 1
        case .known, .duplicate: counts["known", default: 0] += 1
        case .domainMissing: rejected.append((row.line, "resource_value: its domain is not in the pool"))
        case .otherKind(let kind):
          rejected.append((row.line, "resource_type: the pool has it as \(kind.rawValue)"))
        }
      }
      bar.advance(by: chunk.count)
    }
    bar.finish()
    let (added, known) = (counts["added", default: 0], counts["known", default: 0])
    for one in rejected.prefix(50) { console.note("row \(one.line): \(visible(one.detail))") }
    if rejected.count > 50 { console.note("and \(HumanText.count(rejected.count - 50)) more") }
    print(
      "\(HumanText.count(added)) added, \(HumanText.count(known)) known, "
        + "\(HumanText.count(rejected.count)) rejected"
    ) { writer in
      writer.object { writer in
        writer.field("added", added)
        writer.field("known", known)
        writer.array("rejected") { writer in
          for one in rejected {
            writer.object {
              $0.field("row", one.line)
              $0.field("detail", one.detail)
            }
          }
        }
      }
    }
    return rejected.isEmpty ? .success : .failure
  }
}
