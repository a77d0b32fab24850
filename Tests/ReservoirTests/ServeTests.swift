import Glibc
import JSON
import TestSupport
import Testing

/// A server of the built program on this test's database.
struct RunningServer {
  static let key = "the-key-of-the-environment"

  let process: ServerProcess
  let port: UInt16

  init(_ arguments: [String], environment: [String: String] = [:]) async throws {
    process = try ServerProcess(
      ["serve", "--listen", "127.0.0.1:0"] + arguments,
      environment: environment.merging(["RESERVOIR_API_KEY": Self.key]) { $1 })
    let line = try await process.line(containing: "\"listening on\"")
    let url = try #require(try JSONValue(parsing: line)["url"]?.string)
    port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
  }

  var client: HTTPClient { HTTPClient(port: port, headers: [("Authorization", "Bearer \(Self.key)")]) }
}

@Suite(.requiresPostgres) struct `Serving` {
  @Test(.database()) func `migrates, answers, and ends cleanly on SIGTERM`() async throws {
    let server = try await RunningServer(["--database-url", TestDatabase.conninfo])
    #expect(try await server.client.send("GET", "/readyz").status == 200)
    #expect(try await server.client.send("GET", "/v1/pools").status == 200)
    #expect(try await HTTPClient(port: server.port).send("GET", "/v1/pools").status == 401)
    server.process.signal(SIGTERM)
    #expect(try await server.process.ended() == .code(0))
    try await server.process.outputEnded()
    for line in server.process.lines {
      #expect(throws: Never.self, "\(line)") { try JSONValue(parsing: line) }
      #expect(!line.contains(RunningServer.key))
    }
    #expect(server.process.lines.last?.contains("\"stopped\"") == true)
  }

  @Test(.database(TestDatabase.migrated)) func `ends on SIGINT too`() async throws {
    let server = try await RunningServer(["--database-url", TestDatabase.conninfo])
    server.process.signal(SIGINT)
    #expect(try await server.process.ended() == .code(0))
  }

  @Test(.database(TestDatabase.migrated)) func `fails clearly when the port is taken`() async throws {
    let first = try await RunningServer(["--database-url", TestDatabase.conninfo])
    let second = try await reservoir(
      ["serve", "--listen", "127.0.0.1:\(first.port)", "--database-url", TestDatabase.conninfo])
    #expect(second.status == .code(1))
    #expect(second.text.contains("Address already in use"))
    #expect(second.text.contains("--listen"))
    #expect(try await first.client.send("GET", "/readyz").status == 200)
    #expect(await first.process.stop() == .code(0))
  }

  @Test(.database(TestDatabase.migrated)) func `answers what is under way before it ends`() async throws {
    try await makePool("Ada", numbers: 1)
    let lead = try await done("leads", "create")
    let server = try await RunningServer(["--database-url", TestDatabase.conninfo])
    // Somebody has the leads locked, so that the request waits inside the database.
    let holder = try HeldSession(TestDatabase.conninfo, "BEGIN; LOCK TABLE leads")
    let client = server.client
    let answer = Task {
      try await client.send("POST", "/v1/leases", json: #"{"company":"Ada","lead_id":"\#(lead)"}"#)
    }
    while try await value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0" { await Task.yield() }
    server.process.signal(SIGTERM)
    _ = try await server.process.line(containing: "\"stopping\"")
    try holder.end()
    #expect(try await answer.value.status == 201)
    #expect(try await server.process.ended() == .code(0))
  }

  @Test(.database()) func `says which setting is wrong`() async throws {
    let run = try await reservoir(["serve", "--database-url", "mysql://x"])
    #expect(run.status == .code(2))
    #expect(run.text.contains("database-url: expected a PostgreSQL connection string"))
  }
}
