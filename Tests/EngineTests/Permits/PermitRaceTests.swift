import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PermitRaceTests {
  @Test func `64 clients at once against a limit of 50 give exactly 50`() async throws {
    let world = PermitWorld(poolSize: 16, failsFirstAttempt: true)
    let client = try await world.prepared()
    let domain = try await world.resource("a0.example.com")
    let leads = try await world.leads(64, of: client)
    // Four servers.
    let servers = (0..<4).map { _ in PermitService(database: world.pool.database, time: world.clock) }
    let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
      for (index, lead) in leads.enumerated() {
        group.addTask {
          let request = PermitRequest(
            clientID: client, leadID: lead, channel: .email, resourceID: domain)
          let answer = try await servers[index % 4].request(.init(request, actor: .commandLine))
          if case .fresh(.granted) = answer { return true }
          return false
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(granted == 50)
    #expect(try await world.used(client, .email, kind: .emailDomain) == 50)
    #expect(try await world.pool.value("SELECT count(*) FROM permits") == 50)
    try await world.world.expectClean()
  }

  @Test func `a lead that 32 ask for at once, on all channels, is touched once`() async throws {
    let world = PermitWorld(poolSize: 16, failsFirstAttempt: true)
    let client = try await world.prepared()
    let lead = try await world.lead(of: client)
    let servers = (0..<4).map { _ in PermitService(database: world.pool.database, time: world.clock) }
    let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<32 {
        group.addTask {
          let request = PermitRequest(
            clientID: client, leadID: lead, channel: Channel.allCases[index / 4 % 4])
          let answer = try await servers[index % 4].request(.init(request, actor: .commandLine))
          if case .fresh(.granted) = answer { return true }
          return false
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(granted == 1)
    try await world.world.expectClean()
  }

  @Test func `sent, failed and expiry at once: one of them wins`() async throws {
    let world = PermitWorld(poolSize: 16, failsFirstAttempt: true)
    let client = try await world.prepared()
    for lead in try await world.leads(8, of: client) {
      let permit = try await world.permit(client, lead)
      world.clock.advance(by: Permit.lifetime)
      try await withThrowingTaskGroup { group in
        group.addTask { _ = try await world.sent(permit.id, messageID: "m") }
        group.addTask { _ = try await world.failed(permit.id) }
        group.addTask {
          _ = try await PermitExpiryJob(database: world.pool.database)
            .runOnce(now: world.clock.now, limit: 100)
        }
        try await group.waitForAll()
      }
      let status = try await world.permits.find(permit.id)?.status
      #expect(status == .sent || status == .failed)
      let ends: Int? = try await world.pool.value(
        """
        SELECT count(*) FROM permit_ledger
        WHERE permit_id = \(permit.id) AND kind IN ('sent', 'failed', 'void')
        """)
      #expect(ends == 1)
    }
    try await world.world.expectClean()
  }
}
