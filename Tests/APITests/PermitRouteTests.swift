import Domain
import Engine
import HTTP
import JSON
import Runtime
import TestSupport
import Testing

/// Permits and the gate over the interface; every answer is one that the contract documents.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PermitRouteTests {
  let world = APIWorld()

  /// A client with the resources of ignition, and leads of it that may be contacted.
  func prepared(leads: Int = 1) async throws -> (client: ID<Client>, leads: [ID<Lead>]) {
    try await world.stockIgnition()
    let client = try await world.pool.client("Acme")
    let paid = await world.send("POST", "/v1/clients/\(client)/subscription", ["tier": "ignition"])
    #expect(paid.status == .ok)
    let leads: [ID<Lead>] = try await world.pool.column(
      """
      WITH new AS (
        INSERT INTO lead_pool (id, email, email_status)
        SELECT uuid_v7(), 'p' || i || '@example.com', 'verified' FROM generate_series(1, \(leads)) AS i
        RETURNING id)
      INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(client) FROM new RETURNING lead_id
      """)
    return (client, leads)
  }

  func wish(_ client: ID<Client>?, _ lead: ID<Lead>, _ channel: String = "email") -> JSONValue {
    [
      "client_id": client.map { .string("\($0)") } ?? .null, "lead_id": .string("\(lead)"),
      "channel": .string(channel),
    ]
  }

  @Test func `a permit is issued once, sent, and then refused with all reasons`() async throws {
    let (client, leads) = try await prepared()
    let body = wish(client, leads[0])
    let first = await world.send("POST", "/v1/permits", body, idempotencyKey: "k")
    let again = await world.send("POST", "/v1/permits", body, idempotencyKey: "k")
    #expect(first.status == .created && again.body == first.body)
    #expect(try first.json["daily_limit"]?.int == 50 && first.json["used"]?.int == 1)
    let id = try #require(try first.json["id"]?.string)
    #expect(await world.send("GET", "/v1/permits/\(id)").body == first.body)
    let sent = await world.send("POST", "/v1/permits/\(id)/sent", ["provider_message_id": "m-1"])
    #expect(try sent.status == .ok && sent.json["status"]?.string == "sent")
    let refused = await world.send("POST", "/v1/permits", body)
    #expect(refused.status == .conflict && refused.problem == "send-refused")
    let codes = try refused.json["reasons"]?.array?.compactMap { $0["code"]?.string }
    #expect(codes == ["contacted_recently", "channel_cooling"])
    #expect(
      try refused.json["next_eligible_at"]?.string == (world.clock.now + .hours(168)).description)
    let failed = await world.send("POST", "/v1/permits/\(id)/failed")
    #expect(failed.status == .conflict && failed.problem == "permit-ended")
    let history = try await world.send("GET", "/v1/leads/\(leads[0])/gate-history").rows
    #expect(history.compactMap { $0["kind"]?.string }.sorted() == ["issued", "refused", "sent"])
  }

  @Test func `a batch answers each wish in its place`() async throws {
    let (client, leads) = try await prepared(leads: 2)
    let nobody = ID<Lead>(at: world.clock.now)
    let items = [leads[0], leads[0], nobody, leads[1]].map { wish(client, $0) }
    let answer = try await world.send("POST", "/v1/permits/batch", ["items": .array(items)]).json
    let results = try #require(answer["results"]?.array)
    #expect(results.map { $0["permit"]?["status"]?.string } == ["issued", nil, nil, "issued"])
    let types = results.map { $0["problem"]?["type"]?.string }
    #expect(
      types == [
        nil, "urn:reservoir:problem:send-refused", "urn:reservoir:problem:unknown-lead", nil,
      ])
    #expect(await world.send("POST", "/v1/permits/batch", ["items": []]).status == .unprocessable)
  }

  @Test func `the gate explains and takes nothing`() async throws {
    let (client, leads) = try await prepared()
    let target = "/v1/gate?client_id=\(client)&lead_id=\(leads[0])&channel=sms"
    for _ in 0..<2 {
      let answer = try await world.send("GET", target).json
      #expect(answer["allowed"]?.bool == true && answer["sender"]?["used"]?.int == 0)
    }
    try await world.pool.execute("UPDATE lead_assignments SET replied_at = \(world.clock.now)")
    let refused = try await world.send("GET", target).json
    #expect(refused["allowed"]?.bool == false && refused["next_eligible_at"] == .null)
    #expect(refused["reasons"]?[0]?["code"]?.string == "replied")
    #expect(await world.send("GET", "/v1/gate?client_id=\(client)&channel=sms").faults == ["lead_id"])
  }

  @Test func `a sender asks for its own client, and for nobody else`() async throws {
    let (client, leads) = try await prepared(leads: 2)
    let other = try await world.pool.client("Other")
    let key = try await world.key(.sender, of: client)
    let foreign = try await world.key(.sender, of: other)
    let permit = await world.send("POST", "/v1/permits", wish(nil, leads[0]), key: key)
    #expect(permit.status == .created)
    let id = try #require(try permit.json["id"]?.string)
    #expect(await world.send("POST", "/v1/permits", wish(client, leads[1]), key: foreign).status == .notFound)
    #expect(await world.send("GET", "/v1/permits/\(id)", key: foreign).status == .notFound)
    #expect(await world.send("POST", "/v1/permits/\(id)/sent", [:], key: foreign).status == .notFound)
    #expect(try await world.send("GET", "/v1/permits?client_id=\(client)", key: foreign).rows == [])
    #expect(try await world.send("GET", "/v1/permits", key: key).rows.count == 1)
    #expect(try await world.send("GET", "/v1/leads/\(leads[0])/gate-history", key: foreign).rows == [])
    // Of a lead that is not its own it learns nothing but that.
    try await world.pool.execute("UPDATE lead_pool SET bounced_at = \(world.clock.now)")
    let stranger = try await world.send(
      "GET", "/v1/gate?lead_id=\(leads[0])&channel=email", key: foreign
    ).json
    #expect(stranger["reasons"]?.array?.compactMap { $0["code"]?.string } == ["not_assigned"])
    #expect(stranger["facts"]?["bounced_at"] == .null && stranger["facts"]?["email_status"] == .null)
    #expect(await world.send("GET", "/v1/permits").faults == ["client_id"])
    #expect(await world.send("POST", "/v1/permits", wish(nil, leads[1])).status == .unprocessable)
    let wrong = await world.send("POST", "/v1/permits", wish(client, leads[1], "carrier_pigeon"))
    #expect(wrong.status == .unprocessable)
  }
}
