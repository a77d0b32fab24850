import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// The same person is one lead.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct IntakeTests {
  @Test func `a person is known again by Apollo's id, by profile, and by address`() async throws {
    let world = IntakeWorld()
    let first = try await world.take([
      world.row([
        "apollo_id": "a1", "linkedin_url": "http://www.linkedin.com/in/Ada-1/", "email": "Ada@BÜCHER.example",
      ])
    ])[0]
    let id = try #require(first.leadID)
    #expect(first == .new(id))
    for texts in [
      ["apollo_id": "a1"], ["linkedin_url": "https://de.linkedin.com/in/ada-1?x=1"],
      ["email": "ADA@xn--bcher-kva.example"],
    ] {
      #expect(try await world.take([world.row(texts)]) == [.unchanged(id)])
    }
    #expect(try await world.count("SELECT count(*) FROM lead_pool") == 1)
  }

  @Test func `rows of one person make one lead, also by way of a third row`() async throws {
    let world = IntakeWorld()
    let verdicts = try await world.take([
      world.row(1, ["apollo_id": "a1", "city": "Austin"]), world.row(2, ["email": "ada@example.com"]),
      world.row(3, ["apollo_id": "a2"]), world.row(4, ["apollo_id": "a1", "email": "ada@example.com"]),
      world.row(5, ["email": "ada@example.com", "title": "CTO"]),
    ])
    let id = try #require(verdicts[0].leadID)
    #expect(verdicts[0] == .new(id) && verdicts[1] == .duplicate(ofRow: 1) && verdicts[2].isNew)
    #expect(verdicts[3] == .merged(id) && verdicts[4] == .duplicate(ofRow: 1))
    let lead = try await world.lead(id)
    #expect(lead.facts.text(.title) == "CTO" && lead.facts.text(.city) == "Austin")
  }

  @Test func `an identity that was folded into another still leads to the lead`() async throws {
    let world = IntakeWorld()
    let verdicts = try await world.take([
      world.row(1, ["apollo_id": "a1", "email": "old@example.com"], at: world.now - .hours(1)),
      world.row(2, ["apollo_id": "a1", "email": "new@example.com"]),
    ])
    let id = try #require(verdicts[0].leadID)
    #expect(try await world.lead(id).facts.text(.email) == "new@example.com")
    for email in ["old@example.com", "new@example.com"] {
      #expect(try await world.take([world.row(["email": email])])[0].leadID == id)
    }
  }

  @Test func `newer facts win, older ones fill gaps, and the ledger names the fields`() async throws {
    let world = IntakeWorld()
    let id = try await world.id([world.row(["apollo_id": "a1", "title": "CTO", "city": "Austin"])])
    world.world.clock.advance(by: .hours(1))
    #expect(
      try await world.take([world.row(["apollo_id": "a1", "title": "CEO"])]) == [.updated(id, [.title])])
    let older = world.row(
      ["apollo_id": "a1", "title": "Intern", "seniority": "entry"], source: "api",
      at: world.now - .minutes(90))
    #expect(try await world.take([older]) == [.updated(id, [.seniority])])
    let lead = try await world.lead(id)
    #expect(lead.facts.text(.title) == "CEO" && lead.facts.text(.city) == "Austin")
    #expect(lead.provenance[.role] == Provenance(source: "csv", at: world.now))
    #expect(
      try await world.texts(
        "SELECT details->>'fields' FROM lead_ledger WHERE kind = 'updated' ORDER BY details->>'fields'")
        == [#"["seniority"]"#, #"["title"]"#])
  }

  @Test func `the same record again changes nothing, whatever its JSON looks like in the database`()
    async throws
  {
    let world = IntakeWorld()
    let people = try ApolloSample.all().prefix(3)
    let records = try people.enumerated().map { try ApolloSample.incoming($1, row: $0 + 1, at: world.now) }
    let first = try await world.take(records)
    #expect(first.allSatisfy { $0.isNew })
    let xmin = try await world.texts("SELECT xmin::text FROM lead_pool ORDER BY id")
    #expect(try await world.take(records) == first.map { .unchanged($0.leadID ?? ID(high: 0, low: 0)) })
    // Without the kept records the facts themselves are compared.
    let again = records.map { record in
      var record = record
      record.record = nil
      return record
    }
    #expect(try await world.take(again) == first.map { .unchanged($0.leadID ?? ID(high: 0, low: 0)) })
    #expect(try await world.texts("SELECT xmin::text FROM lead_pool ORDER BY id") == xmin)
  }

  @Test func `a row that claims two leads is a conflict and changes nothing`() async throws {
    let world = IntakeWorld()
    let made = try await world.take([
      world.row(1, ["apollo_id": "a1"]), world.row(2, ["email": "ada@example.com"]),
    ]).compactMap(\.leadID)
    let claim = world.row(["apollo_id": "a1", "email": "ada@example.com", "title": "CEO"])
    let verdict = try await world.take([claim])[0]
    guard case .conflict(let conflict) = verdict else { throw Astray() }
    #expect(try await world.lead(made[0]).facts.text(.title) == nil)
    #expect(try await world.lead(made[1]).facts.text(.title) == nil)
    #expect(try await world.take([claim]) == [.conflict(conflict)])
    #expect(try await world.count("SELECT count(*) FROM lead_conflicts") == 1)
  }

  @Test func `two persons behind one address are a conflict`() async throws {
    let world = IntakeWorld()
    let ada = ["apollo_id": "a1", "linkedin_url": "linkedin.com/in/ada", "email": "office@example.com"]
    let bob = ["apollo_id": "b1", "linkedin_url": "linkedin.com/in/bob", "email": "office@example.com"]
    let inOne = try await world.take([world.row(1, ada), world.row(2, bob)])
    guard inOne[0].isNew, case .conflict(let conflict) = inOne[1] else { throw Astray() }
    #expect(try await world.take([world.row(bob)]) == [.conflict(conflict)])
    // Without a profile that says otherwise, it is the same person.
    #expect(
      try await world.take([world.row(["apollo_id": "b2", "email": "office@example.com"])])[0].leadID
        == inOne[0].leadID)
  }

  @Test func `somebody who was forgotten is not taken in, somebody suppressed is`() async throws {
    let world = IntakeWorld()
    try await world.database.transaction { transaction in
      for (kind, value, reason, kept) in [
        ("email", "gone@example.com", "erased", String?.none),
        ("domain", "stop.example", "legal", "stop.example"),
        ("phone", "+15125550143", "opt_out", "+15125550143"),
      ] {
        transaction.enqueue(
          """
          INSERT INTO suppressions (kind, key, value, reason)
          SELECT \(kind), contact_key(\(kind), \(value), salt), \(kept), \(reason) FROM contact_salt
          """)
      }
    }
    let verdicts = try await world.take([
      world.row(1, ["email": "gone@example.com", "city": "Austin"], record: #"{"a":1}"#, unknown: ["a"]),
      world.row(2, ["email": "ada@stop.example"]), world.row(3, ["phone": "512-555-0143"]),
      world.row(4, ["email": "fine@example.com"]),
    ])
    guard case .rejected = verdicts[0], case .suppressed = verdicts[1], case .suppressed = verdicts[2] else {
      throw Astray()
    }
    #expect(verdicts[3].isNew)
    #expect(try await world.count("SELECT count(*) FROM lead_pool") == 3)
    #expect(try await world.count("SELECT count(*) FROM lead_unknown_fields") == 0)
  }

  @Test func `an import keeps what it replaced`() async throws {
    let world = IntakeWorld()
    let id = try await world.id([world.row(["apollo_id": "a1", "title": "CTO"])])
    let importID = ID<LeadImport>(high: 7, low: 7)
    try await world.take(
      [world.row(["apollo_id": "a1", "title": "CEO", "city": "Rome"])], importID: importID)
    let kept = try await world.texts(
      "SELECT before->>'facts' FROM lead_changes WHERE lead_id = \(id) AND import_id = \(importID)")
    #expect(kept == [#"{"city": null, "title": "CTO"}"#])
  }
}
