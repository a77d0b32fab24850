import Domain
import Postgres
import Store

/// One event in one transaction: locked, decided, carried out, marked as done.
struct PaymentProcessing {
  struct Done: Sendable {
    var record: PaymentEventStore.Record
    /// It had been processed before, and nothing was done now.
    var wasDone = false
    var isAlert = false
    /// Links that this event brought: others may have waited for them.
    var learned: PaymentEvent.References?
  }

  let settings: PaymentSettings
  let now: Timestamp

  /// The provider delivers for three days.
  private static let firstMonthsLead: Duration = .hours(24 * 7)

  init(_ settings: PaymentSettings, now: Timestamp) {
    self.settings = settings
    self.now = now
  }

  /// - Parameter isReplay: processes it again even if it was processed.
  /// - Returns: nil when there is no such event.
  func run(_ id: String, isReplay: Bool, in transaction: inout Transaction) throws -> Done? {
    guard let (record, payload) = try PaymentEventStore.lock(id, in: &transaction) else { return nil }
    guard isReplay || record.state == .received || record.state == .failed else {
      return Done(record: record, wasDone: true)
    }
    ActorStore.act(as: .payment(id), because: record.type, now: now, in: &transaction)
    var done = Done(record: record)
    do {
      try handle(try StripeEvent.read(payload), &done, in: &transaction)
    } catch let errors as FieldErrors {
      fail(.unreadable(errors), record, client: nil, in: &transaction)
    }
    if let after = try PaymentEventStore.find(id, in: &transaction) { done.record = after }
    return done
  }

  private func handle(_ event: PaymentEvent, _ done: inout Done, in transaction: inout Transaction) throws {
    var turn = try turn(of: event, in: &transaction)
    let client = turn?.client.id
    let decision = PaymentDecision.decide(event, try facts(event, turn, in: &transaction))
    switch decision {
    case .ignore(let why):
      PaymentEventStore.finish(
        event.id, as: .ignored, client: client, outcome: why, now: now, in: &transaction)
      return
    case .fail(let failure): return fail(failure, done.record, client: client, in: &transaction)
    case .record(let what, let isAlert):
      done.isAlert = isAlert
      PaymentEventStore.finish(
        event.id, as: .processed, client: client, outcome: what, now: now, in: &transaction)
    case .apply(let assertion, let change):
      guard var current = turn else { preconditionFailure("an effect has a client") }
      let outcome = try carryOut(change, on: &current, event, in: &transaction)
      turn = current
      PaymentEventStore.finish(
        event.id, as: .processed, client: client, outcome: outcome, assertion: assertion, now: now,
        in: &transaction)
    }
    guard let client else { return }
    let isNews = try PaymentLinkStore.learn(
      event.references, of: client, actor: .payment(event.id), now: now, in: &transaction)
    if isNews { done.learned = event.references }
  }

  private func fail(
    _ failure: PaymentFailure, _ record: PaymentEventStore.Record, client: ID<Client>?,
    in transaction: inout Transaction
  ) {
    let retryAt = failure.mayPass ? PaymentRetry.next(after: record.attempts + 1, now: now) : nil
    PaymentEventStore.fail(
      record.id, failure.name, failure.detail, client: client, retryAt: retryAt, in: &transaction)
  }

  // MARK: Facts

  /// The turn of the client that the event is about, with what was due done; nil when it is nobody's.
  private func turn(of event: PaymentEvent, in transaction: inout Transaction) throws -> ClientTurn? {
    if case .unconcerned = event.meaning { return nil }
    guard event.isLive == settings.expectsLive,
      let client = try PaymentLinkStore.client(of: event.references, in: &transaction),
      var turn = try ClientTurn(client, now: now, in: &transaction)
    else { return nil }
    try turn.settle(in: &transaction)
    return turn
  }

  private func facts(
    _ event: PaymentEvent, _ turn: ClientTurn?, in transaction: inout Transaction
  ) throws -> PaymentFacts {
    var facts = PaymentFacts(
      expectsLive: settings.expectsLive, client: turn?.client.id,
      prices: try TierPriceStore.prices(of: event.prices, in: &transaction))
    guard let turn else { return facts }
    facts.history = try PaymentEventStore.history(of: turn.client.id, in: &transaction)
    let zone = turn.client.timeZone
    if let subscription = turn.subscription, subscription.state != .ended,
      let month = BillingMonth(containing: now, signedUpOn: subscription.signedUpOn, in: zone)
    {
      // A client signs up when its first event arrives; those that are still under way happened before.
      facts.monthStart = month.startsAt(in: zone) - (month.number == 1 ? Self.firstMonthsLead : .zero)
    }
    return facts
  }

  // MARK: Effects

  private func carryOut(
    _ change: PaymentHistory.Change, on turn: inout ClientTurn, _ event: PaymentEvent,
    in transaction: inout Transaction
  ) throws -> String {
    switch change {
    case .newest(nil): return "noted; nothing changes" + ending(event)
    case .newest(let target?): return try make(target, on: &turn, in: &transaction) + ending(event)
    case .lateWithoutEffect: return "came late: newer events decide, nothing changes"
    case .late(let targets):
      // A hold that was and is again has begun when it began.
      let heldSince = turn.subscription?.heldUntil.map { $0 - Hold.length }
      let steps = try targets.map { try make($0, on: &turn, heldSince: heldSince, in: &transaction) }
      return "came late, and was put in its place: " + steps.joined(separator: ", then ")
    }
  }

  private func ending(_ event: PaymentEvent) -> String {
    guard case .subscription(_, let end?) = event.meaning else { return "" }
    return "; cancelled, ends at \(end)"
  }

  private func make(
    _ target: PaymentTarget, on turn: inout ClientTurn, heldSince: Timestamp? = nil,
    in transaction: inout Transaction
  ) throws -> String {
    switch target {
    case .hold:
      guard let standing = try turn.end(since: heldSince, in: &transaction),
        let end = standing.subscription.heldUntil
      else { return "there was nothing to put on hold" }
      return "on hold until \(end)"
    case .tier(let name):
      guard let tier = try TierStore.find(name, in: &transaction) else {
        preconditionFailure("a tier that prices name is there")
      }
      let standing = try turn.confirm(tier, in: &transaction)
      var parts = ["\(name): \(standing.assigned.count) resources assigned"]
      if !standing.released.isEmpty { parts.append("\(standing.released.count) given back") }
      if !standing.backordered.isZero { parts.append("\(standing.backordered.total) backordered") }
      if let next = standing.subscription.next { parts.append("\(next.tier) from \(next.at)") }
      return parts.joined(separator: ", ")
    }
  }
}
