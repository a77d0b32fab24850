import Domain
import JSON
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct NumberRouteTests {
  private func row(_ id: String, _ number: String, _ fields: JSONMap = [:]) -> JSONValue {
    var row: JSONMap = [
      "vapi_phone_number_id": .string(id), "number": .string(number), "name": "MRO",
      "assigned_broker_company": "Acme",
    ]
    for (key, value) in fields { row[key] = value }
    return .object(row)
  }

  @Test func `an import inserts, then changes nothing, then updates`() async throws {
    let world = APIWorld()
    let rows: JSONValue = [
      row("a", "+14244851544", ["territories": ["Los Angeles", "los angeles"], "notes": "Pool #1"]),
      row("b", "+16502530000", ["status": "maintenance"]),
    ]
    let body: JSONValue = ["numbers": rows, "create_clients": true]
    let dry = await world.send(
      "POST", "/v1/numbers/import", ["numbers": rows, "create_clients": true, "dry_run": true])
    #expect(try dry.json["inserted"] == 2 && dry.json["dry_run"] == true)
    #expect(try await world.send("GET", "/v1/numbers").rows.isEmpty)
    let first = try await world.send("POST", "/v1/numbers/import", body).json
    #expect(first["inserted"] == 2 && first["clients_created"] == 1 && first["updated"] == 0)
    #expect(try await world.send("POST", "/v1/numbers/import", body).json["unchanged"] == 2)
    let change: JSONValue = ["numbers": [row("b", "+16502530000", ["status": "active"])]]
    #expect(try await world.send("POST", "/v1/numbers/import", change).json["updated"] == 1)
    let number = try await world.send("GET", "/v1/numbers/a").json
    #expect(number["territories"] == ["Los Angeles"] && number["notes"] == "Pool #1")
    #expect(number["area_code"] == "424" && number["company"] == "Acme" && number["lease"] == .null)
  }

  @Test func `every bad row of an import is named, and nothing changes`() async throws {
    let world = APIWorld()
    let body: JSONValue = [
      "numbers": [
        row("a", "+14244851544"), row("b", "+1424"), row("c d", "+16502530000", ["status": "asleep"]),
        ["number": 5], row("e", "+16502530001", ["color": "red", "territories": [" x"]]), "six",
      ],
      "create_clients": true,
    ]
    let response = await world.send("POST", "/v1/numbers/import", body)
    #expect(response.status == .unprocessable)
    #expect(
      Set(response.faults) == [
        "/numbers/1/number", "/numbers/2/status", "/numbers/3/vapi_phone_number_id", "/numbers/3/number",
        "/numbers/3/name", "/numbers/3/assigned_broker_company", "/numbers/4/color",
        "/numbers/4/territories/0", "/numbers/5",
      ])
    #expect(try await world.send("GET", "/v1/numbers").rows.isEmpty)
  }

  @Test func `rows that only the pool can judge are named too`() async throws {
    let world = APIWorld()
    try await world.pool.client("Acme")
    let body: JSONValue = [
      "numbers": [
        row("a", "+14244851544"), row("b", "+16502530000", ["assigned_broker_company": "Nobody"]),
      ]
    ]
    let response = await world.send("POST", "/v1/numbers/import", body)
    #expect(response.status == .unprocessable && response.faults == ["/numbers/1/assigned_broker_company"])
    let twice: JSONValue = ["numbers": [row("a", "+14244851544"), row("a", "+14244851544")]]
    let repeated = await world.send("POST", "/v1/numbers/import", twice)
    #expect(Set(repeated.faults) == ["/numbers/1/vapi_phone_number_id", "/numbers/1/number"])
  }

  @Test func `numbers are filtered and paged`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.pool.client("Beta")
    try await world.pool.numbers(3, of: "Acme", prefix: "a")
    try await world.pool.numbers(2, of: "Beta", area: "650", prefix: "b")
    try await world.pool.execute(
      "UPDATE signalwire_phone_numbers SET status = 'inactive' WHERE vapi_phone_number_id = 'a-2'")
    _ = try await world.lease("Beta", try await world.pool.leads(1)[0])
    for (query, ids) in [
      "": ["a-0", "a-1", "a-2", "b-0", "b-1"], "?company=Acme": ["a-0", "a-1", "a-2"],
      "?client_id=\(client)&status=inactive": ["a-2"], "?area_code=650": ["b-0", "b-1"],
      "?company=Acme&area_code=650": [],
      "?assignment_status=available&status=active&company=Acme": ["a-0", "a-1"],
      "?limit=2": ["a-0", "a-1"],
    ] {
      let rows = try await world.send("GET", "/v1/numbers\(query)").rows
      #expect(rows.map { $0["provider_number_id"]?.string } == ids, "\(query)")
    }
    let first = try await world.send("GET", "/v1/numbers?limit=4").json
    let rest = try await world.send("GET", "/v1/numbers?cursor=\(first["next_cursor"]?.string ?? "")").rows
    #expect(rest.map { $0["provider_number_id"] } == ["b-1"])
    let leased = try await world.send("GET", "/v1/numbers?assignment_status=assigned").rows
    #expect(leased.count == 1 && leased[0]["lease"]?["term"] == 1)
  }

  @Test func `a number is changed field by field`() async throws {
    let world = APIWorld()
    try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme", territories: ["Los Angeles"])
    let first = try await world.send(
      "PATCH", "/v1/numbers/n-0", ["status": "maintenance", "notes": "broken"]
    ).json
    #expect(
      first["status"] == "maintenance" && first["notes"] == "broken"
        && first["territories"] == ["Los Angeles"])
    let second = try await world.send("PATCH", "/v1/numbers/n-0", ["notes": nil, "territories": []]).json
    #expect(second["notes"] == .null && second["territories"] == [] && second["status"] == "maintenance")
    #expect(await world.send("PATCH", "/v1/numbers/none", ["notes": nil]).status == .notFound)
    let empty = await world.send("PATCH", "/v1/numbers/n-0", [:])
    #expect(empty.status == .unprocessable && empty.faults == [""])
  }
}
