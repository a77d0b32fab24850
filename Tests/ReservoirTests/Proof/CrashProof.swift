import TestSupport
import Testing

/// SIGKILL under load, again and again: nothing acknowledged is lost, nothing is done twice, and the service
/// comes back by itself.
@Suite(.serialized, .requiresPostgres)
struct CrashProof {
  typealias Blow = PrivateServer.Blow

  private static let callers = 12

  private func rounds(of blow: Blow) -> Int {
    switch blow {
    case .server, .backend, .cluster: 10 * ProofWorld.scale
    case .postmaster, .everything: 3 * ProofWorld.scale
    }
  }

  @Test(arguments: Blow.allCases)
  func `what was acknowledged survives SIGKILL under load`(blow: Blow) async throws {
    let one = try await PrivateServer()
    let world = try await ProofWorld(
      conninfo: one.conninfo, ports: [one.server.port], numbers: 14, leads: 12 * Self.callers)
    try await world.underLoad(callers: Self.callers, outages: .crashes) {
      for round in 0..<rounds(of: blow) {
        try await turn(blow, round, one, world)
      }
    }
    try await world.expectWhole(on: one.server.port)
    #expect(world.auditor.interruptions > 0)
    #expect(await one.server.process.stop(within: .seconds(60)) == .code(0))
  }

  /// Load, blow, load again, and a look at what was acknowledged before.
  private func turn(_ blow: Blow, _ round: Int, _ one: PrivateServer, _ world: ProofWorld) async throws {
    // Some work must be under way, more of it each time, so that the blow falls at different places.
    let auditor = world.auditor
    let isWorking = await auditor.reaches(auditor.count + 12 + 2 * round, within: .seconds(30))
    try #require(isWorking, "no leases before blow \(round): \(auditor.findings.prefix(3))")
    let before = auditor.grants.suffix(40)
    try await one.strike(blow)
    if blow.isOfServer {
      world.ports[0] = nil
      try await one.restart()
      world.ports[0] = one.server.port
    }
    // All that were under way could have been acknowledged just before the blow; the one after them is new.
    let isBack = await auditor.reaches(auditor.count + Self.callers + 1, within: .seconds(30))
    try #require(isBack, "no leases within 30 s of blow \(round): \(auditor.findings.prefix(3))")
    try await auditor.paused {
      try await world.expectPresent(Array(before), on: one.server.port)
      try await world.expectCheckIsClean()
    }
    if blow == .server {
      let log = one.server.process.lines
      #expect(log.contains { $0.contains("was running already") }, "the cluster was not taken over")
    }
  }
}
