import Domain
import HTTP
import JSON
import Runtime
import Testing
import TestSupport

/// Tiers, plans, assignments by hand, subscriptions.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SubscriptionRouteTests {
  let nothing = "019aa777-0000-7000-8000-000000000000"
  let enterprise: JSONValue = [
    "price_cents": 1, "lead_quota": 2, "email_domains": 3, "mailboxes": 4, "phone_numbers": 5,
    "linkedin_seats": 6,
  ]

  @Test func `a tier is added, then changed`() async throws {
    let world = APIWorld()
    let added = await world.send("PUT", "/v1/tiers/enterprise", enterprise)
    let changed = await world.send("PUT", "/v1/tiers/enterprise", enterprise)
    #expect(added.status == .created && changed.status == .ok && added.body == changed.body)
    let names = try await world.send("GET", "/v1/tiers").rows.map { $0["name"]?.string }
    #expect(names == ["enterprise", "ignition", "velocity", "dominance"])
    #expect(await world.send("PUT", "/v1/tiers/Big%20One", enterprise).faults == ["tier_name"])
  }

  @Test func `a plan shows its steps`() async throws {
    let world = APIWorld()
    let plan = try await world.send("GET", "/v1/plan?leads=4500").json
    let counts: JSONValue = [
      "email_domains": 9, "mailboxes": 18, "phone_numbers": 3, "linkedin_seats": 14,
    ]
    #expect(plan["resources"] == counts)
    #expect(plan["steps"]?.array?.first?["formula"] == "given")
    for query in ["", "?leads=-1", "?leads=10000001", "?leads=many"] {
      #expect(await world.send("GET", "/v1/plan\(query)").faults == ["leads"], "\(query)")
    }
    #expect(await world.send("GET", "/v1/plan?leads=10000000").status == .ok)
  }

  @Test func `an assignment is all or nothing, and repeats`() async throws {
    let world = APIWorld()
    let target = "/v1/clients/\(try await world.pool.client("Acme"))/assign"
    try await world.stock(.emailDomain, ["a.com"], isWarmed: false)
    try await world.stock(.linkedInSeat, ["seat_1"])
    let short = await world.send("POST", target, ["email_domains": 3, "linkedin_seats": 1])
    #expect(short.status == .conflict && short.problem == "resources-short")
    let missing: JSONValue = ["resource_type": "email_domain", "wanted": 3, "found": 1, "missing": 2]
    #expect(try short.json["shortage"] == [missing])
    #expect(try await world.send("GET", "/v1/resources?status=assigned").rows == [])
    let body: JSONValue = ["email_domains": 1]
    let first = await world.send("POST", target, body, idempotencyKey: "k")
    let again = await world.send("POST", target, body, idempotencyKey: "k")
    #expect(first.status == .created && again.status == .created && again.body == first.body)
    let sendsFrom = (world.clock.now + Warmup.length).description
    #expect(try first.json["assigned"]?.array?.map { $0["sends_from"]?.string } == [sendsFrom])
    for body: JSONValue in [[:], ["mailboxes": 0]] {
      #expect(await world.send("POST", target, body).status == .unprocessable)
    }
    #expect(await world.send("POST", "/v1/clients/\(nothing)/assign", body).status == .notFound)
  }

  @Test func `a client signs up, downgrades, leaves and comes back`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    let target = "/v1/clients/\(client)/subscription"
    #expect(await world.send("GET", target).status == .notFound)
    #expect(await world.send("DELETE", target).status == .notFound)
    try await world.stockIgnition()
    let first = await world.send("POST", target, ["tier": "velocity"], idempotencyKey: "k")
    let standing = try first.json
    #expect(standing["assigned"]?.array?.count == 14)
    let missing: JSONValue = [
      "email_domains": 2, "mailboxes": 4, "phone_numbers": 1, "linkedin_seats": 3,
    ]
    #expect(standing["subscription"]?["backordered"] == missing)
    #expect(try await world.send("GET", target).json == standing["subscription"])
    let again = await world.send("POST", target, ["tier": "velocity"], idempotencyKey: "k")
    #expect(again.body == first.body && again.header("Idempotent-Replayed") == "true")

    let down = try await world.send("POST", target, ["tier": "ignition"]).json["subscription"]
    #expect(down?["tier"] == "velocity" && down?["next_tier"] == "ignition")
    let month = try #require(down?["next_month_starts_on"]?.string)
    #expect(down?["next_tier_at"]?.string == "\(month)T00:00:00Z")

    let left = try await world.send("DELETE", target).json["subscription"]
    #expect(left?["state"] == "on_hold" && left?["next_tier"] == .null)
    #expect(left?["held_until"]?.string == (world.clock.now + Hold.length).description)
    let held = await world.send("POST", "/v1/clients/\(client)/assign", ["linkedin_seats": 1])
    #expect(held.status == .conflict && held.problem == "client-on-hold")
    world.clock.advance(by: .hours(24))
    let back = try await world.send("POST", target, ["tier": "ignition"]).json
    #expect(back["subscription"]?["state"] == "active" && back["released"] == [])
    #expect(back["assigned"] == [])
  }

  @Test func `an unknown tier is 422, an unknown client 404`() async throws {
    let world = APIWorld()
    let target = "/v1/clients/\(try await world.pool.client("Acme"))/subscription"
    for body: JSONValue in [["tier": "gold"], ["tier": "No tier"], [:]] {
      let response = await world.send("POST", target, body)
      #expect(response.status == .unprocessable && response.faults == ["/tier"])
    }
    let other = "/v1/clients/\(nothing)/subscription"
    for (method, body): (String, JSONValue?) in [
      ("GET", JSONValue?.none), ("DELETE", JSONValue?.none), ("POST", ["tier": "ignition"]),
    ] {
      #expect(await world.send(method, other, body).status == .notFound, "\(method)")
    }
  }

  @Test func `a client key reads its own subscription, and no other`() async throws {
    let world = APIWorld()
    let (own, other) = (try await world.pool.client("Own"), try await world.pool.client("Other"))
    for client in [own, other] {
      _ = await world.send("POST", "/v1/clients/\(client)/subscription", ["tier": "ignition"])
    }
    let key = try await world.key(.client, of: own)
    #expect(await world.send("GET", "/v1/clients/\(own)/subscription", key: key).status == .ok)
    #expect(await world.send("GET", "/v1/clients/\(other)/subscription", key: key).status == .notFound)
  }
}
