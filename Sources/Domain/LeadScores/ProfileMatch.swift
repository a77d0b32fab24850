/// Whether a lead is what a client's profile asks for, point by point.
public struct ProfileMatch: Hashable, Sendable {
  /// What a lead lacks.
  public enum Miss: String, CaseIterable, Hashable, Sendable {
    case industry, seniority, country, state, city, technology, keyword
    case title
    case employees
    /// Its company is one that the client does not want.
    case excludedDomain = "excluded_domain"

    init(_ term: MatchTerm) {
      self =
        switch term {
        case .industry: .industry
        case .seniority: .seniority
        case .country: .country
        case .state: .state
        case .city: .city
        case .technology: .technology
        case .keyword: .keyword
        }
    }
  }

  /// In a fixed order; empty for a lead that matches.
  public let misses: [Miss]

  public var isMatch: Bool { misses.isEmpty }

  public init(_ facts: LeadFacts, _ profile: IdealProfile) {
    var misses = MatchTerm.allCases.filter { !$0.isFulfilled(by: facts, for: profile) }.map(Miss.init)
    if !Self.title(facts, profile, ifUnknown: profile.titles.isEmpty) { misses.append(.title) }
    if !Self.employees(facts, profile) { misses.append(.employees) }
    if profile.excludedDomains.contains(where: { $0.text == facts.text(.companyDomain) }) {
      misses.append(.excludedDomain)
    }
    self.misses = misses
  }

  /// Whether the title is one that the profile asks for.
  static func title(_ facts: LeadFacts, _ profile: IdealProfile, ifUnknown: Bool) -> Bool {
    let title = MatchText.words(facts.text(.title) ?? "")
    guard !title.isEmpty else { return ifUnknown }
    func has(_ phrase: String) -> Bool {
      let words = MatchText.words(phrase)
      return !words.isEmpty && title.contains(words)
    }
    if profile.excludedTitles.contains(where: has) { return false }
    return profile.titles.isEmpty || profile.titles.contains(where: has)
  }

  static func employees(_ facts: LeadFacts, _ profile: IdealProfile) -> Bool {
    guard let range = profile.employees else { return true }
    return facts.integer(.companyEmployees).map(range.contains) ?? false
  }
}
