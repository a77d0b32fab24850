import Domain
import Testing

/// The table of points of `facts/outreach-defaults.md`, line by line.
struct LeadScoreTests {
  static let now = Timestamp("2026-07-31T12:00:00Z")!

  /// A change to a lead without facts, and the points of a line that follow.
  struct Line: Sendable, CustomTestStringConvertible {
    let component: ScoreComponent
    let code: String
    let points: Int
    let name: String
    let facts: [(LeadField, LeadValue)]
    var profile = IdealProfile()
    var hasBounced = false
    var testDescription: String { "\(code) \(name): \(points)" }

    init(
      _ component: ScoreComponent, _ code: String, _ points: Int, _ name: String,
      _ facts: [(LeadField, LeadValue)], hasBounced: Bool = false,
      _ change: (inout IdealProfile) -> Void = { _ in }
    ) {
      (self.component, self.code, self.points, self.name) = (component, code, points, name)
      (self.facts, self.hasBounced) = (facts, hasBounced)
      change(&profile)
    }
  }

  static func date(_ text: String) -> LeadValue { .date(CivilDate(text)!) }

  static let lines: [Line] = dataQuality + authority + fit + timing + risk

  static let dataQuality: [Line] = [
    Line(
      .dataQuality, "verified_email", 8, "verified",
      [
        (.email, .text("a@example.com")), (.emailStatus, .text("verified")),
      ]),
    Line(
      .dataQuality, "verified_email", 0, "guessed",
      [
        (.email, .text("a@example.com")), (.emailStatus, .text("guessed")),
      ]),
    Line(
      .dataQuality, "verified_email", 0, "catch-all",
      [
        (.email, .text("a@example.com")), (.emailStatus, .text("verified")), (.emailIsCatchall, .flag(true)),
      ]),
    Line(.dataQuality, "verified_email", 0, "no address", [(.emailStatus, .text("verified"))]),
    Line(.dataQuality, "phone", 6, "the first", [(.phone, .text("+14155550100"))]),
    Line(.dataQuality, "phone", 6, "any", [(.phones, .texts(["+14155550100"]))]),
    Line(.dataQuality, "phone", 0, "none", []),
    Line(.dataQuality, "linkedin", 4, "known", [(.linkedInKey, .text("in/x"))]),
    Line(.dataQuality, "linkedin", 0, "none", []),
    Line(.dataQuality, "personal_email", 2, "known", [(.personalEmails, .texts(["a@example.org"]))]),
    Line(.dataQuality, "personal_email", 0, "none", [(.personalEmails, .texts([]))]),
  ]

  static let authority: [Line] = [
    Line(.authority, "owner", 25, "title", [(.title, .text("Co-Founder & CEO"))]),
    Line(.authority, "owner", 25, "seniority", [(.seniority, .text("founder"))]),
    Line(.authority, "c_level", 22, "title", [(.title, .text("Chief Revenue Officer"))]),
    Line(.authority, "vice_president", 18, "title", [(.title, .text("VP, Sales"))]),
    Line(.authority, "director", 15, "title", [(.title, .text("Director of Growth"))]),
    Line(.authority, "senior_manager", 10, "title", [(.title, .text("Senior Marketing Manager"))]),
    Line(.authority, "manager", 7, "title", [(.title, .text("Account Manager"))]),
    Line(.authority, "other", 3, "title", [(.title, .text("Engineer"))]),
    Line(.authority, "other", 3, "nothing known", []),
  ]

  static let fit: [Line] = [
    Line(.companyFit, "industry", 10, "one of many", [(.companyIndustries, .texts(["Retail", "SaaS "]))]) {
      $0.industries = ["saas"]
    },
    Line(.companyFit, "industry", 0, "another", [(.companyIndustry, .text("retail"))]) {
      $0.industries = ["saas"]
    },
    Line(.companyFit, "industry", 0, "unknown", []) { $0.industries = ["saas"] },
    Line(.companyFit, "industry", 10, "nothing asked", []),
    Line(.companyFit, "employees", 0, "4", [(.companyEmployees, .integer(4))]),
    Line(.companyFit, "employees", 5, "5", [(.companyEmployees, .integer(5))]),
    Line(.companyFit, "employees", 5, "50", [(.companyEmployees, .integer(50))]),
    Line(.companyFit, "employees", 0, "51", [(.companyEmployees, .integer(51))]),
    Line(.companyFit, "employees", 0, "unknown", []),
    Line(.companyFit, "employees", 5, "any size", []) { $0.employees = nil },
    Line(.companyFit, "employees", 5, "own range", [(.companyEmployees, .integer(500))]) {
      $0.employees = 100...500
    },
    Line(.companyFit, "country", 5, "of the company", [(.companyCountry, .text("AUSTRALIA"))]) {
      $0.countries = ["Australia"]
    },
    Line(
      .companyFit, "country", 5, "of the person, when the company's is unknown",
      [
        (.country, .text("Australia"))
      ]
    ) { $0.countries = ["Australia"] },
    Line(
      .companyFit, "country", 0, "the company's counts",
      [
        (.country, .text("Australia")), (.companyCountry, .text("Chile")),
      ]
    ) { $0.countries = ["Australia"] },
    Line(.companyFit, "domain_rank", 0, "150", [(.companyDomainRank, .integer(150))]),
    Line(.companyFit, "domain_rank", 1, "151", [(.companyDomainRank, .integer(151))]),
    Line(.companyFit, "domain_rank", 1, "500", [(.companyDomainRank, .integer(500))]),
    Line(.companyFit, "domain_rank", 2, "501", [(.companyDomainRank, .integer(501))]),
    Line(.companyFit, "organic_traffic", 0, "200", [(.companyOrganicTraffic, .integer(200))]),
    Line(.companyFit, "organic_traffic", 1, "201", [(.companyOrganicTraffic, .integer(201))]),
    Line(.companyFit, "organic_traffic", 1, "1,000", [(.companyOrganicTraffic, .integer(1_000))]),
    Line(.companyFit, "organic_traffic", 2, "1,001", [(.companyOrganicTraffic, .integer(1_001))]),
    Line(.companyFit, "top_ten_keywords", 0, "0", [(.companyTopTenKeywords, .integer(0))]),
    Line(.companyFit, "top_ten_keywords", 1, "1", [(.companyTopTenKeywords, .integer(1))]),
  ]

  // Today is 31 July 2026.
  static let timing: [Line] = [
    Line(.timing, "new_in_role", 6, "since today", [(.roleStartedOn, date("2026-07-31"))]),
    Line(.timing, "new_in_role", 6, "a day less than 6 months", [(.roleStartedOn, date("2026-02-01"))]),
    Line(.timing, "new_in_role", 0, "exactly 6 months", [(.roleStartedOn, date("2026-01-31"))]),
    Line(.timing, "new_in_role", 0, "not yet", [(.roleStartedOn, date("2026-08-01"))]),
    Line(.timing, "new_in_role", 0, "unknown", []),
    Line(.timing, "hiring", 5, "yes", [(.companyIsHiring, .flag(true))]),
    Line(.timing, "hiring", 0, "no", [(.companyIsHiring, .flag(false))]),
    Line(.timing, "funded", 4, "today", [(.companyFundedOn, date("2026-07-31"))]),
    Line(.timing, "funded", 4, "exactly 12 months ago", [(.companyFundedOn, date("2025-07-31"))]),
    Line(.timing, "funded", 0, "a day more", [(.companyFundedOn, date("2025-07-30"))]),
    Line(.timing, "funded", 0, "never", []),
  ]

  static let risk: [Line] = [
    Line(.risk, "start", 15, "always", []),
    Line(.risk, "bounced", -8, "bounced", [], hasBounced: true),
    Line(.risk, "bounced", 0, "not", []),
    Line(.risk, "competitor", -10, "one", [(.companyDomain, .text("rival.example"))]) {
      $0.competitorDomains = [DomainName("rival.example")!]
    },
    Line(.risk, "competitor", 0, "another", [(.companyDomain, .text("own.example"))]) {
      $0.competitorDomains = [DomainName("rival.example")!]
    },
    Line(.risk, "irrelevant_title", -5, "not asked for", [(.title, .text("Head of Legal"))]) {
      $0.titles = ["sales"]
    },
    Line(.risk, "irrelevant_title", 0, "asked for", [(.title, .text("Head of Sales"))]) {
      $0.titles = ["head of sales"]
    },
    Line(.risk, "irrelevant_title", 0, "unknown", []) { $0.titles = ["sales"] },
    Line(.risk, "irrelevant_title", -5, "excluded", [(.title, .text("Sales Intern"))]) {
      $0.excludedTitles = ["intern"]
    },
    Line(.risk, "no_domain_rank", -5, "none", []),
    Line(.risk, "no_domain_rank", 0, "one", [(.companyDomainRank, .integer(1))]),
    Line(.risk, "no_traffic", -3, "none", [(.companyOrganicTraffic, .integer(0))]),
    Line(.risk, "no_traffic", 0, "some", [(.companyOrganicTraffic, .integer(1))]),
    Line(.risk, "spam_score", 0, "50", [(.companySpamScore, .number(50))]),
    Line(.risk, "spam_score", -3, "above 50", [(.companySpamScore, .number(50.5))]),
  ]

  static func facts(_ values: [(LeadField, LeadValue)]) -> LeadFacts {
    values.reduce(into: LeadFacts()) { $0[$1.0] = $1.1 }
  }

  @Test(arguments: lines)
  func `each line of the table gives its points`(line: Line) throws {
    let score = LeadScore.score(
      Self.facts(line.facts), ContactState(hasBounced: line.hasBounced), line.profile, now: Self.now)
    let reason = try #require(score.reasons[line.component]?.first { $0.code == line.code })
    #expect(reason.points == line.points)
    let sum = score.reasons[line.component]?.reduce(0) { $0 + $1.points } ?? 0
    #expect(score.points[line.component] == (line.component == .risk ? max(0, sum) : sum))
  }

  static let best: [(LeadField, LeadValue)] = [
    (.email, .text("a@example.com")), (.emailStatus, .text("verified")), (.phone, .text("+14155550100")),
    (.linkedInKey, .text("in/x")), (.personalEmails, .texts(["a@example.org"])), (.title, .text("CEO")),
    (.companyIndustry, .text("SaaS")), (.companyEmployees, .integer(20)), (.companyCountry, .text("Chile")),
    (.companyDomainRank, .integer(900)), (.companyOrganicTraffic, .integer(5_000)),
    (.companyTopTenKeywords, .integer(3)), (.roleStartedOn, date("2026-07-01")),
    (.companyIsHiring, .flag(true)), (.companyFundedOn, date("2026-01-01")),
  ]

  @Test func `a lead with everything has 100, each component its most, whatever the weights`() {
    var profile = IdealProfile()
    profile.industries = ["saas"]
    let score = LeadScore.score(Self.facts(Self.best), ContactState(), profile, now: Self.now)
    #expect(score.total == 100 && score.tier == .hot)
    for component in ScoreComponent.allCases { #expect(score.points[component] == component.most) }
    profile.weights[.authority] = 300
    profile.weights[.risk] = 0
    let weighted = LeadScore.score(Self.facts(Self.best), ContactState(), profile, now: Self.now)
    #expect(weighted.total == 100)
  }

  @Test func `weights move the score towards what counts more`() {
    let facts = Self.facts([(.title, .text("CEO"))])
    var profile = IdealProfile()
    profile.employees = nil
    // Authority 25, fit 20, risk 7.
    #expect(LeadScore.score(facts, ContactState(), profile, now: Self.now).total == 52)
    for component in ScoreComponent.allCases where component != .authority { profile.weights[component] = 0 }
    #expect(LeadScore.score(facts, ContactState(), profile, now: Self.now).total == 100)
    profile.weights[.timing] = 100
    // 25 of 40 are 62.5: a half goes up.
    #expect(LeadScore.score(facts, ContactState(), profile, now: Self.now).total == 63)
  }

  @Test func `risk is never below 0, and who wants no contact is excluded`() {
    var profile = IdealProfile()
    profile.competitorDomains = [DomainName("rival.example")!]
    let facts = Self.facts([(.companyDomain, .text("rival.example"))])
    let score = LeadScore.score(facts, ContactState(hasBounced: true), profile, now: Self.now)
    #expect(score.points[.risk] == 0 && score.total >= 0)
    let excluded = LeadScore.score(
      Self.facts(Self.best), ContactState(isExcluded: true), profile, now: Self.now)
    #expect(excluded.isExcluded && excluded.total == 0 && excluded.tier == .dead)
  }

  @Test(arguments: [
    (0, LeadTier.dead), (19, .dead), (20, .cold), (34, .cold), (35, .cool), (59, .cool), (60, .warm),
    (84, .warm), (85, .hot), (100, .hot),
  ])
  func `tiers begin at 20, 35, 60 and 85`(score: Int, tier: LeadTier) {
    #expect(LeadTier(score: score) == tier)
  }

  @Test(arguments: [
    ("Chief Executive Officer", Authority.owner), ("Owner", .owner), ("Founding Engineer", .other),
    ("Product Owner", .other), ("Executive Assistant to the CEO", .other), ("Former CEO", .other),
    ("Advisor, ex-CEO", .other), ("Chief of Staff", .other), ("CTO", .cLevel), ("President", .cLevel),
    ("Vice President of Sales", .vicePresident), ("SVP Marketing", .vicePresident),
    ("Managing Director", .cLevel), ("Head of Growth", .director), ("Sales Director / CEO", .owner),
    ("Chief of Staff to CEO", .other), ("EA to CEO", .other), ("Business Partner to CEO", .other),
    ("Director of Owner Relations", .director), ("Owner of Acme", .owner), ("Business Owner", .owner),
    ("Sr. Manager, Ops", .seniorManager), ("Office Manager", .manager), ("", .other),
  ])
  func `authority is read from titles as people write them`(title: String, authority: Authority) {
    #expect(Authority(title: title, seniority: nil) == authority)
  }

  @Test(arguments: [
    ("owner", Authority.owner), ("founder", .owner), ("c_suite", .cLevel), ("partner", .vicePresident),
    ("vp", .vicePresident), ("head", .director), ("director", .director), ("manager", .manager),
    ("senior", .other), ("entry", .other), ("intern", .other), ("VP", .vicePresident),
  ])
  func `seniority counts where the title says less`(seniority: String, authority: Authority) {
    #expect(Authority(title: "Sales", seniority: seniority) == authority)
  }

  @Test(arguments: lines)
  func `the index gives the same score as the facts, for leads that match`(line: Line) throws {
    let facts = Self.facts(line.facts)
    let state = ContactState(hasBounced: line.hasBounced)
    guard ProfileMatch(facts, line.profile).isMatch else { return }
    let traits = try #require(LeadTraits(facts, state, now: Self.now))
    let competes = line.profile.competitorDomains.contains { $0.text == traits.companyDomain }
    #expect(
      traits.base.matchedTotal(line.profile, isCompetitor: competes)
        == LeadScore.score(facts, state, line.profile, now: Self.now).total)
  }

  @Test func `the index knows the day on which timing changes`() {
    func changes(_ values: (LeadField, LeadValue)...) -> String? {
      LeadTraits(Self.facts(values), ContactState(), now: Self.now)?.changesOn?.description
    }
    #expect(changes() == nil)
    #expect(changes((.roleStartedOn, Self.date("2026-03-31"))) == "2026-09-30")
    #expect(changes((.companyFundedOn, Self.date("2025-08-15"))) == "2026-08-16")
    #expect(changes((.roleStartedOn, Self.date("2020-01-01"))) == nil)
    #expect(LeadTraits(LeadFacts(), ContactState(isExcluded: true), now: Self.now) == nil)
  }
}
