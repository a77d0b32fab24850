/// The points of a lead that are the same for every client: what a score begins with.
public struct ScoreBase: Hashable, Sendable {
  public var dataQuality: Int
  public var authority: Int
  /// Of the company's web site: a part of the company's fit.
  public var web: Int
  public var timing: Int
  /// Not yet bounded: what a client adds to it may take it below 0.
  public var risk: Int

  /// What the company's fit has besides `web`, in a lead that matches the profile.
  public static let matchedFit = 20
  public static let competitorRisk = 10

  public init(dataQuality: Int, authority: Int, web: Int, timing: Int, risk: Int) {
    self.dataQuality = dataQuality
    self.authority = authority
    self.web = web
    self.timing = timing
    self.risk = risk
  }

  func points(_ component: ScoreComponent) -> Int {
    switch component {
    case .dataQuality: dataQuality
    case .authority: authority
    case .companyFit: web
    case .timing: timing
    case .risk: max(0, risk)
    }
  }

  /// The score of a lead that matches the profile.
  public func matchedTotal(_ profile: IdealProfile, isCompetitor: Bool) -> Int {
    var whole = self
    whole.web += Self.matchedFit
    if isCompetitor { whole.risk -= Self.competitorRisk }
    return profile.weights.total { whole.points($0) }
  }
}

/// What the index of matching leads keeps of a lead: enough to find it for a profile and to put it into the
/// order of scores, much less than the lead. It may be out of date; whoever gives a lead to a client decides
/// by the facts themselves.
public struct LeadTraits: Hashable, Sendable {
  /// `MatchTerm.code` of all that profiles may ask for, each once, in order.
  public let terms: [Int32]
  /// `MatchText.words`.
  public let title: String
  public let employees: Int?
  public let companyDomain: String?
  public let base: ScoreBase
  /// The first later day on which `base` is another one by itself.
  public let changesOn: CivilDate?

  /// Nil for a lead that nobody may contact.
  public init?(_ facts: LeadFacts, _ state: ContactState, now: Timestamp) {
    guard !state.isExcluded else { return nil }
    let timing = LeadScore.timing(facts, on: TimeZoneName.utc.date(at: now))
    terms = Set(MatchTerm.allCases.flatMap { term in term.values(of: facts).map { term.code($0) } }).sorted()
    title = MatchText.words(facts.text(.title) ?? "")
    employees = facts.integer(.companyEmployees)
    companyDomain = facts.text(.companyDomain)
    base = ScoreBase(
      dataQuality: LeadScore.sum(LeadScore.dataQuality(facts)),
      authority: LeadScore.sum(LeadScore.authority(facts)), web: LeadScore.sum(LeadScore.web(facts)),
      timing: LeadScore.sum(timing.reasons), risk: LeadScore.sum(LeadScore.ownRisk(facts, state)))
    changesOn = timing.changesOn
  }

  /// The fields that matching and scores go by.
  public static let fields: [LeadField] = [
    .title, .seniority, .roleStartedOn, .email, .emailStatus, .emailIsCatchall, .personalEmails, .phone,
    .phones, .linkedInKey, .city, .state, .country, .companyDomain, .companyEmployees, .companyIndustry,
    .companyIndustries, .companyKeywords, .companyCity, .companyState, .companyCountry, .companyFundedOn,
    .companyTechnologies, .companyIsHiring, .companyDomainRank, .companyOrganicTraffic,
    .companyTopTenKeywords, .companySpamScore,
  ]
}
