import Dispatch
import TestSupport
import Testing

extension Proof {
  /// Two servers on one database.
  @Suite(.requiresPostgres, .database(TestDatabase.product))
  struct RaceProof {
    private func servers() async throws -> (LiveServer, LiveServer) {
      async let one = LiveServer(database: TestDatabase.conninfo)
      async let other = LiveServer(database: TestDatabase.conninfo)
      return try await (one, other)
    }

    private func world(
      _ servers: (LiveServer, LiveServer), numbers: Int, leads: Int
    ) async throws -> ProofWorld {
      try await ProofWorld(
        conninfo: TestDatabase.conninfo, ports: [servers.0.port, servers.1.port], numbers: numbers,
        leads: leads)
    }

    private func stop(_ servers: (LiveServer, LiveServer)) async {
      #expect(await servers.0.process.stop() == .code(0))
      #expect(await servers.1.process.stop() == .code(0))
    }

    @Test func `64 connections race for 5 numbers: no number is ever held twice, and each is used`()
      async throws
    {
      let servers = try await servers()
      let world = try await world(servers, numbers: 5, leads: 640)
      let rounds = 2_000 * ProofWorld.scale
      let isDone = try await world.underLoad(callers: 64) {
        await world.auditor.reaches(rounds, within: .seconds(120 * ProofWorld.scale))
      }
      #expect(isDone, "\(world.auditor.count) of \(rounds) leases")
      let uses = Dictionary(grouping: world.auditor.grants, by: \.number).mapValues(\.count)
      #expect(uses.count == 5, "\(uses)")
      try await world.expectWhole(on: servers.1.port)
      await stop(servers)
    }

    @Test func `R18: in steady rotation over both servers the uses of numbers differ by at most one`()
      async throws
    {
      let servers = try await servers()
      let world = try await world(servers, numbers: 5, leads: 203)
      let (ports, leads) = (world.ports, world.leads)
      let uses = try await onThread {
        var lines = [Line(ports: ports, index: 0), Line(ports: ports, index: 1)]
        return try leads.enumerated().reduce(into: [String: Int]()) { uses, step in
          let connection = try lines[step.offset % 2].connection()
          let body = #"{"company":"\#(ProofWorld.company)","lead_id":"\#(step.element)"}"#
          let answer = try connection.send("POST", "/v1/leases", json: body)
          let lease = try #require(LeaseCaller.lease(in: answer, ""), "\(answer.text)")
          uses[lease.number, default: 0] += 1
          _ = try connection.send("DELETE", "/v1/leases/\(lease.id)?term=\(lease.term)")
        }
      }
      #expect(uses.values.sorted() == [40, 40, 41, 41, 41])
      try await world.expectCheckIsClean()
      await stop(servers)
    }

    /// What 32 connections over both servers are told when all send the same at the same time.
    private func stampede(
      _ world: ProofWorld, key: String?, _ lead: @escaping @Sendable (Int) -> String
    ) async throws -> [HTTPAnswer] {
      let gate = Gate(count: 32)
      return try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
        for index in 0..<32 {
          group.addTask {
            try await onThread {
              var line = Line(ports: world.ports, index: index)
              let connection = try line.connection()
              _ = try connection.send("GET", "/healthz")
              gate.pass()
              return try connection.send(
                "POST", "/v1/leases", headers: key.map { [("Idempotency-Key", $0)] } ?? [],
                json: #"{"company":"\#(ProofWorld.company)","lead_id":"\#(lead(index))"}"#)
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }

    @Test func `a lead asked for on 32 connections at once gets one lease`() async throws {
      let servers = try await servers()
      let world = try await world(servers, numbers: 20, leads: 10)
      for lead in world.leads {
        let answers = try await stampede(world, key: nil) { _ in lead }
        let leases = Set(answers.compactMap { LeaseCaller.lease(in: $0, "")?.id })
        #expect(leases.count == 1)
        #expect(answers.map(\.status).sorted() == Array(repeating: 200, count: 31) + [201])
      }
      try await world.expectCheckIsClean()
      await stop(servers)
    }

    @Test func `a key sent on 32 connections at once has its effect once, and the same answer for all`()
      async throws
    {
      let servers = try await servers()
      let world = try await world(servers, numbers: 20, leads: 10)
      for lead in world.leads {
        let answers = try await stampede(world, key: "of-\(lead)") { _ in lead }
        #expect(answers.map(\.status) == Array(repeating: 201, count: 32))
        #expect(answers.count { $0["idempotent-replayed"] == nil } == 1)
        #expect(Set(answers.map(\.body)).count == 1)
      }
      try await world.expectCheckIsClean()
      await stop(servers)
    }

    @Test func `a key sent at once with 32 different bodies serves one of them`() async throws {
      let servers = try await servers()
      let world = try await world(servers, numbers: 200, leads: 160)
      for round in 0..<5 {
        let answers = try await stampede(world, key: "round-\(round)") { world.leads[round * 32 + $0] }
        #expect(answers.map(\.status).sorted() == [201] + Array(repeating: 422, count: 31))
      }
      try await world.expectCheckIsClean()
      await stop(servers)
    }
  }
}

/// Lets nobody pass until all have come.
final class Gate: Sendable {
  private let missing = DispatchGroup()
  init(count: Int) { for _ in 0..<count { missing.enter() } }

  /// Blocks its thread.
  func pass() {
    missing.leave()
    missing.wait()
  }
}
