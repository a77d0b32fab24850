/// What a lead knows after a record: the rule by which facts win.
///
/// Field by field the newer fact wins; what is older than its group only fills gaps; what a record does not
/// say erases nothing. The address, its status and all that is said of it move together, and a verified
/// address is never replaced by one that is not.
public struct LeadMerge: Hashable, Sendable {
  /// After the record.
  public var facts: LeadFacts
  public var provenance: [LeadFactGroup: Provenance]
  /// Fields whose value is another one now, in the order of `LeadField.all`.
  public var changed: [LeadField]

  /// - Parameters:
  ///   - source: who says so, and when the source knew it. What is as new as what is known wins.
  ///   - sameJSON: whether two JSON texts say the same; the database writes them in its own way.
  public static func decide(
    known facts: LeadFacts, _ provenance: [LeadFactGroup: Provenance], incoming: LeadFacts,
    from source: Provenance, sameJSON: (String, String) -> Bool = { $0 == $1 }
  ) -> LeadMerge {
    var merge = LeadMerge(facts: facts, provenance: provenance, changed: [])
    merge.take(incoming, from: source, sameJSON)
    merge.changed = LeadField.all.filter { !same(facts[$0], merge.facts[$0], sameJSON) }
    return merge
  }

  private mutating func take(
    _ incoming: LeadFacts, from source: Provenance, _ sameJSON: (String, String) -> Bool
  ) {
    let before = provenance
    for field in LeadField.all where !Self.together.contains(field) {
      guard let value = incoming[field] else { continue }
      let isNewer = before[field.group].map { source.at >= $0.at } ?? true
      if isNewer { provenance[field.group] = source }
      if facts[field] == nil || (isNewer && !Self.same(facts[field], value, sameJSON)) {
        facts[field] = value
      }
    }
    takeEmail(incoming, from: source, before[.email])
    takeProfile(incoming, from: source, before[.links])
  }

  /// What is said of the address, and the profile with its URL.
  private static let address: [LeadField] = [
    .email, .emailStatus, .emailConfidence, .emailIsCatchall, .emailDomain,
  ]
  private static let together: Set<LeadField> = Set(address + [.linkedInURL, .linkedInKey])

  private mutating func takeEmail(_ incoming: LeadFacts, from source: Provenance, _ known: Provenance?) {
    let isNewer = known.map { source.at >= $0.at } ?? true
    guard let address = incoming.text(.email) else {
      // What is said of an address that is not told says nothing of the one that is known.
      guard facts.text(.email) == nil else { return }
      return fill(Self.address, from: incoming, replacing: isNewer, source)
    }
    guard let current = facts.text(.email) else {
      for field in Self.address { facts[field] = incoming[field] }
      if isNewer { provenance[.email] = source }
      return
    }
    let (old, new) = (facts.emailStatus, incoming.emailStatus)
    if address == current {
      // A guess or silence takes nothing away from what was verified.
      let keeps = old == .verified && (new == nil || new == .guessed || new == .unknown)
      fill(Self.address, from: incoming, replacing: isNewer && !keeps, source)
    } else if isNewer, old != .verified || new == .verified {
      for field in Self.address { facts[field] = incoming[field] }
      provenance[.email] = source
    }
  }

  private mutating func takeProfile(_ incoming: LeadFacts, from source: Provenance, _ known: Provenance?) {
    let isNewer = known.map { source.at >= $0.at } ?? true
    guard let url = incoming[.linkedInURL] else { return }
    // Another spelling of the same profile is nothing new.
    if facts[.linkedInURL] != nil, let key = incoming[.linkedInKey], key == facts[.linkedInKey] { return }
    if facts[.linkedInURL] == nil || (isNewer && incoming[.linkedInKey] != nil)
      || (isNewer && facts[.linkedInKey] == nil)
    {
      facts[.linkedInURL] = url
      facts[.linkedInKey] = incoming[.linkedInKey]
      if isNewer { provenance[.links] = source }
    }
  }

  private mutating func fill(
    _ fields: [LeadField], from incoming: LeadFacts, replacing: Bool, _ source: Provenance
  ) {
    for field in fields {
      guard let value = incoming[field] else { continue }
      if replacing { provenance[field.group] = source }
      if replacing || facts[field] == nil { facts[field] = value }
    }
  }

  private static func same(
    _ a: LeadValue?, _ b: LeadValue?, _ sameJSON: (String, String) -> Bool
  ) -> Bool {
    if a == b { return true }
    if case .json(let a)? = a, case .json(let b)? = b { return sameJSON(a, b) }
    return false
  }
}
