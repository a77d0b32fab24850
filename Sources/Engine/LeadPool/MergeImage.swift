import Domain
import JSON
import Store

/// What a merge changed of the lead that was kept: the column `before` of `lead_merges`.
struct MergeImage {
  /// Of the fields that changed: as they were, and as the merge made them.
  private var before = LeadFacts()
  private var after = LeadFacts()
  private var changed: [LeadField] = []
  private var provenance: [LeadFactGroup: Provenance] = [:]
  private var provenanceAfter: [LeadFactGroup: Provenance] = [:]
  /// The state's name, before and after.
  private var states: [(name: String, before: Timestamp?, after: Timestamp?)] = []
  let keys: [ID<LeadRecord>]
  let followers: [ID<Lead>]
  /// The assignment that the kept lead has after the merge.
  let owner: ID<LeadOwnership>?
  let ownership: LeadMergeDecision.Ownership
  /// Both leads' assignments, JSON of rows.
  let assignments: String

  init(
    before: PoolLead, after: PoolLead, changed: [LeadField], keys: [ID<LeadRecord>], followers: [ID<Lead>],
    owner: ID<LeadOwnership>?, ownership: LeadMergeDecision.Ownership, assignments: String
  ) {
    self.before = before.facts
    self.after = after.facts
    self.changed = changed
    provenance = before.provenance
    provenanceAfter = after.provenance
    states = Self.statePaths.map { ($0.name, before[keyPath: $0.path], after[keyPath: $0.path]) }
    self.keys = keys
    self.followers = followers
    self.owner = owner
    self.ownership = ownership
    self.assignments = assignments
  }

  private static var statePaths: [(name: String, path: WritableKeyPath<PoolLead, Timestamp?>)] {
    [
      ("bounced_at", \.bouncedAt), ("complained_at", \.complainedAt), ("unsubscribed_at", \.unsubscribedAt),
    ]
  }

  /// The kept lead as it was before, except for what it has learnt since the merge.
  func restored(_ lead: PoolLead) -> (lead: PoolLead, fields: [LeadField]) {
    var lead = lead
    let fields = changed.filter { field in
      if lead.facts[field] == after[field] { return true }
      guard case .json(let now)? = lead.facts[field], case .json(let then)? = after[field] else {
        return false
      }
      return LeadUpdate.sameJSON(now, then)
    }
    for field in fields { lead.facts[field] = before[field] }
    for group in LeadFactGroup.allCases where lead.provenance[group] == provenanceAfter[group] {
      lead.provenance[group] = provenance[group]
    }
    for (name, path) in Self.statePaths {
      guard let state = states.first(where: { $0.name == name }), lead[keyPath: path] == state.after else {
        continue
      }
      lead[keyPath: path] = state.before
    }
    return (lead, fields)
  }

  /// Whether two assignments were joined of which only that of the lead that went was converted.
  var broughtConversion: Bool {
    get throws {
      guard case .joins(let kept, let released) = ownership else { return false }
      let rows = try JSONValue(parsing: assignments).array ?? []
      func isConverted(_ id: ID<LeadOwnership>) -> Bool {
        rows.contains { $0["id"]?.string == id.description && $0["status"]?.string == "converted" }
      }
      return isConverted(released) && !isConverted(kept)
    }
  }

  // MARK: As JSON

  var text: String {
    let bytes = JSON.write { writer in
      writer.object { object in
        object.field("fields", changed.map(\.name))
        object.object("before") { facts in
          for field in changed where before[field] != nil { facts.field(named: field.name, before[field]) }
        }
        object.object("after") { facts in
          for field in changed where after[field] != nil { facts.field(named: field.name, after[field]) }
        }
        object.name("provenance")
        object.provenance(provenance)
        object.name("provenance_after")
        object.provenance(provenanceAfter)
        object.object("states") { object in
          for state in states {
            object.field(named: state.name, [state.before?.description, state.after?.description])
          }
        }
        object.field("keys", keys.map(\.description))
        object.field("followers", followers.map(\.description))
        object.field("owner", owner?.description)
        object.name("ownership")
        ownership.write(to: &object)
        object.name("assignments")
        object.raw(Array(assignments.utf8))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Nil when nothing is left of it, because a lead was forgotten.
  init?(text: String) throws {
    let image = try JSONValue(parsing: text, limits: JSONLimits(depth: 2_048))
    guard let fields = image["fields"]?.array, let ownership = image["ownership"].flatMap(Self.ownership)
    else {
      return nil
    }
    changed = fields.compactMap { $0.string.flatMap { LeadField(named: $0) } }
    before = FlatRecord.read(image["before"]?.object ?? [:]).facts
    after = FlatRecord.read(image["after"]?.object ?? [:]).facts
    provenance = try ProvenanceText.read(image["provenance"]?.text() ?? "{}")
    provenanceAfter = try ProvenanceText.read(image["provenance_after"]?.text() ?? "{}")
    states = Self.statePaths.map { state in
      let pair = image["states"]?[state.name]
      return (
        state.name, pair?[0]?.string.flatMap { Timestamp($0) }, pair?[1]?.string.flatMap { Timestamp($0) }
      )
    }
    func ids<Entity>(_ name: String) -> [ID<Entity>] {
      image[name]?.array?.compactMap { $0.string.flatMap { ID($0) } } ?? []
    }
    keys = ids("keys")
    followers = ids("followers")
    owner = image["owner"]?.string.flatMap { ID($0) }
    self.ownership = ownership
    assignments = image["assignments"]?.text() ?? "[]"
  }

  private static func ownership(_ value: JSONValue) -> LeadMergeDecision.Ownership? {
    func id(_ name: String) -> ID<LeadOwnership>? { value[name]?.string.flatMap { ID($0) } }
    if let moved = id("moved") { return .moves(moved) }
    if let kept = id("kept"), let released = id("released") { return .joins(kept: kept, released: released) }
    return .stays
  }
}

extension LeadMergeDecision.Ownership {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { object in
      switch self {
      case .stays: break
      case .moves(let assignment): object.field("moved", assignment.description)
      case .joins(let kept, let released):
        object.field("kept", kept.description)
        object.field("released", released.description)
      }
    }
  }
}
