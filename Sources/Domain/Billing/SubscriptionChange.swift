/// What a client has of what it is entitled to.
public struct Entitlement: Hashable, Sendable {
  /// Unreleased and not on hold, as R5 orders them or not.
  public var owned: [Resource]
  /// Paid for and still missing (R6).
  public var backordered: ResourceCounts

  public init(owned: [Resource], backordered: ResourceCounts = .zero) {
    self.owned = owned
    self.backordered = backordered
  }

  public var counts: ResourceCounts { ResourceCounts(of: owned) + backordered }
}

/// R8: what a change of tier does. Kinds of which the new tier has more rise at once; kinds of which it has
/// less fall at the end of the billing month; a pair of tiers may do both.
public enum SubscriptionChange: Hashable, Sendable {
  /// The client has exactly what the tier gives; a release that was scheduled before is called off.
  case nothing
  case change(assignNow: ResourceCounts, release: Release?)

  /// What goes at `at`, unless another change comes first. Which resources, is decided then
  /// (`Downgrade.decide`), because their reputations will have moved.
  public struct Release: Hashable, Sendable {
    public let counts: ResourceCounts
    public let at: Timestamp

    public init(counts: ResourceCounts, at: Timestamp) {
      self.counts = counts
      self.at = at
    }
  }

  /// Compares with what the client has, not with its old tier. So the same change twice has its effect once;
  /// and going back up before a downgrade was due assigns nothing and calls the release off.
  ///
  /// - Parameters:
  ///   - month: the client's billing month at `now`.
  ///   - zone: the client's.
  public static func decide(
    _ has: Entitlement, to tier: PricingTier, in month: BillingMonth, zone: TimeZoneName
  ) -> SubscriptionChange {
    let assign = tier.resources.excess(over: has.counts)
    let release = has.counts.excess(over: tier.resources)
    if assign.isZero && release.isZero { return .nothing }
    return .change(
      assignNow: assign,
      release: release.isZero ? nil : Release(counts: release, at: month.endsAt(in: zone)))
  }

  /// When the tier itself, its price and its lead quota, counts: a dearer one at once, a cheaper one at the
  /// end of the billing month; a tier of the same price at once.
  public static func takesEffectAt(
    from tier: PricingTier, to next: PricingTier, in month: BillingMonth, zone: TimeZoneName, now: Timestamp
  ) -> Timestamp {
    next.priceInCents >= tier.priceInCents ? now : month.endsAt(in: zone)
  }
}

/// R8: which resources a downgrade gives up, decided when it is due.
public struct Downgrade: Hashable, Sendable {
  /// Released to the pool, without a hold: their client is still there. The worst last by R5's order.
  public let gives: [Resource]
  /// The backorder as it goes on.
  public let backordered: ResourceCounts

  /// Fewer than the tier gives are never left, but where a mailbox goes with its domain; what is then missing
  /// of mailboxes is backordered. A backorder shrinks before anything is taken away.
  public static func decide(_ has: Entitlement, to tier: PricingTier) -> Downgrade {
    let gives = Keeping(has.owned, tier.resources).gives
    let left = ResourceCounts(of: has.owned).excess(over: ResourceCounts(of: gives))
    return Downgrade(gives: gives, backordered: tier.resources.excess(over: left))
  }
}

/// What a client keeps of what it has: the best of each kind, mailboxes only on domains that stay.
struct Keeping {
  private(set) var keeps: [Resource] = []
  private(set) var gives: [Resource] = []

  init(_ owned: [Resource], _ most: ResourceCounts) {
    for kind in [ResourceKind.emailDomain, .mailbox, .phoneNumber, .linkedInSeat] {
      let domains = Set(keeps.filter { $0.kind == .emailDomain }.map(\.id))
      let ranked = owned.filter { $0.kind == kind }.sorted(by: ResourceSelection.order)
      let stays = ranked.filter { kind != .mailbox || $0.domainID.map(domains.contains) ?? false }
      let kept = Array(stays.prefix(most[kind]))
      let ids = Set(kept.map(\.id))
      keeps += kept
      gives += ranked.filter { !ids.contains($0.id) }
    }
  }
}
