import Domain
import Postgres
import Store

/// Events that are told in one transaction: facts for all of them, a decision on each, and what follows,
/// written at once. Leads are locked before their assignments, and these before resources.
struct LeadEventRound {
  private let reports: [LeadEventService.Report]
  private let client: ID<Client>?
  private let now: Timestamp
  private(set) var verdicts: [LeadEventService.Verdict?]

  private var keys: [ContactKey] = []
  private var senders: [SenderHealthStore.Reference: SenderHealthStore.Sender] = [:]
  /// Whom each event may be about, unmerged.
  private var candidates: [[ID<Lead>]] = []
  private var leads: [ID<Lead>: LeadEventFacts.LeadState] = [:]
  private var assignments: [ID<Lead>: [LeadEventFacts.AssignmentState]] = [:]

  /// Loads and locks the facts.
  init(
    _ reports: [LeadEventService.Report], of client: ID<Client>?, now: Timestamp,
    in transaction: inout Transaction
  ) throws {
    self.reports = reports
    self.client = client
    self.now = now
    verdicts = Array(repeating: nil, count: reports.count)
    keys = try LeadEventStore.keys(of: reports.map(\.event), reportedBy: client, in: &transaction)
    senders = try SenderHealthStore.senders(
      Array(Set(reports.compactMap(\.sender))), of: client, in: &transaction)
    let all = try lock(in: &transaction)
    assignments = try LeadEventFactsStore.lockAssignments(of: all, in: &transaction)
    try refuse(in: &transaction)
  }

  /// Finds whom the events are about, and locks them; again when one was merged before it was locked.
  private mutating func lock(in transaction: inout Transaction) throws -> [ID<Lead>] {
    while true {
      try resolve(in: &transaction)
      let all = Set(candidates.joined()).sorted()
      let locked = try PoolLeadStore.lock(all, in: &transaction)
      guard locked.allSatisfy({ $0.mergedIntoID == nil }) else { continue }
      for lead in locked { leads[lead.id] = Self.state(lead) }
      return all
    }
  }

  private static func state(_ lead: PoolLead) -> LeadEventFacts.LeadState {
    LeadEventFacts.LeadState(
      id: lead.id, bouncedAt: lead.bouncedAt, complainedAt: lead.complainedAt,
      unsubscribedAt: lead.unsubscribedAt,
      email: lead.facts.text(.email).map { ContactAddress(.email, unchecked: $0) },
      addresses: lead.facts.personalAddresses.map(\.address), isErased: lead.erasedAt != nil)
  }

  /// By id, else by address.
  private mutating func resolve(in transaction: inout Transaction) throws {
    let speakers = try LeadEventFactsStore.speakers(
      for: Array(Set(reports.compactMap(\.leadID))), in: &transaction)
    let byAddress = reports.indices.filter { reports[$0].leadID == nil }
    let found = try LeadEventFactsStore.leads(
      with: byAddress.compactMap { reports[$0].event.address }, in: &transaction)
    candidates = reports.map { $0.leadID.flatMap { speakers[$0] }.map { [$0] } ?? [] }
    for (index, leads) in zip(byAddress, found) { candidates[index] = leads }
  }

  /// What cannot be judged.
  private mutating func refuse(in transaction: inout Transaction) throws {
    let named = Set(reports.compactMap(\.clientID))
    var known: Set<ID<Client>> = []
    for id in named.sorted() where try ClientStore.find(id, in: &transaction) != nil { known.insert(id) }
    let told = try LeadEventStore.known(keys, in: &transaction)
    let strangers = try strangers(in: &transaction)
    for (index, report) in reports.enumerated() {
      if let record = told[keys[index]] {
        verdicts[index] = repeated(record, index)
      } else if report.event.occurredAt > now + LeadEvent.patience {
        verdicts[index] = .inFuture
      } else if let id = report.clientID, !known.contains(id) || (client != nil && client != id) {
        verdicts[index] = .unknownClient
      } else if let sender = report.sender, senders[sender] == nil {
        verdicts[index] = .unknownSender
      } else if report.leadID != nil, candidates[index].isEmpty || strangers.contains(index) {
        verdicts[index] = .unknownLead
      }
    }
  }

  /// The reports of a client that name a lead with an address that is not the lead's: of a client's own leads
  /// nothing follows for anybody else.
  private func strangers(in transaction: inout Transaction) throws -> Set<Int> {
    guard client != nil else { return [] }
    let named = reports.indices.compactMap { index in
      guard reports[index].leadID != nil, let lead = candidates[index].first,
        let address = reports[index].event.address
      else { return nil as (index: Int, lead: ID<Lead>, address: ContactAddress)? }
      return (index, lead, address)
    }
    let known = try LeadEventFactsStore.areKnown(
      named.map { ($0.lead, $0.address) }, in: &transaction)
    return Set(zip(named, known).filter { !$0.1 }.map(\.0.index))
  }

  /// The same event again, or another one under its name.
  private func repeated(_ record: LeadEventStore.Record, _ index: Int) -> LeadEventService.Verdict {
    let report = reports[index]
    let isSame =
      record.kind == report.event.kind.name && record.occurredAt == report.event.occurredAt
      && (report.clientID == nil || report.clientID == record.clientID)
    return isSame ? .repeated(record) : .eventIDReused
  }

  mutating func run(in transaction: inout Transaction) throws {
    // The same name twice in one call: the first is the event.
    var open: [Int] = []
    var seen: [ContactKey: Int] = [:]
    var twice: [(index: Int, first: Int)] = []
    for index in reports.indices where verdicts[index] == nil {
      if let first = seen[keys[index]] {
        twice.append((index, first))
      } else {
        seen[keys[index]] = index
        open.append(index)
      }
    }
    open.sort { (reports[$0].event.occurredAt, $0) < (reports[$1].event.occurredAt, $1) }
    let subjects = Dictionary(uniqueKeysWithValues: open.map { ($0, subject(of: $0)) })
    open = open.filter { hasEffect($0, subjects[$0] ?? nil) }
    let new = open.map { event(at: $0, subjects[$0] ?? nil) }
    let claimed = try LeadEventStore.claim(new, reportedBy: client, now: now, in: &transaction)
    // Somebody else has told of them in this very instant, about nobody whom we had to wait for.
    let lost = new.filter { !claimed.contains($0.key) }
    let told = lost.isEmpty ? [:] : try LeadEventStore.known(lost.map(\.key), in: &transaction)
    var decided: [(index: Int, new: LeadEventStore.New, decision: LeadEventDecision)] = []
    for (index, event) in zip(open, new) {
      guard claimed.contains(event.key) else {
        verdicts[index] = told[event.key].map { repeated($0, index) }
        continue
      }
      decided.append((index, event, decide(index, subjects[index] ?? nil)))
    }
    try apply(decided, in: &transaction)
    for (index, first) in twice {
      if case .applied(let record)? = verdicts[first] { verdicts[index] = repeated(record, index) }
    }
  }

  // MARK: Whom an event is about

  private struct Subject {
    let lead: ID<Lead>
    let assignment: ID<LeadEventFacts.AssignmentState>?
  }

  private func clientID(of index: Int) -> ID<Client>? { client ?? reports[index].clientID }

  /// A number that several leads have means the one that somebody was at work with then, if that is one.
  private func subject(of index: Int) -> Subject? {
    let time = reports[index].event.occurredAt
    let subjects = candidates[index].map { lead in
      Subject(
        lead: lead,
        assignment: LeadEventFacts.assignment(
          of: clientID(of: index), at: time, among: assignments[lead] ?? [])?.id)
    }
    let owned = subjects.filter { $0.assignment != nil }
    // A client tells of its own leads.
    if client != nil { return owned.count == 1 ? owned[0] : nil }
    return subjects.count == 1 ? subjects[0] : owned.count == 1 ? owned[0] : nil
  }

  private func facts(of index: Int, _ subject: Subject?) -> LeadEventFacts {
    guard let subject else {
      return LeadEventFacts(lead: nil, clientID: clientID(of: index))
    }
    let assignment = assignments[subject.lead]?.first { $0.id == subject.assignment }
    return LeadEventFacts(
      lead: leads[subject.lead], assignment: assignment,
      clientID: clientID(of: index) ?? assignment?.clientID)
  }

  /// Of somebody whom nobody knows only that is taken which binds whoever comes later, and what counts for
  /// the sender; and that from operators only.
  private mutating func hasEffect(_ index: Int, _ subject: Subject?) -> Bool {
    if subject != nil { return true }
    let decision = LeadEventDecision.decide(
      reports[index].event, facts(of: index, nil), hasSender: reports[index].sender != nil)
    let has = decision.effects.contains(.suppressed) || decision.effects.contains(.counted)
    if client != nil || !has { verdicts[index] = .unknownLead }
    return client == nil && has
  }

  private func event(at index: Int, _ subject: Subject?) -> LeadEventStore.New {
    LeadEventStore.New(
      id: ID(at: now), key: keys[index], event: reports[index].event, leadID: subject?.lead,
      clientID: facts(of: index, subject).clientID, assignmentID: subject?.assignment,
      resourceID: reports[index].sender.flatMap { reference in senders[reference]?.id })
  }

  // MARK: Decision and effects

  private mutating func decide(_ index: Int, _ subject: Subject?) -> LeadEventDecision {
    let decision = LeadEventDecision.decide(
      reports[index].event, facts(of: index, subject), hasSender: reports[index].sender != nil)
    if let lead = decision.facts.lead { leads[lead.id] = lead }
    if let subject, let changed = decision.facts.assignment,
      let place = assignments[subject.lead]?.firstIndex(where: { $0.id == changed.id })
    {
      assignments[subject.lead]?[place] = changed
    }
    return decision
  }

  private mutating func apply(
    _ decided: [(index: Int, new: LeadEventStore.New, decision: LeadEventDecision)],
    in transaction: inout Transaction
  ) throws {
    let effects = decided.map { ($0.index, Set($0.decision.effects)) }
    func changed(_ any: Set<LeadEventEffect>) -> [LeadEventStore.New] {
      zip(decided, effects).filter { !$1.1.isDisjoint(with: any) }.map(\.0.new)
    }
    let leadIDs = Set(changed([.leadBounced, .leadComplained, .leadUnsubscribed]).compactMap(\.leadID))
    LeadEventFactsStore.update(leadIDs.sorted().compactMap { leads[$0] }, now: now, in: &transaction)
    let assignmentIDs = Set(changed([.replied, .converted, .contacted]).compactMap(\.assignmentID))
    LeadEventFactsStore.update(
      assignments.values.joined().filter { assignmentIDs.contains($0.id) }.sorted { $0.id < $1.id },
      in: &transaction)
    _ = try SuppressionStore.add(
      decided.flatMap(\.decision.suppressions), now: now, in: &transaction)
    try count(decided.map { ($0.index, $0.decision.count) }, in: &transaction)
    LeadEventStore.settle(
      decided.map { ($0.new, $0.decision.effects) }, now: now, in: &transaction)
    for one in decided {
      verdicts[one.index] = .applied(
        LeadEventStore.Record(
          id: one.new.id, kind: one.new.event.kind.name, leadID: one.new.leadID,
          clientID: one.new.clientID, occurredAt: one.new.event.occurredAt, effects: one.decision.effects))
    }
  }

  /// What is older than the window tells nothing of the sender's health any more.
  private func count(
    _ counts: [(index: Int, count: LeadEventDecision.Count)], in transaction: inout Transaction
  ) throws {
    let today = TimeZoneName.utc.date(at: now)
    var days: [SenderHealthStore.Day: LeadEventDecision.Count] = [:]
    for (index, count) in counts where count != LeadEventDecision.Count() {
      guard let reference = reports[index].sender, let sender = senders[reference] else { continue }
      let day = TimeZoneName.utc.date(at: reports[index].event.occurredAt)
      guard today.days(since: day) <= SenderHealthStore.window else { continue }
      for id in [sender.id, sender.domainID].compactMap(\.self) {
        let place = SenderHealthStore.Day(sender: id, day: day)
        days[place] = (days[place] ?? LeadEventDecision.Count()) + count
      }
    }
    guard !days.isEmpty else { return }
    try SenderHealthStore.count(days, in: &transaction)
    let senders = Array(Set(days.keys.map(\.sender))).sorted()
    try CampaignLimits.settle(.resources(senders), now: now, in: &transaction)
  }
}
