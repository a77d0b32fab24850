import Dispatch
import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// Campaigns that are made, restricted and lifted while assignments come and go.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct CampaignRaceTests {
  @Test func `whatever happens at once, rows and assignments agree in the end`() async throws {
    let world = CampaignWorld()
    let (client, campaign) = try await world.prepared()
    try await world.world.stock(ResourceCounts(linkedInSeats: 6), prefix: "b")
    let seat = try await world.resource("seat_a0")
    try await withThrowingTaskGroup { group in
      for index in 0..<4 {
        group.addTask { _ = try await world.create("Race \(index)", for: client) }
        // As an import or an SQL user does it: without the client's turn.
        group.addTask {
          try await world.sql(
            """
            INSERT INTO client_resources (client_id, resource_pool_id)
            SELECT \(client), id FROM resource_pool WHERE resource_value = \("seat_b\(index)")
            """)
        }
        group.addTask {
          try await world.sql(
            """
            UPDATE client_resources a SET released_at = reservoir_now() FROM resource_pool r
            WHERE r.id = a.resource_pool_id AND a.released_at IS NULL
              AND r.resource_value = \("seat_a\(index)") AND \(index) > 0
            """)
        }
      }
      group.addTask {
        _ = try await world.campaigns.select(.only([seat]), for: campaign, actor: .commandLine)
      }
      group.addTask { _ = try await world.campaigns.select(.all, for: campaign, actor: .commandLine) }
      group.addTask { try await world.act(.quarantine(.manual, evidence: "x"), on: "a1.example.com") }
      try await group.waitForAll()
    }
    _ = try await world.campaigns.select(.all, for: campaign, actor: .commandLine)
    try await world.decide()
    for id in try await world.campaigns.list(of: client, limit: 10).map(\.id) {
      try await world.expectInStep(id, of: client)
    }
    #expect(try await world.campaigns.list(of: client, limit: 10).count == 5)
  }

  @Test func `a campaign waits for an assignment that is not committed, and inherits it`() async throws {
    let world = CampaignWorld()
    let client = try await world.world.client("Acme")
    try await world.world.stock(ResourceCounts(linkedInSeats: 1))
    let (isMade, made) = AsyncStream.makeStream(of: Void.self)
    let mayCommit = DispatchSemaphore(value: 0)
    async let assigner: Void = world.pool.database.transaction { transaction in
      _ = try transaction.execute(
        "INSERT INTO client_resources (client_id, resource_pool_id) SELECT \(client), id FROM resource_pool")
      made.finish()
      mayCommit.wait()
    }
    for await _ in isMade {}
    async let creation = world.create("Spring", for: client)
    do { try await world.pool.untilSomebodyWaitsForALock() } catch {
      mayCommit.signal()
      throw error
    }
    mayCommit.signal()
    try await assigner
    #expect(try await world.stored(try await creation.id).map(\.limit) == [17])
  }

  @Test func `a first attempt that fails is made again, and leaves one campaign`() async throws {
    let world = CampaignWorld(failsFirstAttempt: true)
    let (client, campaign) = try await world.prepared()
    try await world.expectInStep(campaign, of: client)
    #expect(try await world.campaigns.list(of: client, limit: 10).count == 1)
  }
}
