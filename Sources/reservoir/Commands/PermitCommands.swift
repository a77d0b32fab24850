import API
import Domain
import Engine
import Store
import Terminal

extension ReservoirProgram {
  var permits: Command {
    Command(
      "permits", "May this lead be contacted now? Permits, and what became of them.",
      subcommands: [requestPermit, listPermits, sentPermit, failedPermit])
  }

  var gate: Command {
    command(
      "gate", "Says whether a lead may be contacted now, and everything that stands against it.",
      discussion: "Takes nothing. With --history: what was asked before, and why it was refused.",
      options: Self.wish + [
        .flag("history", "Shows what was decided before instead."),
        .value("days", "N", "How far back --history looks; 30 unless said otherwise."),
      ],
      positionals: [.required("lead", "The id of the lead.")],
      examples: [
        Example("reservoir gate 019aa777-31f0-7a94-8d60-2f7be1c93a07 --client Acme --channel email", "Asks."),
        Example(
          "reservoir gate 019aa777-31f0-7a94-8d60-2f7be1c93a07 --client Acme --history",
          "Why was this lead not contacted?"),
      ]
    ) { context in
      let words = context.invocation
      if words.flag("history") { return try await context.showHistory() }
      let wish = try PermitWish(words)
      return try await context.withServices { services in
        let request = try await wish.request(services)
        let outcome = try await services.permits.explain(request)
        switch outcome {
        case .granted(let permit):
          context.print("allowed, from \(permit.sender) (\(permit.used - 1) of \(permit.dailyLimit) used)") {
            $0.value(GateAnswer(verdict: .passed, facts: nil, permit: permit))
          }
          return .success
        case .refused(let verdict, let facts):
          context.print(verdict.text) {
            $0.value(GateAnswer(verdict: verdict, facts: facts, permit: nil))
          }
          return .failure
        default: throw CommandFailure(outcome.failure)
        }
      }
    }
  }

  fileprivate static let wish: [Option] = [
    .value("client", "CLIENT", "The id or exact name of the client.", required: true),
    .value("channel", "CHANNEL", "email, linkedin, voice or sms."),
    .value("resource", "ID", "The only resource to send from."),
    .value("campaign", "ID", "Only what this campaign may send with."),
  ]

  private var requestPermit: Command {
    command(
      "request", "Asks for the right to contact a lead once, within 15 minutes.",
      options: Self.wish, positionals: [.required("lead", "The id of the lead.")],
      examples: [
        Example(
          "reservoir permits request 019aa777-31f0-7a94-8d60-2f7be1c93a07 --client Acme --channel sms",
          "A permit, or all reasons against it.")
      ]
    ) { context in
      let wish = try PermitWish(context.invocation)
      return try await context.withServices { services in
        let request = try await wish.request(services)
        let answer = try await services.permits.request(.init(request, actor: .commandLine))
        guard case .fresh(let outcome) = answer else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        switch outcome {
        case .granted(let permit):
          context.print("\(permit.id) from \(permit.sender), until \(permit.expiresAt)") { $0.value(permit) }
          return .success
        case .refused(let verdict, let facts):
          context.print(verdict.text) {
            $0.value(GateAnswer(verdict: verdict, facts: facts, permit: nil))
          }
          return .failure
        default: throw CommandFailure(outcome.failure)
        }
      }
    }
  }

  private var listPermits: Command {
    command(
      "list", "Shows the permits of a client or a lead, oldest first.",
      options: [
        .value("client", "CLIENT", "The id or exact name of the client."),
        .value("lead", "ID", "The id of the lead."),
        .value("status", "STATUS", "Only these: issued, sent, failed, expired or void."),
        .value("limit", "N", "At most so many; 100 unless said otherwise."),
      ],
      examples: [Example("reservoir permits list --client Acme --status issued", "What is under way.")]
    ) { context in
      let words = context.invocation
      let lead = try words.optional("lead", expected: "the id of a lead", parse: ID<Lead>.init)
      let expected = Permit.Status.allCases.map(\.rawValue).joined(separator: ", ")
      let status = try words.optional("status", expected: expected, parse: Permit.Status.init)
      let limit = try words.optionalInteger("limit", in: 1...1_000) ?? 100
      guard lead != nil || words.optional("client") != nil else {
        throw context.usage("--client or --lead is needed")
      }
      return try await context.withServices { services in
        var client: ID<Client>?
        if let text = words.optional("client") { client = try await services.client(text).id }
        let found = try await services.permits.list(of: client, lead: lead, status: status, limit: limit)
        context.print(
          found,
          [
            .whole("permit"), .whole("lead"), .text("channel"), .text("status"), .text("issued"),
          ], empty: "no permits"
        ) {
          [
            $0.id.description, $0.leadID.description, $0.channel.rawValue, $0.status.rawValue,
            $0.issuedAt.description,
          ]
        }
        return .success
      }
    }
  }

  private var sentPermit: Command {
    command(
      "sent", "Reports that the message was sent.",
      options: [.value("message", "ID", "What the provider calls the message.")],
      positionals: [.required("permit", "The id of the permit.")],
      examples: [Example("reservoir permits sent 019aa77a-11c0-7d21-9e40-5b3c7f8a2d16", "It is a touch now.")]
    ) { context in
      let id = try context.permitID()
      let message = try context.invocation.optional("message", expected: "1 to 200 characters on one line") {
        $0.isPlainLine(1...200) ? $0 : nil
      }
      return try await context.withServices { services in
        context.report(try await services.permits.sent(id, messageID: message, actor: .commandLine))
      }
    }
  }

  private var failedPermit: Command {
    command(
      "failed", "Reports that nothing was sent: the place in the daily limit is given back.",
      positionals: [.required("permit", "The id of the permit.")],
      examples: [
        Example("reservoir permits failed 019aa77a-11c0-7d21-9e40-5b3c7f8a2d16", "As if never asked.")
      ]
    ) { context in
      let id = try context.permitID()
      return try await context.withServices { services in
        context.report(try await services.permits.failed(id, actor: .commandLine))
      }
    }
  }
}

/// What a command line says of a wish to contact a lead.
private struct PermitWish: Sendable {
  let client: String
  let lead: ID<Lead>
  let channel: Channel
  let resource: ID<Resource>?
  let campaign: ID<Campaign>?

  init(_ words: Invocation) throws {
    let expected = Channel.allCases.map(\.rawValue).joined(separator: ", ")
    guard let channel = try words.optional("channel", expected: expected, parse: Channel.init) else {
      throw UsageError("--channel is needed: \(expected)", command: words.path)
    }
    guard let lead = ID<Lead>(words.text("lead")) else {
      throw UsageError("a lead's id is needed", command: words.path)
    }
    client = words.text("client")
    self.lead = lead
    self.channel = channel
    resource = try words.optional("resource", expected: "the id of a resource", parse: ID<Resource>.init)
    campaign = try words.optional("campaign", expected: "the id of a campaign", parse: ID<Campaign>.init)
  }

  func request(_ services: Services) async throws -> PermitRequest {
    PermitRequest(
      clientID: try await services.client(client).id, leadID: lead, channel: channel, resourceID: resource,
      campaignID: campaign)
  }
}

extension CommandContext {
  fileprivate func permitID() throws -> ID<Permit> {
    guard let id = ID<Permit>(invocation.text("permit")) else { throw usage("a permit's id is needed") }
    return id
  }

  fileprivate func report(_ answer: Answered<PermitReport>) -> ExitCode {
    guard case .fresh(let report) = answer else {
      preconditionFailure("a command without an idempotency key was answered from memory")
    }
    switch report {
    case .done(let permit):
      print(permit.status.rawValue) { $0.value(permit) }
      return .success
    case .void(let permit):
      print("void: the lead opted out, bounced or changed hands before") { $0.value(permit) }
      return .failure
    case .ended(let permit):
      print("it ended before: \(permit.status.rawValue)") { $0.value(permit) }
      return .failure
    case .unknown:
      console.note("there is no such permit")
      return .failure
    }
  }

  fileprivate func showHistory() async throws -> ExitCode {
    guard let lead = ID<Lead>(invocation.text("lead")) else { throw usage("a lead's id is needed") }
    let days = try invocation.optionalInteger("days", in: 1...3_660) ?? 30
    return try await withServices { services in
      let client = try await services.client(invocation.text("client")).id
      let now = services.time.now
      let found = try await services.permits.history(
        of: lead, client: client, from: now - .hours(24 * days), to: now + .seconds(1), limit: 1_000)
      print(
        found, [.text("at"), .text("channel"), .text("decision"), .text("why")], empty: "nothing was asked"
      ) { line in
        [
          line.at.description, line.channel.rawValue, line.kind.rawValue,
          line.reasons.map(\.check.rawValue).joined(separator: ", "),
        ]
      }
      return .success
    }
  }
}

extension GateVerdict {
  /// All reasons, and when to ask again, for a person.
  fileprivate var text: String {
    let lines = reasons.map { reason in
      "\(reason.check.rawValue): \(reason.check.sentence)"
        + (reason.until.map { " Until \($0)." } ?? "")
    }
    let next = nextEligibleAt.map { ["ask again at \($0)"] } ?? []
    return (["refused"] + lines + next).joined(separator: "\n")
  }
}

extension PermitOutcome {
  /// Why nothing could be decided.
  fileprivate var failure: String {
    switch self {
    case .unknownLead: "there is no such lead"
    case .unknownResource: "the client does not have this resource, or not for this channel"
    case .unknownCampaign: "the client has no such campaign"
    case .campaignNotActive: "the campaign is paused or has ended"
    case .unknownClient: "there is no such client"
    case .granted, .refused: "decided"
    }
  }
}
