import Domain
import Engine
import JSON
import Postgres
import Store
import TestSupport
import Testing

/// What Apollo says comes back, field by field.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct CaptureTests {
  @Test(arguments: [0, 1, 2, 3, 4])
  func `each field of a sample comes back as it was`(index: Int) async throws {
    let world = IntakeWorld()
    let people = try ApolloSample.all()
    try #require(people.count == 5)
    let person = people[index]
    let incoming = try ApolloSample.incoming(person, at: world.now)
    #expect(incoming.unknownFields == [])
    let lead = try await world.lead(try await world.take([incoming])[0])
    var compared = 0
    for field in LeadField.all {
      guard let path = field.apolloPath else { continue }
      let said = path.reduce(person as JSONValue?) { $0?[$1] } ?? .null
      try compare(field, said, lead.facts)
      if lead.facts[field] != nil { compared += 1 }
    }
    #expect(compared >= [100, 40, 40, 40, 30][index])
  }

  private func compare(_ field: LeadField, _ said: JSONValue, _ facts: LeadFacts) throws {
    if field == .email, let address = said.string, EmailAddress.isPlaceholder(address) {
      #expect(facts[.email] == nil)
      return
    }
    switch said {
    case .null, .string(""), .array([]), .object([:]): #expect(facts[field] == nil, "\(field)")
    case .string(let text) where field.kind == .text: #expect(facts.text(field) == text, "\(field)")
    case .string(let text): #expect(facts.date(field)?.description == String(text.prefix(10)), "\(field)")
    case .bool(let flag): #expect(facts.flag(field) == flag, "\(field)")
    case .int(let number) where field.kind == .integer: #expect(facts.integer(field) == number, "\(field)")
    case .int, .double: #expect(facts.number(field) == said.double, "\(field)")
    case .array(let list) where field.kind == .texts:
      #expect(facts.texts(field) == list.map { $0.string }, "\(field)")
    case .array, .object:
      let text = try #require(facts.json(field), "\(field)")
      #expect(try JSONValue(parsing: text) == said, "\(field)")
    }
  }

  @Test func `every key of the samples has a field`() throws {
    let known = Set(LeadField.all.compactMap { $0.apolloPath?.joined(separator: ".") })
    for person in try ApolloSample.all() {
      for key in person.object?.keys ?? [] where key != "organization" {
        #expect(known.contains(key), "\(key)")
      }
      for key in person["organization"]?.object?.keys ?? [] {
        #expect(known.contains("organization." + key), "\(key)")
      }
    }
  }

  @Test func `the record is kept as it came, and a key that nobody knows is counted`() async throws {
    let world = IntakeWorld()
    let text = #"{"id": "a1",  "mood": "good", "organization": {"name": "X", "shape": [1]}, "city": 5}"#
    let incoming = try ApolloRecord.incoming(Array(text.utf8), row: 1, receivedAt: world.now).get()
    #expect(incoming.unknownFields == ["mood", "organization.shape"])
    let lead = try await world.lead(try await world.take([incoming])[0])
    #expect(lead.facts.text(.city) == "5")
    let kept = try await world.database.transaction { try LeadRecordStore.list(of: lead.id, in: &$0) }
    #expect(kept.map(\.record) == [text] && kept.map(\.provider) == ["apollo"])
    try await world.take([try ApolloRecord.incoming(Array(text.utf8), row: 1, receivedAt: world.now).get()])
    #expect(
      try await world.texts("SELECT path || ' ' || seen FROM lead_unknown_fields ORDER BY path")
        == ["mood 2", "organization.shape 2"])
  }

  @Test func `a value of another type stays in the record and is counted`() throws {
    let text = """
      {"id": "a1", "first_name": ["x"], "departments": "sales", "show_intent": "yes",
       "time_zone": "Mars/Base",
       "email": "no address", "organization": {"founded_year": "old", "primary_domain": "a b"},
       "organization_id": null, "personal_emails": [{}]}
      """
    let lead = try ApolloRecord.incoming(Array(text.utf8), row: 1, receivedAt: Timestamp(microseconds: 0))
      .get()
    #expect(lead.facts.known == [.apolloID])
    #expect(
      Set(lead.unknownFields) == [
        "first_name (array)", "departments (string)", "show_intent (string)", "time_zone (not understood)",
        "email (not understood)", "organization.founded_year (string)",
        "organization.primary_domain (not understood)", "personal_emails (array)",
      ])
  }

  @Test(arguments: [
    "email_not_unlocked@domain.com", "EMAIL_NOT_UNLOCKED@domain.com", "email_not_unlocked@example.org",
  ])
  func `the placeholder of a locked address is no address`(placeholder: String) throws {
    let text = #"{"id": "a1", "email": "\#(placeholder)", "email_status": "verified"}"#
    let lead = try ApolloRecord.incoming(Array(text.utf8), row: 1, receivedAt: Timestamp(microseconds: 0))
      .get()
    #expect(lead.facts.text(.email) == nil && lead.facts.text(.emailDomain) == nil)
    #expect(lead.facts.text(.emailStatus) == "verified" && lead.facts.emailStatus == nil)
    #expect(lead.unknownFields == [])
  }

  @Test func `what follows from the record is derived`() throws {
    let lead = try ApolloSample.incoming(try ApolloSample.all()[0], at: Timestamp(microseconds: 0))
    #expect(lead.facts.text(.phone) == "+15125550143")
    #expect(lead.facts.texts(.phones) == ["+15125550143"])
    #expect(lead.facts.date(.roleStartedOn)?.description == "2023-04-01")
    #expect(lead.facts.text(.linkedInKey) == "in/example-dana-whitlock-00000000")
    #expect(lead.facts.text(.emailDomain) == "brightwater-robotics.example.com")
    #expect(lead.facts.emailStatus == .verified)
  }

  @Test func `a record of nobody is rejected`() {
    func reason(_ text: String) -> String? {
      guard
        case .failure(let error) = ApolloRecord.incoming(
          Array(text.utf8), row: 1, receivedAt: Timestamp(microseconds: 0))
      else { return nil }
      return error.field
    }
    #expect(reason(#"{"first_name": "Ada", "organization": {"name": "X"}}"#) == "identity")
    #expect(reason(#"{"person": null}"#) == "identity")
    #expect(reason("[]") == "record")
    #expect(reason("{") == "record")
    #expect(reason(#"{"phone_numbers": [{"sanitized_number": "+15125550143"}]}"#) == nil)
  }
}
