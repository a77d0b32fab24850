/// What an older platform says of whose a lead is.
public struct FormerClaim: Hashable, Sendable {
  /// The row that says so.
  public let row: Int
  public let clientID: ID<Client>
  public var convertedAt: Timestamp?
  public var repliedAt: Timestamp?
  public var lastContactedAt: Timestamp?
  public var contacts: Int
  public var assignedAt: Timestamp

  public init(
    row: Int, clientID: ID<Client>, convertedAt: Timestamp? = nil, repliedAt: Timestamp? = nil,
    lastContactedAt: Timestamp? = nil, contacts: Int = 0, assignedAt: Timestamp
  ) {
    self.row = row
    self.clientID = clientID
    self.convertedAt = convertedAt
    self.repliedAt = repliedAt
    self.lastContactedAt = lastContactedAt
    self.contacts = contacts
    self.assignedAt = assignedAt
  }

  public enum Outcome: String, CaseIterable, Hashable, Sendable {
    case keeps
    /// Another row of the client that keeps the lead.
    case sameClient = "same_client"
    /// Another client keeps the lead.
    case loses
    /// The lead had an owner in the pool before.
    case ownedBefore = "owned_before"
  }
}

/// Whose one lead is, by all that claim it (R16: one client's only).
public struct LeadClaimDecision: Hashable, Sendable {
  /// What the client that keeps the lead brings; nil when the lead has its owner already.
  public let assignment: FormerClaim?
  /// By row.
  public let outcomes: [Int: FormerClaim.Outcome]

  /// Who has an owner in the pool keeps it. Else the client keeps the lead to whom it converted; of several,
  /// or of none, the one that was in touch last; then the one that had it first; then by the client's id.
  /// Several rows of one client count as one: first had, last touched, all contacts.
  ///
  /// - Parameter owner: of the lead in the pool; nil when it has none.
  public init(_ claims: [FormerClaim], owner: ID<Client>?) {
    if let owner {
      assignment = nil
      outcomes = Dictionary(
        claims.map { ($0.row, $0.clientID == owner ? .sameClient : .ownedBefore) }
      ) { first, _ in first }
      return
    }
    let joined = Dictionary(grouping: claims, by: \.clientID).values.map(Self.joined)
    guard let best = joined.min(by: Self.comesFirst) else {
      assignment = nil
      outcomes = [:]
      return
    }
    assignment = best
    outcomes = Dictionary(
      claims.map { claim in
        if claim.clientID != best.clientID { return (claim.row, .loses) }
        return (claim.row, claim.row == best.row ? .keeps : .sameClient)
      }
    ) { first, _ in first }
  }

  private static func comesFirst(_ a: FormerClaim, _ b: FormerClaim) -> Bool {
    if (a.convertedAt != nil) != (b.convertedAt != nil) { return a.convertedAt != nil }
    if a.lastContactedAt != b.lastContactedAt {
      guard let mine = a.lastContactedAt else { return false }
      guard let others = b.lastContactedAt else { return true }
      return mine > others
    }
    if a.assignedAt != b.assignedAt { return a.assignedAt < b.assignedAt }
    return a.clientID < b.clientID
  }

  /// Of one client; the first row speaks for them.
  private static func joined(_ claims: [FormerClaim]) -> FormerClaim {
    let sorted = claims.sorted { $0.row < $1.row }
    return sorted.dropFirst().reduce(into: sorted[0]) { all, claim in
      all.convertedAt = [all.convertedAt, claim.convertedAt].compactMap { $0 }.min()
      all.repliedAt = [all.repliedAt, claim.repliedAt].compactMap { $0 }.min()
      all.lastContactedAt = [all.lastContactedAt, claim.lastContactedAt].compactMap { $0 }.max()
      all.contacts += claim.contacts
      all.assignedAt = min(all.assignedAt, claim.assignedAt)
    }
  }
}
