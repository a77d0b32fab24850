import Domain
import Engine
import HTTP
import JSON
import Runtime
import TestSupport
import Testing

/// Campaigns over the interface.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct CampaignRouteTests {
  let world = APIWorld()

  /// A client that has paid for ignition.
  func client(_ name: String = "Acme") async throws -> ID<Client> {
    let client = try await world.pool.client(name)
    let paid = await world.send("POST", "/v1/clients/\(client)/subscription", ["tier": "ignition"])
    #expect(paid.status == .ok)
    return client
  }

  func create(_ client: ID<Client>, _ body: JSONValue, key: String = APIWorld.operatorKey) async -> Response {
    await world.send("POST", "/v1/clients/\(client)/campaigns", body, key: key)
  }

  @Test func `a campaign is made once, under its name and its key`() async throws {
    try await world.stockIgnition()
    let client = try await client()
    let target = "/v1/clients/\(client)/campaigns"
    let first = await world.send("POST", target, ["name": "Spring"], idempotencyKey: "k")
    let again = await world.send("POST", target, ["name": "Spring"], idempotencyKey: "k")
    #expect(first.status == .created && again.body == first.body)
    let taken = await create(client, ["name": "Spring"])
    #expect(taken.status == .conflict && taken.problem == "campaign-name-taken")
    let id = try #require(try first.json["id"]?.string)
    #expect(await world.send("GET", "/v1/campaigns/\(id)").body == first.body)
    #expect(try await world.send("GET", target).rows == [first.json])
    #expect(try await world.send("GET", target + "?status=ended").rows == [])
    #expect(await world.send("GET", target + "?status=over").faults == ["status"])
    for body: JSONValue in [["name": ""], ["name": " a"], ["name": 7], ["name": "a\u{0}"], [:]] {
      let refused = await create(client, body)
      #expect(refused.status == .unprocessable || refused.status == .badRequest, "\(body)")
    }
    let nobody = ID<Client>(at: world.clock.now)
    #expect(await create(nobody, ["name": "Spring"]).status == .notFound)
    #expect(try await world.send("GET", "/v1/clients/\(nobody)/campaigns").rows == [])
  }

  @Test func `its resources are listed page by page, and shrink to a selection`() async throws {
    try await world.stockIgnition()
    let client = try await client()
    let id = try #require(try await create(client, ["name": "Spring"]).json["id"]?.string)
    let target = "/v1/campaigns/\(id)/resources"
    var rows: [JSONValue] = []
    var cursor = ""
    repeat {
      let page = try await world.send("GET", "\(target)?limit=4&cursor=\(cursor)").json
      rows += page["data"]?.array ?? []
      cursor = page["next_cursor"]?.string ?? ""
    } while cursor != ""
    #expect(try await world.send("GET", target).rows == rows)
    #expect(rows.count == 15)
    let voice = rows.first { $0["channel"] == "voice" }
    #expect(voice?["daily_limit"] == 50 && voice?["resource_id"] == "+14244851000")
    let mailbox = rows.first { $0["resource_type"] == "mailbox" }
    #expect(mailbox?["daily_limit"] == .null && mailbox?["domain_id"]?.string != nil)
    #expect(await world.send("GET", target + "?cursor=AAAA").faults == ["cursor"])

    let some = rows.filter { $0["channel"] == "linkedin" }.prefix(2).compactMap { $0["resource_pool_id"] }
    let restricted = try await world.send("PUT", target, ["resources": .array(some + some)]).json
    #expect(restricted["is_restricted"] == true)
    #expect(try await world.send("GET", target).rows.compactMap { $0["resource_pool_id"] } == some)
    let alien = "019aa777-0000-7000-8000-000000000000"
    let refused = await world.send("PUT", target, ["resources": [.string(alien)]])
    #expect(refused.status == .conflict && refused.problem == "resource-not-owned")
    #expect(try refused.json["detail"]?.string?.contains(alien) == true)
    #expect(try await world.send("GET", target).rows.count == 2, "a refusal changes nothing")
    let wrong: [JSONValue] = [
      "some", [], ["x"], 7, .null, .array(.init(repeating: .string(alien), count: 1_001)),
    ]
    for value in wrong {
      let response = await world.send("PUT", target, ["resources": value])
      #expect(response.status == .unprocessable && response.faults == ["/resources"])
    }
    #expect(try await world.send("PUT", target, ["resources": "all"]).json["is_restricted"] == false)
    #expect(try await world.send("GET", target).rows.count == 15)
    let second = try await create(client, ["name": "Autumn", "resources": .array(some)]).json
    #expect(second["is_restricted"] == true)
  }

  @Test func `a campaign is renamed, paused, and ended for good`() async throws {
    let client = try await client()
    let id = try #require(try await create(client, ["name": "Spring"]).json["id"]?.string)
    _ = await create(client, ["name": "Autumn"])
    let target = "/v1/campaigns/\(id)"
    #expect(await world.send("PATCH", target, ["name": "Autumn"]).problem == "campaign-name-taken")
    #expect(try await world.send("PATCH", target, ["name": "May", "status": "paused"]).json["name"] == "May")
    #expect(try await world.send("PATCH", target, ["status": "ended"]).json["status"] == "ended")
    #expect(await world.send("PATCH", target, ["status": "ended"]).status == .ok)
    #expect(await world.send("PATCH", target, ["status": "active"]).problem == "campaign-ended")
    #expect(await world.send("PUT", target + "/resources", ["resources": "all"]).problem == "campaign-ended")
    #expect(await world.send("PATCH", target, [:]).status == .unprocessable)
    #expect(await world.send("PATCH", target, ["status": "over"]).faults == ["/status"])
    for (method, body): (String, JSONValue?) in [
      ("GET", JSONValue?.none), ("PATCH", ["name": "x"]),
    ] {
      let nothing = "/v1/campaigns/019aa777-0000-7000-8000-000000000000"
      #expect(await world.send(method, nothing, body).status == .notFound)
    }
  }

  @Test func `a client key runs its own campaigns, and sees no other's`() async throws {
    let (own, other) = (try await client("Own"), try await client("Other"))
    let key = try await world.key(.client, of: own)
    let mine = try #require(try await create(own, ["name": "Spring"], key: key).json["id"]?.string)
    let theirs = try #require(try await create(other, ["name": "Spring"]).json["id"]?.string)
    #expect(await create(other, ["name": "May"], key: key).status == .notFound)
    #expect(try await world.send("GET", "/v1/clients/\(other)/campaigns", key: key).rows == [])
    #expect(try await world.send("GET", "/v1/clients/\(own)/campaigns", key: key).rows.count == 1)
    for (method, path, body): (String, String, JSONValue?) in [
      ("GET", "", JSONValue?.none), ("PATCH", "", ["status": "paused"]),
      ("GET", "/resources", JSONValue?.none),
      ("PUT", "/resources", ["resources": "all"]),
    ] {
      let target = "\(path)"
      #expect(
        await world.send(method, "/v1/campaigns/\(mine)\(target)", body, key: key).status == .ok)
      #expect(
        await world.send(method, "/v1/campaigns/\(theirs)\(target)", body, key: key).status == .notFound)
    }
    #expect(try await world.send("GET", "/v1/campaigns/\(theirs)").json["status"] == "active")
  }
}
