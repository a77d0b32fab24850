/// Which records of a chunk are one person, and which lead of the pool that is.
///
/// Records that share an identity are one person, also by way of a third one. A record that claims two leads
/// of the pool is a conflict: nothing of it is taken in. So is one that shares only an address with somebody
/// who has another Apollo id and another LinkedIn profile: two persons behind `office@`.
public struct IntakeGrouping: Sendable {
  /// A lead of the pool that has one of the identities that the records name.
  public struct KnownLead: Hashable, Sendable {
    public let id: ID<Lead>
    public let apolloID: String?
    public let linkedInKey: String?

    public init(id: ID<Lead>, apolloID: String?, linkedInKey: String?) {
      self.id = id
      self.apolloID = apolloID
      self.linkedInKey = linkedInKey
    }
  }

  /// One person: a lead of the pool, or a new one.
  public struct Group: Hashable, Sendable {
    /// Nil for a new one.
    public var lead: ID<Lead>?
    /// The places of its records, in order; empty when another group has taken them over.
    public var records: [Int] = []
    /// Records that made one person of what looked like several.
    public var joints: Set<Int> = []
    var apolloID: String?
    var linkedInKey: String?
  }

  public enum Why: String, Hashable, Sendable {
    /// The record names identities of two leads.
    case twoLeads = "two-leads"
    /// Only the address is the same.
    case sharedAddress = "shared-address"
  }

  /// A record that an operator has to judge.
  public struct Conflict: Hashable, Sendable {
    public let record: Int
    public let why: Why
    /// Places in `groups`.
    public let groups: [Int]
  }

  public private(set) var groups: [Group] = []
  public private(set) var conflicts: [Conflict] = []
  private var parents: [Int] = []
  private var holders: [LeadIdentity: Int] = [:]
  private var groupOfLead: [ID<Lead>: Int] = [:]

  /// - Parameters:
  ///   - records: the identities of each record.
  ///   - known: the lead of the pool that has an identity.
  public init(_ records: [[LeadIdentity]], known: [LeadIdentity: KnownLead]) {
    for (index, identities) in records.enumerated() { place(index, identities, known) }
    // Conflicts named groups that may have joined others since.
    conflicts = conflicts.map { conflict in
      var seen: Set<Int> = []
      let named = conflict.groups.map { root($0) }.filter { seen.insert($0).inserted }
      return Conflict(record: conflict.record, why: conflict.why, groups: named)
    }
  }

  private mutating func place(
    _ record: Int, _ identities: [LeadIdentity], _ known: [LeadIdentity: KnownLead]
  ) {
    var hits: [Int] = []
    var hitByMore: Set<Int> = []
    for identity in identities {
      guard let group = holder(of: identity, known) else { continue }
      if !hits.contains(group) { hits.append(group) }
      if identity.kind != .email { hitByMore.insert(group) }
    }
    let owned = hits.filter { groups[$0].lead != nil }
    if owned.count > 1 {
      conflicts.append(Conflict(record: record, why: .twoLeads, groups: owned.sorted()))
      return
    }
    let strangers = hits.filter { !hitByMore.contains($0) && isStranger(identities, groups[$0]) }
    if !strangers.isEmpty {
      conflicts.append(Conflict(record: record, why: .sharedAddress, groups: strangers))
      return
    }
    let target = owned.first ?? hits.min() ?? add(Group())
    for other in hits where other != target { join(other, into: target) }
    if hits.count > 1 { groups[target].joints.insert(record) }
    groups[target].records.append(record)
    for identity in identities {
      holders[identity] = target
      if identity.kind == .apollo, groups[target].apolloID == nil { groups[target].apolloID = identity.value }
      if identity.kind == .linkedin, groups[target].linkedInKey == nil {
        groups[target].linkedInKey = identity.value
      }
    }
  }

  private mutating func holder(of identity: LeadIdentity, _ known: [LeadIdentity: KnownLead]) -> Int? {
    if let group = holders[identity] { return root(group) }
    guard let lead = known[identity] else { return nil }
    if let group = groupOfLead[lead.id] { return root(group) }
    let group = add(Group(lead: lead.id, apolloID: lead.apolloID, linkedInKey: lead.linkedInKey))
    groupOfLead[lead.id] = group
    return group
  }

  private func isStranger(_ identities: [LeadIdentity], _ group: Group) -> Bool {
    guard let apolloID = group.apolloID, let key = group.linkedInKey else { return false }
    let other = identities.contains { $0.kind == .apollo && $0.value != apolloID }
    return other && identities.contains { $0.kind == .linkedin && $0.value != key }
  }

  private mutating func add(_ group: Group) -> Int {
    groups.append(group)
    parents.append(parents.count)
    return groups.count - 1
  }

  private mutating func join(_ other: Int, into target: Int) {
    parents[other] = target
    groups[target].records = (groups[target].records + groups[other].records).sorted()
    groups[target].apolloID = groups[target].apolloID ?? groups[other].apolloID
    groups[target].linkedInKey = groups[target].linkedInKey ?? groups[other].linkedInKey
    groups[target].joints.formUnion(groups[other].joints)
    groups[other].records = []
  }

  private func root(_ group: Int) -> Int {
    var group = group
    while parents[group] != group { group = parents[group] }
    return group
  }
}
