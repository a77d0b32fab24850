import Domain
import Engine
@testable import HTTP
import JSON
import Postgres
import Runtime
import Testing
import TestSupport

@testable import API

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ServerRouteTests {
  @Test func `health, readiness, metrics and contract need no key`() async throws {
    let world = APIWorld()
    for target in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
      #expect(await world.send("GET", target, key: nil).status == .ok, "\(target)")
    }
    #expect(try await world.send("GET", "/readyz").json == ["status": "ok"])
    #expect(await world.send("GET", "/openapi.json").body == API.contract)
  }

  @Test func `without a database: alive, not ready, and 503 with Retry-After for the rest`() async throws {
    let world = APIWorld()
    await world.pool.database.shutdown()
    #expect(await world.send("GET", "/healthz").status == .ok)
    #expect(await world.send("GET", "/readyz").status == .unavailable)
    let body: JSONValue = ["company": "Acme", "lead_id": "019aa777-0000-7000-8000-000000000000"]
    let calls: [(String, String, JSONValue?)] = [
      ("POST", "/v1/leases", body), ("GET", "/v1/leases", nil), ("GET", "/v1/pools", nil),
      ("POST", "/v1/leads", [:]), ("GET", "/v1/jobs", nil), ("POST", "/v1/jobs/counting/run", nil),
    ]
    for (method, target, body) in calls {
      let response = await world.send(method, target, body)
      #expect(response.status == .unavailable && response.problem == "unavailable", "\(method) \(target)")
      #expect(response.header("Retry-After") == "1", "\(method) \(target)")
    }
  }

  @Test func `a server that cannot be reached is not ready`() async {
    let database = Database(DatabaseConfiguration(conninfo: "host=/nowhere user=nobody dbname=none"))
    #expect(await !Readiness(database: database).isReady())
    await database.shutdown()
  }

  @Test func `readiness gives up in time when the database hangs`() async throws {
    let world = APIWorld(poolSize: 1)
    let (database, blocker) = (world.pool.database, Door())
    let blocking = Task {
      try await database.transaction { transaction in
        blocker.open()
        _ = try transaction.query("SELECT pg_sleep(3)")
      }
    }
    await blocker.wait()
    let start = ContinuousClock.now
    #expect(await !Readiness(database: database, deadline: .milliseconds(100)).isReady())
    #expect(start.duration(to: .now) < .seconds(2))
    blocking.cancel()
    _ = await blocking.result
  }

  @Test func `a statement that takes too long is 503, an unexpected error a 500 without details`()
    async throws
  {
    #expect((Failure.shown(Overloaded(retryAfter: .seconds(3))) as? Problem)?.status == .unavailable)
    #expect((Failure.shown(BatcherStopped()) as? Problem)?.kind == .shuttingDown)
    let world = APIWorld()
    func failure(_ sql: SQL) async -> (any Error)? {
      do {
        _ = try await world.pool.database.transaction(.init(statementTimeout: .milliseconds(50))) {
          try $0.query(sql).count
        }
        return nil
      } catch {
        return Failure.shown(error)
      }
    }
    #expect((await failure("SELECT pg_sleep(5)") as? Problem)?.status == .unavailable)
    #expect(await failure("SELECT 1 / 0") is PostgresError)
    let router = Router(
      {
        var operations = Operations(Authentication { _ in throw CancelledByNobody() })
        operations.add(.get, "/x", .readPools) { _ in .noContent }
        return operations.routes
      }(), problemBase: API.problemBase)
    let response = await router.respond("GET", "/x", headers: [("Authorization", "Bearer k")])
    #expect(response.status == .internalError && response.problem == "internal")
    #expect(try response.json["detail"] == nil)
  }

  private struct CancelledByNobody: Error {}

  @Test func `a request becomes one observation and one line, without a word of its own`() throws {
    let metrics = Metrics()
    let sink = MemorySink()
    let observation = RequestObservation(
      metrics: metrics, accessLog: Log(sink: sink), errorLog: Log(sink: sink))
    for (method, route) in [("POST", "/v1/leases"), ("SECRET", nil)] as [(String, String?)] {
      observation.requestEnded(
        RequestReport(
          id: "r1", method: method, route: route, status: route == nil ? .notFound : .created,
          duration: .milliseconds(3), bytesReceived: 10, bytesSent: 20, outcome: .completed))
    }
    let text = metrics.exposition
    #expect(
      text.contains(
        #"http_server_request_duration_seconds_count{http_request_method="POST",http_route="/v1/leases","#
          + #"http_response_status_code="201"} 1"#))
    #expect(text.contains(#"http_request_method="_OTHER",http_route="","#))
    #expect(sink.lines.count == 2 && sink.lines[0].contains("/v1/leases"))
    #expect(!(text + sink.lines.joined()).contains("SECRET"))
  }

  @Test func `over a socket: ids, metrics and answers are the same`() async throws {
    let world = APIWorld()
    try await world.pool.client("Acme")
    try await world.pool.numbers(2, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    let observation = RequestObservation(metrics: world.metrics, accessLog: nil, errorLog: .off)
    let router = API(world.services, database: world.pool.database, metrics: world.metrics)
      .router(observer: observation)
    let server = try HTTPServer(ServerConfiguration(port: 0), router)
    let running = Task { try await server.run() }
    let client = HTTPClient(
      port: UInt16(server.port), headers: [("X-API-Key", APIWorld.operatorKey), ("X-Request-Id", "mine-1")])
    let body = #"{"company":"Acme","lead_id":"\#(lead)"}"#
    let created = try await client.send("POST", "/v1/leases", json: body)
    #expect(created.status == 201 && created["x-request-id"] == "mine-1")
    #expect(try await client.send("POST", "/v1/leases", json: body).status == 200)
    #expect(try await client.send("POST", "/v1/leases", json: "{").status == 400)
    #expect(try await client.send("GET", "/v1/nothing").status == 404)
    let put = try await client.send("PUT", "/v1/leases")
    #expect(put.status == 405 && put["allow"]?.contains("POST") == true)
    let metrics = try await client.send("GET", "/metrics")
    #expect(String(decoding: metrics.body, as: UTF8.self).contains(#"http_route="/v1/leases""#))
    running.cancel()
    #expect(try await running.value.abandoned == 0)
  }
}
