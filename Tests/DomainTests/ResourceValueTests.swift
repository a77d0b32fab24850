import Domain
import Testing

@Suite struct `Resource values` {
  @Test(
    "domains are normalised to ASCII and lower case",
    arguments: [
      ("AgencyXOS-Growth.com", "agencyxos-growth.com"), ("  acme.io\n", "acme.io"),
      ("acme.io.", "acme.io"), ("Bücher.example", "xn--bcher-kva.example"),
      ("BU\u{308}CHER.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
      ("XN--BCHER-KVA.EXAMPLE", "xn--bcher-kva.example"), ("straße.de", "xn--strae-oqa.de"),
      ("例え。テスト", "xn--r8jz45g.xn--zckzah"), ("a.b.c.d.example.co.uk", "a.b.c.d.example.co.uk"),
      ("ｆｕｌｌ.com", "full.com"), ("1and1.com", "1and1.com"),
    ])
  func domains(text: String, expected: String) throws {
    #expect(try ResourceValue(text, kind: .emailDomain).text == expected)
    #expect(DomainName(expected)?.text == expected)
  }

  @Test(
    "what is no domain is refused, and the answer says why",
    arguments: [
      ("", ResourceValueFault.empty), (" \t\n", .empty), ("localhost", .notADomain),
      ("acme..io", .notADomain),
      (".acme.io", .notADomain), ("acme.io..", .notADomain), ("ac me.io", .notADomain),
      ("-acme.io", .notADomain), ("acme-.io", .notADomain), ("ac_me.io", .notADomain),
      ("192.168.0.1", .notADomain), ("acme.123", .notADomain), ("acme.io\0", .notADomain),
      ("jo@acme.io", .addressInsteadOfDomain), ("https://acme.io", .urlInsteadOfDomain),
      ("acme.io/x", .urlInsteadOfDomain), ("acme.io:25", .urlInsteadOfDomain),
      ("xn--a.com", .notADomain), ("a\u{202E}b.com", .notADomain),
      (String(repeating: "a", count: 64) + ".com", .notADomain),
      (String(repeating: "abcdefghi.", count: 26) + "com", .notADomain),
      (String(repeating: "ü.", count: 600) + "com", .notADomain),
    ])
  func refusedDomains(text: String, fault: ResourceValueFault) {
    #expect(throws: fault) { try ResourceValue(text, kind: .emailDomain) }
  }

  @Test func `the longest names pass`() throws {
    let label = String(repeating: "a", count: 63)
    let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    #expect(name.utf8.count == 253)
    #expect(try ResourceValue(name, kind: .emailDomain).text == name)
    #expect(DomainName("b" + name) == nil)
  }

  @Test func `mailboxes are addresses in lower case on a normalised domain`() throws {
    let mailbox = try ResourceValue(" Jo.Doe@Bücher.Example ", kind: .mailbox)
    #expect(mailbox.text == "jo.doe@xn--bcher-kva.example")
    #expect(mailbox.domain == DomainName("bücher.example"))
    for text in ["jo", "@acme.io", "jo@", "jo@localhost", "jo doe@acme.io", "jo@acme@acme.io"] {
      #expect(throws: ResourceValueFault.notAnAddress) { try ResourceValue(text, kind: .mailbox) }
    }
  }

  @Test func `phone numbers are E.164`() throws {
    #expect(try ResourceValue("(650) 530-0051", kind: .phoneNumber).text == "+16505300051")
    #expect(try ResourceValue("0412 345 678", kind: .phoneNumber, region: "AU").text == "+61412345678")
    #expect(throws: ResourceValueFault.notAPhoneNumber) { try ResourceValue("12", kind: .phoneNumber) }
  }

  @Test func `seats are trimmed and keep their case`() throws {
    #expect(try ResourceValue(" seat_aBc123\n", kind: .linkedInSeat).text == "seat_aBc123")
    for text in ["seat one", "seat\u{7}", String(repeating: "s", count: 201)] {
      #expect(throws: ResourceValueFault.notASeat) { try ResourceValue(text, kind: .linkedInSeat) }
    }
  }

  @Test func `numbers and addresses print masked`() throws {
    #expect(try ResourceValue("+14244851544", kind: .phoneNumber).description == "+1424•••1544")
    #expect(try ResourceValue("jo@acme.io", kind: .mailbox).description == "j•••@acme.io")
    #expect(try ResourceValue("acme.io", kind: .emailDomain).description == "acme.io")
  }

  @Test func `words are those of the document`() {
    #expect(
      ResourceKind.allCases.map(\.rawValue) == ["email_domain", "mailbox", "phone_number", "linkedin_seat"])
    #expect(
      ResourceKind.allCases.map { $0.words(1) }
        == ["1 email domain", "1 mailbox", "1 phone number", "1 LinkedIn seat"])
    #expect(ResourceKind.mailbox.words(2) == "2 mailboxes")
    #expect(ResourceKind.linkedInSeat.words(0) == "0 LinkedIn seats")
  }
}
