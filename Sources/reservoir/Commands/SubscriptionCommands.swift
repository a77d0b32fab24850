import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var confirmPayment: Command {
    command(
      "confirm", "A client has paid for a tier: it gets what is missing.",
      discussion: """
        A new client gets what the tier gives, as far as there is; the rest is backordered. A
        dearer tier adds the difference at once, a cheaper one takes effect at the end of the
        billing month. A client that returns within 30 days gets its own resources back.
        """,
      options: [
        .value(
          "tier", "TIER", "What it pays for: ignition, velocity, dominance, or one of yours.", required: true)
      ],
      positionals: [.required("client", "A name or an id.")],
      examples: [Example("reservoir clients confirm 'Acme' --tier velocity", "Acme signs up.")]
    ) { context in
      let words = context.invocation
      guard let tier = PricingTierName(words.text("tier")) else {
        throw context.usage("--tier: expected a tier's name")
      }
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        let answer = try await services.subscriptions.confirm(client.id, tier: tier, actor: .commandLine)
        return try context.tell(answer, of: client)
      }
    }
  }

  var endSubscription: Command {
    command(
      "leave", "A client has left: its resources go on hold for 30 days.",
      positionals: [.required("client", "A name or an id.")],
      examples: [Example("reservoir clients leave 'Acme'", "Acme may return within 30 days.")]
    ) { context in
      try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        let answer = try await services.subscriptions.end(client.id, actor: .commandLine)
        return try context.tell(answer, of: client)
      }
    }
  }

  var assignResources: Command {
    command(
      "assign", "Gives a client resources by hand, all of them or none.",
      options: ResourceKind.allCases.map {
        .value($0.option, "N", "How many \($0.words(2).dropFirst(2)).", default: "0")
      },
      positionals: [.required("client", "A name or an id.")],
      examples: [
        Example("reservoir clients assign 'Acme' --email-domains 2 --mailboxes 4", "Two domains more.")
      ]
    ) { context in
      var wanted = ResourceCounts.zero
      for kind in ResourceKind.allCases {
        wanted[kind] = try context.invocation.integer(kind.option, in: 0...10_000)
      }
      guard !wanted.isZero else { throw context.usage("say how many of what") }
      let counts = wanted
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        let answer = try await services.assignments.assign(counts, to: client.id, actor: .commandLine)
        guard case .fresh(let outcome) = answer else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        switch outcome {
        case .assigned(let selected):
          context.print(Self.text(selected)) { $0.value(selected.map(\.resource)) }
          return .success
        case .short(let shortage):
          throw CommandFailure("nothing was assigned: \(shortage.detail)")
        case .onHold: throw CommandFailure("the client has left; 'reservoir clients confirm' brings it back")
        case .unknownClient: throw CommandFailure("there is no such client")
        }
      }
    }
  }

  private static func text(_ selected: [SelectedResource]) -> String {
    selected.map { "\($0.resource.id)  \($0.resource.kind.rawValue)  sends from \($0.sendsFrom)" }
      .joined(separator: "\n")
  }
}

extension ResourceKind {
  /// The option that says how many.
  fileprivate var option: String {
    switch self {
    case .emailDomain: "email-domains"
    case .mailbox: "mailboxes"
    case .phoneNumber: "phone-numbers"
    case .linkedInSeat: "linkedin-seats"
    }
  }
}

extension CommandContext {
  fileprivate func tell(
    _ answer: Answered<SubscriptionService.Outcome>, of client: Client
  ) throws -> ExitCode {
    guard case .fresh(let outcome) = answer else {
      preconditionFailure("a command without an idempotency key was answered from memory")
    }
    switch outcome {
    case .unknownClient: throw CommandFailure("there is no such client")
    case .unknownTier: throw CommandFailure("there is no such tier")
    case .notSubscribed: throw CommandFailure("the client has no subscription that could end")
    case .done(let standing):
      print(Self.text(standing)) { writer in
        writer.object { writer in
          writer.field("client_id", client.id.description)
          writer.field("tier", standing.subscription.tier.text)
          writer.field("state", standing.subscription.state.rawValue)
          writer.field("assigned", standing.assigned.map { $0.resource.id.description })
          writer.field("released", standing.released.map { $0.id.description })
          writer.field("backordered", standing.backordered.total)
        }
      }
      return .success
    }
  }

  private static func text(_ standing: SubscriptionService.Standing) -> String {
    let subscription = standing.subscription
    var lines = ["\(subscription.tier): \(subscription.state.rawValue.replacing("_", with: " "))"]
    if let next = subscription.next { lines.append("\(next.tier) from \(next.at)") }
    if let until = subscription.heldUntil { lines.append("on hold until \(until)") }
    lines.append("\(HumanText.count(standing.assigned.count, "resource")) assigned")
    for kind in ResourceKind.allCases where standing.backordered[kind] > 0 {
      lines.append("backordered: \(kind.words(standing.backordered[kind]))")
    }
    return lines.joined(separator: "\n")
  }
}
