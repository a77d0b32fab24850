import API
import Domain
import Engine
import JSON
import Store
import Terminal

extension ReservoirProgram {
  var leads: Command {
    Command(
      "leads", "The people whom clients contact.",
      subcommands: [
        createLead, showLead, listLeads, searchLeads, leadAnalytics, importLeads, migrateLeads,
        scoutLeads, listConflicts, mergeLeads, unmergeLeads, eraseLead, exportPerson, explainLead, tellEvent,
      ] + leadAssignmentCommands)
  }

  private var createLead: Command {
    command(
      "create", "Makes a lead and prints its id.",
      discussion: """
        Somebody whom the pool knows already, by Apollo's id, LinkedIn profile or address, is found instead
        and learns what is new.
        """,
      options: [
        .value("email", "ADDRESS", "Where the lead writes from."),
        .value("first-name", "NAME", "The first name."),
        .value("last-name", "NAME", "The last name."),
        .values("field", "NAME=VALUE", "Another field, such as company_name=Acme. May be repeated."),
      ],
      examples: [
        Example("reservoir leads create --email test@example.com --first-name Ada", "A lead; prints its id."),
        Example(
          "reservoir leads create --email a@example.com --field title=CTO --field company_domain=example.com",
          "With more fields of the pool."),
        Example("LEAD=$(reservoir leads create)", "Keeps the id of a lead of whom nothing is known yet."),
      ]
    ) { context in
      let words = context.invocation
      func name(_ option: String) throws(UsageError) -> String? {
        try words.optional(option, expected: "1 to 100 characters on one line") { Lead.isName($0) ? $0 : nil }
      }
      let new = NewLead(
        primaryEmail: try words.optional("email", expected: "an address such as ada@example.com") {
          EmailAddress($0)
        }, firstName: try name("first-name"), lastName: try name("last-name"),
        fields: try context.leadFields())
      return try await context.withServices { services in
        switch try await services.leads.create(new, source: "manual", actor: .commandLine) {
        case .fresh(.created(let lead)), .fresh(.known(let lead)):
          context.print("\(lead.lead.id)") { $0.value(lead) }
          return .success
        case .fresh(.conflict(let conflict)):
          throw CommandFailure(
            "this names two leads; 'reservoir leads conflicts --resolve \(conflict)' says who it is")
        case .fresh(.forgotten): throw CommandFailure("the person was forgotten and must not be kept")
        case .replayed, .keyReused:
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
      }
    }
  }

  private var showLead: Command {
    command(
      "show", "Shows all that is known of a lead, and where it comes from.",
      options: [.flag("record", "The records of providers instead, as they came, as JSON.")],
      positionals: [.required("id", "The lead's id.")],
      examples: [
        Example("reservoir leads show 019aa777-31f0-7a94-8d60-2f7be1c93a07", "Field by field."),
        Example("reservoir leads show 019aa777-31f0-7a94-8d60-2f7be1c93a07 --record", "As Apollo sent it."),
      ]
    ) { context in
      let id: ID<Lead> = try context.id("id")
      return try await context.withServices { services in
        guard let lead = try await services.leads.get(id) else {
          throw CommandFailure("there is no such lead")
        }
        if context.invocation.flag("record") {
          let records = try await services.leads.records(of: id) ?? []
          context.print { $0.value(records) }
        } else {
          context.print(LeadText.lines(lead)) { $0.value(lead) }
        }
        return .success
      }
    }
  }

  private var listConflicts: Command {
    command(
      "conflicts", "Lists records that claim two leads, or resolves one.",
      options: [
        .value("status", "STATUS", "Which: open, merged, separate.", default: "open"), .limit,
        .value("resolve", "ID", "The conflict to resolve."),
        .value("into", "LEAD", "With --resolve: all of its leads are this one."),
        .flag("separate", "With --resolve: they are different persons, and nothing changes."),
      ],
      examples: [
        Example("reservoir leads conflicts", "Those that wait for somebody."),
        Example(
          "reservoir leads conflicts --resolve 019aa7a1-0c55-7e1b-9d3a-6f0e2c8b4a71 "
            + "--into 019aa777-31f0-7a94-8d60-2f7be1c93a07", "One person: merges the leads."),
        Example(
          "reservoir leads conflicts --resolve 019aa7a1-0c55-7e1b-9d3a-6f0e2c8b4a71 --separate",
          "Two persons."),
      ]
    ) { context in
      if let text = context.invocation.optional("resolve") {
        return try await context.resolveConflict(text)
      }
      let status = try context.invocation.choice("status", of: StoredLeadConflict.Status.self)
      return try await context.withServices { services in
        let found: [StoredLeadConflict] = try await context.gather { last, limit in
          try await services.leadConflicts.list(status, after: last?.id, limit: limit)
        }
        context.print(
          found, [.whole("ID"), .text("WHY"), .text("STATUS"), .text("SOURCE"), .text("LEADS")],
          empty: "no conflicts of this kind"
        ) {
          [
            "\($0.id)", $0.why.rawValue, $0.status.rawValue, $0.source,
            $0.leads.map(\.description).joined(separator: " "),
          ]
        }
        return .success
      }
    }
  }

  private var mergeLeads: Command {
    command(
      "merge", "Makes one lead of two, and prints the id of the merge.",
      discussion: """
        What the one that goes is known by leads to the other one from now on. A client that owns one of them
        owns the one that stays; if two clients own them, nothing is done.
        """,
      positionals: [
        .required("lead", "The id of the one that goes."), .required("into", "The one that stays."),
      ],
      examples: [
        Example(
          "reservoir leads merge 019aa778-5d2e-7b03-a1c4-90f2e6d7b815 019aa777-31f0-7a94-8d60-2f7be1c93a07",
          "The second stays.")
      ]
    ) { context in
      let lead: ID<Lead> = try context.id("lead")
      let kept: ID<Lead> = try context.id("into")
      return try await context.withServices { services in
        switch try await services.leadConflicts.merge(lead, into: kept, actor: .commandLine) {
        case .fresh(.done(let merge)): context.print("\(merge.id)") { $0.value(merge) }
        case .fresh(.unknown): throw CommandFailure("there is no such lead")
        case .fresh(.refused(let why)): throw CommandFailure(why.detail)
        case .replayed, .keyReused:
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        return .success
      }
    }
  }

  private var unmergeLeads: Command {
    command(
      "unmerge", "Undoes a merge: the leads are two again.",
      positionals: [.required("merge", "The id of the merge.")],
      examples: [
        Example("reservoir leads unmerge 019aa7b0-2c11-7d05-8e6f-3a9b1c5d7e20", "As they were before.")
      ]
    ) { context in
      let merge: ID<LeadMerger> = try context.id("merge")
      return try await context.withServices { services in
        switch try await services.leadConflicts.undo(merge, actor: .commandLine) {
        case .fresh(.done(let merge)): context.print("\(merge.merged)") { $0.value(merge) }
        case .fresh(.unknown): throw CommandFailure("there is no such merge")
        case .fresh(.refused(let why)): throw CommandFailure(why.detail)
        case .replayed, .keyReused:
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        return .success
      }
    }
  }
}

extension CommandContext {
  fileprivate func id<Entity>(_ positional: String) throws -> ID<Entity> {
    guard let id = ID<Entity>(invocation.text(positional)) else {
      throw usage("<\(positional)>: expected a UUID")
    }
    return id
  }

  fileprivate func leadFields() throws -> LeadFacts {
    var facts = LeadFacts()
    for word in invocation.values("field") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let field = LeadField(named: parts[0]) else {
        throw usage("--field: expected NAME=VALUE with the name of a field, such as company_name=Acme")
      }
      guard let value = field.kind.value(fromText: parts[1]), field.kind != .json || isJSON(parts[1]) else {
        throw usage("--field \(parts[0]): expected \(field.kind.expectation)")
      }
      facts[field] = value
    }
    do { return try facts.checked() } catch { throw usage("--field \(error.errors[0])") }
  }

  private func isJSON(_ text: String) -> Bool { (try? JSONValue(parsing: text)) != nil }

  fileprivate func resolveConflict(_ text: String) async throws -> ExitCode {
    guard let id = ID<LeadConflict>(text) else { throw usage("--resolve: expected a UUID") }
    let resolution: LeadConflictService.Resolution
    switch (invocation.optional("into"), invocation.flag("separate")) {
    case (let into?, false):
      guard let kept = ID<Lead>(into) else { throw usage("--into: expected a UUID") }
      resolution = .merge(into: kept)
    case (nil, true): resolution = .separate
    default: throw usage("--resolve needs either --into LEAD or --separate")
    }
    return try await withServices { services in
      switch try await services.leadConflicts.resolve(id, resolution, actor: .commandLine) {
      case .fresh(.done(let conflict)): print(conflict.status.rawValue) { $0.value(conflict) }
      case .fresh(.unknown): throw CommandFailure("there is no such conflict")
      case .fresh(.alreadyResolved): throw CommandFailure("the conflict was resolved before")
      case .fresh(.notAmongThem): throw CommandFailure("the conflict does not name this lead")
      case .fresh(.anotherLead):
        throw CommandFailure("another lead is known by what the record says; merge it first")
      case .fresh(.refused(let why)): throw CommandFailure(why.detail)
      case .replayed, .keyReused:
        preconditionFailure("a command without an idempotency key was answered from memory")
      }
      return .success
    }
  }
}

/// A lead for the eyes.
private enum LeadText {
  static func lines(_ detail: LeadDetail) -> String {
    var lines = [("id", detail.lead.id.description), ("client", detail.clientID?.description ?? "-")]
    if let pool = detail.pool {
      for (name, time) in [
        ("bounced_at", pool.bouncedAt), ("complained_at", pool.complainedAt),
        ("unsubscribed_at", pool.unsubscribedAt), ("erased_at", pool.erasedAt),
      ] {
        if let time { lines.append((name, time.description)) }
      }
      if let kept = pool.mergedIntoID { lines.append(("merged_into_id", kept.description)) }
      for field in pool.facts.known {
        guard let value = pool.facts[field] else { continue }
        lines.append((field.name, text(value)))
      }
    }
    let width = lines.map(\.0.count).max() ?? 0
    return lines.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 }
      .joined(separator: "\n")
  }

  private static func text(_ value: LeadValue) -> String {
    if case .text(let text) = value { return text }
    if case .texts(let texts) = value { return texts.joined(separator: "; ") }
    return String(decoding: JSON.write { value.write(to: &$0) }, as: UTF8.self)
  }
}
