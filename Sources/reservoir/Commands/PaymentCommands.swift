import API
import Domain
import Engine
import JSON
import Store
import Terminal

extension ReservoirProgram {
  var payments: Command {
    Command(
      "payments", "What the payment provider told, and whom and what it is about.",
      subcommands: [listPayments, showPayment, replayPayment, linkPayments, prices])
  }

  private var listPayments: Command {
    command(
      "list", "Lists the events of the payment provider, the newest first.",
      options: [
        .limit, .value("state", "STATE", "Only received, processed, ignored or failed ones."),
        .value("client", "CLIENT", "Only those of a client, by name or id."),
      ],
      examples: [Example("reservoir payments list --state failed", "What needs a look.")]
    ) { context in
      let state = try context.invocation.optional(
        "state", expected: "one of received, processed, ignored, failed"
      ) { PaymentEventStore.State(rawValue: $0) }
      return try await context.withServices { services in
        var client: ID<Client>?
        if let name = context.invocation.optional("client") { client = try await services.client(name).id }
        let found: [PaymentEventStore.Record] = try await context.gather { last, limit in
          try await services.payments.list(state: state, client: client, after: last?.place, limit: limit)
        }
        context.print(
          found,
          [.whole("EVENT"), .text("TYPE"), .whole("OCCURRED"), .text("STATE"), .text("WHAT CAME OF IT")],
          empty: "no events"
        ) { [$0.id, $0.type, "\($0.at)", $0.state.rawValue, $0.error ?? $0.outcome ?? "-"] }
        return .success
      }
    }
  }

  private var showPayment: Command {
    command(
      "show", "Shows an event with what the provider sent, which holds personal data.",
      positionals: [.required("event", "The provider's id, such as evt_1QxY.")],
      examples: [Example("reservoir payments show evt_1QxY", "One event.")]
    ) { context in
      try await context.withServices { services in
        guard let detail = try await services.payments.find(context.invocation.text("event"))
        else { throw PaymentMessages.unknownEvent }
        let payload = try JSONValue(parsing: detail.payload)
        context.print(
          PaymentMessages.text(detail.record) + "\n\n" + visibleLines(payload.text(pretty: true))
        ) { writer in
          writer.object { object in
            object.field("event", detail.record)
            object.field("payload", payload)
          }
        }
        return .success
      }
    }
  }

  private var replayPayment: Command {
    command(
      "replay", "Processes an event again; what it brought about is not brought about twice.",
      positionals: [.required("event", "The provider's id, such as evt_1QxY.")],
      examples: [Example("reservoir payments replay evt_1QxY", "After what it lacked is there.")]
    ) { context in
      try await context.withServices { services in
        let answer = try await services.payments.replay(context.invocation.text("event"))
        guard case .fresh(let outcome) = answer else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        guard case .done(let record) = outcome else { throw PaymentMessages.unknownEvent }
        context.print(PaymentMessages.text(record)) { $0.value(record) }
        return record.failure == nil ? .success : .failure
      }
    }
  }

  private var linkPayments: Command {
    command(
      "link", "Says which client pays: by its customer, its subscription at Stripe, or both.",
      discussion: """
        A checkout that names the client links by itself. Without an option it shows the links.
        Events that had waited for a link are processed at once.
        """,
      options: [
        .value("stripe-customer", "ID", "Who pays, such as cus_9s6XKzk."),
        .value("stripe-subscription", "ID", "What is paid, such as sub_1Mow."),
      ],
      positionals: [.required("client", "A name or an id.")],
      examples: [
        Example("reservoir payments link 'Acme' --stripe-customer cus_9s6XKzk", "All that it pays is Acme's.")
      ]
    ) { context in
      let words = context.invocation
      let shape = "1 to 255 visible ASCII characters"
      let payer = try words.optional("stripe-customer", expected: shape, parse: PaymentMessages.reference)
      let subscription = try words.optional(
        "stripe-subscription", expected: shape, parse: PaymentMessages.reference)
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        var links = try await services.payments.links(of: client.id) ?? []
        if payer != nil || subscription != nil {
          let outcome = try await services.payments.link(
            client.id, payer: payer, subscription: subscription, actor: .commandLine)
          guard case .linked(let now) = outcome else { throw CommandFailure("there is no such client") }
          links = now
        }
        let shown = links
        context.print(PaymentMessages.text(shown)) {
          $0.value(PaymentLinksAnswer(clientID: client.id, links: shown))
        }
        return .success
      }
    }
  }
}

/// What the commands about payments say.
enum PaymentMessages {
  static var unknownEvent: CommandFailure {
    CommandFailure("there is no such event; 'reservoir payments list' shows all")
  }

  static func reference(_ text: String) -> String? {
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isPlain && (1...255).contains(text.utf8.count) ? text : nil
  }

  static func text(_ record: PaymentEventStore.Record) -> String {
    var lines = ["\(record.id): \(record.type) of \(record.at)", "\(record.state.rawValue)"]
    lines[1] += (record.error ?? record.outcome).map { ": \($0)" } ?? ""
    if let client = record.clientID { lines.append("client \(client)") }
    if let next = record.nextAttemptAt { lines.append("tried again at \(next)") }
    return lines.joined(separator: "\n")
  }

  static func text(_ links: [PaymentLinkStore.Link]) -> String {
    guard !links.isEmpty else { return "not linked" }
    return links.map { link in
      "\(link.kind.rawValue) \(link.reference)" + (link.isShared ? " (pays for several clients)" : "")
    }.joined(separator: "\n")
  }
}

/// Text of several lines that others made, without anything that a terminal would obey.
private func visibleLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }
    .joined(separator: "\n")
}
