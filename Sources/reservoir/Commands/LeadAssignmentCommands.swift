import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  /// What `leads` says of who has which lead.
  var leadAssignmentCommands: [Command] {
    [assignLeads, releaseLead, convertLead, leadAssignments, leadScore, rescoreLeads, leadQuota]
  }

  private var assignLeads: Command {
    command(
      "assign", "Gives leads to clients: by hand, or as the allocator finds them.",
      discussion: """
        With ids, each lead for itself. With --count, or --all-clients, leads that match the
        client's profile and that nobody has, the best score first. --plan shows who would get
        what and prints the plan's id; --apply carries a plan out, or on after an interruption.
        """,
      options: [
        .value("client", "CLIENT", "Who gets them: a name or an id."),
        .value("campaign", "ID", "For this campaign of the client's."),
        .value("count", "N", "How many the allocator gives, at most."),
        .flag("all-clients", "For all clients that have a profile and pay, by what is left of their quotas."),
        .flag("keep-pace", "No more than each client's pace allows today."),
        .value("seed", "N", "Decides between equals: the same seed, the same plan."),
        .flag("plan", "Only shows it."),
        .value("apply", "PLAN", "Carries out the plan with this id."),
        .flag("over-quota", "With ids: also beyond the quota."),
      ],
      positionals: [.rest("leads", "Ids of leads.")],
      examples: [
        Example("reservoir leads assign --client 'Acme' 019aa777-31f0-7a94-8d60-2f7be1c93a07", "By hand."),
        Example("reservoir leads assign --client 'Acme' --count 10000", "The 10,000 best that match."),
        Example(
          "reservoir leads assign --all-clients --keep-pace --plan --seed 42", "What a day would bring."),
      ]
    ) { context in
      let words = context.invocation
      if let plan = try words.optional("apply", expected: "the id of a plan", parse: { ID<LeadPlan>($0) }) {
        return try await context.withServices { try await context.apply(plan, wanted: nil, $0) }
      }
      if words.values("leads").isEmpty { return try await context.allocate() }
      return try await context.assignByHand()
    }
  }

  private var releaseLead: Command {
    command(
      "release", "Takes a lead from its client; somebody else may get it.",
      options: [.value("reason", "TEXT", "Why; kept in the history.", required: true)],
      positionals: [.required("lead", "The lead's id.")],
      examples: [
        Example(
          "reservoir leads release 019aa777-31f0-7a94-8d60-2f7be1c93a07 --reason 'no budget'", "Free again.")
      ]
    ) { context in
      let lead = try context.leadID()
      guard let reason = ReleaseReason(context.invocation.text("reason")) else {
        throw context.usage("--reason: expected 1 to 200 characters on one line")
      }
      return try await context.withServices { services in
        context.tell(
          try await services.leadAssignments.release(lead, because: reason, actor: .commandLine),
          "released")
      }
    }
  }

  private var convertLead: Command {
    command(
      "convert", "Says that a lead has become what its client wanted: it is its for ever.",
      positionals: [.required("lead", "The lead's id.")],
      examples: [Example("reservoir leads convert 019aa777-31f0-7a94-8d60-2f7be1c93a07", "A success.")]
    ) { context in
      let lead = try context.leadID()
      return try await context.withServices { services in
        context.tell(try await services.leadAssignments.convert(lead, actor: .commandLine), "converted")
      }
    }
  }

  private var leadAssignments: Command {
    command(
      "assignments", "Lists a client's leads, or who has and had one lead.",
      options: [
        .limit, .value("client", "CLIENT", "A name or an id."),
        .value("status", "STATUS", "Of the client's: active, converted or released."),
        .value("campaign", "ID", "Of the client's: those of a campaign."),
      ],
      positionals: [.optional("lead", "The lead's id.")],
      examples: [
        Example("reservoir leads assignments --client 'Acme' --status active", "What Acme works on."),
        Example("reservoir leads assignments 019aa777-31f0-7a94-8d60-2f7be1c93a07", "A lead's history."),
      ]
    ) { context in
      let words = context.invocation
      let lead = try words.optional("lead", expected: "a UUID") { ID<Lead>($0) }
      let campaign = try words.optional("campaign", expected: "a UUID") { ID<Campaign>($0) }
      let status = try words.optional("status", expected: "active, converted or released") {
        LeadAssignment.Status(rawValue: $0)
      }
      guard (lead == nil) != (words.optional("client") == nil) else {
        throw context.usage("say either a lead or --client")
      }
      return try await context.withServices { services in
        let client = try await context.client(services)
        let found: [LeadAssignment] = try await context.gather { last, limit in
          if let client {
            return try await services.leadAssignments.list(
              of: client.id, status: status, campaign: campaign, after: last?.id, limit: limit)
          }
          guard let lead else { return [] }
          return try await services.leadAssignments.history(of: lead, after: last?.id, limit: limit)
        }
        context.print(
          found,
          [
            .whole("LEAD"), .whole("CLIENT"), .text("STATUS"), .text("ASSIGNED"), .text("ENDED"),
            .text("REASON"),
          ],
          empty: "none"
        ) {
          [
            "\($0.leadID)", "\($0.clientID)", $0.status.rawValue, "\($0.assignedAt)",
            ($0.releasedAt ?? $0.convertedAt).map { "\($0)" } ?? "", visible($0.releaseReason ?? ""),
          ]
        }
        return .success
      }
    }
  }

  private var leadScore: Command {
    command(
      "score", "Shows how promising a lead is for a client, and why.",
      options: [.value("client", "CLIENT", "A name or an id.", required: true)],
      positionals: [.required("lead", "The lead's id.")],
      examples: [
        Example("reservoir leads score 019aa777-31f0-7a94-8d60-2f7be1c93a07 --client 'Acme'", "Line by line.")
      ]
    ) { context in
      let lead = try context.leadID()
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        guard let explained = try await services.leadScores.explain(lead, for: client.id) else {
          throw CommandFailure("there is no such lead")
        }
        if context.isJSON {
          context.print { $0.value(LeadScoreShape(explained)) }
          return .success
        }
        let score = explained.score
        context.console.print(
          "\(score.total) \(score.tier.rawValue)" + (score.isExcluded ? ", must not be contacted" : ""))
        var table = Table([.text("COMPONENT"), .number("POINTS"), .text("WHY")])
        for component in ScoreComponent.allCases {
          table.add([component.rawValue, "\(score.points[component] ?? 0) of \(component.most)", ""])
          for reason in score.reasons[component] ?? [] where reason.points != 0 {
            table.add(["", "\(reason.points)", reason.detail])
          }
        }
        context.console.out.write(table.text(for: context.console.out, empty: ""))
        return .success
      }
    }
  }

  private var rescoreLeads: Command {
    command(
      "rescore", "Computes scores anew that are due: of leads or profiles that have changed.",
      options: [.value("client", "CLIENT", "Only this client's: a name or an id.")],
      examples: [Example("reservoir leads rescore --client 'Acme'", "After a change of its profile.")]
    ) { context in
      try await context.withServices { services in
        let client = try await context.client(services)
        let matching = Progress("leads that have changed", total: nil, on: context.console.err)
        try await services.leadPlans.refresh { matching.advance(by: $0) }
        matching.finish()
        let bar = Progress("scores", total: nil, on: context.console.err)
        var count = 0
        while true {
          let scored = try await services.leadScores.rescore(
            of: client?.id, limit: 5_000, actor: .commandLine)
          if scored == 0 { break }
          count += scored
          bar.advance(by: scored)
        }
        bar.finish()
        let total = count
        context.print("\(HumanText.count(total, "score")) computed") { writer in
          writer.object { $0.field("scored", total) }
        }
        return .success
      }
    }
  }

  private var leadQuota: Command {
    command(
      "quota", "Shows how many leads a client may still get, this month and today.",
      positionals: [.required("client", "A name or an id.")],
      examples: [Example("reservoir leads quota 'Acme'", "What Acme has left.")]
    ) { context in
      try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        guard let quota = try await services.leadAssignments.quota(of: client.id) else {
          throw CommandFailure("there is no such client")
        }
        context.print(
          "\(quota.left) of \(quota.monthly) left this month, \(quota.leftToday) of \(quota.pace) today"
        ) { $0.value(quota) }
        return .success
      }
    }
  }
}

extension CommandContext {
  fileprivate func leadID() throws -> ID<Lead> {
    guard let id = ID<Lead>(invocation.text("lead")) else { throw usage("<lead>: expected a UUID") }
    return id
  }

  /// The client of `--client`, if it is given.
  fileprivate func client(_ services: Services) async throws -> Client? {
    guard let text = invocation.optional("client") else { return nil }
    return try await services.client(text)
  }

  fileprivate func tell(_ answer: Answered<LeadAssignmentService.Change>, _ done: String) -> ExitCode {
    guard case .fresh(let change) = answer else {
      preconditionFailure("a command without an idempotency key was answered from memory")
    }
    switch change {
    case .done(let assignment):
      print(done) { $0.value(assignment) }
      return .success
    case .unknownLead: console.fail("there is no such lead")
    case .notAssigned: console.fail("no client has the lead")
    case .converted: console.fail("the lead has converted: it stays with its client")
    }
    return .failure
  }
}
