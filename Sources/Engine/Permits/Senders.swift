import Domain
import Postgres
import Store

/// What clients may send from on the channels that are asked for, from what they hold.
struct Senders {
  private struct Entry {
    let line: PermitFacts.Line
    let holding: PermitFactsStore.Holding
    let mailboxes: [Resource]
  }

  private let entries: [Entry]
  private let now: Timestamp

  init(_ holdings: [PermitFactsStore.Holding], lines: Set<PermitFacts.Line>, now: Timestamp) {
    self.now = now
    var boxes: [PermitFacts.Line: [ID<Resource>: [PermitFactsStore.Holding]]] = [:]
    for holding in holdings {
      guard let domain = holding.resource.domainID else { continue }
      let line = PermitFacts.Line(clientID: holding.clientID, channel: .email)
      boxes[line, default: [:]][domain, default: []].append(holding)
    }
    entries = holdings.filter { $0.resource.kind != .mailbox }.flatMap { holding in
      holding.resource.kind.channels.compactMap { channel -> Entry? in
        let line = PermitFacts.Line(clientID: holding.clientID, channel: channel)
        guard lines.contains(line) else { return nil }
        let own = boxes[line]?[holding.resource.id] ?? []
        let usable = own.filter(Self.isUsable).map(\.resource)
        // A domain all of whose mailboxes are out of use sends nothing.
        return own.isEmpty || !usable.isEmpty ? Entry(line: line, holding: holding, mailboxes: usable) : nil
      }
    }
  }

  private static func isUsable(_ mailbox: PermitFactsStore.Holding) -> Bool {
    !mailbox.isHeld && !mailbox.isLeaving && ![.retired, .quarantined].contains(mailbox.resource.status)
  }

  private func key(_ resource: ID<Resource>, _ entry: Entry) -> UsageStore.Key {
    UsageStore.Key(
      resourceID: resource, channel: entry.line.channel, day: entry.holding.zone.date(at: now))
  }

  /// With what they did in their present days.
  ///
  /// - Parameter isTaking: whether the counts are locked, to be added to.
  func counted(
    isTaking: Bool, in transaction: inout Transaction
  ) throws -> [PermitFacts.Line: [Sender]] {
    let keys = Set(
      entries.flatMap { entry in
        ([entry.holding.resource.id] + entry.mailboxes.map(\.id)).map { key($0, entry) }
      })
    let used =
      try isTaking
      ? UsageStore.lock(keys, in: &transaction) : UsageStore.find(keys, in: &transaction)
    var senders: [PermitFacts.Line: [Sender]] = [:]
    for entry in entries {
      let holding = entry.holding
      senders[entry.line, default: []].append(
        Sender(
          holding.resource,
          mailboxes: entry.mailboxes.map { .init(resource: $0, used: used[key($0.id, entry)] ?? 0) },
          on: entry.line.channel, isHeld: holding.isHeld, isLeaving: holding.isLeaving,
          policy: holding.policy, used: used[key(holding.resource.id, entry)] ?? 0, zone: holding.zone,
          now: now))
    }
    return senders
  }
}
