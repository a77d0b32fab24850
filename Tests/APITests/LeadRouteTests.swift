import Domain
import Engine
import HTTP
import JSON
import TestSupport
import Testing

/// Leads, conflicts and merges over the interface.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadRouteTests {
  let world = APIWorld()

  func create(_ body: JSONValue) async throws -> JSONValue {
    let response = await world.send("POST", "/v1/leads", body)
    #expect(response.status == .created || response.status == .ok)
    return try response.json
  }

  @Test func `a person is made once, and learns what is new`() async throws {
    let first = await world.send(
      "POST", "/v1/leads",
      ["primary_email": "ada@example.com", "first_name": "Ada", "fields": ["title": "CTO", "city": "Rome"]])
    #expect(first.status == .created)
    let id = try #require(try first.json["id"]?.string)
    let again = await world.send(
      "POST", "/v1/leads", ["fields": ["email": "ADA@example.com", "title": "CEO", "company_employees": 40]])
    #expect(again.status == .ok)
    let lead = try again.json
    #expect(
      lead["id"]?.string == id && lead["fields"]?["title"] == "CEO" && lead["fields"]?["city"] == "Rome")
    #expect(lead["fields"]?["company_employees"] == 40 && lead["provenance"]?["role"]?["source"] == "api")
    #expect(lead["client_id"] == .null && lead["merged_into_id"] == .null)
    #expect(try await world.send("GET", "/v1/leads/\(id)").json == lead)
    #expect(try await world.send("GET", "/v1/leads/\(id)/record").json == ["data": []])
  }

  @Test func `of a lead nothing has to be known`() async throws {
    let one = try await create([:])
    let two = try await create(["primary_email": .null, "fields": [:]])
    #expect(one["id"] != two["id"] && one["fields"] == [:])
  }

  @Test(
    arguments: [
      (["email": "no address"], "/fields/email"),
      (["company_employees": "many"], "/fields/company_employees"),
      (["departments": [[:]]], "/fields/departments"), (["phone": "12"], "/fields/phone"),
      (["mood": "good"], "/fields/mood"), (["show_intent": 7], "/fields/show_intent"),
      (["time_zone": "Rome"], "/fields/time_zone"),
    ] as [(JSONValue, String)])
  func `a bad field is named`(fields: JSONValue, pointer: String) async throws {
    let response = await world.send("POST", "/v1/leads", ["fields": fields])
    #expect(response.status == .unprocessable && response.faults == [pointer])
  }

  @Test func `the contract names every field`() {
    let schemas = Contract.document["components"]?["schemas"]
    for name in ["LeadFields", "KnownLeadFields"] {
      let named = schemas?[name]?["properties"]?.object?.keys ?? []
      #expect(named == LeadField.all.map(\.name), "\(name)")
    }
  }

  @Test func `a name is given once`() async throws {
    let twice: JSONValue = ["first_name": "Ada", "fields": ["first_name": "Eda"]]
    #expect(await world.send("POST", "/v1/leads", twice).faults == ["/fields"])
    #expect(await world.send("POST", "/v1/leads", ["fields": [1]]).faults == ["/fields"])
  }

  /// Two leads, and the conflict about them.
  func conflict() async throws -> (kept: String, merged: String, id: String) {
    let kept = try await create(["fields": ["apollo_id": "a1", "title": "CEO"]])
    let merged = try await create(["primary_email": "ada@example.com"])
    let claim = await world.send(
      "POST", "/v1/leads", ["primary_email": "ada@example.com", "fields": ["apollo_id": "a1"]])
    #expect(claim.status == .conflict && claim.problem == "lead-conflict")
    return (
      try #require(kept["id"]?.string), try #require(merged["id"]?.string),
      try #require(try claim.json["conflict_id"]?.string)
    )
  }

  @Test func `what names two leads waits for somebody, who merges them`() async throws {
    let (kept, merged, id) = try await conflict()
    let listed = try await world.send("GET", "/v1/lead-conflicts?status=open").rows
    #expect(listed.map { $0["id"]?.string } == [id])
    #expect(try await world.send("GET", "/v1/lead-conflicts?status=merged").rows == [])
    #expect(await world.send("GET", "/v1/lead-conflicts?status=gone").faults == ["status"])
    #expect(try await world.send("GET", "/v1/lead-conflicts/\(id)").json["why"] == "two-leads")
    let target = "/v1/lead-conflicts/\(id)/resolve"
    #expect(await world.send("POST", target, ["resolution": "merge"]).faults == ["/into"])
    let wrong: JSONValue = ["resolution": "separate", "into": .string(kept)]
    #expect(await world.send("POST", target, wrong).faults == ["/into"])
    let stranger = try #require(try await create([:])["id"]?.string)
    let other = await world.send("POST", target, ["resolution": "merge", "into": .string(stranger)])
    #expect(other.problem == "lead-merge-refused")
    let body: JSONValue = ["resolution": "merge", "into": .string(kept)]
    let done = await world.send("POST", target, body, idempotencyKey: "k")
    let again = await world.send("POST", target, body, idempotencyKey: "k")
    #expect(done.status == .ok && again.body == done.body)
    #expect(try done.json["status"] == "merged")
    #expect(await world.send("POST", target, body).problem == "lead-merge-refused")
    #expect(try await world.send("GET", "/v1/leads/\(merged)").json["merged_into_id"]?.string == kept)
    let merge = try #require(try done.json["merge_ids"]?[0]?.string)
    let undone = await world.send("POST", "/v1/lead-merges/\(merge)/undo")
    #expect(undone.status == .ok)
    #expect(await world.send("POST", "/v1/lead-merges/\(merge)/undo").problem == "lead-merge-refused")
    #expect(try await world.send("GET", "/v1/lead-conflicts/\(id)").json["status"] == "open")
  }

  @Test func `leads are merged by hand, but not those of two clients`() async throws {
    let (kept, merged, _) = try await conflict()
    let target = "/v1/leads/\(merged)/merge"
    for (lead, name) in [(kept, "Acme"), (merged, "Other")] {
      let client = try await world.pool.client(name)
      let id = try #require(ID<Lead>(lead))
      try await world.pool.execute(
        "INSERT INTO lead_assignments (lead_id, client_id) VALUES (\(id), \(client))")
    }
    let refused = await world.send("POST", target, ["into": .string(kept)])
    #expect(refused.status == .conflict && refused.problem == "lead-owned-by-two")
    try await world.pool.execute(
      "UPDATE lead_assignments SET status = 'released', released_at = reservoir_now()")
    let done = await world.send("POST", target, ["into": .string(kept)])
    #expect(done.status == .ok)
    #expect(try done.json["kept_id"]?.string == kept)
    #expect(await world.send("POST", target, ["into": "x"]).faults == ["/into"])
    let nobody = ID<Lead>(at: world.clock.now)
    #expect(
      await world.send("POST", "/v1/leads/\(nobody)/merge", ["into": .string(kept)]).status == .notFound)
    #expect(await world.send("POST", "/v1/lead-merges/\(nobody)/undo").status == .notFound)
    #expect(await world.send("GET", "/v1/lead-conflicts/\(nobody)").status == .notFound)
    #expect(await world.send("GET", "/v1/leads/\(nobody)/record").status == .notFound)
  }

  @Test func `somebody who was forgotten is not made again`() async throws {
    try await world.pool.execute(
      """
      INSERT INTO suppressions (kind, key, reason)
      SELECT 'email', contact_key('email', 'gone@example.com', salt), 'erased' FROM contact_salt
      """)
    let refused = await world.send("POST", "/v1/leads", ["primary_email": "gone@example.com"])
    #expect(refused.status == .conflict && refused.problem == "lead-forgotten")
    #expect(try await world.send("GET", "/v1/leads").rows == [])
  }
}
