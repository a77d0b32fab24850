import Domain
import JSON
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeaseRouteTests {
  private func world(numbers: Int = 2) async throws -> (APIWorld, ID<Lead>) {
    let world = APIWorld()
    try await world.pool.client("Acme", timeZone: "America/New_York")
    try await world.pool.numbers(numbers, of: "Acme")
    return (world, try await world.pool.leads(1)[0])
  }

  @Test func `a lease is 201, asked for again it is the same with 200`() async throws {
    let (world, lead) = try await world()
    let body: JSONValue = [
      "company": "Acme", "lead_id": .string("\(lead)"), "customer_phone": "650-530-0051", "near": "424",
    ]
    let first = await world.send("POST", "/v1/leases", body)
    #expect(first.status == .created)
    let lease = try first.json
    #expect(lease["customer_phone"] == "+16505300051")
    #expect(lease["company"] == "Acme" && lease["lead_id"]?.string == "\(lead)" && lease["term"] == 1)
    #expect(lease["leased_at"]?.string == "\(world.clock.now)")
    #expect(lease["release_at"]?.string == "\(world.clock.now + .hours(18))")
    let again = await world.send("POST", "/v1/leases", body)
    #expect(again.status == .ok)
    #expect(try again.json == lease)
    let found = await world.send("GET", "/v1/leases/\(lease["id"]?.string ?? "")")
    #expect(try found.json == lease)
  }

  @Test(arguments: ["", nil] as [String?])
  func `an empty customer_phone or near is none`(text: String?) async throws {
    let (world, lead) = try await world()
    let value = text.map { JSONValue.string($0) } ?? .null
    let body: JSONValue = [
      "company": "Acme", "lead_id": .string("\(lead)"), "customer_phone": value, "near": value,
    ]
    let response = await world.send("POST", "/v1/leases", body)
    #expect(response.status == .created)
    #expect(try response.json["customer_phone"] == .null)
  }

  @Test func `an unknown company is 404 with names that may have been meant`() async throws {
    let (world, lead) = try await world()
    let body: JSONValue = ["company": "acme", "lead_id": .string("\(lead)")]
    let response = await world.send("POST", "/v1/leases", body)
    #expect(response.status == .notFound && response.problem == "unknown-company")
    #expect(try response.json["similar"] == ["Acme"])
  }

  @Test func `an unknown lead is 404`() async throws {
    let (world, _) = try await world()
    let body: JSONValue = ["company": "Acme", "lead_id": "019aa777-0000-7000-8000-000000000000"]
    let response = await world.send("POST", "/v1/leases", body)
    #expect(response.status == .notFound && response.problem == "unknown-lead")
  }

  @Test func `an empty pool is 409 with its totals and the time of the next number, and raises an alert`()
    async throws
  {
    let (world, lead) = try await world(numbers: 1)
    let other = try await world.pool.leads(1)[0]
    let lease = try await world.lease("Acme", lead)
    let response = await world.send(
      "POST", "/v1/leases", ["company": "Acme", "lead_id": .string("\(other)")])
    #expect(response.status == .conflict && response.problem == "pool-exhausted")
    let problem = try response.json
    #expect(problem["total"] == 1 && problem["available"] == 0 && problem["leased"] == 1)
    #expect(problem["out_of_service"] == 0 && problem["next_free_at"] == lease["release_at"])
    let alerts = try await world.send("GET", "/v1/alerts").rows
    #expect(alerts.map { $0["kind"] } == ["pool_exhausted"])
  }

  @Test func `a pool without numbers in service is 409 without a time`() async throws {
    let (world, lead) = try await world(numbers: 1)
    try await world.pool.execute("UPDATE signalwire_phone_numbers SET status = 'maintenance'")
    let response = await world.send("POST", "/v1/leases", ["company": "Acme", "lead_id": .string("\(lead)")])
    #expect(response.problem == "pool-exhausted")
    #expect(try response.json["next_free_at"] == .null && response.json["out_of_service"] == 1)
  }

  @Test func `outcomes move the end, and what comes late or twice says so`() async throws {
    let (world, lead) = try await world()
    let lease = try await world.lease("Acme", lead)
    let place = "/v1/leases/\(lease["id"]?.string ?? "")"
    let appointment = world.clock.now + .hours(72)
    let booked: JSONValue = ["outcome": "booked", "appointment_at": .string("\(appointment)"), "term": 1]
    let first = try await world.send("POST", "\(place)/outcome", booked).json
    #expect(first["applied"] == true && first["reason"] == .null)
    #expect(first["lease"]?["release_at"]?.string == "\(appointment + .hours(24))")
    let repeated = try await world.send("POST", "\(place)/outcome", booked).json
    #expect(repeated["applied"] == false && repeated["reason"] == "repeated")
    let shorter = try await world.send("POST", "\(place)/renew").json
    #expect(shorter["applied"] == false && shorter["reason"] == "already_longer")
    let stale = try await world.send("DELETE", "\(place)?term=2").json
    #expect(stale["applied"] == false && stale["reason"] == "stale_term")
    let released = try await world.send("DELETE", "\(place)?term=1").json
    #expect(released["applied"] == true && released["lease"]?["end_reason"] == "released")
    for body: JSONValue in [booked, ["outcome": "no_answer"]] {
      let late = try await world.send("POST", "\(place)/outcome", body).json
      #expect(late["applied"] == false && late["reason"] == "already_ended")
    }
    #expect(try await world.send("POST", "\(place)/renew", ["term": 1]).json["reason"] == "already_ended")
  }

  @Test func `an appointment with an offset is answered in UTC`() async throws {
    let (world, lead) = try await world()
    let lease = try await world.lease("Acme", lead)
    let appointment = world.clock.now + .hours(48)
    let local = "\(appointment - .hours(5))".replacing("Z", with: "-05:00")
    let body: JSONValue = ["outcome": "booked", "appointment_at": .string(local)]
    let change = try await world.send("POST", "/v1/leases/\(lease["id"]?.string ?? "")/outcome", body).json
    #expect(change["lease"]?["appointment_at"]?.string == "\(appointment)")
  }

  @Test(arguments: ["-1", "9000"])
  func `an appointment in the past or too far ahead is 422`(hours: String) async throws {
    let (world, lead) = try await world()
    let lease = try await world.lease("Acme", lead)
    let appointment = world.clock.now + .hours(Int(hours) ?? 0)
    let response = await world.send(
      "POST", "/v1/leases/\(lease["id"]?.string ?? "")/outcome",
      ["outcome": "booked", "appointment_at": .string("\(appointment)")])
    #expect(response.status == .unprocessable && response.faults == ["/appointment_at"])
  }

  @Test func `a renewal holds for 18 hours from now`() async throws {
    let (world, lead) = try await world()
    let lease = try await world.lease("Acme", lead)
    world.clock.advance(by: .hours(3))
    let change = try await world.send("POST", "/v1/leases/\(lease["id"]?.string ?? "")/renew").json
    #expect(change["applied"] == true)
    #expect(change["lease"]?["release_at"]?.string == "\(world.clock.now + .hours(18))")
  }

  @Test func `leases are listed newest first, by state, lead and page`() async throws {
    let (world, _) = try await world(numbers: 5)
    let leads = try await world.pool.leads(5)
    var ids: [JSONValue?] = []
    for lead in leads {
      ids.insert(try await world.lease("Acme", lead)["id"], at: 0)
      world.clock.advance(by: .seconds(1))
    }
    _ = await world.send("DELETE", "/v1/leases/\(ids[0]?.string ?? "")?term=1")
    func list(_ query: String) async throws -> [JSONValue?] {
      try await world.send("GET", "/v1/leases\(query)").rows.map { $0["id"] }
    }
    #expect(try await list("") == ids)
    #expect(try await list("?state=ended") == [ids[0]])
    #expect(try await list("?state=live") == Array(ids[1...]))
    #expect(try await list("?lead_id=\(leads[0])") == [ids[4]])
    var (seen, cursor): ([JSONValue?], String) = ([], "")
    repeat {
      let page = try await world.send("GET", "/v1/leases?limit=2&cursor=\(cursor)").json
      seen += page["data"]?.array?.map { $0["id"] } ?? []
      cursor = page["next_cursor"]?.string ?? ""
    } while !cursor.isEmpty
    #expect(seen == ids)
  }

  @Test func `who held a number, when`() async throws {
    let (world, lead) = try await world(numbers: 1)
    let start = world.clock.now
    let lease = try await world.lease("Acme", lead)
    world.clock.advance(by: .hours(2))
    _ = await world.send("DELETE", "/v1/leases/\(lease["id"]?.string ?? "")?term=1")
    func holders(_ query: String) async throws -> [JSONValue?] {
      try await world.send("GET", "/v1/numbers/n-0/holders\(query)").rows.map { $0["id"] }
    }
    #expect(try await holders("") == [lease["id"]])
    #expect(try await holders("?at=\(start + .hours(1))") == [lease["id"]])
    #expect(try await holders("?at=\(start + .hours(3))") == [])
    #expect(try await holders("?at=\(start - .hours(1))") == [])
  }
}
