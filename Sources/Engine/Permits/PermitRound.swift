import Domain
import Postgres
import Store

/// Many wishes decided by one transaction: facts, decision, apply.
///
/// Three round trips: the leads with what their clients may send from; the usage of those senders' days,
/// locked; the changes with COMMIT. Leads are locked first, in their order, then usage, in its order.
enum PermitRound {
  /// - Parameter isTaking: false explains what would be decided, and changes and locks nothing.
  static func serve(
    _ commands: [PermitCommand], now: Timestamp, isTaking: Bool = true, in transaction: inout Transaction
  ) throws -> [PermitOutcome] {
    let requests = commands.map(\.request)
    let facts = try facts(for: requests, now: now, isTaking: isTaking, &transaction)
    let decisions = PermitDecision.decide(requests, facts.permits, now: now)
    var outcomes: [PermitOutcome] = []
    var changes = Changes()
    for (command, decision) in zip(commands, decisions) {
      guard facts.clients.contains(command.request.clientID) else {
        outcomes.append(.unknownClient)
        continue
      }
      let outcome = outcome(of: decision, command.request, facts, now: now)
      changes.add(decision, outcome, command)
      outcomes.append(outcome)
    }
    if isTaking { changes.apply(now: now, in: &transaction) }
    return outcomes
  }

  private struct Facts {
    var permits = PermitFacts()
    var clients: Set<ID<Client>> = []
    /// How providers know a sender.
    var names: [ID<Resource>: String] = [:]
  }

  private static func facts(
    for requests: [PermitRequest], now: Timestamp, isTaking: Bool, _ transaction: inout Transaction
  ) throws -> Facts {
    var facts = Facts()
    if isTaking { PermitFactsStore.lock(Set(requests.map(\.leadID)), in: &transaction) }
    let holders = Set(requests.map { ClientLead(clientID: $0.clientID, leadID: $0.leadID) })
    facts.permits.leads = try PermitFactsStore.standings(Array(holders), in: &transaction)
    facts.clients = try ClientStore.known(Set(requests.map(\.clientID)), in: &transaction)
    facts.permits.campaigns = try PermitFactsStore.campaigns(
      Set(requests.compactMap(\.campaignID)), in: &transaction)
    let lines = Set(requests.map { PermitFacts.Line(clientID: $0.clientID, channel: $0.channel) })
    let kinds = ResourceKind.allCases.filter { kind in
      kind.channels.contains { channel in lines.contains { $0.channel == channel } }
    }
    let holdings = try PermitFactsStore.holdings(
      of: Set(lines.map(\.clientID)), kinds: Set(kinds), in: &transaction)
    for holding in holdings { facts.names[holding.resource.id] = holding.resource.value.text }
    facts.permits.senders = try Senders(holdings, lines: lines, now: now).counted(
      isTaking: isTaking, in: &transaction)
    return facts
  }

  private static func outcome(
    of decision: PermitDecision, _ request: PermitRequest, _ facts: Facts, now: Timestamp
  ) -> PermitOutcome {
    switch decision {
    case .granted(let sender, let mailbox, _):
      let senderID = mailbox ?? sender.resource.id
      return .granted(
        Permit(
          id: ID(at: now), clientID: request.clientID, leadID: request.leadID, channel: request.channel,
          resourceID: sender.resource.id, senderID: senderID, sender: facts.names[senderID] ?? "",
          campaignID: request.campaignID, day: sender.day, issuedAt: now,
          expiresAt: now + Permit.lifetime, dailyLimit: sender.dailyLimit, used: sender.used,
          resetsAt: sender.resetsAt))
    case .refused(let verdict, _, let facts): return .refused(verdict, facts: facts)
    case .unknownLead: return .unknownLead
    case .unknownResource: return .unknownResource
    case .unknownCampaign: return .unknownCampaign
    case .campaignNotActive: return .campaignNotActive
    }
  }

  /// What a round writes.
  private struct Changes {
    var permits: [Permit] = []
    var usage: [UsageStore.Key: (count: Int, limit: Int?)] = [:]
    var ledger: [PermitLedgerStore.Entry] = []

    mutating func add(_ decision: PermitDecision, _ outcome: PermitOutcome, _ command: PermitCommand) {
      let request = command.request
      switch (decision, outcome) {
      case (.granted(let sender, let mailbox, let facts), .granted(let permit)):
        permits.append(permit)
        count(sender.resource.id, permit, limit: sender.dailyLimit)
        if let mailbox { count(mailbox, permit, limit: nil) }
        ledger.append(
          .init(
            .issued, of: permit, actor: command.actor.text,
            details: GateFactsText.text(facts, .passed)))
      case (.refused(let verdict, let sender, let facts), _):
        ledger.append(
          .init(
            .refused, leadID: request.leadID, clientID: request.clientID, channel: request.channel,
            permitID: nil, resourceID: sender, actor: command.actor.text,
            details: GateFactsText.text(facts, verdict)))
      default: break
      }
    }

    private mutating func count(_ resource: ID<Resource>, _ permit: Permit, limit: Int?) {
      let key = UsageStore.Key(resourceID: resource, channel: permit.channel, day: permit.day)
      usage[key, default: (0, limit)].count += 1
    }

    func apply(now: Timestamp, in transaction: inout Transaction) {
      UsageStore.add(usage, in: &transaction)
      PermitStore.insert(permits, in: &transaction)
      PermitLedgerStore.record(ledger, now: now, in: &transaction)
    }
  }
}
