import Domain
import Postgres
import Store

/// One client in one transaction, locked: its subscription, what it has, what it waits for. Decisions are
/// Domain's, this carries them out in the right order.
struct ClientTurn {
  let client: Client
  let policy: WarmupPolicy
  let now: Timestamp
  private(set) var subscription: Subscription?
  private var backordered: ResourceCounts

  /// Nil when there is no such client.
  init?(_ id: ID<Client>, now: Timestamp, in transaction: inout Transaction) throws {
    guard let found = try SubscriptionStore.lock(id, in: &transaction) else { return nil }
    client = found.client
    policy = found.policy
    subscription = found.subscription
    self.now = now
    backordered = try BackorderStore.open(of: id, in: &transaction)
  }

  // MARK: Commands

  mutating func confirm(
    _ tier: PricingTier, in transaction: inout Transaction
  ) throws -> SubscriptionService.Standing {
    try settle(in: &transaction)
    switch subscription {
    case let current? where current.state == .active:
      return try change(current, to: tier, in: &transaction)
    case let current? where current.state == .onHold:
      return try resume(current, to: tier, in: &transaction)
    default:
      let today = client.timeZone.date(at: now)
      let new = Subscription(clientID: client.id, tier: tier.name, signedUpOn: today)
      // What it has by other ways, such as numbers that were imported for it, counts.
      let has = ResourceCounts(of: try owned(in: &transaction))
      return try give(tier.resources.excess(over: has), new, in: &transaction)
    }
  }

  /// Nil when there is nothing that could end.
  ///
  /// - Parameter start: of the hold; now, unless an earlier one is put back.
  mutating func end(
    since start: Timestamp? = nil, in transaction: inout Transaction
  ) throws -> SubscriptionService.Standing? {
    try settle(in: &transaction)
    guard var subscription, subscription.state != .ended else { return nil }
    if subscription.state == .active {
      let hold = Hold(startedAt: start ?? now)
      subscription.state = .onHold
      subscription.heldUntil = hold.endsAt
      subscription.next = nil
      AssignmentStore.hold(of: client.id, until: hold.endsAt, in: &transaction)
      save(subscription, missing: .zero, in: &transaction)
    }
    return standing(subscription)
  }

  /// What is due: first the downgrade, then the end of a hold. Catches up after downtime.
  mutating func settle(in transaction: inout Transaction) throws {
    if var current = subscription, let next = current.next, next.at <= now {
      current.tier = next.tier
      current.next = nil
      guard let tier = try TierStore.find(next.tier, in: &transaction) else { return }
      let has = Entitlement(owned: try owned(in: &transaction), backordered: backordered)
      let downgrade = Downgrade.decide(has, to: tier)
      AssignmentStore.release(
        downgrade.gives.map(\.id), of: client.id, now: now, in: &transaction)
      save(current, missing: downgrade.backordered, in: &transaction)
    }
    if var current = subscription, let end = current.heldUntil, end <= now {
      let held = try owned(in: &transaction)
      AssignmentStore.release(held.map(\.id), of: client.id, now: now, in: &transaction)
      current.state = .ended
      current.heldUntil = nil
      save(current, missing: .zero, in: &transaction)
    }
  }

  mutating func fill(_ kind: ResourceKind, in transaction: inout Transaction) throws -> Int {
    guard let subscription, subscription.state == .active, backordered[kind] > 0 else { return 0 }
    let wanted = ResourceCounts { $0 == kind ? backordered[$0] : 0 }
    return try give(wanted, subscription, in: &transaction).assigned.count
  }

  // MARK: Steps

  private mutating func change(
    _ current: Subscription, to tier: PricingTier, in transaction: inout Transaction
  ) throws -> SubscriptionService.Standing {
    var changed = current
    let has = Entitlement(owned: try owned(in: &transaction), backordered: backordered)
    guard
      let month = BillingMonth(
        containing: now, signedUpOn: current.signedUpOn, in: client.timeZone)
    else { return standing(current) }
    changed.next = nil
    switch SubscriptionChange.decide(has, to: tier, in: month, zone: client.timeZone) {
    case .nothing:
      changed.tier = tier.name
      save(changed, missing: backordered, in: &transaction)
      return standing(changed)
    case .change(let assignNow, let release):
      if let release {
        changed.next = .init(tier: tier.name, at: release.at)
      } else {
        changed.tier = tier.name
      }
      return try give(assignNow + backordered, releasing: [], changed, in: &transaction)
    }
  }

  private mutating func resume(
    _ current: Subscription, to tier: PricingTier, in transaction: inout Transaction
  ) throws -> SubscriptionService.Standing {
    let held = try owned(in: &transaction)
    let start = (current.heldUntil ?? now) - Hold.length
    guard let decision = Return.decide(held, hold: Hold(startedAt: start), to: tier, now: now)
    else { preconditionFailure("a hold that is over was settled before") }
    AssignmentStore.hold(of: client.id, until: nil, in: &transaction)
    AssignmentStore.release(decision.gives.map(\.id), of: client.id, now: now, in: &transaction)
    var resumed = current
    resumed.tier = tier.name
    resumed.state = .active
    resumed.heldUntil = nil
    return try give(decision.assignNow, releasing: decision.gives, resumed, in: &transaction)
  }

  /// Assigns what there is of `wanted`; the rest, with what the client waits for anyway, is its backorder.
  private mutating func give(
    _ wanted: ResourceCounts, releasing released: [Resource] = [], _ subscription: Subscription,
    in transaction: inout Transaction
  ) throws -> SubscriptionService.Standing {
    var assigned: [SelectedResource] = []
    let others = backordered.excess(over: wanted)
    var missing = ResourceCounts.zero
    if !wanted.isZero {
      var facts = try AssignmentStore.lockFacts(for: wanted, of: client.id, now: now, in: &transaction)
      facts.alsoWanted = others
      guard
        case .assign(let selected, let short) = ResourceAssignment.decide(
          wanted, on: .backorder, facts: facts, policy: policy, now: now)
      else { preconditionFailure("a confirmed payment is never refused") }
      assigned = selected
      missing = short?.missing ?? .zero
      AssignmentStore.assign(selected.map(\.resource), to: client.id, now: now, in: &transaction)
    }
    save(
      subscription, missing: missing + others, given: ResourceCounts(of: assigned.map(\.resource)),
      in: &transaction)
    return standing(subscription, assigned: assigned, released: released)
  }

  private func owned(in transaction: inout Transaction) throws -> [Resource] {
    try AssignmentStore.owned(by: client.id, in: &transaction)
  }

  private mutating func save(
    _ subscription: Subscription, missing: ResourceCounts, given: ResourceCounts = .zero,
    in transaction: inout Transaction
  ) {
    self.subscription = subscription
    SubscriptionStore.save(subscription, now: now, in: &transaction)
    BackorderStore.set(missing, given: given, of: client.id, now: now, in: &transaction)
    backordered = missing
  }

  private func standing(
    _ subscription: Subscription, assigned: [SelectedResource] = [], released: [Resource] = []
  ) -> SubscriptionService.Standing {
    .init(
      subscription, of: client, at: now, assigned: assigned, released: released, backordered: backordered)
  }
}
