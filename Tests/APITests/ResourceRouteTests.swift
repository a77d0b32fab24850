import Domain
import Engine
import HTTP
import JSON
import Runtime
import Testing
import TestSupport

/// The inventory, and what is done with one resource.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ResourceRouteTests {
  let nothing = "019aa777-0000-7000-8000-000000000000"
  let quarantine: JSONValue = ["reason": "listed", "evidence": "Spamhaus DBL"]

  private func obstacles(_ response: Response) throws -> [String?] {
    try response.json["obstacles"]?.array?.map { $0["name"]?.string } ?? []
  }

  @Test func `an import has a verdict for each row, in order`() async throws {
    let world = APIWorld()
    let known = try await world.stock(.emailDomain, ["known.com"])
    let rows: [(String, String, String)] = [
      ("email_domain", "https://x.com", "rejected"), ("email_domain", " NEW.com", "added"),
      ("mailbox", "jo@new.com", "added"), ("email_domain", "new.com", "duplicate"),
      ("email_domain", "known.com", "known"), ("mailbox", "jo@missing.com", "domain_missing"),
      ("linkedin_seat", "known.com", "other_kind"), ("phone_number", "12", "rejected"),
    ]
    let body: JSONValue = [
      "resources": .array(
        rows.map { ["resource_type": .string($0.0), "resource_value": .string($0.1)] })
    ]
    let first = await world.send("POST", "/v1/resources/import", body, idempotencyKey: "k")
    let report = try first.json
    let verdicts = try #require(report["verdicts"]?.array)
    // The seat has the text of the domain, but stands after it.
    let expected = rows.enumerated().map { $0.offset == 6 ? "duplicate" : $0.element.2 }
    #expect(verdicts.map { $0["verdict"]?.string } == expected)
    #expect(verdicts[3]["duplicate_of"] == 1 && verdicts[6]["duplicate_of"] == 4)
    #expect(verdicts[4]["resource_id"]?.string == known[0])
    #expect(verdicts[0]["detail"]?.string?.contains("x.com") == false)
    #expect(report["counts"]?["rejected"] == 2 && report["counts"]?["added"] == 2)
    let again = await world.send("POST", "/v1/resources/import", body, idempotencyKey: "k")
    #expect(again.body == first.body && again.header("Idempotent-Replayed") == "true")
    let seat: JSONValue = ["resource_type": "linkedin_seat", "resource_value": "known.com"]
    let other = await world.send("POST", "/v1/resources/import", ["resources": [seat]])
    #expect(try other.json["verdicts"]?.array?.first?["verdict"] == "other_kind")
  }

  @Test func `a malformed row is 422 with pointers, and nothing is added`() async throws {
    let world = APIWorld()
    let rows: JSONValue = [
      ["resource_type": "email_domain", "resource_value": "fine.com"],
      ["resource_type": "van", "resource_value": 3, "colour": "red", "max_clients": 0],
      ["resource_value": "x.com", "time_zone": "Mars/Olympus", "reputation_score": 101],
    ]
    let response = await world.send("POST", "/v1/resources/import", ["resources": rows])
    #expect(response.status == .unprocessable)
    let wrong = ["resource_type", "resource_value", "colour", "max_clients"].map { "/resources/1/\($0)" }
    let missing = ["resource_type", "time_zone", "reputation_score"].map { "/resources/2/\($0)" }
    #expect(Set(response.faults) == Set(wrong + missing))
    #expect(try await world.send("GET", "/v1/resources").rows == [])
  }

  @Test func `resources are listed by type, status and client, and read`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    let domains = try await world.stock(.emailDomain, ["a.com", "b.com", "c.com"])
    try await world.stock(.linkedInSeat, ["seat_1"])
    _ = await world.send("POST", "/v1/clients/\(client)/assign", ["email_domains": 1])
    for (query, count) in [
      "": 4, "?resource_type=email_domain": 3, "?status=assigned": 1, "?client_id=\(client)": 1,
      "?resource_type=linkedin_seat&status=available": 1, "?client_id=\(nothing)": 0,
    ] {
      #expect(try await world.send("GET", "/v1/resources\(query)").rows.count == count, "\(query)")
    }
    let page = try await world.send("GET", "/v1/resources?limit=3").json
    let cursor = try #require(page["next_cursor"]?.string)
    #expect(try await world.send("GET", "/v1/resources?cursor=\(cursor)").rows.count == 1)
    let one = try await world.send("GET", "/v1/resources/\(domains[2])").json
    #expect(one["resource_value"] == "c.com" && one["health"]?["band"] == "good")
    #expect(await world.send("GET", "/v1/resources/\(nothing)").status == .notFound)
    #expect(await world.send("GET", "/v1/resources?status=gone").faults == ["status"])
  }

  @Test func `a quarantine ends by a review, or not while the figures are critical`() async throws {
    let world = APIWorld()
    let id = try await world.stock(.emailDomain, ["a.com"])[0]
    let done = await world.act(id, "quarantine", quarantine)
    #expect(try done.json["status"] == "quarantined" && done.json["quarantine"]?["reason"] == "listed")
    let twice = await world.act(id, "quarantine", quarantine)
    #expect(try twice.problem == "resource-state" && obstacles(twice) == ["already"])
    let critical: JSONValue = ["sent_count": 1000, "complaint_count": 50, "spf_state": "fail"]
    _ = await world.send("PATCH", "/v1/resources/\(id)", critical)
    let evidence: JSONValue = ["evidence": "delisted"]
    let refused = await world.act(id, "requalify", evidence)
    #expect(refused.problem == "not-requalified" && refused.status == .conflict)
    #expect(try obstacles(refused) == ["critical", "authentication_fails"])
    let cured: JSONValue = ["complaint_count": 0, "spf_state": "pass"]
    let noted = try await world.send("PATCH", "/v1/resources/\(id)", cured).json
    #expect(noted["health"]?["sent_count"] == 1000 && noted["spf_state"] == "pass")
    let warm = await world.act(id, "warmup", ["action": "start"])
    #expect(warm.problem == "warmup-refused")
    let target = "/v1/resources/\(id)/requalify"
    let rewarming: JSONValue = ["evidence": "delisted", "rewarming": true]
    let first = await world.send("POST", target, rewarming, idempotencyKey: "k")
    let again = await world.send("POST", target, rewarming, idempotencyKey: "k")
    #expect(try first.json["status"] == "warming" && again.body == first.body)
    #expect(await world.act(id, "requalify", evidence).problem == "not-requalified")
    for body: JSONValue in [["reason": "listed"], ["reason": "listed", "evidence": " x"]] {
      #expect(await world.act(id, "quarantine", body).faults == ["/evidence"])
    }
  }

  @Test func `a warm-up starts once, is completed once, and not in quarantine`() async throws {
    let world = APIWorld()
    let domain = try await world.stock(.emailDomain, ["a.com"], isWarmed: false)[0]
    let seat = try await world.stock(.linkedInSeat, ["seat_1"], isWarmed: false)[0]
    _ = await world.act(domain, "quarantine", quarantine)
    let refused = await world.act(domain, "warmup", ["action": "start"])
    #expect(try refused.status == .conflict && obstacles(refused) == ["in_quarantine"])
    _ = await world.act(domain, "requalify", ["evidence": "fine"])
    #expect(try await world.act(domain, "warmup", ["action": "start"]).json["status"] == "warming")
    #expect(try obstacles(await world.act(domain, "warmup", ["action": "start"])) == ["already_started"])
    let checks = try await world.send("GET", "/v1/resources/\(domain)/assignability").json
    let failed = checks["checks"]?.array?.filter { $0["passed"] == false } ?? []
    #expect(failed.map { $0["name"]?.string } == ["not_warming"] && checks["is_assignable"] == false)
    #expect(failed.first?["may_pass_at"] == checks["sends_from"])
    let warmed = try await world.act(domain, "warmup", ["action": "complete"]).json
    #expect(warmed["status"] == "available" && warmed["warmup_completed_at"] != .null)
    let complete = await world.act(domain, "warmup", ["action": "complete"])
    #expect(try obstacles(complete) == ["already_completed"])
    #expect(try obstacles(await world.act(seat, "warmup", ["action": "start"])) == ["not_needed"])
    #expect(await world.act(domain, "warmup", ["action": "pause"]).faults == ["/action"])
  }

  @Test func `only what nobody has is retired`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    let id = try await world.stock(.emailDomain, ["a.com"])[0]
    _ = await world.send("POST", "/v1/clients/\(client)/assign", ["email_domains": 1])
    let busy = await world.act(id, "retire")
    #expect(try busy.problem == "resource-state" && obstacles(busy) == ["release_first"])
    let target = "/v1/clients/\(client)/resources/\(id)"
    #expect(try await world.send("DELETE", target).json["status"] == "available")
    #expect(await world.send("DELETE", target).status == .notFound)
    #expect(try await world.act(id, "retire").json["status"] == "retired")
    let history = try await world.send("GET", "/v1/resources/\(id)/history").rows
    #expect(history.last?["kind"] == "added" && history.first?["status"] == "retired")
    #expect(history.contains { $0["client_id"]?.string == "\(client)" && $0["kind"] == "released" })
    var cursor = ""
    var paged: [JSONValue] = []
    repeat {
      let page = try await world.send("GET", "/v1/resources/\(id)/history?limit=1&cursor=\(cursor)").json
      paged += page["data"]?.array ?? []
      cursor = page["next_cursor"]?.string ?? ""
    } while !cursor.isEmpty
    #expect(paged == history)
  }

  @Test func `a number that a lead holds is released when its lease is over`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    let key = try await world.key(.client, of: client)
    _ = try await world.lease("Acme", try await world.pool.leads(1)[0])
    let id = try #require(try await world.send("GET", "/v1/resources?client_id=\(client)").rows.first?["id"])
    let target = "/v1/clients/\(client)/resources/\(id.string ?? "")"
    let released = await world.send("DELETE", target)
    #expect(try released.status == .ok && released.json["current_clients"] == 1)
    world.clock.advance(by: .hours(18))
    let job = SubscriptionJob(world.services.subscriptions)
    _ = try await world.services.leases.sweep(now: world.clock.now, limit: 10)
    #expect(try await job.runOnce(now: world.clock.now, limit: 10).processed == 1)
    #expect(try await world.send("GET", "/v1/resources", key: key).rows == [])
    #expect(await world.send("DELETE", target).status == .notFound)
  }

  @Test func `states of DNS are an email domain's alone`() async throws {
    let world = APIWorld()
    let seat = try await world.stock(.linkedInSeat, ["seat-1"])[0]
    let refused = await world.send("PATCH", "/v1/resources/\(seat)", ["spf_state": "pass"])
    #expect(refused.status == .conflict)
    #expect(await world.send("PATCH", "/v1/resources/\(seat)", ["reputation_score": 9]).status == .ok)
  }

  @Test func `R11: from when a resource sends is told by the policy of the client`() async throws {
    let world = APIWorld()
    let domain = try await world.stock(.emailDomain, ["cold.com"], isWarmed: false)[0]
    let ramp = try await world.pool.client("Ramp")
    _ = try await world.pool.column(
      "UPDATE clients SET warmup_policy = 'ramp' RETURNING company_name", as: String.self)
    let path = "/v1/resources/\(domain)/assignability"
    let strict = try await world.send("GET", path).json["sends_from"]
    let early = try await world.send("GET", "\(path)?client_id=\(ramp)").json["sends_from"]
    #expect(early == .string("\(world.clock.now)") && strict != early)
    #expect(await world.send("GET", "\(path)?client_id=\(nothing)").status == .notFound)
  }

  @Test func `what does not exist is 404`() async throws {
    let world = APIWorld()
    for (action, body): (String, JSONValue?) in [
      ("quarantine", quarantine), ("requalify", ["evidence": "x"]), ("warmup", ["action": "start"]),
      ("retire", JSONValue?.none),
    ] {
      #expect(await world.act(nothing, action, body).status == .notFound, "\(action)")
    }
    #expect(await world.send("PATCH", "/v1/resources/\(nothing)", ["sent_count": 1]).status == .notFound)
    for path in ["", "/history", "/assignability"] {
      #expect(await world.send("GET", "/v1/resources/\(nothing)\(path)").status == .notFound, "\(path)")
    }
    #expect(await world.send("PATCH", "/v1/resources/\(nothing)", [:]).status == .unprocessable)
  }

  @Test func `a client key sees what its client has, without what concerns others`() async throws {
    let world = APIWorld()
    let (own, other) = (try await world.pool.client("Own"), try await world.pool.client("Other"))
    let shared = try await world.stock(.emailDomain, ["shared.com"], maxClients: 2)[0]
    for client in [own, other] {
      _ = await world.send("POST", "/v1/clients/\(client)/assign", ["email_domains": 1])
    }
    let foreign = try await world.stock(.emailDomain, ["foreign.com"])[0]
    _ = await world.send("POST", "/v1/clients/\(other)/assign", ["email_domains": 1])
    let key = try await world.key(.client, of: own)
    #expect(try await world.send("GET", "/v1/resources", key: key).rows.map { $0["id"]?.string } == [shared])
    #expect(try await world.send("GET", "/v1/resources?client_id=\(other)", key: key).rows == [])
    for path in ["", "/history", "/assignability"] {
      #expect(await world.send("GET", "/v1/resources/\(shared)\(path)", key: key).status == .ok)
      #expect(await world.send("GET", "/v1/resources/\(foreign)\(path)", key: key).status == .notFound)
    }
    let history = try await world.send("GET", "/v1/resources/\(shared)/history", key: key).rows
    #expect(history.contains { $0["client_id"]?.string == "\(own)" })
    #expect(!history.contains { $0["client_id"]?.string == "\(other)" })
  }
}
