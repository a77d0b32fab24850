import Domain
import Testing

struct ProfileMatchTests {
  static let lead: LeadFacts = LeadScoreTests.facts([
    (.title, .text("Head of Sales, APAC")), (.seniority, .text("head")), (.city, .text("Sydney")),
    (.state, .text("New South Wales")), (.country, .text("Australia")),
    (.companyDomain, .text("acme.example")), (.companyEmployees, .integer(20)),
    (.companyIndustry, .text("Computer  Software")), (.companyTechnologies, .texts(["HubSpot", "Slack"])),
    (.companyKeywords, .texts(["b2b", "crm"])),
  ])

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let misses: [ProfileMatch.Miss]
    var profile = IdealProfile()
    var testDescription: String { name }
    init(_ name: String, _ misses: ProfileMatch.Miss..., change: (inout IdealProfile) -> Void) {
      (self.name, self.misses) = (name, misses)
      change(&profile)
    }
  }

  @Test(arguments: [
    Case("nothing asked") { _ in },
    Case("case and spaces do not matter") { $0.industries = [" computer software"] },
    Case("one of many") { $0.technologies = ["Salesforce", "slack"] },
    Case("another industry", .industry) { $0.industries = ["retail"] },
    Case("keyword") { $0.keywords = ["CRM"] },
    Case("no such keyword", .keyword) { $0.keywords = ["cr"] },
    Case("places") { ($0.cities, $0.states) = (["sydney"], ["new south wales"]) },
    Case("elsewhere", .country, .city) { ($0.cities, $0.countries) = (["Perth"], ["Chile"]) },
    Case("a word of the title") { $0.titles = ["sales"] },
    Case("words one after the other") { $0.titles = ["CTO", "head of sales"] },
    Case("a part of a word is no word", .title) { $0.titles = ["sale"] },
    Case("words apart", .title) { $0.titles = ["head sales"] },
    Case("an excluded word", .title) { ($0.titles, $0.excludedTitles) = (["sales"], ["apac"]) },
    Case("the least size") { $0.employees = 20...30 },
    Case("the greatest size") { $0.employees = 1...20 },
    Case("too small", .employees) { $0.employees = 21...30 },
    Case("an excluded company", .excludedDomain) { $0.excludedDomains = [DomainName("acme.example")!] },
  ])
  func `a lead has what the profile asks for, or it is said what it lacks`(test: Case) {
    #expect(ProfileMatch(Self.lead, test.profile).misses == test.misses)
  }

  @Test func `what is not known does not match what is asked for`() {
    var profile = IdealProfile()
    #expect(ProfileMatch(LeadFacts(), profile).misses == [.employees])
    profile.employees = nil
    #expect(ProfileMatch(LeadFacts(), profile).isMatch)
    (profile.titles, profile.seniorities) = (["cto"], ["vp"])
    #expect(ProfileMatch(LeadFacts(), profile).misses == [.seniority, .title])
  }

  @Test func `a term has one number, whatever the case, and another for another kind`() {
    #expect(MatchTerm.city.code(" Sydney ") == MatchTerm.city.code("sydney"))
    #expect(MatchTerm.city.code("Georgia") != MatchTerm.state.code("Georgia"))
    // Databases remember these.
    #expect(MatchTerm.industry.code("saas") == MatchTerm.industry.code("SaaS"))
    let traits = LeadTraits(Self.lead, ContactState(), now: LeadScoreTests.now)
    #expect(traits?.terms.contains(MatchTerm.technology.code("hubspot")) == true)
    #expect(traits?.title == " head of sales apac ")
  }
}
