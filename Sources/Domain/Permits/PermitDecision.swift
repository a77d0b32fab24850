/// What comes of a wish to contact a lead.
public enum PermitDecision: Hashable, Sendable {
  /// - Parameters:
  ///   - sender: as it is with this permit counted.
  ///   - mailbox: to send from; nil: from the sender itself.
  ///   - facts: what the gate looked at.
  case granted(sender: Sender, mailbox: ID<Resource>?, facts: GateFacts)
  /// - Parameter sender: the one that came nearest; nil: the client has none.
  case refused(GateVerdict, sender: ID<Resource>?, facts: GateFacts)
  /// No such lead.
  case unknownLead
  /// The client does not have this resource, or not for this channel.
  case unknownResource
  /// No such campaign of the client.
  case unknownCampaign
  case campaignNotActive

  /// Decides the requests one after the other: what one of them takes, the next one does not get.
  public static func decide(
    _ requests: [PermitRequest], _ facts: PermitFacts, now: Timestamp
  ) -> [PermitDecision] {
    var round = Round(facts: facts, now: now)
    return requests.map { round.decide($0) }
  }
}

private struct Round {
  var facts: PermitFacts
  let now: Timestamp

  mutating func decide(_ request: PermitRequest) -> PermitDecision {
    let holder = ClientLead(clientID: request.clientID, leadID: request.leadID)
    guard let lead = facts.leads[holder] else { return .unknownLead }
    let line = PermitFacts.Line(clientID: request.clientID, channel: request.channel)
    var senders = facts.senders[line] ?? []
    if let campaignID = request.campaignID {
      guard let campaign = facts.campaigns[campaignID], campaign.clientID == request.clientID
      else { return .unknownCampaign }
      guard campaign.isActive else { return .campaignNotActive }
      if let only = campaign.resources { senders = Self.restricted(senders, to: only) }
    }
    if let only = request.resourceID {
      senders = Self.restricted(senders, to: [only])
      if senders.isEmpty { return .unknownResource }
    }
    let known = lead.senders[request.channel]
    let sender = Self.best(senders, known: known)
    let gateFacts = lead.gateFacts(on: request.channel, from: sender)
    let verdict = GateVerdict.decide(gateFacts, on: request.channel, now: now)
    guard verdict.isPassed, var sender else {
      return .refused(verdict, sender: sender?.resource.id, facts: gateFacts)
    }
    let mailbox = sender.mailbox(known: known)?.resource.id
    take(&sender, mailbox, on: line)
    facts.leads[holder]?.touchedAt[request.channel] = now
    facts.leads[holder]?.senders[request.channel] = mailbox ?? sender.resource.id
    return .granted(sender: sender, mailbox: mailbox, facts: gateFacts)
  }

  /// Counts a permit for the sender, and for its mailbox; the sender may serve more than one line.
  private mutating func take(_ sender: inout Sender, _ mailbox: ID<Resource>?, on line: PermitFacts.Line) {
    sender.used += 1
    for (other, senders) in facts.senders where other.channel == line.channel {
      guard let place = senders.firstIndex(where: { $0.resource.id == sender.resource.id }) else { continue }
      facts.senders[other]?[place].used += 1
      if let box = senders[place].mailboxes.firstIndex(where: { $0.resource.id == mailbox }) {
        facts.senders[other]?[place].mailboxes[box].used += 1
      }
    }
  }

  /// A mailbox that is named stands for its domain, of which it then is the only one.
  private static func restricted(_ senders: [Sender], to only: Set<ID<Resource>>) -> [Sender] {
    senders.compactMap { sender in
      var sender = sender
      let boxes = sender.mailboxes.filter { only.contains($0.resource.id) }
      if !boxes.isEmpty { sender.mailboxes = boxes }
      return only.contains(sender.resource.id) || !boxes.isEmpty ? sender : nil
    }
  }

  /// Of those that are ready the one that the lead knows, else the least used; if none is, the one that is
  /// ready first.
  private static func best(_ senders: [Sender], known: ID<Resource>?) -> Sender? {
    let ready = senders.filter(\.isReady)
    if let known = ready.first(where: { $0.isKnown(as: known) }) { return known }
    return ready.min(by: Sender.order)
      ?? senders.min { a, b in
        a.readyAt != b.readyAt ? a.readyAt < b.readyAt : Sender.order(a, b)
      }
  }
}

extension Sender {
  fileprivate func isKnown(as id: ID<Resource>?) -> Bool {
    guard let id else { return false }
    return resource.id == id || mailboxes.contains { $0.resource.id == id }
  }

  /// When it can be used by time alone; never is the end of time.
  fileprivate var readyAt: Timestamp {
    let never = Timestamp(microseconds: .max)
    if used >= dailyLimit && !recoversByDay { return never }
    return max(used < dailyLimit ? Timestamp(microseconds: .min) : resetsAt, warmupCompletesAt ?? resetsAt)
  }
}
