import Domain
import Testing

/// One form for what people write in many.
struct LeadCaptureTests {
  @Test(arguments: [
    (LeadField.Kind.text, " Ada ", LeadValue.text("Ada")), (.integer, "1,250", .integer(1_250)),
    (.integer, "-3", .integer(-3)), (.integer, "12 000", .integer(12_000)), (.number, "0.62", .number(0.62)),
    (.number, "1,234.5", .number(1_234.5)), (.flag, "Yes", .flag(true)), (.flag, "FALSE", .flag(false)),
    (.date, "2026-01-31T10:00:00Z", .date(CivilDate(year: 2_026, month: 1, day: 31)!)),
    (.texts, "a; b;;c", .texts(["a", "b", "c"])), (.texts, "a, b", .texts(["a", "b"])),
    (.json, "[1]", .json("[1]")),
  ])
  func `a cell becomes a value of its field's kind`(kind: LeadField.Kind, text: String, value: LeadValue) {
    #expect(kind.value(fromText: text) == value)
  }

  @Test(arguments: [
    (LeadField.Kind.integer, "1,5"), (.integer, "1.5"), (.integer, "x"), (.integer, "9e99"), (.number, "nan"),
    (.number, "1,23,456"), (.flag, "maybe"), (.date, "31.1.2026"), (.date, "2026-02-30"), (.text, "  "),
    (.texts, " ; "),
  ])
  func `what is no such value is none`(kind: LeadField.Kind, text: String) {
    #expect(kind.value(fromText: text) == nil)
  }

  private func normalised(_ texts: [LeadField: String], region: String = "US") -> (LeadFacts, [String]) {
    let (facts, errors) = LeadMergeTests.facts(texts).normalised(region: region)
    return (facts, errors.map(\.field))
  }

  @Test func `what identifies a person is brought to one form, and what follows from it is derived`() {
    let (facts, errors) = normalised([
      .email: "Ada@BÜCHER.example", .linkedInURL: "http://www.linkedin.com/in/Ada-1/?x=1",
      .phone: "(512) 555-0143", .companyDomain: "Bücher.example", .timeZone: "Europe/Rome",
      .emailStatus: "Verified", .personalEmails: "A@x.example; a@x.example",
    ])
    #expect(errors == [])
    #expect(facts.text(.email) == "ada@xn--bcher-kva.example")
    #expect(facts.text(.emailDomain) == "xn--bcher-kva.example")
    #expect(facts.text(.linkedInKey) == "in/ada-1")
    #expect(facts.text(.phone) == "+15125550143" && facts.texts(.phones) == ["+15125550143"])
    #expect(facts.text(.companyDomain) == "xn--bcher-kva.example")
    #expect(facts.emailStatus == .verified && facts.texts(.personalEmails) == ["a@x.example"])
    #expect(
      facts.identities == [
        LeadIdentity(.linkedin, "in/ada-1"), LeadIdentity(.email, "ada@xn--bcher-kva.example"),
      ])
  }

  @Test func `what cannot be is taken out and told`() {
    let (facts, errors) = normalised([
      .email: "ada", .phone: "12", .companyDomain: "a b", .timeZone: "Rome", .title: "CTO",
      .firstName: String(repeating: "x", count: 2_001),
    ])
    #expect(facts == LeadMergeTests.facts([.title: "CTO"]))
    #expect(Set(errors) == ["email", "phone", "company_domain", "time_zone", "first_name"])
  }

  @Test func `a number without a plus is of the region`() {
    #expect(normalised([.phone: "020 7946 0958"], region: "GB").0.text(.phone) == "+442079460958")
  }

  @Test func `a placeholder is neither an address nor an error`() {
    let (facts, errors) = normalised([.email: "email_not_unlocked@domain.com", .emailStatus: "verified"])
    #expect(facts.text(.email) == nil && errors == [] && facts.emailStatus == nil)
  }

  @Test func `a lead needs something to be known or called by`() {
    #expect(normalised([.firstName: "Ada", .companyName: "X"]).0.missingIdentity?.field == "identity")
    for texts: [LeadField: String] in [
      [.apolloID: "a"], [.email: "a@x.example"], [.linkedInURL: "linkedin.com/in/ada"],
      [.phone: "+15125550143"],
    ] {
      #expect(normalised(texts).0.missingIdentity == nil)
    }
  }

  @Test(arguments: [
    ("verified", EmailStatus.verified), ("Extrapolated", .guessed), ("guessed", .guessed),
    ("catch-all", .catchAll), ("unverified", .unverified), ("bounced", .bounced),
    ("unavailable", .unavailable),
    ("likely to engage", .unknown), ("pending_manual_fulfillment", .unknown), ("", .unknown),
  ])
  func `a provider's word for an address is one of ours`(word: String, status: EmailStatus) {
    #expect(EmailStatus(provider: word) == status)
  }

  @Test func `a domain that takes everything makes verified a catch-all`() {
    var facts = LeadMergeTests.facts([.email: "a@x.example", .emailStatus: "verified"])
    facts[.emailIsCatchall] = .flag(true)
    #expect(facts.emailStatus == .catchAll)
  }
}

/// Which records are one person.
struct IntakeGroupingTests {
  static func identities(_ words: String) -> [LeadIdentity] {
    words.split(separator: " ").map { word in
      let kind: LeadIdentity.Kind = word.hasPrefix("a") ? .apollo : word.hasPrefix("l") ? .linkedin : .email
      return LeadIdentity(kind, String(word))
    }
  }

  static func known(_ leads: [String]) -> [LeadIdentity: IntakeGrouping.KnownLead] {
    var known: [LeadIdentity: IntakeGrouping.KnownLead] = [:]
    for (index, words) in leads.enumerated() {
      let all = identities(words)
      let lead = IntakeGrouping.KnownLead(
        id: ID(high: 0, low: UInt64(index)), apolloID: all.first { $0.kind == .apollo }?.value,
        linkedInKey: all.first { $0.kind == .linkedin }?.value)
      for identity in all { known[identity] = lead }
    }
    return known
  }

  /// Records, leads of the pool, groups as `lead:records`, conflicts as `record why`.
  static let cases: [([String], [String], [String], [String])] = [
    (["a1", "a2"], [], ["-:0", "-:1"], []),
    (["a1 e1", "e1 l1", "l1"], [], ["-:0,1,2"], []),
    (["a1", "e1", "a1 e1"], [], ["-:0,1,2"], []),
    (["a1 e2"], ["a1 e1"], ["0:0"], []),
    (["a1 e2", "e2"], ["a1 e1"], ["0:0,1"], []),
    (["e3", "a1 e3"], ["a1"], ["0:0,1"], []),
    (["a1 e2"], ["a1 e1", "a2 e2"], [], ["0 two-leads"]),
    (["a1 e2", "a1"], ["a1", "a2 e2"], ["0:1"], ["0 two-leads"]),
    (["a2 l2 e1"], ["a1 l1 e1"], [], ["0 shared-address"]),
    (["a2 e1"], ["a1 l1 e1"], ["0:0"], []),
    (["a1 l2 e1"], ["a1 l1 e1"], ["0:0"], []),
    (["a1 l1 e1", "a2 l2 e1"], [], ["-:0"], ["1 shared-address"]),
    (["", ""], [], ["-:0", "-:1"], []),
  ]

  @Test(arguments: cases)
  func `records that share an identity are one person, unless that makes one of two leads`(
    records: [String], leads: [String], groups: [String], conflicts: [String]
  ) {
    let grouping = IntakeGrouping(records.map(Self.identities), known: Self.known(leads))
    let found = grouping.groups.filter { !$0.records.isEmpty }.map { group in
      (group.lead.map { "\($0.low)" } ?? "-") + ":" + group.records.map(String.init).joined(separator: ",")
    }
    #expect(Set(found) == Set(groups))
    #expect(grouping.conflicts.map { "\($0.record) \($0.why.rawValue)" } == conflicts)
  }
}
