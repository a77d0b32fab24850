import Domain
import Testing

/// By what a person is the same in two records (`facts/providers/apollo.md` §4).
struct LeadIdentityTests {
  @Test(arguments: [
    ("http://www.linkedin.com/in/example-dana-whitlock-00000000", "in/example-dana-whitlock-00000000"),
    ("https://de.linkedin.com/in/Dana-Whitlock/?trk=people#about", "in/dana-whitlock"),
    ("linkedin.com/in/dana-whitlock/", "in/dana-whitlock"),
    ("HTTPS://LINKEDIN.COM:443/in/dana-whitlock/de", "in/dana-whitlock"),
    ("https://www.linkedin.com/in/j%C3%BCrgen-m%c3%bcller", "in/jürgen-müller"),
    ("https://www.linkedin.com/in/jürgen-müller", "in/jürgen-müller"),
    (" https://www.linkedin.com/pub/dana-whitlock/1/2/3 ", "pub/dana-whitlock/1/2/3"),
  ])
  func `a profile is one person's, however its URL is written`(url: String, key: String) {
    #expect(LinkedInKey(url)?.text == key)
  }

  @Test(arguments: [
    "", "dana", "https://www.linkedin.com/company/acme", "https://www.linkedin.com/in/",
    "https://www.linkedin.com/feed/update/1", "https://linkedin.com.example.com/in/dana",
    "https://example.com/linkedin.com/in/dana", "ftp://linkedin.com/in/dana",
    "https://notlinkedin.com/in/dana", "https://www.linkedin.com/in/a%2Fb",
    "https://www.linkedin.com/pub/dana", "https://www.linkedin.com/in/%",
    "https://www.linkedin.com/in/%ff", "https://www.linkedin.com/in/a%0Ab", "https://www.linkedin.com/in/%20",
    "https://www.linkedin.com/in/" + String(repeating: "a", count: 1_000),
  ])
  func `what is no profile of a person identifies nobody`(url: String) {
    #expect(LinkedInKey(url) == nil)
  }

  @Test(arguments: [
    ("Ada.Lovelace@Example.COM", "ada.lovelace@example.com", "example.com"),
    ("ada@Bücher.example", "ada@xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("ÄDA@example.com", "äda@example.com", "example.com"),
  ])
  func `addresses that differ in case or in the writing of the domain are one`(
    text: String, folded: String, domain: String
  ) throws {
    let address = try #require(EmailAddress(text))
    #expect(address.folded.text == folded)
    #expect(address.folded.folded == address.folded)
    #expect(address.folded.domain.text == domain)
  }

  @Test func `a lead is known by what it has of id, profile and address, the strongest first`() {
    var facts = LeadFacts()
    #expect(facts.identities == [])
    facts[.email] = .text("ada@example.com")
    facts[.apolloID] = .text("b1ae26190f2d30022bd025da")
    facts[.linkedInKey] = .text("in/ada")
    facts[.fullName] = .text("Ada Lovelace")
    #expect(
      facts.identities == [
        LeadIdentity(.apollo, "b1ae26190f2d30022bd025da"), LeadIdentity(.linkedin, "in/ada"),
        LeadIdentity(.email, "ada@example.com"),
      ])
  }
}

struct LeadFieldTests {
  @Test func `each field has a name of its own, and is found by it`() {
    #expect(LeadField.all.count > 100)
    for (place, field) in LeadField.all.enumerated() {
      #expect(field.ordinal == place)
      #expect(LeadField(named: field.name) == field)
    }
    #expect(LeadField(named: "shoe_size") == nil)
  }

  @Test func `no two fields are the same in Apollo's record`() {
    let paths = LeadField.all.compactMap(\.apolloPath)
    #expect(Set(paths).count == paths.count)
    #expect(paths.contains(["organization", "primary_domain"]))
  }

  @Test func `facts keep values of each kind, and say nothing of what they hold`() {
    var facts = LeadFacts()
    facts[.companyEmployees] = .integer(240)
    facts[.companyRevenue] = .number(42_000_000)
    facts[.companyTechnologies] = .texts(["Salesforce"])
    facts[.companyIsHiring] = .flag(true)
    #expect(facts.integer(.companyEmployees) == 240 && facts.number(.companyEmployees) == 240)
    #expect(facts.integer(.companyRevenue) == 42_000_000)
    #expect(facts.texts(.companyTechnologies) == ["Salesforce"] && facts.texts(.companyKeywords) == [])
    #expect(facts.flag(.companyIsHiring) == true && facts.flag(.emailIsCatchall) == nil)
    #expect(
      facts.known
        == [.companyEmployees, .companyTechnologies, .companyRevenue, .companyIsHiring]
        .sorted { $0.ordinal < $1.ordinal })
    #expect("\(facts)" == "4 facts")
  }
}
