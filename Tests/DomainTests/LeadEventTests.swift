import Domain
import Testing

/// What each event changes, as a table.
@Suite struct `Events of leads` {
  static let email = ContactAddress(.email, "dana@example.com")!
  static let old = ContactAddress(.email, "dana@old.example")!
  static let phone = ContactAddress(.phone, "+16505300051")!
  static func at(_ hour: Int64) -> Timestamp { Timestamp(microseconds: hour * 3_600_000_000) }

  static func lead(erased: Bool = false) -> LeadEventFacts.LeadState {
    LeadEventFacts.LeadState(
      id: ID(high: 1, low: 1), email: erased ? nil : email, addresses: erased ? [] : [email, phone],
      isErased: erased)
  }

  static func assignment(
    _ status: LeadEventFacts.AssignmentStatus = .active, of client: ID<Client> = someClient,
    from: Int64 = 0, to end: Int64? = nil
  ) -> LeadEventFacts.AssignmentState {
    LeadEventFacts.AssignmentState(
      id: ID(high: 2, low: UInt64(from)), clientID: client, status: status, assignedAt: at(from),
      releasedAt: end.map(at))
  }

  static func event(
    _ kind: LeadEvent.Kind, on channel: Channel = .email, at hour: Int64 = 10,
    to address: ContactAddress? = nil
  ) -> LeadEvent {
    LeadEvent(
      kind, on: channel, provider: "resend", providerEventID: "e", at: at(hour), address: address)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let event: LeadEvent
    var lead: LeadEventFacts.LeadState? = `Events of leads`.lead()
    var assignment: LeadEventFacts.AssignmentState? = `Events of leads`.assignment()
    let effects: [LeadEventEffect]
    /// Reason, scope and address of each.
    var suppressed: [String] = []
    var count = LeadEventDecision.Count()
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "a hard bounce kills the address for everybody", event: event(.bounced(.hard), to: email),
      effects: [.leadBounced, .suppressed, .counted], suppressed: ["bounce everybody dana@example.com"],
      count: .init(bounced: 1)),
    Case(
      name: "without an address it is the lead's", event: event(.bounced(.hard)),
      effects: [.leadBounced, .suppressed, .counted], suppressed: ["bounce everybody dana@example.com"],
      count: .init(bounced: 1)),
    Case(
      name: "of an address that it had before only that one", event: event(.bounced(.hard), to: old),
      effects: [.suppressed, .counted], suppressed: ["bounce everybody dana@old.example"],
      count: .init(bounced: 1)),
    Case(name: "a soft bounce changes nothing", event: event(.bounced(.soft), to: email), effects: []),
    Case(
      name: "a dead number says nothing of the mail", event: event(.bounced(.hard), on: .sms, to: phone),
      effects: [.suppressed], suppressed: ["bounce everybody +16505300051"]),
    Case(
      name: "a complaint", event: event(.complained, to: email),
      effects: [.leadComplained, .suppressed, .counted],
      suppressed: ["complaint everybody dana@example.com"], count: .init(complained: 1)),
    Case(
      name: "R15: an opt-out stops every channel, by all addresses",
      event: event(.unsubscribed(.everybody), to: email), effects: [.leadUnsubscribed, .suppressed],
      suppressed: ["opt_out everybody dana@example.com", "opt_out everybody +16505300051"]),
    Case(
      name: "an opt-out from one client binds it only", event: event(.unsubscribed(.client), to: email),
      effects: [.suppressed],
      suppressed: ["opt_out client dana@example.com", "opt_out client +16505300051"]),
    Case(
      name: "an opt-out from a client that nobody knows is from everybody",
      event: event(.unsubscribed(.client), to: email), assignment: nil,
      effects: [.leadUnsubscribed, .suppressed],
      suppressed: ["opt_out everybody dana@example.com", "opt_out everybody +16505300051"]),
    Case(name: "a reply", event: event(.replied(.positive)), effects: [.replied]),
    Case(
      name: "a reply that wants no more is an opt-out too", event: event(.replied(.unsubscribe)),
      effects: [.leadUnsubscribed, .replied, .suppressed],
      suppressed: ["opt_out everybody dana@example.com", "opt_out everybody +16505300051"]),
    Case(name: "an automatic answer is none", event: event(.replied(.outOfOffice)), effects: []),
    Case(
      name: "a reply that nobody waits for", event: event(.replied(.neutral)), assignment: nil,
      effects: [.noAssignment]),
    Case(name: "a conversion", event: event(.converted), effects: [.converted]),
    Case(
      name: "R16: of a released lead it changes no owner", event: event(.converted),
      assignment: assignment(.released, to: 20), effects: [.assignmentReleased]),
    Case(
      name: "what was delivered was sent", event: event(.delivered), effects: [.contacted, .counted],
      count: .init(sent: 1)),
    Case(
      name: "a text counts for no domain", event: event(.delivered, on: .sms), effects: [.contacted]),
    Case(
      name: "somebody whom nobody knows is suppressed all the same",
      event: event(.unsubscribed(.everybody), to: phone), lead: nil, assignment: nil,
      effects: [.suppressed], suppressed: ["opt_out everybody +16505300051"]),
    Case(
      name: "of somebody who was forgotten nothing is written", event: event(.bounced(.hard)),
      lead: lead(erased: true), assignment: nil, effects: [.counted], count: .init(bounced: 1)),
  ]

  @Test(arguments: cases)
  func `what follows`(_ one: Case) {
    let decision = LeadEventDecision.decide(
      one.event, LeadEventFacts(lead: one.lead, assignment: one.assignment), hasSender: true)
    #expect(decision.effects == one.effects)
    #expect(
      decision.suppressions.map {
        "\($0.reason.rawValue) \($0.clientID == nil ? "everybody" : "client") \($0.address.value)"
      } == one.suppressed)
    #expect(decision.suppressions.allSatisfy { $0.clientID == nil || $0.clientID == someClient })
    #expect(decision.count == one.count)
    let without = LeadEventDecision.decide(
      one.event, LeadEventFacts(lead: one.lead, assignment: one.assignment), hasSender: false)
    #expect(without.count == .init() && !without.effects.contains(.counted))
  }

  @Test func `states keep the first time, replies the last intent, in any order`() {
    let events = [
      Self.event(.replied(.positive), at: 10), Self.event(.replied(.negative), at: 12),
      Self.event(.replied(.neutral), at: 11), Self.event(.unsubscribed(.everybody), at: 14),
      Self.event(.unsubscribed(.everybody), at: 13), Self.event(.bounced(.hard), at: 16),
      Self.event(.bounced(.hard), at: 15), Self.event(.delivered, at: 9), Self.event(.delivered, at: 8),
      Self.event(.converted, at: 18), Self.event(.converted, at: 17),
    ]
    for _ in 0..<50 {
      var facts = LeadEventFacts(lead: Self.lead(), assignment: Self.assignment())
      for event in events.shuffled() {
        facts = LeadEventDecision.decide(event, facts, hasSender: false).facts
      }
      let assignment = facts.assignment
      #expect(assignment?.repliedAt == Self.at(10) && assignment?.replyIntent == .negative)
      #expect(assignment?.status == .converted && assignment?.convertedAt == Self.at(17))
      #expect(assignment?.lastContactedAt == Self.at(9))
      #expect(facts.lead?.unsubscribedAt == Self.at(13) && facts.lead?.bouncedAt == Self.at(15))
    }
  }

  @Test func `an event is about whoever had the lead when it happened`() {
    let first = Self.assignment(.released, from: 0, to: 10)
    let second = Self.assignment(of: otherClient, from: 20)
    func found(_ client: ID<Client>?, at hour: Int64) -> ID<LeadEventFacts.AssignmentState>? {
      LeadEventFacts.assignment(of: client, at: Self.at(hour), among: [second, first])?.id
    }
    #expect(found(nil, at: 5) == first.id && found(nil, at: 25) == second.id)
    #expect(found(nil, at: 10) == nil, "at its end it has ended")
    #expect(found(nil, at: 20) == second.id)
    // Late news of a client that is named.
    #expect(found(someClient, at: 15) == first.id && found(someClient, at: 25) == first.id)
    #expect(found(otherClient, at: 5) == nil)
  }

  @Test func `names of providers and events are plain`() {
    #expect(LeadEvent.isProvider("resend_2-x") && !LeadEvent.isProvider("Resend"))
    #expect(!LeadEvent.isProvider("") && !LeadEvent.isProvider(String(repeating: "a", count: 51)))
    #expect(LeadEvent.isEventID("<a@b>") && !LeadEvent.isEventID("a b") && !LeadEvent.isEventID("é"))
  }
}
