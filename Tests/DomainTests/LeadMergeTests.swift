import Domain
import Testing

/// By which rule facts win.
struct LeadMergeTests {
  static let now = Timestamp(microseconds: 1_000_000_000_000)
  static let earlier = now - .hours(1)

  static func facts(_ texts: [LeadField: String]) -> LeadFacts {
    var facts = LeadFacts()
    for (field, text) in texts { facts[field] = field.kind.value(fromText: text) }
    return facts
  }

  /// What a lead knows of `known` (since `knownAt`) after `incoming` (from `now`).
  static func merge(
    _ known: [LeadField: String], at knownAt: Timestamp = earlier, _ incoming: [LeadField: String],
    from source: Timestamp = now
  ) -> LeadMerge {
    let facts = facts(known)
    var provenance: [LeadFactGroup: Provenance] = [:]
    for field in facts.known { provenance[field.group] = Provenance(source: "apollo", at: knownAt) }
    return LeadMerge.decide(
      known: facts, provenance, incoming: self.facts(incoming), from: Provenance(source: "csv", at: source))
  }

  @Test func `the newer fact wins, and says where it is from`() {
    let merge = Self.merge([.title: "CTO", .city: "Rome"], [.title: "CEO"])
    #expect(merge.facts == Self.facts([.title: "CEO", .city: "Rome"]) && merge.changed == [.title])
    #expect(merge.provenance[.role] == Provenance(source: "csv", at: Self.now))
    #expect(merge.provenance[.place] == Provenance(source: "apollo", at: Self.earlier))
  }

  @Test func `an older fact only fills gaps, and does not make the group older`() {
    let merge = Self.merge(
      [.title: "CTO"], at: Self.now, [.title: "CEO", .seniority: "vp"], from: Self.earlier)
    #expect(merge.facts == Self.facts([.title: "CTO", .seniority: "vp"]) && merge.changed == [.seniority])
    #expect(merge.provenance[.role] == Provenance(source: "apollo", at: Self.now))
  }

  @Test func `of two that are as old as each other the one that comes wins`() {
    #expect(Self.merge([.title: "CTO"], at: Self.now, [.title: "CEO"]).facts.text(.title) == "CEO")
  }

  @Test func `what is not said erases nothing, and what is said again is no change`() {
    let merge = Self.merge([.title: "CTO", .city: "Rome"], [.title: "CTO"])
    #expect(merge.facts == Self.facts([.title: "CTO", .city: "Rome"]) && merge.changed == [])
    #expect(merge.provenance[.role]?.at == Self.now)
  }

  @Test func `JSON that says the same is no change`() {
    var known = LeadFacts()
    known[.employmentHistory] = .json(#"[{"a": 1}]"#)
    var incoming = LeadFacts()
    incoming[.employmentHistory] = .json(#"[{"a":1}]"#)
    let source = Provenance(source: "csv", at: Self.now)
    func changed(_ same: Bool) -> [LeadField] {
      LeadMerge.decide(known: known, [:], incoming: incoming, from: source, sameJSON: { _, _ in same })
        .changed
    }
    #expect(changed(true) == [] && changed(false) == [.employmentHistory])
  }

  /// Address and status before, the record's, and what is known then.
  static let addresses: [(String, String?, String, String?, String)] = [
    ("a@x.example", "verified", "b@x.example", "extrapolated", "a@x.example verified"),
    ("a@x.example", "verified", "b@x.example", "unverified", "a@x.example verified"),
    ("a@x.example", "verified", "b@x.example", nil, "a@x.example verified"),
    ("a@x.example", "verified", "b@x.example", "verified", "b@x.example verified"),
    ("a@x.example", "extrapolated", "b@x.example", "guessed", "b@x.example guessed"),
    ("a@x.example", "extrapolated", "b@x.example", "verified", "b@x.example verified"),
    ("a@x.example", nil, "b@x.example", "guessed", "b@x.example guessed"),
    ("a@x.example", "verified", "a@x.example", "extrapolated", "a@x.example verified"),
    ("a@x.example", "verified", "a@x.example", "bounced", "a@x.example bounced"),
    ("a@x.example", "guessed", "a@x.example", "verified", "a@x.example verified"),
    ("", "unavailable", "b@x.example", "guessed", "b@x.example guessed"),
    ("", "unavailable", "b@x.example", nil, "b@x.example -"),
    // What is said of an address that is not told says nothing of the one that is known.
    ("a@x.example", "guessed", "", "verified", "a@x.example guessed"),
    ("", "unavailable", "", "verified", "- verified"),
  ]

  @Test(arguments: addresses)
  func `an address moves with all that is said of it`(
    old: String, oldStatus: String?, new: String, newStatus: String?, expected: String
  ) {
    let merge = Self.merge(
      [.email: old, .emailStatus: oldStatus ?? ""], [.email: new, .emailStatus: newStatus ?? ""])
    let found = "\(merge.facts.text(.email) ?? "-") \(merge.facts.text(.emailStatus) ?? "-")"
    #expect(found == expected)
  }

  @Test func `an older verified address does not replace a newer one, but fills a gap`() {
    let verified: [LeadField: String] = [.email: "b@x.example", .emailStatus: "verified"]
    let kept = Self.merge([.email: "a@x.example"], at: Self.now, verified, from: Self.earlier)
    #expect(kept.facts.text(.email) == "a@x.example")
    let filled = Self.merge([.city: "Rome"], at: Self.now, verified, from: Self.earlier)
    #expect(filled.facts.text(.email) == "b@x.example" && filled.facts.emailStatus == .verified)
  }

  @Test func `another spelling of a profile is no change, another profile is`() {
    func url(_ known: String, _ incoming: String) -> String? {
      LeadMerge.decide(
        known: Self.facts([.linkedInURL: known]).normalised().facts, [:],
        incoming: Self.facts([.linkedInURL: incoming]).normalised().facts,
        from: Provenance(source: "csv", at: Self.now)
      ).facts.text(.linkedInURL)
    }
    #expect(url("http://www.linkedin.com/in/ada", "linkedin.com/in/Ada/") == "http://www.linkedin.com/in/ada")
    #expect(url("linkedin.com/in/ada", "linkedin.com/in/ada-2") == "linkedin.com/in/ada-2")
    #expect(url("linkedin.com/in/ada", "linkedin.com/company/x") == "linkedin.com/in/ada")
  }
}

/// Who owns a lead that was two.
struct LeadMergeDecisionTests {
  static func lead(_ number: UInt64, merged: Bool = false, erased: Bool = false) -> PoolLead {
    let now = Timestamp(microseconds: 0)
    return PoolLead(
      id: ID(high: 0, low: number), facts: LeadFacts(), mergedIntoID: merged ? ID(high: 9, low: 9) : nil,
      erasedAt: erased ? now : nil, createdAt: now, updatedAt: now)
  }

  static func owner(_ number: UInt64, client: UInt64) -> LeadOwnership {
    LeadOwnership(
      assignment: ID(high: 1, low: number), lead: ID(high: 0, low: number), client: ID(high: 2, low: client))
  }

  @Test func `ownership survives, and is never taken from a client`() {
    func decide(_ kept: UInt64?, _ merged: UInt64?) -> LeadMergeDecision {
      LeadMergeDecision.decide(
        kept: Self.lead(1), keptOwner: kept.map { Self.owner(1, client: $0) }, merged: Self.lead(2),
        mergedOwner: merged.map { Self.owner(2, client: $0) })
    }
    #expect(decide(nil, nil) == .merge(.stays))
    #expect(decide(7, nil) == .merge(.stays))
    #expect(decide(nil, 7) == .merge(.moves(ID(high: 1, low: 2))))
    #expect(decide(7, 7) == .merge(.joins(kept: ID(high: 1, low: 1), released: ID(high: 1, low: 2))))
    #expect(decide(7, 8) == .refused(.ownedByTwo))
  }

  @Test func `only leads that stand for themselves are merged`() {
    func decide(_ kept: PoolLead, _ merged: PoolLead) -> LeadMergeDecision {
      LeadMergeDecision.decide(kept: kept, keptOwner: nil, merged: merged, mergedOwner: nil)
    }
    #expect(decide(Self.lead(1), Self.lead(1)) == .refused(.sameLead))
    #expect(decide(Self.lead(1, merged: true), Self.lead(2)) == .refused(.merged))
    #expect(decide(Self.lead(1), Self.lead(2, merged: true)) == .refused(.merged))
    #expect(decide(Self.lead(1), Self.lead(2, erased: true)) == .refused(.erased))
  }
}
