import Domain
import Postgres
import Runtime
import Store

/// Drives orders that a provider's program serves from their approval into the pool, and all orders from
/// there to their end.
///
/// An order is claimed for some minutes under a new term; what a server finds out under an older term is
/// dropped. Each step is: a transaction that reads, a call to the provider without any transaction, a
/// transaction that writes what came of it. Before a purchase the names are written down as `sent`, so that
/// whoever takes over after a crash asks the provider what it has, and buys nothing blindly.
public struct OrderJob: Job {
  public let name = "orders"
  public let interval: Duration
  let supply: SupplyService
  let onEvent: @Sendable (SupplyEvent) -> Void
  /// From 0 to 1, for the time until the next try.
  let chance: @Sendable () -> Double

  /// For how long a server has an order to itself. A turn that takes longer loses what it found out to the
  /// one that took over: terms see to that.
  static let claimTime: Duration = .minutes(30)

  public init(
    _ supply: SupplyService, interval: Duration = .minutes(1),
    chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
    onEvent: @escaping @Sendable (SupplyEvent) -> Void = { _ in }
  ) {
    self.supply = supply
    self.interval = interval
    self.chance = chance
    self.onEvent = onEvent
  }

  /// One order at a time, since its calls may take long.
  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let names = Array(supply.providers.keys)
    let claimed = try await supply.database.transaction { transaction in
      try OrderStore.claim(of: names, now: now, until: now + Self.claimTime, limit: 1, in: &transaction)
    }
    for record in claimed { try await OrderTurn(self, record).run() }
    return JobReport(processed: claimed.count, hasMore: !claimed.isEmpty)
  }
}

/// One claimed order in the hands of one server.
struct OrderTurn {
  let job: OrderJob
  let id: ID<ResourceOrder>
  let kind: ResourceKind
  let term: Int64
  let provider: (any ResourceProvider)?

  init(_ job: OrderJob, _ record: OrderRecord) {
    self.job = job
    id = record.id
    kind = record.kind
    term = record.term
    provider = job.supply.providers[record.provider]
  }

  var now: Timestamp { job.supply.time.now }

  /// Step after step, until there is something to wait for.
  func run() async throws {
    // Choosing, buying, settling and buying again are four; more would be going in circles.
    for _ in 0..<6 {
      guard let (record, values) = try await read(),
        try await take(OrderStep.next(record.order, values, now: now), of: record)
      else { return }
    }
    let now = now
    try await write(because: "more is to be done") { record, _, _ in record.nextAttemptAt = now }
  }

  /// False when there is something to wait for.
  private func take(_ step: OrderStep, of record: OrderRecord) async throws -> Bool {
    switch (step, provider) {
    case (.nothing, _): return false
    case (.watch, _): return try await watch()
    case (.wait(let until), _):
      try await write(because: "it takes its time") { record, _, _ in record.nextAttemptAt = until }
      return false
    // A provider that was taken out of the settings: another server may have it.
    case (_, nil): return false
    case (.choose(let count), let provider?):
      return try await choose(count, for: record.order, from: provider)
    case (.settle(let sent), let provider?): return try await settle(sent, of: record, with: provider)
    case (.buy(let chosen), let provider?): return try await buy(chosen, from: provider)
    case (.poll(let bought), let provider?): return try await poll(bought, with: provider)
    case (.deliver(let bought), let provider?): return try await deliver(bought, of: record, from: provider)
    }
  }

  private func read() async throws -> (OrderRecord, [OrderValue])? {
    let (id, term) = (id, term)
    return try await job.supply.database.transaction(.init(isReadOnly: true)) { transaction in
      guard let record = try OrderStore.find(id, in: &transaction), record.term == term else { return nil }
      return (record, try OrderValueStore.list(of: id, kind: record.kind, in: &transaction))
    }
  }

  /// Writes what came of a step, unless somebody else has taken the order meanwhile: then nil. `body` changes
  /// the order and its values; what it changed is stored.
  @discardableResult
  func write(
    because reason: String,
    _ body: @escaping @Sendable (inout OrderRecord, inout [OrderValue], inout Transaction) throws -> Void
  ) async throws -> OrderRecord? {
    let (id, term, now, actor) = (id, term, now, Actor.job(job.name))
    let change = try await job.supply.database.transaction { transaction -> (OrderRecord, OrderRecord)? in
      ActorStore.act(as: actor, because: reason, now: now, in: &transaction)
      guard let old = try OrderStore.lock(id, in: &transaction), old.term == term, !old.order.status.isEnd
      else { return nil }
      let before = try OrderValueStore.list(of: id, kind: old.kind, in: &transaction)
      var (record, values) = (old, before)
      try body(&record, &values, &transaction)
      let changed = values.filter { !before.contains($0) }
      let saved = try OrderValueStore.save(changed, of: id, now: now, in: &transaction)
      precondition(saved <= changed.count, "more values saved than there are")
      if record != old { OrderStore.update(record, in: &transaction) }
      return (old, record)
    }
    guard let (old, record) = change else { return nil }
    if record.order.status == .failed {
      job.onEvent(.orderFailed(record, because: record.lastError ?? reason))
    } else if record.order.status != old.order.status {
      job.onEvent(.orderChanged(record))
    }
    return record
  }

  /// A call failed. A refusal ends what it was about; anything else is tried again later, and ends when it
  /// has failed too often. Always false.
  func note(_ failure: ProviderFailure, refusalEnds: Bool = false) async throws -> Bool {
    if let provider { job.onEvent(.providerFailed(provider.name, failure, order: id)) }
    let (now, chance) = (now, job.chance())
    try await write(because: failure.message) { record, values, _ in
      if failure.kind == .refused, refusalEnds {
        record.giveUpUnbought(&values, because: failure.message, at: now)
        return
      }
      record.failures += 1
      record.lastError = failure.message
      let isPlaced = record.order.status != .approved
      switch Retry.decide(
        failures: record.failures, most: isPlaced ? Retry.mostFailuresOncePlaced : Retry.mostFailures,
        chance: chance, wish: failure.retryAfter, now: now)
      {
      case .at(let next): record.nextAttemptAt = next
      case .giveUp:
        let open = values.count { isPlaced ? $0.isWithProvider : $0.state == .sent }
        let rest =
          open > 0 ? "; look at the provider for \(open) of its names: they may have been bought" : ""
        if isPlaced {
          record.giveUp(record.order.outstanding, because: failure.message + rest, at: now)
        } else {
          record.giveUpUnbought(&values, because: failure.message + rest, at: now)
        }
      }
    }
    return false
  }
}
