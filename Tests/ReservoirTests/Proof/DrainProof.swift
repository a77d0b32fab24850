import Glibc
import TestSupport
import Testing

extension Proof {
  /// SIGTERM: every request that was accepted is answered.
  @Suite(.requiresPostgres, .database(TestDatabase.product))
  struct DrainProof {
    private static let callers = 16

    @Test func `under load a stop answers what it accepted, ends with 0 and loses nothing`() async throws {
      var server = try await LiveServer(database: TestDatabase.conninfo)
      let world = try await ProofWorld(
        conninfo: TestDatabase.conninfo, ports: [server.port], numbers: 18, leads: 12 * Self.callers)
      let auditor = world.auditor
      try await world.underLoad(callers: Self.callers, outages: .stops) {
        for round in 0..<5 * ProofWorld.scale {
          let isWorking = await auditor.reaches(auditor.count + 50 + 7 * round, within: .seconds(30))
          try #require(isWorking, "no leases before stop \(round): \(auditor.findings.prefix(3))")
          server.process.signal(SIGTERM)
          #expect(try await server.process.ended(within: .seconds(30)) == .code(0))
          world.ports[0] = nil
          let cut = server.process.lines.filter { $0.contains("cut off") }
          #expect(cut == [])
          server = try await LiveServer(database: TestDatabase.conninfo)
          world.ports[0] = server.port
        }
      }
      try await world.expectWhole(on: server.port)
      #expect(await server.process.stop() == .code(0))
    }

    @Test func `a request that is still arriving when the stop comes is answered`() async throws {
      let server = try await LiveServer(database: TestDatabase.conninfo)
      let world = try await ProofWorld(
        conninfo: TestDatabase.conninfo, ports: [server.port], numbers: 8, leads: 8)
      let port = server.port
      let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
        let halves = Gate(count: 9)
        let signalled = Gate(count: 9)
        for lead in world.leads {
          group.addTask {
            try await onThread {
              let body = #"{"company":"\#(ProofWorld.company)","lead_id":"\#(lead)"}"#
              let head = """
                POST /v1/leases HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer \(LiveServer.key)\r\n\
                Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n
                """
              let socket = try Socket(port: port)
              try socket.write(Array((head + body.prefix(10)).utf8))
              // Another connection's answer shows that the server has been round since.
              _ = try HTTPConnection(port: port).send("GET", "/readyz")
              halves.pass()
              signalled.pass()
              try socket.write(Array(body.dropFirst(10).utf8))
              return try HTTPAnswer.read(from: socket)?.status
            }
          }
        }
        try await onThread { halves.pass() }
        server.process.signal(SIGTERM)
        try await onThread { signalled.pass() }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 201, count: 8))
      #expect(try await server.process.ended(within: .seconds(30)) == .code(0))
      try await world.expectCheckIsClean()
    }
  }
}
