/// Who has a lead, as a merge needs to know it.
public struct LeadOwnership: Hashable, Sendable {
  public let assignment: ID<LeadOwnership>
  public let lead: ID<Lead>
  public let client: ID<Client>

  public init(assignment: ID<LeadOwnership>, lead: ID<Lead>, client: ID<Client>) {
    self.assignment = assignment
    self.lead = lead
    self.client = client
  }
}

/// Whether two leads may be made one, and what becomes of their owner: ownership survives, and never changes
/// silently (R16).
public enum LeadMergeDecision: Hashable, Sendable {
  /// What happens to the assignment of the lead that goes.
  public enum Ownership: Hashable, Sendable {
    /// It has none.
    case stays
    /// It goes on under the lead that is kept: the client stays the owner.
    case moves(ID<LeadOwnership>)
    /// Both are the same client's: one assignment is left, with the contacts of both.
    case joins(kept: ID<LeadOwnership>, released: ID<LeadOwnership>)
  }

  public enum Refusal: String, CaseIterable, Hashable, Sendable {
    case sameLead = "same_lead"
    /// One of them was merged into another before.
    case merged
    /// One of them was forgotten, or somebody whom the record names.
    case erased
    /// Two clients own them: an operator has to release one first.
    case ownedByTwo = "owned_by_two"

    public var detail: String {
      switch self {
      case .sameLead: "a lead cannot be merged with itself"
      case .merged: "one of the leads has been merged into another already"
      case .erased: "one of the leads, or somebody whom the record names, was forgotten"
      case .ownedByTwo: "two clients own the leads; release one of them first"
      }
    }
  }

  case merge(Ownership)
  case refused(Refusal)

  public static func decide(
    kept: PoolLead, keptOwner: LeadOwnership?, merged: PoolLead, mergedOwner: LeadOwnership?
  ) -> LeadMergeDecision {
    if kept.id == merged.id { return .refused(.sameLead) }
    if kept.erasedAt != nil || merged.erasedAt != nil { return .refused(.erased) }
    if kept.mergedIntoID != nil || merged.mergedIntoID != nil { return .refused(.merged) }
    guard let mergedOwner else { return .merge(.stays) }
    guard let keptOwner else { return .merge(.moves(mergedOwner.assignment)) }
    guard keptOwner.client == mergedOwner.client else { return .refused(.ownedByTwo) }
    return .merge(.joins(kept: keptOwner.assignment, released: mergedOwner.assignment))
  }
}

/// Why a merge cannot be undone.
public enum LeadUnmergeRefusal: String, CaseIterable, Hashable, Sendable {
  case undone
  /// The lead that was kept has been merged on, or the other one is no longer merged into it.
  case mergedOn = "merged_on"
  case erased
  /// The lead that was kept has another owner now, or none: undoing would take it from somebody.
  case changedHands = "changed_hands"
  /// Two assignments of one client were joined, and the conversion is that of the lead that went: undoing
  /// would take it from the lead that was kept, and a converted lead stays with its client (R16).
  case converted

  public var detail: String {
    switch self {
    case .undone: "the merge has been undone already"
    case .mergedOn: "the lead has been merged on since; undo that merge first"
    case .erased: "one of the leads was forgotten since"
    case .changedHands: "the lead has changed hands since the merge"
    case .converted: "the lead that was merged had converted, and a converted lead stays with its client"
    }
  }
}

extension LeadMerge {
  /// What the kept lead knows when it takes over what another one knows: group by group, by age.
  public static func both(
    _ kept: PoolLead, _ merged: PoolLead, sameJSON: (String, String) -> Bool = { $0 == $1 }
  ) -> LeadMerge {
    var facts = kept.facts
    var provenance = kept.provenance
    for group in LeadFactGroup.allCases {
      var share = LeadFacts()
      for field in LeadField.all where field.group == group { share[field] = merged.facts[field] }
      guard !share.isEmpty else { continue }
      let source = merged.provenance[group] ?? Provenance(source: "merge", at: merged.createdAt)
      let step = decide(known: facts, provenance, incoming: share, from: source, sameJSON: sameJSON)
      facts = step.facts
      provenance = step.provenance
    }
    var result = LeadMerge(facts: facts, provenance: provenance, changed: [])
    result.changed = LeadField.all.filter { field in
      if facts[field] == kept.facts[field] { return false }
      guard case .json(let a)? = facts[field], case .json(let b)? = kept.facts[field] else { return true }
      return !sameJSON(a, b)
    }
    return result
  }
}
