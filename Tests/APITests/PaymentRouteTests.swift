import Crypto
import Domain
import Engine
import HTTP
import JSON
import Runtime
import Testing
import TestSupport

@testable import API

extension APIWorld {
  /// `POST /webhooks/stripe`, signed as Stripe would.
  func webhook(
    _ body: [UInt8], signedAt: Timestamp? = nil, secret: String = APIWorld.webhookSecret,
    _ location: SourceLocation = #_sourceLocation
  ) async -> Response {
    let time = (signedAt ?? clock.now).microseconds / 1_000_000
    let code = hmacSHA256(key: Array(secret.utf8), Array("\(time).".utf8) + body)
    let header = (name: "Stripe-Signature", value: "t=\(time),v1=\(Hexadecimal.encode(code))")
    return await send("POST", "/webhooks/stripe", headers: [header], body: body, location)
  }

  /// An event of the test mode, now.
  func event(_ id: String, _ type: String, _ object: JSONValue) -> [UInt8] {
    let event: JSONValue = [
      "id": .string(id), "object": "event", "type": .string(type),
      "created": .int(Int(clock.now.microseconds / 1_000_000)), "livemode": false, "data": ["object": object],
    ]
    return event.bytes()
  }

  func invoice(_ id: String, of client: String?, price: String = "price_i") -> [UInt8] {
    let metadata: JSONValue = client.map { ["client_id": .string($0)] } ?? [:]
    return event(
      id, "invoice.paid",
      [
        "id": .string("in_\(id)"), "object": "invoice", "customer": "cus_1",
        "customer_email": "owner@acme.example",
        "parent": ["subscription_details": ["subscription": "sub_1", "metadata": metadata]],
        "lines": ["data": [["amount": 1, "pricing": ["price_details": ["price": .string(price)]]]]],
      ])
  }
}

/// Stripe's webhook, and what operators do with its events.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PaymentRouteTests {
  private func shop() async throws -> (world: APIWorld, client: String) {
    let world = APIWorld()
    let client = "\(try await world.pool.client("Acme"))"
    try await world.stockIgnition()
    #expect(await world.send("PUT", "/v1/tiers/ignition/prices/price_i").status == .created)
    return (world, client)
  }

  private func owned(_ world: APIWorld, _ client: String) async throws -> Int {
    try await world.send("GET", "/v1/resources?client_id=\(client)&limit=1000").rows.count
  }

  @Test func `a signed event gives a client its resources, once`() async throws {
    let (world, client) = try await shop()
    let body = world.invoice("evt_1", of: client)
    let first = await world.webhook(body)
    #expect(first.status == .ok)
    let answer: JSONValue = [
      "id": "evt_1", "state": "processed", "outcome": "ignition: 14 resources assigned", "is_new": true,
    ]
    #expect(try first.json == answer)
    #expect(try await owned(world, client) == 14)
    let again = await world.otherServer.webhook(body)
    #expect(try again.json["is_new"] == false && again.json["state"] == "processed")
    #expect(try await owned(world, client) == 14)
  }

  @Test func `what is not signed rightly is 400, counted, and not stored`() async throws {
    let (world, client) = try await shop()
    let body = world.invoice("evt_1", of: client)
    let (now, tolerance) = (world.clock.now, StripeSignature.tolerance)
    var answers = [
      await world.webhook(body, secret: "whsec_other"),
      await world.webhook(body, signedAt: now - tolerance - .seconds(1)),
      await world.webhook(body, signedAt: now + tolerance + .seconds(1)),
      await world.send("POST", "/webhooks/stripe", headers: [], body: body),
    ]
    for text in ["", "garbage", "t=1,v1=", "t=\(now.microseconds / 1_000_000),v1=00"] {
      answers.append(
        await world.send("POST", "/webhooks/stripe", headers: [("Stripe-Signature", text)], body: body))
    }
    for answer in answers {
      #expect(answer.status == .badRequest && answer.problem == "signature-refused")
      #expect(answer.faults == ["Stripe-Signature"])
    }
    #expect(try await world.send("GET", "/v1/payments/events").rows == [])
    let metrics = String(decoding: await world.send("GET", "/metrics").body, as: UTF8.self)
    for (reason, count) in ["mismatch": 3, "too_old": 1, "too_new": 1, "missing": 2, "malformed": 1] {
      let line = "reservoir_payment_signatures_refused_total{reason=\"\(reason)\"} \(count)"
      #expect(metrics.contains(line), "\(line)")
    }
    #expect(await world.webhook(body, signedAt: now - tolerance).status == .ok)
  }

  @Test func `without a secret it says what to set`() async throws {
    let pool = PoolFixture()
    let world = APIWorld(pool, clock: ManualClock(), hasWebhook: false)
    let response = await world.webhook(world.invoice("evt_1", of: nil))
    #expect(response.status == .notFound && response.problem == "webhook-not-configured")
    #expect(try response.json["detail"]?.string?.contains("RESERVOIR_STRIPE_WEBHOOK_SECRET") == true)
  }

  static let hostile: [(body: String, status: Int, faults: [String])] = [
    ("", 400, []), ("{", 400, []), ("{}{}", 400, []), (#"{"id":"a\u0000"}"#, 400, []),
    (#"{"id":1,"id":2}"#, 400, []), (String(repeating: "[", count: 3_000), 400, []),
    (String(repeating: #"{"a":"#, count: 40) + "1" + String(repeating: "}", count: 40), 400, []),
    (#"{"created":99999999999999999999}"#, 400, []),
    ("null", 422, ["/object", "/id", "/type", "/created", "/livemode", "/data/object"]),
    ("[]", 422, ["/object", "/id", "/type", "/created", "/livemode", "/data/object"]),
    (
      #"{"object":"v2.core.event","id":"evt_1","type":"a","created":1,"livemode":true,"data":{"object":{}}}"#,
      422, ["/object"]
    ),
    (
      #"{"object":"event","id":"","type":7,"created":"1","livemode":1,"data":[]}"#, 422,
      ["/id", "/type", "/created", "/livemode", "/data/object"]
    ),
    (
      #"{"object":"event","id":"é","type":"a b","created":1e300,"livemode":null,"data":{"object":7}}"#, 422,
      ["/id", "/type", "/created", "/livemode", "/data/object"]
    ),
    (
      #"{"object":"event","id":"a","type":"a","created":-1,"livemode":true,"data":{"object":{}}}"#, 422,
      ["/created"]
    ),
  ]

  @Test func `a body that is no event is 4xx, also when it is signed`() async throws {
    let world = APIWorld()
    for (body, status, faults) in Self.hostile {
      let response = await world.webhook(Array(body.utf8))
      #expect(response.status.rawValue == status && response.faults == faults, "\(body.prefix(80))")
    }
    #expect(await world.webhook([UInt8](repeating: 0x20, count: 1 << 20 + 1)).status == .payloadTooLarge)
    #expect(await world.webhook([0x22, 0xC3, 0x28, 0x22]).status == .badRequest)
    let typed = [("Content-Type", "text/plain")]
    let other = await world.send("POST", "/webhooks/stripe", headers: typed, body: [0x7B])
    #expect(other.status == .unsupportedMediaType)
    #expect(try await world.send("GET", "/v1/payments/events").rows == [])
  }

  @Test func `events are listed by state and client, and shown with what came`() async throws {
    let (world, client) = try await shop()
    _ = await world.webhook(world.invoice("evt_1", of: client))
    world.clock.advance(by: .seconds(1))
    _ = await world.webhook(world.invoice("evt_2", of: nil, price: "price_x"))
    world.clock.advance(by: .seconds(1))
    _ = await world.webhook(world.event("evt_3", "customer.created", ["id": "cus_1"]))
    func ids(_ query: String) async throws -> [String?] {
      try await world.send("GET", "/v1/payments/events\(query)").rows.map { $0["id"]?.string }
    }
    #expect(try await ids("") == ["evt_3", "evt_2", "evt_1"])
    #expect(try await ids("?state=ignored") == ["evt_3"])
    #expect(try await ids("?state=processed&client_id=\(client)") == ["evt_1"])
    let page = try await world.send("GET", "/v1/payments/events?limit=2").json
    let cursor = try #require(page["next_cursor"]?.string)
    #expect(try await ids("?limit=2&cursor=\(cursor)") == ["evt_1"])
    for query in ["?state=lost", "?client_id=7", "?cursor=abc", "?limit=0"] {
      #expect(await world.send("GET", "/v1/payments/events\(query)").status == .badRequest, "\(query)")
    }
    let shown = try await world.send("GET", "/v1/payments/events/evt_2").json
    #expect(shown["failure"] == "unknown_price" && shown["client_id"]?.string == client)
    #expect(shown["payload"]?["data"]?["object"]?["customer_email"] == "owner@acme.example")
    let listed = await world.send("GET", "/v1/payments/events").body
    #expect(!String(decoding: listed, as: UTF8.self).contains("owner@"), "a list holds no payloads")
    #expect(await world.send("GET", "/v1/payments/events/evt_9").status == .notFound)
    #expect(await world.send("GET", "/v1/payments/events/a%20b").faults == ["event_id"])
  }

  @Test func `a price that is set and a client that is linked let waiting events go on`() async throws {
    let (world, client) = try await shop()
    _ = await world.webhook(world.invoice("evt_1", of: nil))
    let target = "/v1/clients/\(client)/payment-link"
    #expect(try await world.send("GET", target).json["stripe_customers"] == [])
    let linked = try await world.send("PUT", target, ["stripe_customer_id": "cus_1"]).json
    #expect(linked["stripe_customers"]?[0]?["id"] == "cus_1")
    #expect(linked["stripe_subscriptions"]?[0]?["is_by_hand"] == false, "the event told it")
    #expect(try await owned(world, client) == 14)
    #expect(try await world.send("GET", target).json == linked)
    for (body, faults): (JSONValue, [String]) in [
      ([:], [""]), (["stripe_customer_id": ""], ["/stripe_customer_id"]),
      (["stripe_subscription_id": "a b"], ["/stripe_subscription_id"]),
      (["stripe_subscription_id": nil], ["/stripe_subscription_id"]),
      (["customer": "cus_1"], ["/customer", ""]),
    ] {
      let response = await world.send("PUT", target, body)
      #expect(response.status == .unprocessable && Set(response.faults) == Set(faults), "\(body)")
    }
    let nobody = "/v1/clients/019aa777-0000-7000-8000-000000000000/payment-link"
    #expect(await world.send("PUT", nobody, ["stripe_customer_id": "cus_1"]).status == .notFound)
    #expect(await world.send("GET", nobody).status == .notFound)
  }

  @Test func `prices of tiers are set, moved and removed`() async throws {
    let world = APIWorld()
    let price = "/v1/tiers/velocity/prices/price%2F1"
    #expect(await world.send("PUT", price).status == .created)
    #expect(await world.send("PUT", price).status == .ok)
    #expect(try await world.send("GET", "/v1/tiers/velocity/prices").rows.map { $0["price"] } == ["price/1"])
    #expect(await world.send("PUT", "/v1/tiers/ignition/prices/price%2F1").status == .ok)
    #expect(try await world.send("GET", "/v1/tiers/velocity/prices").rows == [])
    #expect(await world.send("DELETE", price).status == .notFound)
    #expect(await world.send("DELETE", "/v1/tiers/ignition/prices/price%2F1").status == .noContent)
    for (method, target) in [
      ("PUT", "/v1/tiers/gold/prices/p"), ("GET", "/v1/tiers/gold/prices"),
    ] { #expect(await world.send(method, target).status == .notFound) }
    #expect(await world.send("PUT", "/v1/tiers/velocity/prices/a%20b").faults == ["price"])
    #expect(await world.send("PUT", "/v1/tiers/Gold/prices/p").faults == ["tier_name"])
  }

  @Test func `a replay under a key is done once`() async throws {
    let (world, client) = try await shop()
    _ = await world.webhook(world.invoice("evt_1", of: client))
    let target = "/v1/payments/events/evt_1/replay"
    let first = await world.send("POST", target, idempotencyKey: "k")
    let again = await world.send("POST", target, idempotencyKey: "k")
    #expect(try first.status == .ok && first.json["attempts"] == 2)
    #expect(again.body == first.body && again.header("Idempotent-Replayed") == "true")
    #expect(try await owned(world, client) == 14)
    #expect(await world.send("POST", "/v1/payments/events/evt_9/replay").status == .notFound)
  }
}
