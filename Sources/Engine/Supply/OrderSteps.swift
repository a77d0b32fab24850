import Domain
import Postgres
import Store

// The steps of an order with a provider's program. Each returns whether the next one may follow at once.
extension OrderTurn {
  /// So many names are chosen in one step.
  static let mostNames = 50

  /// Finds names that are for sale at the price of the order at most, and writes them down.
  func choose(
    _ count: Int, for order: ResourceOrder, from provider: any ResourceProvider
  ) async throws -> Bool {
    let (id, kind) = (id, kind)
    let candidates = try await job.supply.database.transaction(.init(isReadOnly: true)) { transaction in
      let parts = try PurchaseStore.plan(in: &transaction)[kind].names
      let all = DomainNaming(parts, seed: id.low).candidates(except: [], limit: 20_000).map(\.text)
      let taken = try OrderValueStore.taken(all, in: &transaction)
      return all.filter { !taken.contains($0) }
    }
    var (chosen, passed): ([OrderValue], [OrderValue]) = ([], [])
    let wanted = min(count, Self.mostNames)
    // Each look costs a call. Names that are not to be had are written down too: the next step looks further.
    let looks = candidates.prefix(wanted * 4 + 20)
    for name in looks {
      guard chosen.count < wanted else { break }
      let value = ResourceValue(unchecked: name, kind: kind)
      do {
        guard case .forSale(let cents) = try await provider.quote(value), cents <= order.unitPriceInCents
        else {
          passed.append(OrderValue(value: value, state: .dropped))
          continue
        }
        chosen.append(OrderValue(value: value, state: .chosen, quotedInCents: cents))
      } catch {
        return try await note(error, refusalEnds: true)
      }
    }
    let (found, unfit, now) = (chosen, passed, now)
    // So many names in a row that are not to be had: the rest of them is unlikely to be better.
    let isEnd = found.count < wanted && (found.isEmpty || looks.count == candidates.count)
    try await write(because: "names chosen") { record, values, transaction in
      // Another order may have taken some of them meanwhile; then others are chosen in the next step.
      _ = try PurchaseStore.lock(in: &transaction)
      let taken = try OrderValueStore.owners(of: found.map(\.value.text), in: &transaction)
      values += found.filter { taken[$0.value.text] == nil } + unfit
      guard taken.isEmpty, isEnd else { return }
      record.giveUp(
        count - found.count,
        because:
          "no more names for sale at \(record.order.unitPriceInCents) cents at most: add stems or words",
        at: now)
    }
    return true
  }

  /// Asks the provider to sell the names that are written down.
  func buy(_ chosen: [OrderValue], from provider: any ResourceProvider) async throws -> Bool {
    let names = Set(chosen.map(\.value.text))
    let now = now
    // The intent, durable before the call: whatever happens from here on, the names are known.
    let intent = try await write(because: "asked for") { _, values, _ in
      for index in values.indices where names.contains(values[index].value.text) {
        values[index].state = .sent
        values[index].sentAt = now
      }
    }
    guard intent != nil else { return false }
    do {
      try await provider.buy(chosen.map(\.value))
    } catch {
      switch error.kind {
      case .refused: return try await note(error, refusalEnds: true)
      case .unknown: return try await note(error)
      case .unavailable:
        // Nothing was sold: the names may be asked for again.
        try await write(because: error.message) { _, values, _ in
          for index in values.indices where values[index].state == .sent { values[index].state = .chosen }
        }
        return try await note(error)
      }
    }
    try await write(because: "the provider sold them") { record, values, _ in
      for index in values.indices where values[index].state == .sent { values[index].state = .bought }
      record.become(.placed, at: now)
    }
    return true
  }

  /// The answer to a purchase was lost: what does the provider have?
  func settle(
    _ sent: [OrderValue], of record: OrderRecord, with provider: any ResourceProvider
  ) async throws -> Bool {
    var listed: [String: ProviderHolding] = [:]
    var forSale: Set<String> = []
    do {
      for holding in try await provider.list() { listed[holding.value] = holding }
      for value in sent where listed[value.value.text] == nil {
        if case .forSale = try await provider.quote(value.value) { forSale.insert(value.value.text) }
      }
    } catch {
      return try await note(error)
    }
    let (now, chance, failures) = (now, job.chance(), record.failures + 1)
    let settled = sent.map { value in
      let name = value.value.text
      let outcome = PurchaseSettlement.decide(
        isListed: listed[name] != nil, isForSale: forSale.contains(name), sentAt: value.sentAt ?? now,
        failures: failures, now: now)
      return value.settled(outcome, providerID: listed[name]?.providerID)
    }
    let waits = settled.contains { $0.state == .sent }
    let written = try await write(because: "the purchase was settled by looking") { record, values, _ in
      for value in settled {
        if let index = values.firstIndex(where: { $0.value == value.value }) { values[index] = value }
      }
      let lost = settled.count { $0.state == .dropped }
      record.giveUp(lost, because: "the provider never confirmed \(lost) of its names", at: now)
      guard record.order.status == .approved else { return }
      if waits {
        record.failures = failures
        if case .at(let next) = Retry.decide(failures: failures, chance: chance, now: now) {
          record.nextAttemptAt = next
        }
      } else if values.allSatisfy({ $0.state == .bought || $0.state == .dropped }) {
        if lost > 0 { record.goOn(to: .placed, at: now) } else { record.become(.placed, at: now) }
      }
    }
    return written != nil && !waits
  }

  /// How long the provider may list nothing of what it sold.
  static let listingTime: Duration = .hours(24 * 3)

  /// Is what was bought set up? Every quarter of an hour.
  func poll(_ bought: [OrderValue], with provider: any ResourceProvider) async throws -> Bool {
    var listed: [String: ProviderHolding] = [:]
    do {
      for holding in try await provider.list() { listed[holding.value] = holding }
    } catch {
      return try await note(error)
    }
    let (holdings, now) = (listed, now)
    let record = try await write(because: "the provider was asked") { record, values, _ in
      var (waits, lost) = (false, 0)
      var why = "the provider does not list it"
      for index in values.indices where values[index].state == .bought {
        let holding = holdings[values[index].value.text]
        values[index].providerID = holding?.providerID ?? values[index].providerID
        switch holding?.state {
        case .active: break
        case .pending: waits = true
        case .failed(let message):
          why = message
          values[index].state = .dropped
          lost += 1
        case nil where now - record.order.since < Self.listingTime: waits = true
        case nil:
          values[index].state = .dropped
          lost += 1
        }
      }
      record.giveUp(lost, because: why, at: now)
      guard !record.order.status.isEnd else { return }
      if waits {
        record.failures = 0
        record.nextAttemptAt = now + .minutes(15)
      } else {
        if lost > 0 { record.goOn(to: .arriving, at: now) } else { record.become(.arriving, at: now) }
      }
    }
    return record?.order.status == .arriving
  }

  /// So often it is tried to have them renewed before they are delivered without.
  static let renewalTries = 5

  /// DNS knows them by now: into the pool. They are bought, so that nothing keeps them out for long.
  func deliver(
    _ bought: [OrderValue], of record: OrderRecord, from provider: any ResourceProvider
  ) async throws -> Bool {
    var fault: String?
    do {
      for case let id? in bought.map(\.providerID) { try await provider.keep(id) }
    } catch {
      guard error.kind == .refused || record.failures >= Self.renewalTries else {
        return try await note(error)
      }
      job.onEvent(.providerFailed(provider.name, error, order: id))
      fault = "they will not be renewed by themselves: \(error.message)"
    }
    let (kind, name, now, renewal) = (kind, provider.name, now, fault)
    let rows = bought.map {
      ResourceService.NewResource(
        kind: kind, value: $0.value, provider: name.text, providerID: $0.providerID)
    }
    try await write(because: "delivered") { record, values, transaction in
      var delivery = Delivery(record, now: now)
      let verdicts = try delivery.take(rows, in: &transaction)
      record = delivery.record
      var lost = 0
      for (row, verdict) in zip(rows, verdicts) {
        guard case .otherKind = verdict, let index = values.firstIndex(where: { $0.value == row.value })
        else { continue }
        values[index].state = .dropped
        lost += 1
      }
      record.giveUp(lost, because: "the pool has \(lost) of them as another kind", at: now)
      if let renewal { record.lastError = renewal }
    }
    return false
  }

  /// Is the warm-up of all that it brought over? Every hour.
  func watch() async throws -> Bool {
    let now = now
    try await write(because: "warmed up") { record, _, transaction in
      var senders: [Resource] = []
      for resource in try OrderValueStore.resources(of: record.id, in: &transaction) {
        let domain = try resource.domainID.flatMap { try ResourceStore.find($0, in: &transaction) }
        senders.append(domain ?? resource)
      }
      switch OrderCompletion.decide(senders) {
      case .wait: record.nextAttemptAt = now + .hours(1)
      case .complete: record.become(.available, at: now)
      case .lost:
        record.become(.failed, at: now)
        record.lastError = "all of it was retired while it warmed up"
      }
    }
    return false
  }
}

extension OrderValue {
  fileprivate func settled(_ outcome: PurchaseSettlement, providerID: String?) -> OrderValue {
    var value = self
    switch outcome {
    case .bought:
      value.state = .bought
      value.providerID = providerID
    case .askAgain: value.state = .chosen
    case .wait: break
    case .dropped: value.state = .dropped
    }
    return value
  }
}
