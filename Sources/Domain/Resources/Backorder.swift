/// What a client paid for and does not have yet, of one kind (R6).
public struct Backorder: Hashable, Sendable {
  public let id: ID<Backorder>
  public let clientID: ID<Client>
  public let kind: ResourceKind
  /// How many are still missing.
  public var missing: Int
  public let createdAt: Timestamp

  public init(id: ID<Backorder>, clientID: ID<Client>, kind: ResourceKind, missing: Int, createdAt: Timestamp)
  {
    precondition(missing >= 0, "fewer than none are missing")
    self.id = id
    self.clientID = clientID
    self.kind = kind
    self.missing = missing
    self.createdAt = createdAt
  }

  /// Oldest first: whoever waits longest is served first, and gets all that there is of a kind before the
  /// next one gets any of it. Of the same instant domains come before the mailboxes that go with them.
  public static func order(_ a: Backorder, _ b: Backorder) -> Bool {
    if a.createdAt != b.createdAt { return a.createdAt < b.createdAt }
    let (first, second) = (a.kind == .mailbox, b.kind == .mailbox)
    return first == second ? a.id < b.id : second
  }

  /// What a backorder gets.
  public struct Fill: Hashable, Sendable {
    /// As it goes on; when nothing is missing it is closed.
    public let backorder: Backorder
    public let gets: [SelectedResource]
  }

  /// What supply fills, oldest first: only those that get something.
  ///
  /// - Parameters:
  ///   - backorders: all open ones of their clients.
  ///   - candidates: as in `SelectionFacts`, enough for all of them.
  ///   - owned: what each of the clients has.
  ///   - policies: `strict` for a client without one.
  public static func fill(
    _ backorders: [Backorder], candidates: [ResourceKind: [Resource]], owned: [ID<Client>: [Resource]],
    policies: [ID<Client>: WarmupPolicy] = [:], now: Timestamp
  ) -> [Fill] {
    var (candidates, owned) = (candidates, owned)
    var waiting = backorders.reduce(into: [ID<Client>: ResourceCounts]()) {
      $0[$1.clientID, default: .zero][$1.kind] += $1.missing
    }
    var fills: [Fill] = []
    for var backorder in backorders.sorted(by: order) {
      let (client, kind) = (backorder.clientID, backorder.kind)
      var rest = waiting[client] ?? .zero
      rest[kind] -= backorder.missing
      let facts = SelectionFacts(candidates: candidates, owned: owned[client] ?? [], alsoWanted: rest)
      let decision = ResourceAssignment.decide(
        ResourceCounts { $0 == kind ? backorder.missing : 0 }, on: .backorder, facts: facts,
        policy: policies[client] ?? .strict, now: now)
      guard case .assign(let gets, _) = decision, !gets.isEmpty else { continue }
      backorder.missing -= gets.count
      waiting[client]?[kind] -= gets.count
      let taken = Set(gets.map(\.resource.id))
      candidates[kind] = candidates[kind]?.map { taken.contains($0.id) ? $0.takingPlace() : $0 }
      owned[client, default: []] += gets.map { $0.resource.takingPlace() }
      fills.append(Fill(backorder: backorder, gets: gets))
    }
    return fills
  }
}

extension Resource {
  /// As it is with one more client; its status follows when the last place is taken.
  public func takingPlace() -> Resource {
    var resource = self
    resource.currentClients += 1
    if resource.freePlaces == 0, resource.status == .available { resource.status = .assigned }
    return resource
  }
}
