import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// Many who import the same people at once.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct IntakeRaceTests {
  @Test func `sixteen importers of overlapping people end with one lead each`() async throws {
    let world = IntakeWorld(poolSize: 16)
    let people = 60
    let verdicts = try await withThrowingTaskGroup(of: [IntakeVerdict].self) { group in
      for importer in 0..<16 {
        group.addTask {
          var verdicts: [IntakeVerdict] = []
          for chunk in 0..<6 {
            // Everybody has the same people in another order, and knows them by something else.
            let rows = (0..<20).map { index -> IncomingLead in
              let person = (importer * 7 + chunk * 20 + index * 3) % people
              let identities = [
                ["apollo_id": "p\(person)", "email": "p\(person)@example.com"],
                ["email": "p\(person)@example.com", "linkedin_url": "linkedin.com/in/p\(person)"],
                ["linkedin_url": "linkedin.com/in/p\(person)", "apollo_id": "p\(person)"],
              ][(importer + index) % 3]
              return world.row(index + 1, identities.merging(["title": "T\(importer)"]) { a, _ in a })
            }
            verdicts += try await world.take(rows)
          }
          return verdicts
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(verdicts.count == 16 * 6 * 20)
    // Where two ways of knowing somebody came at once, they are two leads, and an operator is asked.
    let leads = try await world.count("SELECT count(*) FROM lead_pool")
    let keys = try await world.count("SELECT count(*) FROM lead_identities")
    let shared = try await world.count(
      """
      SELECT count(*) FROM (SELECT apollo_id FROM lead_pool WHERE apollo_id IS NOT NULL GROUP BY 1
        HAVING count(*) > 1) AS twice
      """)
    #expect(shared == 0 && keys <= people * 3)
    #expect(verdicts.count { $0.isNew } == leads)
  }

  @Test func `sixteen importers of the same file make each person once`() async throws {
    let world = IntakeWorld(poolSize: 16)
    let rows = (0..<300).map { person in
      world.row(
        person + 1,
        [
          "apollo_id": "p\(person)", "email": "p\(person)@example.com",
          "linkedin_url": "linkedin.com/in/p\(person)",
        ])
    }
    let new = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<16 { group.addTask { try await world.take(rows).count { $0.isNew } } }
      return try await group.reduce(0, +)
    }
    #expect(new == 300)
    #expect(try await world.count("SELECT count(*) FROM lead_pool") == 300)
    #expect(try await world.count("SELECT count(*) FROM lead_identities") == 900)
  }

  @Test func `a chunk that always loses is halved until it is through`() async throws {
    let world = IntakeWorld()
    // Somebody has the key of one of them, without a lead: the whole chunk can never get through.
    let id = try await world.id([world.row(["apollo_id": "p3"])])
    try await world.world.pool.forget(id, at: world.now)
    let rows = (0..<8).map { world.row($0 + 1, ["apollo_id": "p\($0)"]) }
    await #expect(throws: (any Error).self) { try await world.take(rows) }
    // All before it are in; it alone is told.
    #expect(try await world.count("SELECT count(*) FROM lead_pool WHERE erased_at IS NULL") == 3)
  }

  @Test func `merging and importing the same people at once leaves each identity with one lead`() async throws
  {
    let world = IntakeWorld(poolSize: 16)
    let service = LeadConflictService(database: world.database, time: world.world.clock)
    let leads = try await world.take(
      (0..<16).map { world.row($0 + 1, [$0.isMultiple(of: 2) ? "apollo_id" : "email": "p\($0)@example.com"]) }
    ).compactMap(\.leadID)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for pair in 0..<8 {
        group.addTask {
          let outcome = try await service.merge(
            leads[2 * pair], into: leads[2 * pair + 1], actor: .commandLine)
          guard case .fresh(.done) = outcome else { throw Astray() }
        }
        group.addTask {
          let rows = (0..<16).map { index -> IncomingLead in
            let place = (index + 2 * pair) % 16
            let kind = place.isMultiple(of: 2) ? "apollo_id" : "email"
            return world.row(index + 1, [kind: "p\(place)@example.com", "title": "T\(pair)"])
          }
          try await world.take(rows)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await world.count("SELECT count(*) FROM lead_pool WHERE merged_into_id IS NULL") == 8)
    #expect(try await world.count("SELECT count(*) FROM lead_identities") == 16)
    #expect(try await world.world.check.run().filter { !$0.isClean }.map(\.check.name) == [])
  }
}
