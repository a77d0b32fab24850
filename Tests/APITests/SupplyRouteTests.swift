import Domain
import Engine
import HTTP
import JSON
import Runtime
import Testing
import TestSupport

/// The buffer, purchasing, orders.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SupplyRouteTests {
  let nothing = "019aa777-0000-7000-8000-000000000000"

  func request(
    _ world: APIWorld, _ kind: String = "linkedin_seat", _ quantity: Int = 2, price: Int = 0
  ) async throws -> JSONValue {
    let response = await world.send(
      "POST", "/v1/orders",
      [
        "resource_type": .string(kind), "quantity": .int(quantity), "unit_price_cents": .int(price),
        "reason": "a test",
      ])
    #expect(response.status == .created)
    return try response.json
  }

  func plan(_ world: APIWorld, monthly: JSONValue = .null, approval: JSONValue = .null) async throws {
    let response = await world.send(
      "PUT", "/v1/purchasing",
      ["monthly_budget_cents": monthly, "approval_above_cents": approval, "resources": []])
    #expect(response.status == .ok)
  }

  @Test func `the buffer shows what is ready, required and on its way`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.stock(.linkedInSeat, (0..<6).map { "seat_\($0)" })
    _ = await world.send("POST", "/v1/clients/\(client)/assign", ["linkedin_seats": 5])
    _ = try await request(world)
    let rows = try await world.send("GET", "/v1/buffer").rows
    #expect(rows.compactMap { $0["resource_type"]?.string } == ResourceKind.allCases.map(\.rawValue))
    let seats: JSONValue = [
      "resource_type": "linkedin_seat", "assigned": 5, "available": 1, "arriving": 2, "required": 2,
      "shortfall": 0, "backordered": 0, "to_order": 0, "level": "low",
    ]
    #expect(rows[3] == seats)
    _ = try await BufferJob(world.services.supply).runOnce(now: world.clock.now, limit: 10)
    let alerts = try await world.send("GET", "/v1/buffer/alerts").rows
    #expect(alerts.map { $0["level"]?.string } == ["low"])
    #expect(try await world.send("GET", "/v1/buffer/alerts?state=cleared").rows == [])
  }

  @Test func `the purchasing plan is replaced as a whole`() async throws {
    let world = APIWorld()
    let row: JSONValue = [
      "resource_type": "email_domain", "unit_price_cents": 1_400, "auto_order": true, "name_stems": ["acme"],
      "name_words": ["growth"], "name_endings": ["co.uk"],
    ]
    let saved = try await world.send(
      "PUT", "/v1/purchasing",
      [
        "monthly_budget_cents": 5_000, "approval_above_cents": .null, "time_zone": "Europe/Berlin",
        "resources": [row],
      ]
    ).json
    #expect(saved["monthly_budget_cents"] == 5_000 && saved["approval_above_cents"] == .null)
    #expect(saved["resources"]?[0]?["name_endings"] == ["co.uk"] && saved["resources"]?.array?.count == 4)
    #expect(try await world.send("GET", "/v1/purchasing").json == saved)
    try await plan(world)
    let reset = try await world.send("GET", "/v1/purchasing").json
    #expect(reset["resources"]?[0]?["auto_order"] == false && reset["time_zone"] == "UTC")

    func fault(_ row: JSONValue) async -> [String] {
      await world.send(
        "PUT", "/v1/purchasing",
        ["monthly_budget_cents": 1, "approval_above_cents": 1, "resources": row]
      ).faults
    }
    #expect(await fault([row, row]) == ["/resources"])
    #expect(await fault([["resource_type": "email_domain", "provider": "infraforge"]]) == ["/resources"])
    #expect(
      await fault([["resource_type": "email_domain", "name_stems": ["Acme!"]]]) == [
        "/resources/0/name_stems/0"
      ])
    #expect(
      await fault([["resource_type": "email_domain", "name_endings": [".com"]]])
        == ["/resources/0/name_endings/0"])
  }

  @Test func `an order by hand goes from its request into the pool`() async throws {
    let world = APIWorld()
    try await plan(world, monthly: 1_000, approval: 100)
    let order = try await request(world, "linkedin_seat", 2, price: 100)
    #expect(order["status"] == "requested" && order["outstanding"] == 2 && order["cost_cents"] == 200)
    let target = "/v1/orders/\(try #require(order["id"]?.string))"
    let early = await world.send("POST", "\(target)/place", [:])
    #expect(early.status == .conflict && early.problem == "order-state")
    #expect(try early.json["obstacles"]?[0]?["name"] == "not_approved")
    let approved = try await world.send("POST", "\(target)/approve").json
    #expect(approved["status"] == "approved" && approved["approved_by"] == "environment")
    let placed = try await world.send("POST", "\(target)/place", ["provider_reference": "invoice 7"]).json
    #expect(placed["status"] == "placed" && placed["provider_reference"] == "invoice 7")
    let rows: JSONValue = [
      "resources": [
        ["resource_value": "seat_1"], ["resource_value": "no seat"], ["resource_value": "seat_2"],
        ["resource_value": "seat_3"],
      ]
    ]
    let first = await world.send("POST", "\(target)/deliver", rows, idempotencyKey: "k")
    let again = await world.send("POST", "\(target)/deliver", rows, idempotencyKey: "k")
    #expect(first.status == .ok && again.body == first.body)
    let delivered = try first.json
    #expect(
      delivered["verdicts"]?.array?.map { $0["verdict"]?.string } == [
        "added", "rejected", "added", "surplus",
      ])
    #expect(delivered["counts"]?["added"] == 2 && delivered["order"]?["status"] == "available")
    let found = try await world.send("GET", target).json
    #expect(found == delivered["order"] && found["values"]?.array?.count == 2)
    let history = try await world.send("GET", "\(target)/history").rows
    #expect(history.last?["status"] == "requested" && history.last?["reason"] == "a test")
    let page = try await world.send("GET", "\(target)/history?limit=2").json
    let cursor = try #require(page["next_cursor"]?.string)
    #expect(try await world.send("GET", "\(target)/history?limit=2&cursor=\(cursor)").rows[0] == history[2])
  }

  @Test func `what the budget does not cover is refused with what is left`() async throws {
    let world = APIWorld()
    try await plan(world, monthly: 1_000)
    let body: JSONValue = ["resource_type": "mailbox", "quantity": 11, "unit_price_cents": 100]
    let refused = await world.send("POST", "/v1/orders", body)
    #expect(refused.status == .conflict && refused.problem == "over-budget")
    #expect(try refused.json["left_cents"] == 1_000)
    let stranger: JSONValue = ["resource_type": "mailbox", "quantity": 1, "provider": "infraforge"]
    #expect(await world.send("POST", "/v1/orders", stranger).faults == ["/provider"])
    for quantity: JSONValue in [0, 10_001, 1.5, "3", .null] {
      let response = await world.send(
        "POST", "/v1/orders", ["resource_type": "mailbox", "quantity": quantity])
      #expect(response.status == .unprocessable && response.faults == ["/quantity"])
    }
  }

  @Test func `a request is made once for an idempotency key, and turned down with a reason`() async throws {
    let world = APIWorld()
    try await plan(world, monthly: 1_000, approval: 0)
    let body: JSONValue = ["resource_type": "phone_number", "quantity": 1, "unit_price_cents": 10]
    let first = await world.send("POST", "/v1/orders", body, idempotencyKey: "k")
    let again = await world.send("POST", "/v1/orders", body, idempotencyKey: "k")
    #expect(first.status == .created && again.body == first.body)
    #expect(
      try await world.send("GET", "/v1/orders?status=requested&resource_type=phone_number").rows.count == 1)
    #expect(try await world.send("GET", "/v1/orders?status=failed").rows == [])
    let target = "/v1/orders/\(try #require(try first.json["id"]?.string))"
    #expect(await world.send("POST", "\(target)/reject", [:]).faults == ["/reason"])
    let rejected = try await world.send("POST", "\(target)/reject", ["reason": "too dear"]).json
    #expect(rejected["status"] == "failed" && rejected["last_error"] == "too dear")
    #expect(await world.send("POST", "\(target)/fail", ["reason": "x"]).status == .conflict)
  }

  @Test func `an order that does not exist is 404`() async throws {
    let world = APIWorld()
    let target = "/v1/orders/\(nothing)"
    for (method, path, body): (String, String, JSONValue?) in [
      ("GET", target, JSONValue?.none), ("GET", "\(target)/history", JSONValue?.none),
      ("POST", "\(target)/approve", JSONValue?.none), ("POST", "\(target)/reject", ["reason": "x"]),
      ("POST", "\(target)/fail", ["reason": "x"]), ("POST", "\(target)/place", [:]),
      ("POST", "\(target)/deliver", ["resources": [["resource_value": "a.com"]]]),
    ] {
      #expect(await world.send(method, path, body).status == .notFound, "\(method) \(path)")
    }
  }

  @Test func `gauges show the buffer and the orders`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.stock(.linkedInSeat, (0..<5).map { "seat_\($0)" })
    _ = await world.send("POST", "/v1/clients/\(client)/assign", ["linkedin_seats": 5])
    _ = try await request(world)
    try await SupplyGauges(world.services.supply, metrics: world.metrics).refresh()
    let text = world.metrics.exposition
    for line in [
      #"reservoir_buffer_resources{resource_type="linkedin_seat",state="arriving"} 2"#,
      #"reservoir_buffer_level{resource_type="linkedin_seat"} 2"#, #"reservoir_orders{status="approved"} 1"#,
    ] { #expect(text.contains(line), "\(line)") }
  }
}
