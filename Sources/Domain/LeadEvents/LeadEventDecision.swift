/// What is known when an event is judged. The decision on one event is part of the facts for the next.
public struct LeadEventFacts: Hashable, Sendable {
  public struct LeadState: Hashable, Sendable {
    public let id: ID<Lead>
    public var bouncedAt: Timestamp?
    public var complainedAt: Timestamp?
    public var unsubscribedAt: Timestamp?
    /// Its present address.
    public var email: ContactAddress?
    /// All that reaches or names the person.
    public var addresses: [ContactAddress]
    public var isErased: Bool

    public init(
      id: ID<Lead>, bouncedAt: Timestamp? = nil, complainedAt: Timestamp? = nil,
      unsubscribedAt: Timestamp? = nil, email: ContactAddress? = nil, addresses: [ContactAddress] = [],
      isErased: Bool = false
    ) {
      self.id = id
      self.bouncedAt = bouncedAt
      self.complainedAt = complainedAt
      self.unsubscribedAt = unsubscribedAt
      self.email = email
      self.addresses = addresses
      self.isErased = isErased
    }
  }

  public enum AssignmentStatus: String, Hashable, Sendable { case active, converted, released }

  /// Also what ids of `lead_assignments` are ids of here.
  public struct AssignmentState: Hashable, Sendable {
    public let id: ID<LeadEventFacts.AssignmentState>
    public let clientID: ID<Client>
    public var status: AssignmentStatus
    public let assignedAt: Timestamp
    public let releasedAt: Timestamp?
    public var convertedAt: Timestamp?
    /// When the person first replied.
    public var repliedAt: Timestamp?
    public var replyIntent: ReplyIntent?
    /// When the reply was written whose intent that is.
    public var latestReplyAt: Timestamp?
    public var lastContactedAt: Timestamp?

    public init(
      id: ID<LeadEventFacts.AssignmentState>, clientID: ID<Client>, status: AssignmentStatus = .active,
      assignedAt: Timestamp, releasedAt: Timestamp? = nil, convertedAt: Timestamp? = nil,
      repliedAt: Timestamp? = nil, replyIntent: ReplyIntent? = nil, latestReplyAt: Timestamp? = nil,
      lastContactedAt: Timestamp? = nil
    ) {
      self.id = id
      self.clientID = clientID
      self.status = status
      self.assignedAt = assignedAt
      self.releasedAt = releasedAt
      self.convertedAt = convertedAt
      self.repliedAt = repliedAt
      self.replyIntent = replyIntent
      self.latestReplyAt = latestReplyAt
      self.lastContactedAt = lastContactedAt
    }

    func holds(at time: Timestamp) -> Bool { assignedAt <= time && releasedAt.map { time < $0 } ?? true }
  }

  /// Nil for somebody whom the pool does not know.
  public var lead: LeadState?
  /// The one that the event is about.
  public var assignment: AssignmentState?
  /// The client that the event is told of, if it is.
  public var clientID: ID<Client>?

  public init(lead: LeadState?, assignment: AssignmentState? = nil, clientID: ID<Client>? = nil) {
    self.lead = lead
    self.assignment = assignment
    self.clientID = clientID
  }

  /// The assignment that an event of that time is about: the one that held then; else, for a client that is
  /// named, the last that began before. Events come late, and clocks differ.
  public static func assignment(
    of client: ID<Client>?, at time: Timestamp, among assignments: [AssignmentState]
  ) -> AssignmentState? {
    let own = assignments.filter { client == nil || $0.clientID == client }
    if let held = own.filter({ $0.holds(at: time) }).max(by: Self.isEarlier) { return held }
    guard client != nil else { return nil }
    return own.filter { $0.assignedAt <= time + LeadEvent.patience }.max(by: Self.isEarlier)
  }

  private static func isEarlier(_ a: AssignmentState, _ b: AssignmentState) -> Bool {
    (a.assignedAt, a.id) < (b.assignedAt, b.id)
  }
}

/// What an event changes: pure, so that any order of events can be tried.
public struct LeadEventDecision: Hashable, Sendable {
  /// What a sender sent, and what came back of it.
  public struct Count: Hashable, Sendable {
    public var sent = 0
    public var bounced = 0
    public var complained = 0

    public init(sent: Int = 0, bounced: Int = 0, complained: Int = 0) {
      self.sent = sent
      self.bounced = bounced
      self.complained = complained
    }

    public static func + (a: Count, b: Count) -> Count {
      Count(sent: a.sent + b.sent, bounced: a.bounced + b.bounced, complained: a.complained + b.complained)
    }
  }

  /// The states after the event.
  public var facts: LeadEventFacts
  public var suppressions: [NewSuppression] = []
  /// For the health of the sender, if one is named.
  public var count = Count()
  /// In the order of `LeadEventEffect.allCases`.
  public var effects: [LeadEventEffect] { LeadEventEffect.allCases.filter(found.contains) }
  private var found: Set<LeadEventEffect> = []
  private let event: LeadEvent

  private init(_ event: LeadEvent, _ facts: LeadEventFacts) {
    self.event = event
    self.facts = facts
  }

  /// - Parameter hasSender: whether the event names what it was sent from.
  public static func decide(
    _ event: LeadEvent, _ facts: LeadEventFacts, hasSender: Bool
  ) -> LeadEventDecision {
    var decision = LeadEventDecision(event, facts)
    switch event.kind {
    case .bounced(let bounce): decision.bounced(bounce)
    case .complained: decision.complained()
    case .unsubscribed(let optOut): decision.optedOut(optOut)
    case .replied(let intent): decision.replied(intent)
    case .converted: decision.converted()
    case .delivered: decision.delivered()
    }
    if !hasSender { decision.count = Count() }
    if decision.count != Count() { decision.found.insert(.counted) }
    return decision
  }

  // MARK: Each kind

  /// For good: the address is dead for everybody, whoever wrote to it. For now: nothing but the record.
  private mutating func bounced(_ bounce: LeadEvent.Bounce) {
    guard bounce == .hard else { return }
    if event.channel == .email { count.bounced = 1 }
    let address = event.address ?? (event.channel == .email ? facts.lead?.email : nil)
    if let address { suppress([address], .bounce, of: nil) }
    // An address that it had before says nothing of the present one, and a dead number nothing of its mail.
    guard event.channel == .email, facts.lead?.isErased == false,
      event.address == nil || event.address == facts.lead?.email
    else { return }
    mark(\.bouncedAt)
    found.insert(.leadBounced)
  }

  private mutating func complained() {
    if event.channel == .email { count.complained = 1 }
    let address = event.address ?? (event.channel == .email ? facts.lead?.email : nil)
    suppress(address.map { [$0] } ?? facts.lead?.addresses ?? [], .complaint, of: nil)
    guard facts.lead?.isErased == false else { return }
    mark(\.complainedAt)
    found.insert(.leadComplained)
  }

  /// Every channel stops (R15): all addresses of the person are suppressed, not only the one written to.
  private mutating func optedOut(_ optOut: LeadEvent.OptOut) {
    var addresses = facts.lead?.addresses ?? []
    if let address = event.address, !addresses.contains(address) { addresses.insert(address, at: 0) }
    let client = facts.clientID ?? facts.assignment?.clientID
    if optOut == .client, let client {
      suppress(addresses, .optOut, of: client)
      return
    }
    suppress(addresses, .optOut, of: nil)
    guard facts.lead?.isErased == false else { return }
    mark(\.unsubscribedAt)
    found.insert(.leadUnsubscribed)
  }

  /// The first reply counts as the reply, the last one tells the intent.
  private mutating func replied(_ intent: ReplyIntent) {
    if intent == .unsubscribe { optedOut(.everybody) }
    // An automatic answer is none.
    guard intent != .outOfOffice, var assignment = assignment() else { return }
    let latest = assignment.latestReplyAt ?? assignment.repliedAt
    if latest.map({ $0 <= event.occurredAt }) ?? true {
      assignment.replyIntent = intent
      assignment.latestReplyAt = event.occurredAt
    }
    assignment.repliedAt = Self.first(assignment.repliedAt, event.occurredAt)
    facts.assignment = assignment
    found.insert(.replied)
  }

  /// A lead stays with the client that it converts for (R16). One that was released before somebody told of
  /// it may be another client's by now, and its owner does not change silently.
  private mutating func converted() {
    guard var assignment = assignment() else { return }
    guard assignment.status != .released else {
      found.insert(.assignmentReleased)
      return
    }
    assignment.status = .converted
    assignment.convertedAt = Self.first(assignment.convertedAt, event.occurredAt)
    facts.assignment = assignment
    found.insert(.converted)
  }

  /// What was delivered was sent.
  private mutating func delivered() {
    if event.channel == .email { count.sent = 1 }
    guard var assignment = assignment() else { return }
    assignment.lastContactedAt = max(assignment.lastContactedAt ?? event.occurredAt, event.occurredAt)
    facts.assignment = assignment
    found.insert(.contacted)
  }

  // MARK: Parts

  private mutating func assignment() -> LeadEventFacts.AssignmentState? {
    if facts.assignment == nil { found.insert(.noAssignment) }
    return facts.assignment
  }

  private mutating func suppress(
    _ addresses: [ContactAddress], _ reason: Suppression.Reason, of client: ID<Client>?
  ) {
    guard !addresses.isEmpty else { return }
    // What is left of somebody who was forgotten is suppressed already, and stays without a trace.
    let lead = facts.lead?.isErased == false ? facts.lead?.id : nil
    suppressions += addresses.map {
      NewSuppression($0, for: client, because: reason, source: event.provider, leadID: lead)
    }
    found.insert(.suppressed)
  }

  /// The first time counts.
  private mutating func mark(_ state: WritableKeyPath<LeadEventFacts.LeadState, Timestamp?>) {
    guard var lead = facts.lead else { return }
    lead[keyPath: state] = Self.first(lead[keyPath: state], event.occurredAt)
    facts.lead = lead
  }

  private static func first(_ known: Timestamp?, _ told: Timestamp) -> Timestamp {
    min(known ?? told, told)
  }
}
