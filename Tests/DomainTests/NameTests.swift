import Domain
import Testing

@Suite struct `Names and addresses` {
  @Test(arguments: ["My Reverse Options", "X", "Ünïcode & Söhne GmbH", String(repeating: "a", count: 200)])
  func `of companies are one line of 1 to 200 characters`(text: String) {
    #expect(CompanyName(text)?.text == text)
  }

  @Test(arguments: [
    "", " ", " Broker", "Broker ", "Bro\nker", "Bro\u{0}ker", "Bro\u{7F}ker", "Bro\u{2028}ker", "\u{85}",
    String(repeating: "a", count: 201), "a" + String(repeating: "\u{301}", count: 100_000),
  ])
  func `of companies that are anything else are refused`(text: String) {
    #expect(CompanyName(text) == nil)
  }

  @Test(arguments: [
    ("test@example.com", "test@example.com"), ("John.Doe+x@EXAMPLE.Com", "John.Doe+x@example.com"),
    ("o'neil_%{}@a-b.co.uk", "o'neil_%{}@a-b.co.uk"), ("ü@exämple.de", "ü@exämple.de"),
    ("x@123.com", "x@123.com"),
  ])
  func `of people keep their local part and get a lower-case domain`(text: String, stored: String) {
    #expect(EmailAddress(text)?.text == stored)
  }

  @Test(arguments: [
    "", "@", "a@", "@b.com", "a@b", "a@b..com", "a@.com", "a@b.com.", ".a@b.com", "a.@b.com", "a..b@c.com",
    "a b@c.com", "a@b c.com", "a@-b.com", "a@b-.com", "a@b_c.com", "a@1.2.3.4", "a\u{0}@b.com", "a@b.com\n",
    "a@b@c.com", "\"a\"@b.com", "a<b>@c.com", "a,b@c.com", "a@[127.0.0.1]",
    String(repeating: "a", count: 65) + "@b.com", "a@" + String(repeating: "b", count: 64) + ".com",
    "a@" + String(repeating: "bcd.", count: 70) + "com",
  ])
  func `of people that cannot be are refused`(text: String) {
    #expect(EmailAddress(text) == nil)
  }

  @Test func `of people are masked where they are printed`() throws {
    let address = try #require(EmailAddress("john.doe@example.com"))
    #expect("\(address)" == "j•••@example.com")
    #expect(String(reflecting: address) == "j•••@example.com")
    #expect("\(EmailAddress(unchecked: ""))" == "•••")
    let lead = Lead(id: lead(1), primaryEmail: address, firstName: "John", createdAt: noon)
    #expect(!"\(lead)".contains("example") && !"\(lead)".contains("John"))
  }

  @Test(arguments: [
    "45b2f2bb-5d0f-4c96-b43f-673584207d9d", "x", "<vapi_id_1>", String(repeating: "a", count: 100),
  ])
  func `of providers' ids are visible ASCII`(text: String) {
    #expect(ProviderNumberID(text)?.text == text)
  }

  @Test(arguments: ["", " ", "a b", "ä", "a\t", "\u{7F}", String(repeating: "a", count: 101)])
  func `of providers' ids that are not are refused`(text: String) {
    #expect(ProviderNumberID(text) == nil)
  }

  @Test func `of providers' ids sort by their bytes`() {
    let ids = ["b", "a", "Z", "a-1", "a10", "_"].map { ProviderNumberID($0)! }
    #expect(ids.sorted().map(\.text) == ["Z", "_", "a", "a-1", "a10", "b"])
  }
}

@Suite struct `Similar names` {
  let names = ["My Reverse Options", "Second Broker LLC", "Second Broker Inc", "Acme", "Bravo Lending"]

  @Test(arguments: [
    ("my reverse options", ["My Reverse Options"]), ("My  Reverse Options ", ["My Reverse Options"]),
    ("My Reverse Option", ["My Reverse Options"]), ("My Revesre Options", ["My Reverse Options"]),
    ("My Reverse", ["My Reverse Options"]), ("Acem", ["Acme"]), ("Acme Corporation", ["Acme"]),
    ("Second Broker LLD", ["Second Broker LLC", "Second Broker Inc"]), ("Zebra", []), ("", []), ("a", []),
    ("second", ["Second Broker Inc", "Second Broker LLC"]),
  ])
  func `are found by slips and beginnings, the closest first`(name: String, hints: [String]) {
    #expect(SimilarNames.hints(for: name, among: names) == hints)
  }

  @Test func `are at most three, or fewer when asked`() {
    let many = (0..<10).map { "Broker \($0)" }
    #expect(SimilarNames.hints(for: "Broker x", among: many) == ["Broker 0", "Broker 1", "Broker 2"])
    #expect(SimilarNames.hints(for: "Broker x", among: many, limit: 1) == ["Broker 0"])
  }

  @Test func `are not looked for when the name is absurdly long`() {
    #expect(SimilarNames.hints(for: String(repeating: "a", count: 100_000), among: names).isEmpty)
  }
}
