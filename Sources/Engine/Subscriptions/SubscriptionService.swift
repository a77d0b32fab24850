import Domain
import Postgres
import Runtime
import Store

/// What clients pay for, and what follows for their resources: signing up, other tiers, leaving, returning.
///
/// Each command is one transaction that first takes the client's turn; so two payments, or a payment and a
/// job, never act on the same client at once. A command that comes twice has its effect once, because each is
/// decided by what the client has, not by what it had.
public struct SubscriptionService: Sendable {
  /// What a client has of what it pays for.
  public struct Standing: Hashable, Sendable {
    public let subscription: Subscription
    /// The client's billing month, now (R9).
    public let month: BillingMonth
    /// Assigned by this command; from when each can send.
    public let assigned: [SelectedResource]
    /// Given back by this command.
    public let released: [Resource]
    /// Paid for and still missing (R6).
    public let backordered: ResourceCounts
  }

  public enum Outcome: Hashable, Sendable {
    case done(Standing)
    case unknownClient
    case unknownTier
    /// It has no subscription that could end.
    case notSubscribed
  }

  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// As it stands now; nil for a client that never had a subscription.
  public func standing(of client: ID<Client>) async throws -> Standing? {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let subscription = try SubscriptionStore.find(client, in: &transaction),
        let found = try ClientStore.find(client, in: &transaction)
      else { return nil }
      return Standing(
        subscription, of: found, at: now, backordered: try BackorderStore.open(of: client, in: &transaction))
    }
  }

  /// A payment for this tier is confirmed: a new client gets what the tier gives, as far as there is (R6);
  /// one that has another tier gets the difference at once, or gives it up at the end of its billing month
  /// (R8); one that left less than 30 days ago gets its own back (R7).
  public func confirm(
    _ client: ID<Client>, tier: PricingTierName, actor: Actor, because reason: String = "payment",
    idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    try await perform(client, actor: actor, because: reason, idempotency: idempotency) { turn, transaction in
      guard let tier = try TierStore.find(tier, in: &transaction) else { return .unknownTier }
      return .done(try turn.confirm(tier, in: &transaction))
    }
  }

  /// The client has left: what it has goes on hold for 30 days (R7), what it waited for is called off.
  public func end(
    _ client: ID<Client>, actor: Actor, because reason: String = "churn",
    idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    try await perform(client, actor: actor, because: reason, idempotency: idempotency) { turn, transaction in
      try turn.end(in: &transaction).map(Outcome.done) ?? .notSubscribed
    }
  }

  /// What is due for the client now: a downgrade, the end of its hold.
  func settle(_ client: ID<Client>, now: Timestamp, actor: Actor) async throws {
    try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "due", now: now, in: &transaction)
      guard var turn = try ClientTurn(client, now: now, in: &transaction) else { return }
      try turn.settle(in: &transaction)
      try CampaignLimits.settle(.client(client), now: now, in: &transaction)
    }
  }

  func releaseDue(now: Timestamp, limit: Int, actor: Actor) async throws -> Int {
    try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "its lease is over", now: now, in: &transaction)
      return try AssignmentStore.releaseDue(now: now, limit: limit, in: &transaction)
    }
  }

  /// Gives the client what it waits for of the kind, as far as there is now; how many it got.
  func fill(_ client: ID<Client>, _ kind: ResourceKind, now: Timestamp, actor: Actor) async throws -> Int {
    try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "backorder", now: now, in: &transaction)
      guard var turn = try ClientTurn(client, now: now, in: &transaction) else { return 0 }
      let filled = try turn.fill(kind, in: &transaction)
      if filled > 0 { try CampaignLimits.settle(.client(client), now: now, in: &transaction) }
      return filled
    }
  }

  private func perform(
    _ client: ID<Client>, actor: Actor, because reason: String, idempotency: Idempotency<Outcome>?,
    _ work: @escaping @Sendable (inout ClientTurn, inout Transaction) throws -> Outcome
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: reason, now: now, in: &transaction)
        guard var turn = try ClientTurn(client, now: now, in: &transaction) else { return .unknownClient }
        let outcome = try work(&turn, &transaction)
        try CampaignLimits.settle(.client(client), now: now, in: &transaction)
        return outcome
      }
    }
  }
}

extension SubscriptionService.Standing {
  init(
    _ subscription: Subscription, of client: Client, at now: Timestamp, assigned: [SelectedResource] = [],
    released: [Resource] = [], backordered: ResourceCounts
  ) {
    self.subscription = subscription
    // Before the first day only if the client has moved to another zone on it.
    month =
      BillingMonth(containing: now, signedUpOn: subscription.signedUpOn, in: client.timeZone)
      ?? BillingMonth(1, signedUpOn: subscription.signedUpOn)
    self.assigned = assigned
    self.released = released
    self.backordered = backordered
  }
}
