import Domain
import HTTP
import JSON
import Postgres
import Runtime
import Testing
import TestSupport

/// Profiles, assignment of leads, scores and plans over the interface.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadAssignmentRouteTests {
  let world = APIWorld()

  /// A client that has paid for ignition.
  func client(_ name: String) async throws -> ID<Client> {
    let client = try await world.pool.client(name)
    let paid = await world.send("POST", "/v1/clients/\(client)/subscription", ["tier": "ignition"])
    #expect(paid.status == .ok)
    return client
  }

  func leads(_ count: Int) async throws -> [ID<Lead>] {
    try await world.pool.column(
      """
      INSERT INTO lead_pool (email, email_status, title, company_employees, updated_at)
      SELECT i || '@example.com', 'verified', 'CEO', 20, \(world.clock.now)
      FROM generate_series(1, \(count)) AS i RETURNING id
      """)
  }

  func assign(_ leads: [ID<Lead>], to client: ID<Client>, _ more: JSONMap = [:]) async -> Response {
    var body: JSONMap = ["lead_ids": .array(leads.map { .string("\($0)") })]
    for (name, value) in more { body[name] = value }
    return await world.send("POST", "/v1/clients/\(client)/leads", .object(body))
  }

  @Test func `a profile is written whole and read back; what is absent is what it is by default`()
    async throws
  {
    let client = try await client("Acme")
    let target = "/v1/clients/\(client)/profile"
    let first = try await world.send("GET", target).json
    #expect(first["version"] == 0 && first["employees_min"] == 5 && first["employees_max"] == 50)
    #expect(first["weights"]?["risk"]?.double == 1 && first["updated_at"] == .null)
    let body: JSONValue = [
      "industries": ["SaaS", "saas ", "Retail"], "titles": ["head of sales"], "employees_min": .null,
      "employees_max": .null, "excluded_domains": ["Bücher.example"], "weights": ["authority": 1.5],
      "claims_companies": true, "daily_pace": 7,
    ]
    let refused = await world.send("PUT", target, body)
    #expect(refused.faults == ["/industries/1"], "a space at the end")
    var map = try #require(body.object)
    map["industries"] = ["SaaS", "saas", "Retail"]
    let saved = try await world.send("PUT", target, .object(map)).json
    #expect(saved["industries"] == ["SaaS", "Retail"] && saved["version"] == 1)
    #expect(saved["excluded_domains"] == ["xn--bcher-kva.example"])
    #expect(saved["employees_min"] == .null && saved["weights"]?["authority"]?.double == 1.5)
    #expect(try await world.send("GET", target).json == saved)
    let open = try await world.send("PUT", target, ["employees_max": .null]).json
    #expect(open["employees_min"] == 5 && open["employees_max"] == 10_000_000)
    let wrong: [(JSONValue, String)] = [
      (["employees_min": 60], "/employees_max"), (["weights": ["luck": 1]], "/weights"),
      (["titles": ["!!"]], "/titles"), (["competitor_domains": ["http://x"]], "/competitor_domains/0"),
      (["daily_pace": 0], "/daily_pace"), (["countries": "Chile"], "/countries"),
      (
        ["weights": ["data_quality": 0, "authority": 0, "company_fit": 0, "timing": 0, "risk": 0]],
        "/weights"
      ),
    ]
    for (body, pointer) in wrong {
      let response = await world.send("PUT", target, body)
      #expect(response.status == .unprocessable && response.faults == [pointer], "\(pointer)")
    }
    let nobody = ID<Client>(at: world.clock.now)
    #expect(await world.send("PUT", "/v1/clients/\(nobody)/profile", [:]).status == .notFound)
  }

  @Test func `leads are given with a verdict each, released, converted, and listed`() async throws {
    let (own, other) = (try await client("Own"), try await client("Other"))
    let leads = try await leads(3)
    let first = try await assign([leads[0], leads[1]], to: own).json
    #expect(first["assigned"] == 2 && first["quota"]?["left"] == 1_248)
    let second = try await assign([leads[1], leads[2], ID(at: world.clock.now)], to: other).json
    #expect(second["verdicts"]?.array?.compactMap { $0["verdict"] } == ["taken", "assigned", "unknown"])
    #expect(second["verdicts"]?.array?.first?["owner_id"] == .string("\(own)"))
    let list = try await world.send("GET", "/v1/clients/\(own)/leads?status=active").rows
    #expect(Set(list.compactMap { $0["lead_id"]?.string }) == Set(leads[..<2].map(\.description)))
    #expect(try await world.send("GET", "/v1/clients/\(own)/leads?limit=1").rows.count == 1)
    let lead = "/v1/leads/\(leads[0])"
    let released = try await world.send("POST", lead + "/release", ["reason": "no fit"]).json
    #expect(released["status"] == "released" && released["release_reason"] == "no fit")
    #expect(await world.send("POST", lead + "/release", ["reason": "no fit"]).problem == "lead-not-assigned")
    #expect(await world.send("POST", lead + "/release", ["reason": ""]).faults == ["/reason"])
    let converted = try await world.send("POST", "/v1/leads/\(leads[1])/convert").json
    #expect(converted["status"] == "converted")
    let stays = await world.send("POST", "/v1/leads/\(leads[1])/release", ["reason": "x"])
    #expect(stays.status == .conflict && stays.problem == "lead-converted")
    #expect(try await world.send("GET", lead + "/assignments").rows.map { $0["status"] } == ["released"])
    let quota = try await world.send("GET", "/v1/clients/\(own)/lead-quota").json
    #expect(quota["used"] == 2 && quota["monthly"] == 1_250)
    #expect(
      await world.send("POST", "/v1/leads/\(ID<Lead>(at: world.clock.now))/convert").status == .notFound)
  }

  @Test func `the same key gives leads once`() async throws {
    let client = try await client("Acme")
    let lead = try await leads(1)[0]
    let body: JSONValue = ["lead_ids": [.string("\(lead)")]]
    let target = "/v1/clients/\(client)/leads"
    let first = await world.send("POST", target, body, idempotencyKey: "k")
    let again = await world.send("POST", target, body, idempotencyKey: "k")
    #expect(first.status == .ok && again.body == first.body)
    #expect(again.header("Idempotent-Replayed") == "true")
    #expect(try await assign([lead], to: client).json["assigned"] == 0)
    for body: JSONValue in [["lead_ids": []], ["lead_ids": ["x"]], ["lead_ids": 7], [:]] {
      #expect(await world.send("POST", target, body).status == .unprocessable, "\(body)")
    }
    let campaign: JSONMap = ["campaign_id": .string("\(ID<Campaign>(at: world.clock.now))")]
    #expect(await assign([lead], to: client, campaign).problem == "campaign-unknown")
  }

  @Test func `a score is explained to those who may see the lead`() async throws {
    let (own, other) = (try await client("Own"), try await client("Other"))
    let lead = try await leads(1)[0]
    let target = "/v1/leads/\(lead)/score"
    let score = try await world.send("GET", "\(target)?client_id=\(own)").json
    // Verified email 8, CEO 25, fit 20, risk 15 − 5 − 3.
    #expect(score["score"] == 60 && score["tier"] == "warm" && score["stored"] == .null)
    #expect(score["components"]?.array?.count == 5 && score["is_match"] == true)
    #expect(await world.send("GET", target).faults == ["client_id"])
    let key = try await world.key(.client, of: own)
    #expect(await world.send("GET", target, key: key).status == .notFound)
    _ = await assign([lead], to: own)
    let mine = try await world.send("GET", target, key: key).json
    #expect(mine["stored"]?["score"] == 60 && mine["stored"]?["is_due"] == false)
    #expect(await world.send("GET", "\(target)?client_id=\(other)", key: key).status == .notFound)
  }

  @Test func `a plan is made, looked at, carried out, and carried on without more`() async throws {
    let client = try await client("Acme")
    _ = try await leads(10)
    let wish: JSONValue = ["client_id": .string("\(client)"), "count": 4, "seed": 42]
    let made = await world.send("POST", "/v1/lead-plans", wish, idempotencyKey: "p")
    #expect(made.status == .created)
    #expect(try made.json["shares"]?[0]?["planned"] == 4)
    #expect(await world.send("POST", "/v1/lead-plans", wish, idempotencyKey: "p").body == made.body)
    let id = try #require(try made.json["id"]?.string)
    let target = "/v1/lead-plans/\(id)"
    let entries = try await world.send("GET", target + "/entries?limit=3").json
    #expect(entries["data"]?.array?.compactMap { $0["position"]?.int } == [1, 2, 3])
    let cursor = try #require(entries["next_cursor"]?.string)
    let rest = try await world.send("GET", "\(target)/entries?limit=3&cursor=\(cursor)").rows
    #expect(rest.map { $0["position"] } == [4] && rest[0]["outcome"] == .null)
    let applied = await world.send("POST", target + "/apply", idempotencyKey: "a")
    #expect(try applied.json["outcomes"] == ["assigned": 4])
    #expect(await world.send("POST", target + "/apply", idempotencyKey: "a").body == applied.body)
    #expect(await world.send("POST", target + "/apply").body == applied.body)
    #expect(await world.send("GET", target).body == applied.body)
    let count: Int? = try await world.pool.value("SELECT count(*) FROM lead_assignments")
    #expect(count == 4)
    let lonely = await world.send("POST", "/v1/lead-plans", ["campaign_id": .string(id)])
    #expect(lonely.faults == ["/campaign_id"])
    #expect(await world.send("POST", "/v1/lead-plans/\(client)/apply").status == .notFound)
    #expect(try await world.send("POST", "/v1/lead-plans", [:]).json["shares"] == [])
  }

  @Test func `a client key says what it wants and has its own leads; others look as if they were not`()
    async throws
  {
    let (own, other) = (try await client("Own"), try await client("Other"))
    let leads = try await leads(3)
    _ = await assign([leads[0]], to: own)
    _ = await assign([leads[1]], to: other)
    let key = try await world.key(.client, of: own)
    #expect(await world.send("PUT", "/v1/clients/\(own)/profile", [:], key: key).status == .ok)
    #expect(await world.send("PUT", "/v1/clients/\(other)/profile", [:], key: key).status == .notFound)
    #expect(await world.send("GET", "/v1/clients/\(other)/profile", key: key).status == .notFound)
    #expect(await world.send("GET", "/v1/clients/\(other)/lead-quota", key: key).status == .notFound)
    #expect(try await world.send("GET", "/v1/clients/\(own)/leads", key: key).rows.count == 1)
    #expect(try await world.send("GET", "/v1/clients/\(other)/leads", key: key).rows == [])
    #expect(try await world.send("GET", "/v1/leads/\(leads[1])/assignments", key: key).rows == [])
    for lead in leads[1...] {
      let refused = await world.send("POST", "/v1/leads/\(lead)/release", ["reason": "x"], key: key)
      #expect(refused.status == .notFound, "another's, and nobody's")
      #expect(await world.send("POST", "/v1/leads/\(lead)/convert", key: key).status == .notFound)
    }
    let mine: JSONValue = ["lead_ids": [.string("\(leads[2])")]]
    #expect(await world.send("POST", "/v1/clients/\(own)/leads", mine, key: key).status == .forbidden)
    #expect(await world.send("POST", "/v1/lead-plans", [:], key: key).status == .forbidden)
    #expect(await world.send("POST", "/v1/leads/\(leads[0])/convert", key: key).status == .ok)
  }
}
