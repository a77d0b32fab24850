import Domain
import JSON
import Runtime
import Testing
import TestSupport

/// Clients, leads, keys, pools, alerts, jobs.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct BreadthRouteTests {
  let nothing = "019aa777-0000-7000-8000-000000000000"

  @Test func `clients are created, changed, read and listed`() async throws {
    let world = APIWorld()
    let body: JSONValue = ["company_name": "Acme", "time_zone": "Europe/Berlin", "low_water_mark": 3]
    let created = await world.send("POST", "/v1/clients", body)
    #expect(created.status == .created)
    let client = try created.json
    #expect(client["time_zone"] == "Europe/Berlin" && client["low_water_mark"] == 3)
    let id = client["id"]?.string ?? ""
    #expect(try await world.send("GET", "/v1/clients/\(id)").json == client)
    let changed = try await world.send("PATCH", "/v1/clients/\(id)", ["low_water_mark": 0]).json
    #expect(changed["low_water_mark"] == 0 && changed["company_name"] == "Acme")
    world.clock.advance(by: .seconds(1))
    let plain = try await world.send("POST", "/v1/clients", ["company_name": "Beta"]).json
    #expect(plain["time_zone"] == "UTC" && plain["low_water_mark"] == 1)
    let page = try await world.send("GET", "/v1/clients?limit=1").json
    let rest = try await world.send("GET", "/v1/clients?cursor=\(page["next_cursor"]?.string ?? "")").rows
    #expect(rest == [plain])
  }

  @Test func `a taken name is 409, an unknown client 404`() async throws {
    let world = APIWorld()
    let id = try await world.pool.client("Acme")
    try await world.pool.client("Beta")
    let taken = await world.send("POST", "/v1/clients", ["company_name": "Acme"])
    #expect(taken.status == .conflict && taken.problem == "company-name-taken")
    let renamed = await world.send("PATCH", "/v1/clients/\(id)", ["company_name": "Beta"])
    #expect(renamed.problem == "company-name-taken")
    #expect(await world.send("PATCH", "/v1/clients/\(nothing)", ["low_water_mark": 1]).status == .notFound)
    #expect(await world.send("GET", "/v1/clients/\(nothing)").status == .notFound)
  }

  @Test func `leads are created, read and found by address`() async throws {
    let world = APIWorld()
    let body: JSONValue = ["primary_email": "ada@example.com", "first_name": "Ada", "last_name": nil]
    let created = await world.send("POST", "/v1/leads", body)
    #expect(created.status == .created)
    let lead = try created.json
    #expect(lead["first_name"] == "Ada" && lead["last_name"] == .null)
    #expect(try await world.send("GET", "/v1/leads/\(lead["id"]?.string ?? "")").json == lead)
    #expect(await world.send("GET", "/v1/leads/\(nothing)").status == .notFound)
    for (query, count) in [
      "": 1, "?primary_email=ada@example.com": 1, "?primary_email=bob@example.com": 0,
      "?primary_email=ada@nowhere": 0,
    ] {
      #expect(try await world.send("GET", "/v1/leads\(query)").rows.count == count, "\(query)")
    }
  }

  @Test func `keys are created, listed without secrets, and revoked for good`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    let body: JSONValue = ["name": "n8n", "role": "sender", "client_id": .string("\(client)")]
    let created = await world.send("POST", "/v1/keys", body)
    #expect(created.status == .created)
    let key = try created.json
    let secret = try #require(key["key"]?.string)
    #expect(secret.hasPrefix(key["prefix"]?.string ?? "?"))
    #expect(await world.send("GET", "/v1/leases", key: secret).status == .ok)
    let place = "/v1/keys/\(key["id"]?.string ?? "")"
    #expect(await world.send("DELETE", place).status == .noContent)
    #expect(await world.send("DELETE", place).status == .noContent)
    #expect(await world.send("GET", "/v1/leases", key: secret).status == .unauthorized)
    let rows = try await world.send("GET", "/v1/keys").rows
    #expect(rows.count == 1 && rows[0]["revoked_at"] != .null && rows[0]["key"] == nil)
    #expect(await world.send("DELETE", "/v1/keys/\(nothing)").status == .notFound)
    let orphan = await world.send(
      "POST", "/v1/keys", ["name": "x", "role": "client", "client_id": .string(nothing)])
    #expect(orphan.status == .notFound)
  }

  @Test func `pools are counted, and say where their numbers are`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.pool.client("Empty")
    try await world.pool.numbers(3, of: "Acme", territories: ["Los Angeles"])
    try await world.pool.numbers(1, of: "Acme", area: "650", prefix: "m")
    let lead = try await world.pool.leads(1)[0]
    let lease = try await world.lease("Acme", lead)
    let pool = try await world.send("GET", "/v1/pools/\(client)").json
    #expect(pool["total"] == 4 && pool["available"] == 3 && pool["leased"] == 1 && pool["level"] == "ok")
    #expect(pool["utilisation"] == 0.25 && pool["next_free_at"] == lease["release_at"])
    #expect(pool["leases_last_24_hours"] == 1)
    #expect(try await world.send("GET", "/v1/pools").rows.count == 2)
    let places = try await world.send("GET", "/v1/pools/\(client)/geography").json
    #expect(places["area_codes"]?.array?.map { $0["area_code"] } == ["424", "650"])
    #expect(places["area_codes"]?[0]?["region"] == "California")
    #expect(places["territories"]?[0]?["territory"] == "Los Angeles")
    #expect(await world.send("GET", "/v1/pools/\(nothing)").status == .notFound)
    #expect(await world.send("GET", "/v1/pools/\(nothing)/geography").status == .notFound)
  }

  @Test func `alerts are listed by state`() async throws {
    let world = APIWorld()
    let client = try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    try await world.services.alerts.look(at: client)
    #expect(try await world.send("GET", "/v1/alerts").rows.map { $0["kind"] } == ["pool_low"])
    try await world.pool.numbers(5, of: "Acme", area: "650", prefix: "m")
    try await world.services.alerts.look(at: client)
    for (state, count) in ["open": 0, "cleared": 1, "all": 1] {
      #expect(try await world.send("GET", "/v1/alerts?state=\(state)").rows.count == count, "\(state)")
    }
  }

  @Test func `jobs are listed and run`() async throws {
    let world = APIWorld()
    let before = try await world.send("GET", "/v1/jobs").rows
    #expect(before.map { $0["name"] } == ["counting"] && before[0]["last_result"] == .null)
    let run = await world.send("POST", "/v1/jobs/counting/run")
    #expect(run.status == .ok)
    #expect(try run.json["processed"] == 3)
    let after = try await world.send("GET", "/v1/jobs").rows
    #expect(after[0]["last_result"] == "succeeded" && after[0]["interval_seconds"] == 3_600)
    #expect(await world.send("POST", "/v1/jobs/unheard-of/run").status == .notFound)
  }

  @Test func `a job that runs already is 409, one that fails is 500 with its reason`() async throws {
    struct Broken: Error, CustomStringConvertible { let description = "out of ink" }
    let pool = PoolFixture()
    let failing = CountingJob(name: "failing", failure: Broken())
    let waiting = WaitingJob()
    let world = APIWorld(pool, clock: ManualClock(), jobs: [failing, waiting])
    let failed = await world.send("POST", "/v1/jobs/failing/run")
    #expect(failed.status == .internalError && failed.problem == "internal")
    async let first = world.send("POST", "/v1/jobs/waiting/run", idempotencyKey: "k")
    await waiting.hasBegun.wait()
    let same = await world.send("POST", "/v1/jobs/waiting/run", idempotencyKey: "k")
    #expect(same.status == .conflict && same.problem == "request-under-way")
    let second = await world.send("POST", "/v1/jobs/waiting/run")
    #expect(second.status == .conflict && second.problem == "job-running")
    waiting.mayEnd.open()
    #expect(await first.status == .ok)
  }
}

/// Runs until it is told to end.
struct WaitingJob: Job {
  let name = "waiting"
  let interval = Duration.seconds(60)
  let hasBegun = Door()
  let mayEnd = Door()

  func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    hasBegun.open()
    await mayEnd.wait()
    return JobReport(processed: 0)
  }
}

/// Closed until it is opened, once.
final class Door: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func open() { continuation.finish() }

  func wait() async { for await _ in stream {} }
}
