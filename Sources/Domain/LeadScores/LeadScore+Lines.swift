// The lines of the table of points, component by component.

extension LeadScore {
  static func dataQuality(_ facts: LeadFacts) -> [Reason] {
    let isVerified =
      facts.text(.email) != nil && facts.text(.emailStatus)?.lowercased() == EmailStatus.verified.rawValue
      && facts.flag(.emailIsCatchall) != true
    let hasPhone = facts.text(.phone) != nil || !facts.texts(.phones).isEmpty
    let hasLinkedIn = facts.text(.linkedInKey) != nil
    let hasPersonal = !facts.texts(.personalEmails).isEmpty
    return [
      Reason(
        "verified_email", isVerified ? 8 : 0, "the email address is \(isVerified ? "" : "not ")verified"),
      Reason("phone", hasPhone ? 6 : 0, hasPhone ? "a phone number is known" : "no phone number is known"),
      Reason("linkedin", hasLinkedIn ? 4 : 0, "the LinkedIn profile is \(hasLinkedIn ? "" : "not ")known"),
      Reason(
        "personal_email", hasPersonal ? 2 : 0,
        hasPersonal ? "a personal email address is known" : "no personal email address is known"),
    ]
  }

  static func authority(_ facts: LeadFacts) -> [Reason] {
    let found = Authority(title: facts.text(.title), seniority: facts.text(.seniority))
    let detail =
      switch found {
      case .owner: "owner, founder or CEO"
      case .cLevel: "on the C level"
      case .vicePresident: "a vice president"
      case .director: "a director"
      case .seniorManager: "a senior manager"
      case .manager: "a manager"
      case .other: "another role, or none that is known"
      }
    return [Reason(found.rawValue, found.points, detail)]
  }

  /// Of the company, as the client's profile wants it. What the profile does not ask for, every lead has.
  static func fit(_ facts: LeadFacts, _ profile: IdealProfile) -> [Reason] {
    let industry = MatchTerm.industry.isFulfilled(by: facts, for: profile)
    let employees = ProfileMatch.employees(facts, profile)
    let country = MatchTerm.country.isFulfilled(by: facts, for: profile)
    return [
      Reason("industry", industry ? 10 : 0, "the industry \(industry ? "matches" : "does not match")"),
      Reason(
        "employees", employees ? 5 : 0, "the company's size \(employees ? "matches" : "does not match")"),
      Reason("country", country ? 5 : 0, "the country \(country ? "matches" : "does not match")"),
    ]
  }

  /// Of the company's web site.
  static func web(_ facts: LeadFacts) -> [Reason] {
    let rank = facts.integer(.companyDomainRank) ?? 0
    let traffic = facts.integer(.companyOrganicTraffic) ?? 0
    let keywords = facts.integer(.companyTopTenKeywords) ?? 0
    return [
      Reason("domain_rank", rank > 500 ? 2 : rank > 150 ? 1 : 0, "the domain's rank, above 150 or 500"),
      Reason(
        "organic_traffic", traffic > 1_000 ? 2 : traffic > 200 ? 1 : 0,
        "visits from search, above 200 or 1,000 a month"),
      Reason("top_ten_keywords", keywords > 0 ? 1 : 0, "searches that show the site among the first ten"),
    ]
  }

  /// - Returns: the lines, and the first later day on which they are others.
  static func timing(_ facts: LeadFacts, on today: CivilDate) -> (reasons: [Reason], changesOn: CivilDate?) {
    let started = facts.date(.roleStartedOn)
    let isNew = started.map { $0 <= today && today < $0.adding(months: 6) } ?? false
    let funded = facts.date(.companyFundedOn)
    let isFunded = funded.map { $0 <= today && today <= $0.adding(months: 12) } ?? false
    let isHiring = facts.flag(.companyIsHiring) == true
    let changes =
      [started, started?.adding(months: 6), funded, funded?.adding(months: 12).adding(days: 1)]
      .compactMap { $0 }.filter { $0 > today }.min()
    return (
      [
        Reason("new_in_role", isNew ? 6 : 0, "in the role for less than 6 months, or not"),
        Reason("hiring", isHiring ? 5 : 0, isHiring ? "the company is hiring" : "the company is not hiring"),
        Reason("funded", isFunded ? 4 : 0, "funded in the last 12 months, or not"),
      ], changes
    )
  }

  /// What is a risk for every client.
  static func ownRisk(_ facts: LeadFacts, _ state: ContactState) -> [Reason] {
    let hasRank = (facts.integer(.companyDomainRank) ?? 0) > 0
    let hasTraffic = (facts.integer(.companyOrganicTraffic) ?? 0) > 0
    let isSpam = (facts.number(.companySpamScore) ?? 0) > 50
    return [
      Reason("start", ScoreComponent.risk.most, "what every lead begins with"),
      Reason(
        "bounced", state.hasBounced ? -8 : 0, state.hasBounced ? "mail has bounced" : "no mail has bounced"),
      Reason("no_domain_rank", hasRank ? 0 : -5, "the domain has \(hasRank ? "a" : "no") rank"),
      Reason("no_traffic", hasTraffic ? 0 : -3, "the site has \(hasTraffic ? "" : "no ")visits from search"),
      Reason("spam_score", isSpam ? -3 : 0, "the domain's spam score is \(isSpam ? "" : "not ")above 50"),
    ]
  }

  /// What is a risk for this client.
  static func risk(_ facts: LeadFacts, _ profile: IdealProfile) -> [Reason] {
    let domain = facts.text(.companyDomain)
    let competes = profile.competitorDomains.contains { $0.text == domain }
    let isRelevant = ProfileMatch.title(facts, profile, ifUnknown: true)
    return [
      Reason(
        "competitor", competes ? -ScoreBase.competitorRisk : 0,
        "the company is \(competes ? "" : "not ")a competitor"),
      Reason(
        "irrelevant_title", isRelevant ? 0 : -5, "the title is \(isRelevant ? "" : "not ")one to talk to"),
    ]
  }
}

extension CivilDate {
  /// The same day so many months later, or the last one of a shorter month.
  public func adding(months: Int) -> CivilDate {
    let index = year * 12 + month - 1 + months
    let (year, month) = (index / 12, index % 12 + 1)
    let day = min(day, CivilDate.days(inMonth: month, year: year))
    guard let date = CivilDate(year: year, month: month, day: day)
    else { preconditionFailure("a clamped day is one of its month") }
    return date
  }
}
