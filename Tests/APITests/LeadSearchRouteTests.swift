import Domain
import Engine
import HTTP
import JSON
import Runtime
import TestSupport
import Testing

/// Searches, templates and figures over the interface.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadSearchRouteTests {
  let world = APIWorld()

  /// Three leads; the first is the client's.
  func prepared() async throws -> (client: ID<Client>, leads: [String]) {
    let client = try await world.pool.client("Acme")
    let leads: [String] = try await world.pool.column(
      """
      INSERT INTO lead_pool (id, first_name, title, seniority, email, company_employees)
      VALUES ('019aa777-0000-7000-8000-000000000001', 'Ada', 'VP of Sales', 'vp', 'ada@example.com', 5),
        ('019aa777-0000-7000-8000-000000000002', 'Bob', 'Sales Manager', 'manager', NULL, 50),
        ('019aa777-0000-7000-8000-000000000003', 'Zoë', 'VP of Finance', 'vp', NULL, NULL)
      RETURNING id::text
      """)
    try await world.pool.execute(
      "INSERT INTO lead_assignments (lead_id, client_id) SELECT \(leads[0])::text::uuid, \(client)")
    return (client, leads)
  }

  func search(_ body: JSONValue, key: String = APIWorld.operatorKey) async -> Response {
    await world.send("POST", "/v1/leads/search", body, key: key)
  }

  @Test func `leads are searched page by page, counted, with the fields that are wanted`() async throws {
    let (client, leads) = try await prepared()
    let body: JSONValue = [
      "where": [["field": "seniority", "any_of": ["VP"]]], "text": "vp", "limit": 1, "count": true,
      "fields": ["company_employees"],
    ]
    let first = try await search(body).json
    #expect(first["count"] == 2 && first["is_estimate"] == false)
    #expect(first["data"]?[0]?["id"]?.string == leads[2])
    #expect(first["data"]?[0]?["fields"] == ["company_employees": nil])
    var rest = try #require(body.object)
    rest["cursor"] = first["next_cursor"]
    rest["count"] = nil
    let second = try await search(.object(rest)).json
    #expect(second["data"]?[0]?["id"]?.string == leads[0] && second["next_cursor"] == .null)
    #expect(second["data"]?[0]?["client_id"]?.string == "\(client)")
    #expect(second["count"] == .null)
    let both = try await search(["where": [["field": "company_employees", "min": 5, "max": 49]]]).rows
    #expect(both.map { $0["id"]?.string } == [leads[0]])
    #expect(try await search(["is_assigned": false, "order": "oldest"]).rows.count == 2)
    #expect(try await world.send("GET", "/v1/leads?primary_email=ada@example.com").rows.count == 1)
  }

  @Test(
    arguments: [
      (["where": [["field": "senority", "any_of": ["vp"]]]], "/where/0/field"),
      (["where": [["field": "seniority", "min": 5]]], "/where/0/min"),
      (["where": [["field": "seniority"]]], "/where/0"), (["where": [["any_of": ["vp"]]]], "/where/0/field"),
      (["where": [["field": "seniority", "any_of": []]]], "/where/0/any_of"),
      (["where": [["field": "seniority", "any_of": ["vp", 7]]]], "/where/0/any_of/1"),
      (["where": [["field": "company_employees", "min": "5"]]], "/where/0/min"),
      (["where": [["field": "role_started_on", "max": "2026-02-30"]]], "/where/0/max"),
      (["where": [["field": "seniority", "is_known": true, "like": "x"]]], "/where/0/like"),
      (["text": "…"], "/text"), (["include": ["gone"]], "/include/0"), (["cursor": "AAAA"], "/cursor"),
      (["sources": [["group": "x", "source": "apollo"]]], "/sources/0/group"), (["limit": 0], "/limit"),
      (["fields": ["nothing"]], "/fields/0"), (["created_from": "yesterday"], "/created_from"),
      (["score_min": 50, "score_max": 49], "/score_max"), (["score_min": 101], "/score_min"),
      (["client_id": "01989a4e-0000-7000-8000-000000000001", "is_assigned": false], "/is_assigned"),
      (["bogus": 1], "/bogus"), (["client_id": "x"], "/client_id"),
    ] as [(JSONValue, String)])
  func `what is wrong with a search is pointed at`(body: JSONValue, pointer: String) async {
    let response = await search(body)
    #expect(response.status == .unprocessable && response.faults == [pointer])
  }

  @Test func `a client key finds its own leads, and nobody else's`() async throws {
    let (client, leads) = try await prepared()
    let other = try await world.pool.client("Other")
    let key = try await world.key(.client, of: client)
    let alien = try await world.key(.client, of: other)
    for body: JSONValue in [[:], ["client_id": .string("\(client)")], ["text": "vp"]] {
      #expect(try await search(body, key: key).rows.map { $0["id"]?.string } == [leads[0]])
      #expect(try await search(body, key: alien).rows == [])
    }
    // On the telephoning side, too, a lead is there for its client only.
    let telephoning = try await world.pool.value("SELECT id::text FROM leads", as: String.self) ?? ""
    #expect(await world.send("GET", "/v1/leads/\(telephoning)", key: key).status == .ok)
    #expect(await world.send("GET", "/v1/leads/\(telephoning)", key: alien).status == .notFound)
    let counted = try await search(["client_id": .string("\(other)"), "count": true], key: key).json
    #expect(counted["count"] == 0 && counted["data"] == [])
    #expect(try await world.send("GET", "/v1/leads", key: key).rows.map { $0["id"]?.string } == [leads[0]])
    #expect(try await world.send("GET", "/v1/leads", key: alien).rows == [])
    let figures = try await world.send("GET", "/v1/lead-analytics", key: key).json
    #expect(figures["pool"]?["leads"] == 1 && figures["captured"] == .null)
    #expect(await world.send("GET", "/v1/lead-analytics?client_id=\(other)", key: key).status == .notFound)
  }

  @Test func `the pool's figures are told`() async throws {
    _ = try await prepared()
    let figures = try await world.send("GET", "/v1/lead-analytics?days=7").json
    #expect(figures["pool"]?["leads"] == 3 && figures["pool"]?["assigned"] == 1)
    #expect(figures["collisions"] == 0 && figures["collision_rate"] == 0)
    #expect(figures["captured"]?["fields"]?["title"] == 3)
    for query in ["days=0", "days=367", "days=x"] {
      #expect(await world.send("GET", "/v1/lead-analytics?\(query)").faults == ["days"])
    }
  }

  @Test func `a template is made, changed, rendered and held against leads`() async throws {
    let (_, leads) = try await prepared()
    let made = await world.send(
      "POST", "/v1/templates",
      [
        "name": "Intro", "channel": "sms", "body": "Hi {{first_name}}, {{sender.name}}",
        "variables": ["sender.name"],
      ], idempotencyKey: "k")
    #expect(made.status == .created)
    let id = try #require(try made.json["id"]?.string)
    let target = "/v1/templates/\(id)"
    #expect(await world.send("GET", target).body == made.body)
    let taken = await world.send(
      "POST", "/v1/templates", ["name": "Intro", "channel": "email", "subject": "s", "body": "b"])
    #expect(taken.status == .conflict && taken.problem == "template-name-taken")
    let rendered = await world.send(
      "POST", target + "/render", ["lead_id": .string(leads[0]), "values": ["sender.name": "Grace"]])
    #expect(try rendered.json["body"] == "Hi Ada, Grace" && rendered.json["sms"]?["units"] == 13)
    let empty = await world.send("POST", target + "/render", ["lead_id": .string(leads[0])])
    #expect(empty.status == .conflict && empty.problem == "template-not-rendered")
    #expect(try empty.json["reasons"]?[0]?["code"] == "empty_field")
    #expect(try empty.json["reasons"]?[0]?["column"] == 20)
    let nobody: JSONValue = ["lead_id": "019aa777-0000-7000-8000-00000000000f"]
    #expect(await world.send("POST", target + "/render", nobody).problem == "unknown-lead")
    let changed = await world.send("PUT", target, ["body": "Hi {{last_name}}"])
    #expect(try changed.json["version"] == 2)
    #expect(try await world.send("GET", target + "?version=1").json["version"] == 1)
    #expect(await world.send("GET", target + "?version=3").status == .notFound)
    let lint = try await world.send("POST", target + "/lint", ["text": "vp"]).json
    #expect(lint["leads"] == 2 && lint["failing"] == 2 && lint["is_sample"] == false)
    #expect(lint["fields"] == [["field": "last_name", "is_needed": true, "empty": 2]])
    let draft = try await world.send(
      "POST", "/v1/templates/lint", ["channel": "sms", "body": "Hi {{first_name}}"]
    ).json
    #expect(draft["failing"] == 0 && draft["longest_sms"]?["encoding"] == "ucs2")
    #expect(try await world.send("GET", "/v1/templates?channel=sms").rows.count == 1)
    #expect(try await world.send("GET", "/v1/templates?channel=email").rows == [])
  }

  @Test func `what is wrong with a template's text is told with line and column`() async throws {
    let wrong = await world.send(
      "POST", "/v1/templates",
      ["name": "Intro", "channel": "email", "subject": "{{titel}}", "body": "a\n{{#if x}}{{/if}}"])
    #expect(wrong.status == .unprocessable && wrong.faults == ["/subject", "/body"])
    let details = try wrong.json["errors"]?.array?.compactMap { $0["detail"]?.string }
    #expect(details?[0].contains("line 1, column 1: ") == true && details?[0].contains("title") == true)
    #expect(details?[1].contains("line 2, column 1: ") == true)
    let subject = await world.send("POST", "/v1/templates", ["name": "I", "channel": "email", "body": "a"])
    #expect(subject.faults == ["/subject"])
    for (body, pointer): (JSONValue, String) in [
      (["name": "I", "channel": "sms", "body": "a", "variables": ["name"]], "/variables/0"),
      (["name": " I", "channel": "sms", "body": "a"], "/name"),
    ] {
      #expect(await world.send("POST", "/v1/templates", body).faults == [pointer])
    }
  }

  @Test func `a client key has its own templates, and sees no other's`() async throws {
    let (client, leads) = try await prepared()
    let key = try await world.key(.client, of: client)
    let other = try await world.pool.client("Other")
    let body: JSONValue = ["name": "Intro", "channel": "sms", "body": "Hi {{first_name}}"]
    let mine = try await world.send("POST", "/v1/templates", body, key: key).json
    #expect(mine["client_id"]?.string == "\(client)")
    let platform = try #require(try await world.send("POST", "/v1/templates", body).json["id"]?.string)
    var alien = try #require(body.object)
    alien["client_id"] = .string("\(other)")
    #expect(await world.send("POST", "/v1/templates", .object(alien), key: key).status == .notFound)
    #expect(try await world.send("GET", "/v1/templates", key: key).rows == [mine])
    let target = "/v1/templates/\(mine["id"]?.string ?? "")"
    let render: JSONValue = ["lead_id": .string(leads[0])]
    #expect(await world.send("POST", target + "/render", render, key: key).status == .ok)
    let foreign: JSONValue = ["lead_id": .string(leads[1])]
    #expect(await world.send("POST", target + "/render", foreign, key: key).problem == "unknown-lead")
    for (method, path, body): (String, String, JSONValue?) in [
      ("GET", "", JSONValue?.none), ("PUT", "", ["body": "x"]), ("POST", "/render", render),
      ("POST", "/lint", [:]),
    ] {
      let response = await world.send(method, "/v1/templates/\(platform)" + path, body, key: key)
      #expect(response.status == .notFound, "\(method) \(path)")
    }
    let lint = try await world.send("POST", target + "/lint", [:], key: key).json
    #expect(lint["leads"] == 1)
  }
}
