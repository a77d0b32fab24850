import Domain
import JSON
import Testing
import TestSupport

/// Who may do what, and what the others see.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct RoleTests {
  @Test(arguments: Role.allCases)
  func `a role may call exactly the operations that name it`(role: Role) async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    let key = try await world.key(role, of: client)
    for operation in Contract.operations where !operation.needsNoKey {
      let response = await world.send(
        operation.method, operation.sampleTarget, operation.sampleBody, key: key)
      let isForbidden = response.status == .forbidden
      #expect(isForbidden != operation.roles.contains(role.rawValue), "\(operation.name)")
      #expect(response.status != .unauthorized, "\(operation.name)")
    }
  }

  @Test func `without a valid key every operation that needs one answers 401`() async throws {
    let world = APIWorld()
    let revoked = try await world.key(.operator)
    let id = try #require(try await world.services.keys.list(limit: 1).first?.id)
    _ = try await world.services.keys.revoke(id, actor: .commandLine)
    for key in [
      nil, "", "rsv_nobodys", revoked, APIWorld.operatorKey + "x", String(repeating: "k", count: 600),
    ] {
      for operation in Contract.operations {
        let response = await world.send(
          operation.method, operation.sampleTarget, operation.sampleBody, key: key)
        let isRefused = response.status == .unauthorized
        #expect(isRefused != operation.needsNoKey, "\(operation.name)")
        if isRefused { #expect(response.header("WWW-Authenticate") == "Bearer") }
      }
    }
  }

  @Test(arguments: ["Authorization: Bearer K", "authorization: bearer K", "X-API-Key: K"])
  func `a key is taken from either header`(line: String) async {
    let parts = line.replacing("K", with: APIWorld.operatorKey).split(separator: ":", maxSplits: 1)
    let header = (name: String(parts[0]), value: String(parts[1].dropFirst()))
    // "K" also stands in "X-API-Key".
    let name = header.name.hasPrefix("X-API") ? "X-API-Key" : header.name
    let response = await APIWorld().send("GET", "/v1/pools", headers: [(name, header.value)], body: [])
    #expect(response.status == .ok)
  }

  @Test(arguments: [Role.client, .sender])
  func `what is another client's looks as if it did not exist`(role: Role) async throws {
    let world = APIWorld()
    let (own, other) = (try await world.pool.client("Own"), try await world.pool.client("Other"))
    try await world.pool.numbers(2, of: "Own", prefix: "own")
    try await world.pool.numbers(2, of: "Other", area: "650", prefix: "other")
    let leads = try await world.pool.leads(2)
    let mine = try await world.lease("Own", leads[0])
    let foreign = try #require(try await world.lease("Other", leads[1])["id"]?.string)
    let key = try await world.key(role, of: own)

    let outcome: JSONValue = ["outcome": "completed"]
    let nothing = "019aa777-0000-7000-8000-000000000000"
    var calls: [(String, String, String, JSONValue?)] = [
      ("GET", "/v1/leases/", "", JSONValue?.none), ("DELETE", "/v1/leases/", "?term=1", JSONValue?.none),
      ("POST", "/v1/leases/", "/outcome", outcome), ("POST", "/v1/leases/", "/renew", JSONValue?.none),
    ].map { ($0, $1 + foreign + $2, $1 + nothing + $2, $3) }
    calls += ["/v1/pools/", "/v1/clients/"].map { ("GET", "\($0)\(other)", $0 + nothing, nil) }
    calls.append(("GET", "/v1/pools/\(other)/geography", "/v1/pools/\(nothing)/geography", nil))
    calls += ["", "/holders"].map { ("GET", "/v1/numbers/other-0\($0)", "/v1/numbers/no-0\($0)", nil) }
    for (method, target, same, body) in calls {
      let response = await world.send(method, target, body, key: key)
      let missing = await world.send(method, same, body, key: key)
      // Numbers and clients are not for senders at all.
      #expect(response.status == .notFound || (role == .sender && response.status == .forbidden), "\(target)")
      #expect(response.status == missing.status && response.problem == missing.problem, "\(target)")
      #expect(try response.json["detail"] == missing.json["detail"], "\(target)")
    }
    for pool: (String, JSONValue) in [("company", "Other"), ("client_id", .string("\(other)"))] {
      var body: JSONMap = ["lead_id": .string("\(leads[0])")]
      body[pool.0] = pool.1
      let response = await world.send("POST", "/v1/leases", .object(body), key: key)
      #expect(response.status == .notFound && response.problem == "unknown-company")
      #expect(try response.json["similar"]?.array == [])
    }
    try await expectOwnLists(world, key, own, other, role, mine)
    let still = await world.send("GET", "/v1/leases/\(foreign)")
    #expect(try still.json["ended_at"] == .null && still.json["last_outcome"] == .null)
  }

  private func expectOwnLists(
    _ world: APIWorld, _ key: String, _ own: ID<Client>, _ other: ID<Client>, _ role: Role, _ mine: JSONValue
  ) async throws {
    var lists = ["/v1/leases": [mine["id"]], "/v1/leases?client_id=\(own)": [mine["id"]]]
    lists["/v1/leases?client_id=\(other)"] = []
    for (target, ids) in lists {
      #expect(try await world.send("GET", target, key: key).rows.map { $0["id"] } == ids, "\(target)")
    }
    let pools = try await world.send("GET", "/v1/pools", key: key).rows
    #expect(pools.map { $0["client_id"]?.string } == ["\(own)"])
    guard role == .client else { return }
    #expect(try await world.send("GET", "/v1/clients", key: key).rows.map { $0["id"]?.string } == ["\(own)"])
    for (query, count) in ["": 2, "?company=Other": 0, "?client_id=\(other)": 0, "?company=Own": 2] {
      let rows = try await world.send("GET", "/v1/numbers\(query)", key: key).rows
      #expect(rows.count == count && rows.allSatisfy { $0["company"]?.string == "Own" }, "\(query)")
    }
  }

  @Test func `a bound key without company or client_id means its own client`() async throws {
    let world = APIWorld()
    let own = try await world.pool.client("Own")
    try await world.pool.numbers(1, of: "Own")
    let lead = try await world.pool.leads(1)[0]
    let key = try await world.key(.sender, of: own)
    let response = await world.send("POST", "/v1/leases", ["lead_id": .string("\(lead)")], key: key)
    #expect(response.status == .created)
    #expect(try response.json["company"] == "Own")
    let anonymous = await world.send("POST", "/v1/leases", ["lead_id": .string("\(lead)")])
    #expect(anonymous.status == .unprocessable && anonymous.faults == ["/company"])
  }
}
