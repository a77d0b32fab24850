/// A fact that profiles ask for, as a number: what the index of matching leads is searched by.
///
/// Different facts may have one number. So the index gives leads that may match, and `ProfileMatch` decides.
public enum MatchTerm: String, CaseIterable, Hashable, Sendable {
  case industry, seniority, country, state, city, technology, keyword

  /// FNV-1a, 32 bits, of `industry:` and the folded text.
  public func code(_ text: String) -> Int32 {
    var hash: UInt32 = 2_166_136_261
    for byte in "\(rawValue):\(MatchText.folded(text))".utf8 {
      hash = (hash ^ UInt32(byte)) &* 16_777_619
    }
    return Int32(bitPattern: hash)
  }

  /// What a lead has of it.
  func values(of facts: LeadFacts) -> [String] {
    switch self {
    case .industry: facts.known(.companyIndustry) + facts.texts(.companyIndustries)
    case .seniority: facts.known(.seniority)
    case .country:
      facts.text(.companyCountry).map { [$0] } ?? facts.known(.country)
    case .state: facts.known(.companyState) + facts.known(.state)
    case .city: facts.known(.companyCity) + facts.known(.city)
    case .technology: facts.texts(.companyTechnologies)
    case .keyword: facts.texts(.companyKeywords)
    }
  }

  /// What a profile asks for; any of them will do.
  public func wishes(of profile: IdealProfile) -> [String] {
    switch self {
    case .industry: profile.industries
    case .seniority: profile.seniorities
    case .country: profile.countries
    case .state: profile.states
    case .city: profile.cities
    case .technology: profile.technologies
    case .keyword: profile.keywords
    }
  }

  /// Whether the lead has one of the profile's wishes, or there are none.
  func isFulfilled(by facts: LeadFacts, for profile: IdealProfile) -> Bool {
    let wishes = wishes(of: profile)
    if wishes.isEmpty { return true }
    let wanted = Set(wishes.map(MatchText.folded))
    return values(of: facts).contains { wanted.contains(MatchText.folded($0)) }
  }
}

extension LeadFacts {
  fileprivate func known(_ field: LeadField) -> [String] { text(field).map { [$0] } ?? [] }
}
