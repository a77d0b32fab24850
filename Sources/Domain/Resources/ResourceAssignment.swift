/// What to do when there are too few resources (R6).
public enum ShortageRule: String, CaseIterable, Hashable, Sendable {
  /// An operator asks: all or nothing.
  case refuse
  /// A payment is confirmed: what there is, and a backorder for the rest.
  case backorder
}

/// R6: which kinds are short, and by how much. Never empty.
public struct Shortage: Hashable, Sendable {
  public let wanted: ResourceCounts
  /// Of what was wanted, what there is.
  public let found: ResourceCounts

  /// Nil when there is enough.
  public init?(wanted: ResourceCounts, found: ResourceCounts) {
    guard !wanted.excess(over: found).isZero else { return nil }
    self.wanted = wanted
    self.found = found
  }

  public var missing: ResourceCounts { wanted.excess(over: found) }
  /// In the order of `ResourceKind.allCases`.
  public var kinds: [ResourceKind] { ResourceKind.allCases.filter { missing[$0] > 0 } }

  /// `2 of 9 email domains missing, 1 of 3 phone numbers missing`.
  public var detail: String {
    kinds.map { "\(missing[$0]) of \($0.words(wanted[$0])) missing" }.joined(separator: ", ")
  }
}

/// The answer to the wish of one client for resources.
public enum ResourceAssignment: Hashable, Sendable {
  /// To be assigned, by kind, each best first; with a shortage, if any, which becomes a backorder. Under
  /// `backorder` there may be nothing to assign.
  case assign([SelectedResource], short: Shortage?)
  /// Nothing is assigned.
  case refused(Shortage)

  /// Decides by R5 and R6. O(n log n) in candidates.
  public static func decide(
    _ wanted: ResourceCounts, on shortage: ShortageRule, facts: SelectionFacts, policy: WarmupPolicy,
    now: Timestamp
  ) -> ResourceAssignment {
    let owned = Set(facts.owned.map(\.id))
    func best(_ kind: ResourceKind) -> [SelectedResource] {
      let pool = (facts.candidates[kind] ?? []).filter { $0.kind == kind && !owned.contains($0.id) }
      return ResourceSelection.select(wanted[kind], from: pool, policy: policy, now: now)
    }
    let domains = best(.emailDomain)
    var mailboxes = MailboxSelection(
      chosen: domains, wanted: wanted, facts: facts, policy: policy, now: now)
    let chosen =
      domains + mailboxes.take(wanted.mailboxes) + best(.phoneNumber) + best(.linkedInSeat)
    let found = ResourceCounts(of: chosen.map(\.resource))
    let short = Shortage(wanted: wanted, found: found)
    if let short, shortage == .refuse { return .refused(short) }
    return .assign(chosen, short: short)
  }
}

/// What a client paid for and does not have yet (R6).
public struct Backorder: Hashable, Sendable {
  public let id: ID<Backorder>
  public let clientID: ID<Client>
  /// What is still missing.
  public var missing: ResourceCounts
  public let createdAt: Timestamp

  public init(id: ID<Backorder>, clientID: ID<Client>, missing: ResourceCounts, createdAt: Timestamp) {
    self.id = id
    self.clientID = clientID
    self.missing = missing
    self.createdAt = createdAt
  }

  /// Oldest first: whoever waits longest is served first, and gets all that there is of a kind before the next
  /// one gets any of it.
  public static func order(_ a: Backorder, _ b: Backorder) -> Bool {
    (a.createdAt, a.id) < (b.createdAt, b.id)
  }

  /// What supply fills, oldest first.
  ///
  /// - Parameters:
  ///   - candidates: as in `SelectionFacts`, enough for all of them.
  ///   - owned: what each of the clients has.
  /// - Returns: only those backorders that get something, in order; `missing` is what is left then.
  public static func fill(
    _ backorders: [Backorder], candidates: [ResourceKind: [Resource]], owned: [ID<Client>: [Resource]],
    policies: [ID<Client>: WarmupPolicy] = [:], now: Timestamp
  ) -> [(backorder: Backorder, gets: [SelectedResource])] {
    var candidates = candidates
    var owned = owned
    var fills: [(backorder: Backorder, gets: [SelectedResource])] = []
    for var backorder in backorders.sorted(by: order) {
      let client = backorder.clientID
      let facts = SelectionFacts(candidates: candidates, owned: owned[client] ?? [])
      let decision = ResourceAssignment.decide(
        backorder.missing, on: .backorder, facts: facts, policy: policies[client] ?? .strict, now: now)
      guard case .assign(let gets, let short) = decision, !gets.isEmpty else { continue }
      backorder.missing = short?.missing ?? .zero
      for kind in ResourceKind.allCases {
        let taken = Set(gets.lazy.map(\.resource).filter { $0.kind == kind }.map(\.id))
        guard !taken.isEmpty else { continue }
        candidates[kind] = candidates[kind]?.map { $0.takingPlace(if: taken.contains($0.id)) }
      }
      owned[client, default: []] += gets.map { $0.resource.takingPlace(if: true) }
      fills.append((backorder, gets))
    }
    return fills
  }
}

extension Resource {
  /// As it is with one more client; its status follows when the last place is taken.
  public func takingPlace() -> Resource { takingPlace(if: true) }

  func takingPlace(if isTaken: Bool) -> Resource {
    guard isTaken else { return self }
    var resource = self
    resource.currentClients += 1
    if resource.freePlaces == 0, resource.status == .available { resource.status = .assigned }
    return resource
  }
}
