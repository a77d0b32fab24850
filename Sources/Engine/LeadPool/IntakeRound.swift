import Crypto
import Domain
import JSON
import Postgres
import Store

/// One chunk of records on its way into the pool.
struct IntakeRound {
  let leads: [IncomingLead]
  let importID: ID<LeadImport>?
  let now: Timestamp
  private var verdicts: [IntakeVerdict?]
  /// The fingerprint of each record that is kept.
  private let fingerprints: [ID<LeadRecord>?]
  private var suppressed: Set<Int> = []

  init(_ leads: [IncomingLead], importID: ID<LeadImport>?, now: Timestamp) {
    self.leads = leads
    self.importID = importID
    self.now = now
    verdicts = Array(repeating: nil, count: leads.count)
    fingerprints = leads.map { lead in lead.record.map { Self.fingerprint(of: $0) } }
  }

  static func fingerprint(of text: String) -> ID<LeadRecord> {
    let digest = sha256(text)
    func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return ID(high: half(digest[0..<8]), low: half(digest[8..<16]))
  }

  mutating func run(in transaction: inout Transaction) throws -> [IntakeVerdict] {
    let contacts = leads.map(\.facts.contacts)
    var seen: Set<LeadContact> = []
    let asked = contacts.joined().filter { seen.insert($0).inserted }
    let answers = try LeadIntakeStore.lookUp(asked, in: &transaction)
    for (index, contacts) in contacts.enumerated() {
      if contacts.contains(where: { answers.erased.contains($0) }) {
        verdicts[index] = .rejected(
          FieldError(field: "identity", detail: "belongs to somebody who was forgotten and must not be kept"))
      } else if contacts.contains(where: { answers.suppressed.contains($0) }) {
        suppressed.insert(index)
      }
    }
    let grouping = grouped(answers)
    var groups = grouping.groups
    let kept = try LeadIntakeStore.keptRecords(of: groups.compactMap(\.lead), in: &transaction)
    skipWhatIsKnown(&groups, kept)
    let wished = leads.map(\.newID)
    let ids = groups.map { group in
      group.lead ?? group.records.lazy.compactMap { wished[$0] }.first ?? ID<Lead>(at: now)
    }
    try update(groups, answers, in: &transaction)
    try insert(groups, ids, in: &transaction)
    try report(grouping.conflicts, ids, in: &transaction)
    countUnknown(in: &transaction)
    return verdicts.map { verdict in
      guard let verdict else { preconditionFailure("a record was forgotten") }
      return verdict
    }
  }

  /// Only records that may be kept take part.
  private func grouped(_ answers: ContactAnswers) -> IntakeGrouping {
    var known: [LeadIdentity: IntakeGrouping.KnownLead] = [:]
    for (contact, lead) in answers.leads {
      guard let kind = LeadIdentity.Kind(rawValue: contact.kind.rawValue) else { continue }
      known[LeadIdentity(kind, contact.value)] = lead
    }
    let identities = leads.indices.map { verdicts[$0] == nil ? leads[$0].facts.identities : [] }
    return IntakeGrouping(identities, known: known)
  }

  /// A lead whose record is the same as the one that was taken last has nothing to learn.
  private mutating func skipWhatIsKnown(
    _ groups: inout [IntakeGrouping.Group], _ kept: [ID<Lead>: [String: KeptRecord]]
  ) {
    for index in groups.indices {
      groups[index].records.removeAll { verdicts[$0] != nil }
      guard let lead = groups[index].lead, groups[index].records.count == 1,
        let record = groups[index].records.first, let fingerprint = fingerprints[record],
        let known = kept[lead]?[leads[record].source], known.fingerprint == fingerprint, known.isLatestChange
      else { continue }
      verdicts[record] = suppressed.contains(record) ? .suppressed(lead) : .unchanged(lead)
      groups[index].records = []
    }
  }

  // MARK: Leads of the pool

  private mutating func update(
    _ groups: [IntakeGrouping.Group], _ answers: ContactAnswers, in transaction: inout Transaction
  ) throws {
    let known = groups.filter { $0.lead != nil && !$0.records.isEmpty }
    guard !known.isEmpty else { return }
    var leadsByID: [ID<Lead>: PoolLead] = [:]
    for lead in try PoolLeadStore.lock(known.compactMap(\.lead), in: &transaction) {
      guard lead.mergedIntoID == nil, lead.erasedAt == nil else { throw LeadIntake.LostRace() }
      leadsByID[lead.id] = lead
    }
    var changes: [LeadUpdate] = []
    var identities: [(identity: LeadIdentity, lead: ID<Lead>)] = []
    for group in known {
      guard let id = group.lead, let lead = leadsByID[id] else { throw LeadIntake.LostRace() }
      let change = LeadUpdate(lead, learning: group.records.map { leads[$0] })
      if !change.changed.isEmpty || change.provenance != lead.provenance { changes.append(change) }
      for identity in group.records.flatMap({ leads[$0].facts.identities })
      where answers.leads[LeadContact(identity)] == nil { identities.append((identity, id)) }
      decide(group, .existing(id, change.changed))
    }
    LeadIntakeStore.add(identities, in: &transaction)
    LeadUpdate.write(changes, importID: importID, now: now, in: &transaction)
    LeadRecordStore.replace(records(of: known) { $0.lead }, now: now, in: &transaction)
  }

  private enum Fate {
    case existing(ID<Lead>, [LeadField])
    case new(ID<Lead>)
  }

  /// The first record of a group makes or changes the lead, the others are the same person.
  private mutating func decide(_ group: IntakeGrouping.Group, _ fate: Fate) {
    guard let head = group.records.first else { return }
    for record in group.records.dropFirst() {
      verdicts[record] = .duplicate(ofRow: leads[head].row)
      if group.joints.contains(record), case .new(let id) = fate { verdicts[record] = .merged(id) }
    }
    switch fate {
    case .existing(let id, let changed):
      verdicts[head] = changed.isEmpty ? .unchanged(id) : .updated(id, changed)
      if suppressed.contains(head) { verdicts[head] = .suppressed(id) }
    case .new(let id):
      verdicts[head] = suppressed.contains(head) ? .suppressed(id) : .new(id)
    }
  }

  // MARK: New leads

  private mutating func insert(
    _ groups: [IntakeGrouping.Group], _ ids: [ID<Lead>], in transaction: inout Transaction
  ) throws {
    var new: [PoolLead] = []
    var identities: [(identity: LeadIdentity, lead: ID<Lead>)] = []
    var records: [NewLeadRecord] = []
    for (group, id) in zip(groups, ids) where group.lead == nil && !group.records.isEmpty {
      let lead = newLead(id, of: group.records.map { leads[$0] })
      new.append(lead)
      if group.records.count > 1 {
        let present = Set(lead.facts.identities)
        for identity in Set(group.records.flatMap { leads[$0].facts.identities }).subtracting(present) {
          identities.append((identity, id))
        }
      }
      decide(group, .new(id))
      records += self.records(of: [group]) { _ in id }
    }
    try LeadIntakeStore.insert(new, in: &transaction)
    LeadIntakeStore.add(identities, in: &transaction)
    try LeadRecordStore.insert(records, now: now, in: &transaction)
  }

  /// Most leads come in one record, of which there is nothing to decide.
  private func newLead(_ id: ID<Lead>, of records: [IncomingLead]) -> PoolLead {
    var lead = PoolLead(id: id, facts: LeadFacts(), createdAt: now, updatedAt: now)
    if records.count == 1, let record = records.first {
      lead.facts = record.facts
      let source = Provenance(source: record.source, at: record.asOf)
      for field in record.facts.known { lead.provenance[field.group] = source }
    } else {
      let folded = LeadUpdate(lead, learning: records)
      lead.facts = folded.facts
      lead.provenance = folded.provenance
    }
    return lead
  }

  /// The latest record of each provider.
  private func records(
    of groups: [IntakeGrouping.Group], _ id: (IntakeGrouping.Group) -> ID<Lead>?
  ) -> [NewLeadRecord] {
    groups.flatMap { group -> [NewLeadRecord] in
      var latest: [String: Int] = [:]
      for record in group.records where fingerprints[record] != nil {
        let source = leads[record].source
        if let other = latest[source], leads[other].asOf > leads[record].asOf { continue }
        latest[source] = record
      }
      return latest.values.compactMap { record in
        guard let lead = id(group), let fingerprint = fingerprints[record], let text = leads[record].record
        else { return nil }
        return NewLeadRecord(
          lead: lead, provider: leads[record].source, receivedAt: leads[record].asOf,
          fingerprint: fingerprint, record: text)
      }
    }
  }

  // MARK: What is left

  private mutating func report(
    _ conflicts: [IntakeGrouping.Conflict], _ ids: [ID<Lead>], in transaction: inout Transaction
  ) throws {
    for conflict in conflicts {
      let lead = leads[conflict.record]
      let claimed = conflict.groups.map { ids[$0] }.sorted()
      let claim =
        lead.facts.identities.map { "\($0.kind.rawValue):\($0.value)" }.joined(separator: "\n")
        + claimed.map { "\n\($0)" }.joined()
      let id = try LeadConflictStore.insert(
        NewLeadConflict(
          id: ID(at: now), fingerprint: Self.fingerprint(of: claim), why: conflict.why, leads: claimed,
          source: lead.source, asOf: lead.asOf,
          facts: String(decoding: JSON.write { lead.facts.write(to: &$0) }, as: UTF8.self),
          record: lead.record, importID: importID), now: now, in: &transaction)
      verdicts[conflict.record] = .conflict(id)
    }
  }

  private func countUnknown(in transaction: inout Transaction) {
    var counts: [String: [String: Int]] = [:]
    for (index, lead) in leads.enumerated() {
      if case .rejected = verdicts[index] { continue }
      for path in lead.unknownFields { counts[lead.source, default: [:]][path, default: 0] += 1 }
    }
    LeadRecordStore.count(counts, now: now, in: &transaction)
  }
}
