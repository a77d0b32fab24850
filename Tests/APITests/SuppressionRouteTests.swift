import Domain
import Engine
import HTTP
import JSON
import TestSupport
import Testing

/// Suppressions, erasures and events over the interface.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SuppressionRouteTests {
  let world = APIWorld()
  let all = "/v1/suppressions"

  func lead(_ email: String, of client: ID<Client>? = nil) async throws -> ID<Lead> {
    let id: ID<Lead> = try #require(
      try await world.pool.value("INSERT INTO lead_pool (email) VALUES (\(email)) RETURNING id"))
    if let client {
      try await world.pool.execute(
        """
        INSERT INTO lead_assignments (lead_id, client_id, assigned_at)
        VALUES (\(id), \(client), '2020-01-01Z')
        """)
    }
    return id
  }

  @Test func `an address is suppressed, found, listed and lifted`() async throws {
    let first = await world.send("POST", all, ["value": "Dana@Example.com", "reason": "opt_out"])
    #expect(first.status == .created)
    let json = try first.json
    #expect(json["value"] == "dana@example.com" && json["kind"] == "email" && json["client_id"] == .null)
    let again = await world.send("POST", all, ["value": "dana@example.com", "reason": "opt_out"])
    #expect(again.status == .ok && again.body == first.body)
    let checked = try await world.send(
      "POST", all + "/check",
      ["addresses": [["value": "DANA@example.com"], ["value": "650-530-0051", "kind": "phone"]]]
    ).json["results"]?.array
    #expect(checked?.map { $0["is_suppressed"] } == [true, false])
    #expect(checked?[0]["suppressions"]?.array == [json] && checked?[1]["value"] == "+16505300051")
    #expect(try await world.send("GET", all + "?reason=opt_out&kind=email").rows == [json])
    #expect(try await world.send("GET", all + "?scope=client").rows == [])
    let id = try #require(json["id"]?.string)
    let lifted = await world.send("POST", "\(all)/\(id)/lift", ["because": "a mistake"])
    #expect(lifted.status == .ok)
    #expect(try lifted.json["lifted_at"] != .null)
    #expect(try await world.send("GET", all).rows == [])
    #expect(try await world.send("GET", all + "?state=lifted").rows.count == 1)
    let nothing = "\(all)/019aa777-0000-7000-8000-000000000000/lift"
    #expect(await world.send("POST", nothing, [:]).status == .notFound)
  }

  @Test func `wrong wishes are told where they are wrong, without the address`() async throws {
    let cases: [(JSONValue, [String])] = [
      ([:], ["/value"]), (["value": "nonsense"], ["/value"]), (["value": ""], ["/value"]),
      (["value": 7], ["/value"]), (["value": "a@b.example", "kind": "phone"], ["/value"]),
      (["value": "a@b.example", "kind": "fax"], ["/kind"]),
      (["value": "a@b.example", "reason": "erased"], ["/reason"]),
      (["value": "a@b.example", "client_id": "x"], ["/client_id"]),
      (["value": "a@b.example", "source": " x"], ["/source"]),
      (["value": "a@b.example", "bogus": 1], ["/bogus"]),
    ]
    for (body, faults) in cases {
      let response = await world.send("POST", all, body)
      #expect(response.status == .unprocessable && response.faults == faults, "\(body)")
      #expect(!String(decoding: response.body, as: UTF8.self).contains("nonsense"))
    }
    for query in ["kind=fax", "reason=x", "state=x", "scope=x", "client_id=7", "limit=0", "bogus=1"] {
      #expect(await world.send("GET", "\(all)?\(query)").status == .badRequest, "\(query)")
    }
    let check = all + "/check"
    #expect(await world.send("POST", check, ["addresses": []]).faults == ["/addresses"])
    let wrong = await world.send("POST", check, ["addresses": [["value": "a@b.example"], ["value": "x"]]])
    #expect(wrong.faults == ["/addresses/1/value"])
  }

  @Test func `a client key suppresses for its own client, and sees no other's`() async throws {
    let (own, other) = (try await world.pool.client("Own"), try await world.pool.client("Other"))
    let key = try await world.key(.client, of: own)
    let mine = try await world.send("POST", all, ["value": "a@example.com"], key: key).json
    #expect(mine["client_id"]?.string == "\(own)")
    let foreign: JSONValue = ["value": "a@example.com", "client_id": .string("\(other)")]
    #expect(await world.send("POST", all, foreign, key: key).status == .notFound)
    let theirs = try await world.send("POST", all, foreign).json
    let global = try await world.send("POST", all, ["value": "b@example.com", "reason": "legal"]).json
    #expect(try await world.send("GET", all, key: key).rows == [mine])
    #expect(try await world.send("GET", all + "?client_id=\(other)", key: key).rows == [])
    for id in [theirs["id"], global["id"]].compactMap({ $0?.string }) {
      #expect(await world.send("POST", "\(all)/\(id)/lift", [:], key: key).status == .notFound)
    }
    let checked = try await world.send(
      "POST", all + "/check", ["addresses": [["value": "a@example.com"], ["value": "b@example.com"]]],
      key: key
    ).json["results"]?.array
    #expect(checked?.map { $0["suppressions"]?.array?.count } == [1, 1])
    let legal = try await world.send("POST", all, ["value": "c.example", "reason": "legal"], key: key).json
    let refused = await world.send("POST", "\(all)/\(legal["id"]?.string ?? "")/lift", [:], key: key)
    #expect(refused.status == .conflict && refused.problem == "suppression-stays")
    let csv = await world.send("GET", all + "/export", key: key)
    let lines = String(decoding: csv.body, as: UTF8.self).split(separator: "\n")
    let row = lines.first { $0.hasPrefix("a@example.com") }
    #expect(lines.count == 3 && row?.hasPrefix("a@example.com,email,manual,\(own),api,") == true)
    let lead = try await lead("a@example.com", of: own)
    let why = try await world.send("GET", "/v1/leads/\(lead)/suppressions", key: key).json
    #expect(why["is_suppressed"] == true && why["client_id"]?.string == "\(own)")
    #expect(why["suppressions"]?[0]?["through"] == "email")
    let stranger = try await self.lead("z@example.com", of: other)
    #expect(await world.send("GET", "/v1/leads/\(stranger)/suppressions", key: key).status == .notFound)
    let target = "/v1/leads/\(lead)/suppressions?client_id=\(other)"
    #expect(await world.send("GET", target, key: key).status == .notFound)
    #expect(try await world.send("GET", target).json["is_suppressed"] == true)
  }

  @Test func `lists come as JSON and CSV, once for a key, and go as CSV`() async throws {
    let body: JSONValue = [
      "entries": [
        ["value": "a@example.com"], ["value": "rival.example", "kind": "domain", "reason": "legal"],
        ["value": "nonsense"], ["value": "A@example.com"],
      ]
    ]
    let target = all + "/import?reason=opt_out&source=crm"
    let first = await world.send("POST", target, body, idempotencyKey: "k")
    #expect(first.status == .ok)
    #expect(try first.json["counts"] == ["added": 2, "known": 1, "rejected": 1])
    #expect(await world.send("POST", target, body, idempotencyKey: "k").body == first.body)
    let other = await world.send("POST", all + "/import?reason=legal", body, idempotencyKey: "k")
    #expect(other.status == .unprocessable && other.problem == "idempotency-key-reused")
    #expect(!String(decoding: first.body, as: UTF8.self).contains("nonsense"))
    let exported = await world.send("GET", all + "/export")
    #expect(exported.contentType == "text/csv; charset=utf-8" && exported.header("X-Next-After") == nil)
    let headers = [
      (name: "Authorization", value: "Bearer \(APIWorld.operatorKey)"),
      (name: "Content-Type", value: "text/csv"),
    ]
    let back = await world.send("POST", all + "/import", headers: headers, body: exported.body)
    #expect(try back.json["counts"] == ["added": 0, "known": 2, "rejected": 0])
    let empty = await world.send("POST", all + "/import", headers: headers, body: Array("value\n".utf8))
    #expect(empty.status == .unprocessable)
    let text = [headers[0], (name: "Content-Type", value: "text/plain")]
    let refused = await world.send("POST", all + "/import", headers: text, body: Array("a".utf8))
    #expect(refused.status == .unsupportedMediaType)
  }

  @Test func `a person is exported and forgotten`() async throws {
    let lead = try await lead("dana@example.com")
    let export = try await world.send("GET", "/v1/leads/\(lead)/export").json
    #expect(export["leads"]?[0]?["fields"]?["email"] == "dana@example.com")
    let erased = await world.send("POST", "/v1/leads/\(lead)/erase", idempotencyKey: "k")
    #expect(erased.status == .ok)
    #expect(try erased.json["lead_ids"]?.array == [.string("\(lead)")])
    #expect(await world.send("POST", "/v1/leads/\(lead)/erase", idempotencyKey: "k").body == erased.body)
    let after = try await world.send("GET", "/v1/leads/\(lead)/export").json
    #expect(after["leads"]?[0]?["fields"] == [:] && after["leads"]?[0]?["erased_at"] != .null)
    let why = try await world.send("GET", "/v1/leads/\(lead)/suppressions").json
    #expect(why["is_suppressed"] == true && why["suppressions"]?.array == [])
    let known = await world.send("POST", all, ["value": "dana@example.com"])
    #expect(known.status == .ok)
    #expect(try known.json["value"] == .null)
    let id = try #require(try known.json["id"]?.string)
    #expect(await world.send("POST", "\(all)/\(id)/lift", [:]).problem == "suppression-stays")
    let nothing = "019aa777-0000-7000-8000-000000000000"
    for (method, path) in [("POST", "erase"), ("GET", "export"), ("GET", "suppressions")] {
      #expect(await world.send(method, "/v1/leads/\(nothing)/\(path)").status == .notFound)
    }
  }

  @Test func `an address is forgotten, whoever has it`() async throws {
    let target = "/v1/erasures"
    let unknown = await world.send("POST", target, ["email": "nobody@example.com"])
    #expect(try unknown.json["lead_ids"]?.array == [] && unknown.json["suppressions_added"] == 1)
    for email in ["a@example.com", "b@example.com"] {
      let lead = try await lead(email)
      try await world.pool.execute("UPDATE lead_pool SET phone = '+16505300051' WHERE id = \(lead)")
    }
    let several = await world.send("POST", target, ["phone": "+16505300051"])
    #expect(several.status == .conflict && several.problem == "several-leads")
    #expect(try several.json["lead_ids"]?.array?.count == 2)
    let both = await world.send("POST", target, ["phone": "+16505300051", "all": true])
    #expect(try both.json["lead_ids"]?.array?.count == 2)
    for body: JSONValue in [
      [:], ["email": "a@example.com", "phone": "+16505300051"], ["email": "x"], ["all": true],
    ] {
      #expect(await world.send("POST", target, body).status == .unprocessable, "\(body)")
    }
  }

  func event(_ fields: JSONMap) -> JSONValue {
    var event: JSONMap = [
      "kind": "complained", "channel": "email", "provider": "resend", "provider_event_id": "1",
      "occurred_at": .string("\(world.clock.now)"),
    ]
    for (key, value) in fields { event[key] = value == .null ? nil : value }
    return ["events": [.object(event)]]
  }

  @Test func `events are told, each with its verdict`() async throws {
    let client = try await world.pool.client("Own")
    let lead = try await lead("dana@example.com", of: client)
    let target = "/v1/lead-events"
    let told = await world.send("POST", target, event(["email": "dana@example.com"]))
    let verdict = try #require(try told.json["verdicts"]?[0])
    #expect(verdict["verdict"] == "applied" && verdict["lead_id"]?.string == "\(lead)")
    #expect(verdict["effects"] == ["lead_complained", "suppressed"])
    let again = try await world.send("POST", target, event(["email": "dana@example.com"])).json
    #expect(again["verdicts"]?[0]?["verdict"] == "repeated")
    #expect(again["verdicts"]?[0]?["effects"] == verdict["effects"])
    let stranger = try await world.send(
      "POST", target, event(["kind": "converted", "email": "x@example.com", "provider_event_id": "2"])
    ).json
    #expect(stranger["verdicts"]?[0]?["verdict"] == "unknown_lead")
    let key = try await world.key(.sender, of: client)
    let reply = event([
      "kind": "replied", "intent": "positive", "lead_id": .string("\(lead)"), "provider_event_id": "3",
    ])
    let own = try await world.send("POST", target, reply, key: key).json
    #expect(own["verdicts"]?[0]?["client_id"]?.string == "\(client)")
    let faults: [(JSONMap, [String])] = [
      ([:], ["/events/0/lead_id"]), (["kind": "bounced", "email": "a@b.example"], ["/events/0/bounce"]),
      (["kind": "replied", "email": "a@b.example"], ["/events/0/intent"]),
      (["email": "a@b.example", "scope": "client"], ["/events/0/scope"]),
      (["email": "a@b.example", "phone": "+16505300051"], ["/events/0"]),
      (["email": "a@b.example", "channel": "fax"], ["/events/0/channel"]),
      (["email": "a@b.example", "provider": "Resend"], ["/events/0/provider"]),
      (["email": "a@b.example", "occurred_at": "now"], ["/events/0/occurred_at"]),
      (["email": "a@b.example", "provider_event_id": "a b"], ["/events/0/provider_event_id"]),
    ]
    for (fields, wanted) in faults {
      let response = await world.send("POST", target, event(fields))
      #expect(response.status == .unprocessable && response.faults == wanted, "\(fields)")
    }
  }
}
