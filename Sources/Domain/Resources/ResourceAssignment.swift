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
