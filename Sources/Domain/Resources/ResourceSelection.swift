/// R5: which resources a client gets.
public enum ResourceSelection {
  /// Whether `a` is better than `b`, both of one kind: warmed first, then high reputation, low load, age, id.
  /// Whoever gives up resources gives up the last by this order (R8).
  ///
  /// In SQL: `ORDER BY (warmup_completed_at IS NOT NULL) DESC, reputation_score DESC, current_clients,
  /// created_at, id`.
  public static func order(_ a: Resource, _ b: Resource) -> Bool {
    if a.warmup.isCompleted != b.warmup.isCompleted { return a.warmup.isCompleted }
    if a.reputationScore != b.reputationScore { return a.reputationScore > b.reputationScore }
    if a.currentClients != b.currentClients { return a.currentClients < b.currentClients }
    if a.createdAt != b.createdAt { return a.createdAt < b.createdAt }
    return a.id < b.id
  }

  /// The best `count` of those of one kind other than mailboxes that can be assigned; fewer if there are
  /// fewer. One that was never warmed comes only when no warmed one is left, since it stands behind them.
  public static func select(
    _ count: Int, from pool: some Sequence<Resource>, policy: WarmupPolicy, now: Timestamp
  ) -> [SelectedResource] {
    let free = pool.compactMap { resource -> SelectedResource? in
      let assignability = Assignability(of: resource, policy: policy, now: now)
      return assignability.isAssignable
        ? SelectedResource(resource: resource, sendsFrom: assignability.sendsFrom) : nil
    }
    return Array(free.sorted { order($0.resource, $1.resource) }.prefix(max(0, count)))
  }
}

/// A resource that a client is to get.
public struct SelectedResource: Hashable, Sendable {
  /// As it was before.
  public let resource: Resource
  /// `now`, or when its warm-up will be over, if its domain may not send before (R5, R11).
  public let sendsFrom: Timestamp

  public init(resource: Resource, sendsFrom: Timestamp) {
    self.resource = resource
    self.sendsFrom = sendsFrom
  }
}

/// What must be known to choose resources for one client, read and locked in one transaction.
public struct SelectionFacts: Sendable {
  /// Candidates of each kind, in any order; what cannot be assigned is passed over. Of domains, numbers and
  /// seats the best assignable ones, as many as are wanted, are enough; of mailboxes all free ones of the
  /// domains below and of the domains that can be chosen.
  public var candidates: [ResourceKind: [Resource]]
  /// What the client has, its domains and mailboxes above all; on hold or not. It gets none of them twice.
  public var owned: [Resource]
  /// What the client waits for besides what is asked for now; it tells how many mailboxes a domain will have.
  public var alsoWanted: ResourceCounts

  public init(
    candidates: [ResourceKind: [Resource]], owned: [Resource] = [], alsoWanted: ResourceCounts = .zero
  ) {
    self.candidates = candidates
    self.owned = owned
    self.alsoWanted = alsoWanted
  }
}
