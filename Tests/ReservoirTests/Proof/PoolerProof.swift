import JSON
import TestSupport
import Testing

extension Proof {
  /// Everything through PgBouncer in transaction mode, where no session is one's own.
  @Suite(.requiresPostgres, .database())
  struct PoolerProof {
    @Test func `behind PgBouncer two servers migrate, import, run jobs and lease to 32 connections`()
      async throws
    {
      let cluster = try #require(TestDatabase.cluster)
      let bouncer = try await PgBouncer(cluster: cluster)
      let url = try bouncer.conninfo(to: TestDatabase.conninfo)
      // Both find an empty database, and both bring it up to date.
      async let first = LiveServer(database: url, ["--pooler"])
      async let second = LiveServer(database: url, ["--pooler"])
      let servers = try await (first, second)
      let world = try await ProofWorld(
        conninfo: TestDatabase.conninfo, ports: [servers.0.port, servers.1.port], numbers: 20, leads: 320)

      let isDone = try await world.underLoad(callers: 32) {
        try await importNumbers(on: servers.0.port)
        try await runJobs(on: servers.1.port)
        return await world.auditor.reaches(500 * ProofWorld.scale, within: .seconds(60 * ProofWorld.scale))
      }
      #expect(isDone, "\(world.auditor.count) leases")
      try await world.expectWhole(on: servers.0.port)
      let check = try await LiveServer.command(["check", "--database-url", url, "--pooler"])
      #expect(check.status == .code(0), "\(check.output)")
      #expect(await servers.0.process.stop() == .code(0))
      #expect(await servers.1.process.stop() == .code(0))
      await bouncer.stop()
    }

    private func importNumbers(on port: UInt16) async throws {
      let client = HTTPClient(port: port, headers: LiveServer.authorization)
      let rows = (0..<500).map { row in
        """
        {"vapi_phone_number_id":"pooled-\(row)","number":"+1212\(5_550_000 + row)","name":"pooled \(row)",\
        "assigned_broker_company":"Pooled LLC"}
        """
      }
      let body = #"{"create_clients":true,"numbers":[\#(rows.joined(separator: ","))]}"#
      for _ in 0..<2 {
        let answer = try await client.send("POST", "/v1/numbers/import", json: body)
        #expect(answer.status == 200, "\(answer.text)")
      }
      let pools = try await client.send("GET", "/v1/pools")
      #expect(pools.status == 200 && pools.text.contains("Pooled LLC"), "\(pools.text)")
    }

    private func runJobs(on port: UInt16) async throws {
      let client = HTTPClient(port: port, headers: LiveServer.authorization)
      let jobs = try JSONValue(parsing: try await client.send("GET", "/v1/jobs").body)
      let names = (jobs["data"]?.array ?? []).compactMap { $0["name"]?.string }
      #expect(names.contains("sweep"))
      for name in names {
        // The schedule, of this server or the other, may be running it just now.
        let answer = try await client.send("POST", "/v1/jobs/\(name)/run")
        #expect(answer.status == 200 || answer.status == 409, "\(name): \(answer.text)")
      }
    }
  }
}
