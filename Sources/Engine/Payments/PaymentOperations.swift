import Domain
import Postgres
import Runtime
import Store

/// What operators do with payments.
extension PaymentService {
  /// An event with the payload that came.
  public struct Detail: Hashable, Sendable {
    public let record: PaymentEventStore.Record
    public let payload: [UInt8]
  }

  public enum ReplayOutcome: Hashable, Sendable {
    case done(PaymentEventStore.Record)
    case unknown
  }

  public enum LinkOutcome: Hashable, Sendable {
    /// All links of the client.
    case linked([PaymentLinkStore.Link])
    case unknownClient
  }

  public enum PriceOutcome: Hashable, Sendable {
    case set(isNew: Bool)
    case unknownTier
  }

  /// Newest first.
  public func list(
    state: PaymentEventStore.State? = nil, client: ID<Client>? = nil,
    after place: PaymentEventStore.Place? = nil, limit: Int
  ) async throws -> [PaymentEventStore.Record] {
    try await database.transaction(.init(isReadOnly: true)) {
      try PaymentEventStore.list(state: state, client: client, after: place, limit: limit, in: &$0)
    }
  }

  public func find(_ id: String) async throws -> Detail? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let record = try PaymentEventStore.find(id, in: &transaction),
        let payload = try PaymentEventStore.payload(of: id, in: &transaction)
      else { return nil }
      return Detail(record: record, payload: payload)
    }
  }

  /// Processes an event again, whatever became of it. What it had brought about is not brought about twice.
  public func replay(
    _ id: String, idempotency: Idempotency<ReplayOutcome>? = nil
  ) async throws -> Answered<ReplayOutcome> {
    let now = time.now
    let (answer, done) = try await database.transaction { [settings] transaction in
      var done: PaymentProcessing.Done?
      let answer = try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        done = try PaymentProcessing(settings, now: now).run(id, isReplay: true, in: &transaction)
        return done.map { .done($0.record) } ?? .unknown
      }
      return (answer, done)
    }
    if let done {
      tell(done)
      if let learned = done.learned { await processWaiting(payer: learned.payer, learned.subscription) }
    }
    return answer
  }

  // MARK: Links

  /// Says that a payer, a subscription, or both are this client's, and goes on with events that had waited
  /// for that.
  public func link(
    _ client: ID<Client>, payer: String?, subscription: String?, actor: Actor
  ) async throws -> LinkOutcome {
    let now = time.now
    let outcome = try await database.transaction { transaction -> LinkOutcome in
      guard try SubscriptionStore.lock(client, in: &transaction) != nil else { return .unknownClient }
      PaymentLinkStore.set(
        payer: payer, subscription: subscription, to: client, actor: actor, now: now, in: &transaction)
      return .linked(try PaymentLinkStore.list(of: client, in: &transaction))
    }
    guard case .linked = outcome else { return outcome }
    await processWaiting(payer: payer, subscription)
    // What had waited may have brought links of its own.
    return .linked(try await links(of: client) ?? [])
  }

  /// Nil when there is no such client.
  public func links(of client: ID<Client>) async throws -> [PaymentLinkStore.Link]? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard try ClientStore.find(client, in: &transaction) != nil else { return nil }
      return try PaymentLinkStore.list(of: client, in: &transaction)
    }
  }

  // MARK: Prices

  /// The prices of a tier, by name; nil when there is no such tier.
  public func prices(of tier: PricingTierName) async throws -> [String]? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard try TierStore.find(tier, in: &transaction) != nil else { return nil }
      return try TierPriceStore.list(of: tier, in: &transaction)
    }
  }

  /// Says which tier a price, by its id or lookup key, is for, and goes on with events that had waited for
  /// that.
  public func setPrice(_ price: String, to tier: PricingTierName) async throws -> PriceOutcome {
    let now = time.now
    let outcome = try await database.transaction { transaction -> PriceOutcome in
      guard try TierStore.find(tier, in: &transaction) != nil else { return .unknownTier }
      return .set(isNew: try TierPriceStore.set(price, to: tier, now: now, in: &transaction))
    }
    guard case .set = outcome else { return outcome }
    let waiting = try? await database.transaction(.init(isReadOnly: true)) {
      try PaymentEventStore.waitingForPrices(limit: 100, in: &$0)
    }
    await processAll(waiting ?? [])
    return outcome
  }

  /// False when the tier has no such price.
  public func removePrice(_ price: String, from tier: PricingTierName) async throws -> Bool {
    try await database.transaction { try TierPriceStore.remove(price, from: tier, in: &$0) }
  }
}
