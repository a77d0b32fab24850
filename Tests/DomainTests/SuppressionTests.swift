import Domain
import Testing

@Suite struct `Suppressions` {
  @Test(arguments: [
    ("Dana@Example.COM", "email", "dana@example.com"),
    (" dana+x@bücher.example ", "email", "dana+x@xn--bcher-kva.example"),
    ("@Example.com", "domain", "example.com"), ("*.example.com", "domain", "example.com"),
    ("bücher.example", "domain", "xn--bcher-kva.example"), ("1and1.com", "domain", "1and1.com"),
    ("+44 20 7946 0958", "phone", "+442079460958"), ("(650) 530-0051", "phone", "+16505300051"),
    ("https://www.linkedin.com/in/Dana-Whitlock-1/?trk=x", "linkedin", "in/dana-whitlock-1"),
    ("in/dana-whitlock-1", "linkedin", "in/dana-whitlock-1"),
    ("5f2a3c9e1b7d4a0012ab34cd", "apollo", "5f2a3c9e1b7d4a0012ab34cd"),
  ])
  func `an address is taken for what it looks like, and is the same however it is written`(
    text: String, kind: String, value: String
  ) {
    let address = ContactAddress(guessing: text)
    #expect(address?.kind.rawValue == kind && address?.value == value)
    // What was normalised once stays so: exports can be imported.
    #expect(address.flatMap { ContactAddress($0.kind, $0.value) } == address)
    #expect(address.map { "\($0)" } == "\(kind) address", "an address stands in no log")
  }

  @Test(arguments: ["", " ", "dana", "dana@", "@", "a b@example.com", "12", "https://example.com/x", "-"])
  func `what is no address is none`(text: String) {
    #expect(ContactAddress(guessing: text) == nil)
  }

  @Test func `an email address is meant by its domain and all domains above`() {
    let address = ContactAddress(.email, "dana@a.b.example")
    #expect(
      address?.covering.map(\.value) == ["dana@a.b.example", "a.b.example", "b.example"])
    #expect(ContactAddress(.domain, "b.example")?.covering.map(\.value) == ["b.example"])
    #expect(ContactAddress(.phone, "+16505300051")?.covering.count == 1)
  }

  static func suppression(
    _ key: UInt64, for client: ID<Client>? = nil, _ reason: Suppression.Reason = .manual,
    lifted: Bool = false
  ) -> Suppression {
    Suppression(
      id: ID(high: key, low: 9), clientID: client, kind: .email, key: ID(high: 0, low: key),
      value: reason == .erased ? nil : "x@example.com", reason: reason, source: "test",
      createdAt: Timestamp(microseconds: 0), liftedAt: lifted ? Timestamp(microseconds: 1) : nil)
  }

  @Test func `a lead is meant by its keys, by those for everybody and by its client's`() {
    let all = [
      Self.suppression(1), Self.suppression(2, for: someClient), Self.suppression(3, for: otherClient),
      Self.suppression(4, lifted: true), Self.suppression(5),
    ]
    let keys: [ContactKey: ContactOrigin] = [
      ID(high: 0, low: 1): .email, ID(high: 0, low: 2): .phone, ID(high: 0, low: 3): .linkedin,
      ID(high: 0, low: 4): .former,
    ]
    func hits(_ client: ID<Client>?) -> [ContactOrigin] {
      SuppressionRule.hits(on: keys, of: all, for: client).map(\.origin)
    }
    #expect(hits(nil) == [.email])
    #expect(hits(someClient) == [.email, .phone])
    #expect(hits(otherClient) == [.email, .linkedin])
    #expect(SuppressionRule.hits(on: [:], of: all, for: someClient) == [])
  }

  @Test func `a lead's contacts are all that reaches or names it, and the domains above its own`() {
    var facts = LeadFacts()
    #expect(facts.addresses == [])
    facts[.email] = .text("dana@mail.acme.example")
    facts[.emailDomain] = .text("mail.acme.example")
    facts[.companyDomain] = .text("acme.example")
    facts[.personalEmails] = .texts(["Dana@Home.example"])
    facts[.phone] = .text("+16505300051")
    facts[.phones] = .texts(["+16505300051", "+16505300052"])
    facts[.linkedInKey] = .text("in/dana")
    facts[.apolloID] = .text("a1")
    #expect(
      facts.addresses.map { "\($0.origin.rawValue) \($0.address.value)" } == [
        "email dana@mail.acme.example", "personal_email dana@home.example", "phone +16505300051",
        "phone +16505300052", "linkedin in/dana", "apollo a1", "email_domain mail.acme.example",
        "email_domain acme.example", "company_domain acme.example",
      ])
  }

  @Test(arguments: Suppression.Reason.allCases)
  func `who was forgotten stays suppressed, and a legal one is the platform's to lift`(
    reason: Suppression.Reason
  ) {
    let open = Self.suppression(1, reason)
    let (byOperator, byClient) = (open.lifting(byClient: false), open.lifting(byClient: true))
    #expect(byOperator == (reason == .erased ? .stays : .lifts))
    #expect(byClient == ([.erased, .legal].contains(reason) ? .stays : .lifts))
    if reason != .erased {
      #expect(Self.suppression(1, reason, lifted: true).lifting(byClient: false) == .alreadyLifted)
    }
  }

  @Test func `keys of a person stay for all addresses, but not for the company's own number`() {
    var facts = LeadFacts()
    facts[.email] = .text("dana@acme.example")
    facts[.phones] = .texts(["+16505300051", "+14155550100"])
    facts[.companyPhone] = .text("(415) 555-0100")
    let kept = Erasure.remembered(
      of: [facts], emails: [EmailAddress("Dana@Acme.example")!, EmailAddress("d@home.example")!],
      numbers: [PhoneNumber(e164: "+16505300052")!])
    #expect(
      kept.map(\.value) == ["dana@acme.example", "+16505300051", "d@home.example", "+16505300052"])
  }
}
