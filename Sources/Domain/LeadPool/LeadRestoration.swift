/// What a lead knows again after an import is undone.
public struct LeadRestoration: Hashable, Sendable {
  public private(set) var facts: LeadFacts
  public private(set) var provenance: [LeadFactGroup: Provenance]
  /// Fields whose value is the former one again.
  public private(set) var restored: [LeadField] = []
  /// Fields that something else changed since: they stay.
  public private(set) var kept: [LeadField] = []

  /// What the import replaced at one time.
  public struct Before: Hashable, Sendable {
    /// The values before; a field without a value was not known.
    public let fields: [LeadField]
    public let facts: LeadFacts
    public let provenance: [LeadFactGroup: Provenance]
    public let changedSince: Set<LeadField>

    public init(
      fields: [LeadField], facts: LeadFacts, provenance: [LeadFactGroup: Provenance],
      changedSince: Set<LeadField>
    ) {
      self.fields = fields
      self.facts = facts
      self.provenance = provenance
      self.changedSince = changedSince
    }
  }

  /// - Parameter changes: of the import, the latest first.
  public init(_ lead: PoolLead, undoing changes: [Before]) {
    facts = lead.facts
    provenance = lead.provenance
    for change in changes {
      for field in change.fields {
        if change.changedSince.contains(field) {
          if !kept.contains(field) { kept.append(field) }
        } else {
          facts[field] = change.facts[field]
          if !restored.contains(field) { restored.append(field) }
        }
      }
      // Also of groups whose values the import only confirmed.
      for group in LeadFactGroup.allCases where !kept.contains(where: { $0.group == group }) {
        provenance[group] = change.provenance[group]
      }
    }
    restored.removeAll { kept.contains($0) }
  }

  /// By what the lead was known through the import only.
  public func lostIdentities(of lead: PoolLead) -> [LeadIdentity] {
    let now = Set(facts.identities)
    return lead.facts.identities.filter { !now.contains($0) }
  }
}
