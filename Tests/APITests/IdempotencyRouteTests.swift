import Domain
import HTTP
import JSON
import Testing
import TestSupport

/// Same key, same request: the same answer, and the effect once.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct IdempotencyRouteTests {
  private func world(numbers: Int = 5) async throws -> (APIWorld, JSONValue) {
    let world = APIWorld()
    try await world.pool.client("Acme")
    try await world.pool.numbers(numbers, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    return (world, ["company": "Acme", "lead_id": .string("\(lead)")])
  }

  private func isReplay(_ response: Response) -> Bool { response.header("Idempotent-Replayed") == "true" }

  @Test func `sixteen at once on two servers: one effect, one answer`() async throws {
    let (world, body) = try await world()
    let other = world.otherServer
    for round in 0..<8 {
      let answers = await withTaskGroup(of: Response.self) { group in
        for index in 0..<16 {
          let server = index.isMultiple(of: 2) ? world : other
          group.addTask { await server.send("POST", "/v1/leases", body, idempotencyKey: "race-\(round)") }
        }
        return await group.reduce(into: [Response]()) { $0.append($1) }
      }
      #expect(Set(answers.map(\.status)) == [round == 0 ? .created : .ok])
      #expect(Set(answers.map(\.body)).count == 1)
      #expect(answers.filter { !isReplay($0) }.count == 1)
    }
    let trail: Int? = try await world.pool.value("SELECT count(*) FROM interactions")
    #expect(trail == 1)
  }

  @Test func `many at once with one key and two bodies: one request has it, the other is refused`()
    async throws
  {
    let (world, body) = try await world()
    let lead = try await world.pool.leads(1)[0]
    let second: JSONValue = ["company": "Acme", "lead_id": .string("\(lead)")]
    let answers = await withTaskGroup(of: Response.self) { group in
      for index in 0..<32 {
        let body = index.isMultiple(of: 2) ? body : second
        group.addTask { await world.send("POST", "/v1/leases", body, idempotencyKey: "mixed") }
      }
      return await group.reduce(into: [Response]()) { $0.append($1) }
    }
    #expect(answers.filter { $0.status == .created }.count == 16)
    #expect(answers.filter { $0.problem == "idempotency-key-reused" }.count == 16)
    #expect(try await world.pool.value("SELECT count(*) FROM interactions") == 1)
  }

  @Test func `a key that came with another body is 422, and stays with its first request`() async throws {
    let (world, body) = try await world()
    let first = await world.send("POST", "/v1/leases", body, idempotencyKey: "k")
    var other = try #require(body.object)
    other["near"] = "424"
    let refused = await world.send("POST", "/v1/leases", .object(other), idempotencyKey: "k")
    #expect(refused.status == .unprocessable && refused.problem == "idempotency-key-reused")
    #expect(try refused.json["errors"] == [])
    let again = await world.send("POST", "/v1/leases", body, idempotencyKey: "\"k\"")
    #expect(isReplay(again) && again.body == first.body && again.status == .created)
  }

  @Test func `a kept answer survives the server, and is gone after 24 hours`() async throws {
    let (world, body) = try await world()
    let first = await world.send("POST", "/v1/leases", body, idempotencyKey: "k")
    let id = try #require(try first.json["id"]?.string)
    _ = await world.send("DELETE", "/v1/leases/\(id)?term=1")
    world.clock.advance(by: .hours(24) - .seconds(1))
    let kept = await world.otherServer.send("POST", "/v1/leases", body, idempotencyKey: "k")
    #expect(isReplay(kept) && kept.body == first.body && kept.status == .created)
    world.clock.advance(by: .seconds(2))
    let fresh = await world.send("POST", "/v1/leases", body, idempotencyKey: "k")
    #expect(!isReplay(fresh) && fresh.status == .created)
    #expect(try fresh.json["id"]?.string != id)
  }

  @Test func `a refusal is not kept`() async throws {
    let (world, body) = try await world(numbers: 0)
    let refused = await world.send("POST", "/v1/leases", body, idempotencyKey: "k")
    #expect(refused.problem == "pool-exhausted")
    try await world.pool.numbers(1, of: "Acme")
    #expect(await world.send("POST", "/v1/leases", body, idempotencyKey: "k").status == .created)
  }

  @Test func `keys are apart by caller and by operation`() async throws {
    let (world, body) = try await world()
    let operatorKey = try await world.key(.operator)
    _ = await world.send("POST", "/v1/leases", body, idempotencyKey: "k")
    let other = await world.send("POST", "/v1/leases", body, key: operatorKey, idempotencyKey: "k")
    #expect(other.status == .ok && !isReplay(other))
    let lead = await world.send("POST", "/v1/leads", [:], idempotencyKey: "k")
    #expect(lead.status == .created && !isReplay(lead))
  }

  @Test func `every POST replays`() async throws {
    let (world, body) = try await world()
    let lease = try await world.send("POST", "/v1/leases", body).json["id"]?.string ?? ""
    let row: JSONValue = [
      "vapi_phone_number_id": "x", "number": "+16502530000", "name": "X", "assigned_broker_company": "Acme",
    ]
    let posts: [(String, JSONValue?)] = [
      ("/v1/clients", ["company_name": "Other"]), ("/v1/leads", ["first_name": "Ada"]),
      ("/v1/leases/\(lease)/outcome", ["outcome": "no_answer"]), ("/v1/leases/\(lease)/renew", nil),
      ("/v1/numbers/import", ["numbers": [row]]), ("/v1/jobs/counting/run", nil),
    ]
    for (target, body) in posts {
      let first = await world.send("POST", target, body, idempotencyKey: "same")
      let again = await world.send("POST", target, body, idempotencyKey: "same")
      #expect(!isReplay(first) && isReplay(again), "\(target)")
      #expect(first.status == again.status && first.body == again.body, "\(target)")
    }
    #expect(try await world.send("GET", "/v1/leases/\(lease)").json["missed_calls"] == 1)
  }

  @Test func `the secret of a key is never kept`() async throws {
    let world = APIWorld()
    let body: JSONValue = ["name": "n8n", "role": "operator"]
    let first = try await world.send("POST", "/v1/keys", body, idempotencyKey: "k").json
    let again = await world.send("POST", "/v1/keys", body, idempotencyKey: "k")
    let secret = try #require(first["key"]?.string)
    #expect(try again.json["id"] == first["id"] && again.json["key"] == .null && isReplay(again))
    let kept: [[UInt8]] = try await world.pool.column("SELECT body FROM idempotency_keys")
    #expect(kept.allSatisfy { !String(decoding: $0, as: UTF8.self).contains(secret) })
    #expect(await world.send("GET", "/v1/keys", key: secret).status == .ok)
  }
}
