import API
import Domain
import Engine
import Store
import Terminal

/// Forgetting people, telling them what is known, and events by hand.
extension ReservoirProgram {
  var eraseLead: Command {
    command(
      "erase", "Forgets a person: all that is personal goes, for good.",
      discussion: """
        By the lead's id, or by an address, also of somebody who is not in the pool. Salted keys stay,
        so that the person is never imported or contacted again. It cannot be undone.
        """,
      options: [
        .value("email", "ADDRESS", "Whoever has this address."),
        .value("phone", "NUMBER", "Whoever has this number."),
        .value("linkedin", "URL", "Whoever has this profile."),
        .flag("all", "Everybody who has the address, when that is more than one."),
        .flag("yes", "Really."),
      ],
      positionals: [.optional("id", "The lead's id.")],
      examples: [
        Example("reservoir leads erase 019aa777-31f0-7a94-8d60-2f7be1c93a07 --yes", "By id."),
        Example("reservoir leads erase --email dana@example.com --yes", "By address."),
      ]
    ) { context in
      let words = context.invocation
      let kinds: [(String, ContactAddress.Kind)] = [
        ("email", .email), ("phone", .phone), ("linkedin", .linkedin),
      ]
      var addresses: [ContactAddress] = []
      for (option, kind) in kinds {
        let address = try words.optional(option, expected: kind.expectation) { ContactAddress(kind, $0) }
        if let address { addresses.append(address) }
      }
      let id = try words.optional("id", expected: "a UUID") { ID<Lead>($0) }
      guard (id == nil ? 0 : 1) + addresses.count == 1 else {
        throw context.usage("say either an id, or one address")
      }
      guard words.flag("yes") else { throw context.usage("this cannot be undone: say --yes") }
      return try await context.withServices { services in
        let answer =
          if let id { try await services.erasures.erase(id, actor: .commandLine) } else {
            try await services.erasures.erase(addresses[0], all: words.flag("all"), actor: .commandLine)
          }
        switch answer {
        case .fresh(.done(let report)):
          let who = report.leads.isEmpty ? "nobody in the pool" : HumanText.count(report.leads.count, "lead")
          context.print("\(who) forgotten; \(HumanText.count(report.suppressions, "new key")) kept") {
            $0.value(report)
          }
          return .success
        case .fresh(.several(let leads)):
          let ids = leads.prefix(10).map(\.description).joined(separator: ", ")
          throw CommandFailure("\(leads.count) leads have it: \(ids); erase them by id, or say --all")
        case .fresh(.unknownLead), .replayed, .keyReused: throw CommandFailure("there is no such lead")
        }
      }
    }
  }

  var exportPerson: Command {
    command(
      "export-person", "Writes everything that is known of a person, as JSON.",
      positionals: [.required("id", "The lead's id.")],
      examples: [
        Example(
          "reservoir leads export-person 019aa777-31f0-7a94-8d60-2f7be1c93a07", "All of it, on the output.")
      ]
    ) { context in
      let id = try context.leadID("id")
      return try await context.withServices { services in
        guard let export = try await services.erasures.export(id) else {
          throw CommandFailure("there is no such lead")
        }
        context.print { $0.value(export) }
        return .success
      }
    }
  }

  var explainLead: Command {
    command(
      "suppressions", "Tells why a lead must not be contacted. Ends with 1 when it must not.",
      options: [.value("client", "NAME", "The client that wants to contact it.")],
      positionals: [.required("id", "The lead's id.")],
      examples: [
        Example("reservoir leads suppressions 019aa777-31f0-7a94-8d60-2f7be1c93a07 --client 'Acme'", "Why.")
      ]
    ) { context in
      let id = try context.leadID("id")
      return try await context.withServices { services in
        var client: Client?
        if let name = context.invocation.optional("client") { client = try await services.client(name) }
        guard let answer = try await services.suppressions.explain(id, for: client?.id) else {
          throw CommandFailure("there is no such lead")
        }
        var lines = answer.hits.map {
          "\($0.suppression.reason.rawValue) of its \($0.origin.rawValue), suppression \($0.suppression.id)"
        }
        if let time = answer.lead.erasedAt { lines.append("forgotten at \(time)") }
        let text = lines.isEmpty ? "no suppression means it" : lines.joined(separator: "\n")
        context.print(text) { $0.value(answer) }
        return answer.isSuppressed ? .failure : .success
      }
    }
  }

  var tellEvent: Command {
    command(
      "event", "Tells by hand what became of a contact with a lead.",
      options: [
        .value("channel", "CHANNEL", "email, linkedin, voice or sms.", default: "email"),
        .value("client", "NAME", "The client in whose name it was; else whoever had the lead then."),
        .value("bounce", "KIND", "hard or soft, with bounced.", default: "hard"),
        .value("intent", "INTENT", "With replied: positive, neutral, negative, unsubscribe, out_of_office."),
        .value("scope", "SCOPE", "With unsubscribed: everybody or client.", default: "everybody"),
        .value("resource", "VALUE", "What it was sent from, such as a mailbox."),
        .value("provider", "NAME", "Who told of it.", default: "manual"),
        .value("event-id", "ID", "What it is called there: the same again has no effect."),
        .value("at", "TIME", "When it happened, RFC 3339; else now."),
      ],
      positionals: [
        .required("kind", "bounced, complained, unsubscribed, replied, converted or delivered."),
        .required("lead", "The lead's id, or one of its addresses."),
      ],
      examples: [
        Example("reservoir leads event unsubscribed dana@example.com --channel email", "An opt-out."),
        Example(
          "reservoir leads event replied 019aa777-31f0-7a94-8d60-2f7be1c93a07 --intent positive", "A reply."),
      ]
    ) { context in
      try await context.withServices { services in
        let report = try await context.report(services)
        guard case .fresh(let verdicts) = try await services.leadEvents.take([report], actor: .commandLine)
        else { preconditionFailure("a command without an idempotency key was answered from memory") }
        let verdict = verdicts[0]
        guard let record = verdict.record else { throw CommandFailure(verdict.detail ?? verdict.name) }
        let effects = record.effects.map(\.rawValue).joined(separator: ", ")
        context.print("\(verdict.name): \(effects.isEmpty ? "nothing changed" : effects)") {
          $0.value(verdict)
        }
        return .success
      }
    }
  }
}

extension CommandContext {
  fileprivate func leadID(_ name: String) throws -> ID<Lead> {
    guard let id = ID<Lead>(invocation.text(name)) else { throw usage("<\(name)>: expected a UUID") }
    return id
  }

  fileprivate func report(_ services: Services) async throws -> LeadEventService.Report {
    let words = invocation
    let text = words.text("lead")
    let leadID = ID<Lead>(text)
    let address = leadID == nil ? ContactAddress(guessing: text) : nil
    guard leadID != nil || (address != nil && address?.kind != .domain) else {
      throw usage("<lead>: expected a UUID or an address")
    }
    let channel = try words.optional("channel", expected: "email, linkedin, voice or sms") {
      Channel(rawValue: $0)
    }
    let provider = words.text("provider")
    guard LeadEvent.isProvider(provider) else {
      throw usage("--provider: expected 1 to 50 lower-case letters, digits, hyphens or underscores")
    }
    let at = try words.optional("at", expected: "an RFC 3339 time with an offset") { Timestamp($0) }
    let now = services.time.now
    let eventID = words.optional("event-id") ?? ID<LeadEvent>(at: now).description
    guard LeadEvent.isEventID(eventID) else {
      throw usage("--event-id: expected 1 to 255 visible ASCII characters")
    }
    var client: Client?
    if let name = words.optional("client") { client = try await services.client(name) }
    let event = LeadEvent(
      try eventKind(), on: channel ?? .email, provider: provider, providerEventID: eventID, at: at ?? now,
      address: address)
    return LeadEventService.Report(
      event, leadID: leadID, clientID: client?.id,
      sender: words.optional("resource").map { text in ID<Resource>(text).map { .id($0) } ?? .value(text) })
  }

  private func eventKind() throws -> LeadEvent.Kind {
    let words = invocation
    let bounce = try words.optional("bounce", expected: "hard or soft") { LeadEvent.Bounce(rawValue: $0) }
    let scope = try words.optional("scope", expected: "everybody or client") {
      LeadEvent.OptOut(rawValue: $0)
    }
    let intents = ReplyIntent.allCases.map(\.rawValue).joined(separator: ", ")
    let intent = try words.optional("intent", expected: "one of \(intents)") { ReplyIntent(rawValue: $0) }
    switch LeadEvent.Name(rawValue: words.text("kind")) {
    case .bounced: return .bounced(bounce ?? .hard)
    case .complained: return .complained
    case .unsubscribed: return .unsubscribed(scope ?? .everybody)
    case .replied:
      guard let intent else { throw usage("--intent: expected one of \(intents)") }
      return .replied(intent)
    case .converted: return .converted
    case .delivered: return .delivered
    case nil:
      let names = LeadEvent.Name.allCases.map(\.rawValue).joined(separator: ", ")
      throw usage("<kind>: expected one of \(names)")
    }
  }
}
