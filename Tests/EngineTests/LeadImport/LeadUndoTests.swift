import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `Undoing an import of leads` {
  let world = LeadImportWorld()

  /// All that is known, but for times.
  func pool() async throws -> [String?] {
    try await world.texts(
      """
      SELECT concat_ws('|', p.id, p.apollo_id, p.email, p.title, p.linkedin_key, p.provenance,
        (SELECT string_agg(i.kind, ',' ORDER BY i.kind) FROM lead_identities i WHERE i.lead_id = p.id))
      FROM lead_pool p ORDER BY p.id
      """)
  }

  func undo(_ run: LeadImport) async throws -> [LeadUndoOutcome: Int] {
    world.world.clock.advance(by: .seconds(1))
    guard case .done(let undone, let outcomes) = try await world.imports.undoWhole(run.id, actor: world.actor)
    else { throw Astray() }
    #expect(undone.state == .undone)
    return outcomes
  }

  @Test func `leaves the pool as it was before`() async throws {
    try await world.importText((1...50).map { LeadImportWorld.person($0) }.joined(separator: "\n"))
    let before = try await pool()
    let lines =
      (1...1_400).map { LeadImportWorld.person($0, linkedIn: "p\($0)", title: "CEO") }
      + (1...20).map { LeadImportWorld.person($0, title: "Chair") }
    let run = try await world.importText(lines.joined(separator: "\n"))
    #expect(try await world.leads == 1_400)
    #expect(try await pool() != before)
    let outcomes = try await undo(run)
    #expect(outcomes[.deleted] == 1_350)
    #expect(outcomes[.restored] ?? 0 >= 50)
    #expect(!outcomes.contains { $0.key.isKept })
    #expect(try await pool() == before)
    #expect(try await world.count("SELECT count(*) FROM lead_identities") == 100)
    #expect(
      try await world.texts("SELECT DISTINCT reason FROM lead_ledger WHERE kind = 'deleted'")
        == ["undo of an import"])
    // Again it changes nothing, and the file can be imported anew.
    #expect(try await undo(run) == outcomes)
    let anew = try await world.importText(lines.joined(separator: "\n"))
    #expect(anew.counts[.new] == 1_350 && anew.counts[.updated] == 50)
  }

  @Test func `keeps what others have to do with, and says why`() async throws {
    let run = try await world.importText((1...7).map { LeadImportWorld.person($0) }.joined(separator: "\n"))
    let client = try await world.world.client("Ada")
    try await world.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(client.id) FROM lead_pool
      WHERE apollo_id = 'apollo1'
      """)
    try await world.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id, status, released_at) SELECT id, \(client.id),
        'released', \(world.world.clock.now) FROM lead_pool WHERE apollo_id = 'apollo2'
      """)
    try await world.importText(LeadImportWorld.person(3))
    try await world.execute(
      """
      UPDATE lead_pool SET merged_into_id = (SELECT id FROM lead_pool WHERE apollo_id = 'apollo5'),
        apollo_id = NULL WHERE apollo_id = 'apollo4'
      """)
    let sixth: ID<Lead> = try #require(
      try await world.world.pool.value("SELECT id FROM lead_pool WHERE apollo_id = 'apollo6'"))
    try await world.world.pool.forget(sixth, at: world.world.clock.now)
    let outcomes = try await undo(run)
    #expect(
      outcomes == [.keptAssigned: 2, .keptShared: 1, .keptMerged: 2, .keptErased: 1, .deleted: 1])
    #expect(try await world.leads == 6)
    let rows = try await world.imports.rows(of: run.id, limit: 10).map(\.undone)
    #expect(
      rows == [
        .keptAssigned, .keptAssigned, .keptShared, .keptMerged, .keptMerged, .keptErased, .deleted,
      ])
  }

  @Test func `restores fields that nothing else changed since`() async throws {
    try await world.importText(LeadImportWorld.person(1, title: "CTO"))
    let run = try await world.importText(
      "{\"id\":\"apollo1\",\"title\":\"CEO\",\"city\":\"Leeds\",\"email\":\"p1@example.com\"}")
    try await world.importText("{\"id\":\"apollo1\",\"title\":\"Chair\"}")
    #expect(try await undo(run) == [.keptChanged: 1])
    #expect(
      try await world.texts("SELECT concat_ws('|', title, city, email) FROM lead_pool")
        == ["Chair|p1@example.com"])
  }

  @Test func `keeps what a merge has brought since`() async throws {
    try await world.importText(LeadImportWorld.person(1, title: "CTO"))
    let run = try await world.importText(
      "{\"id\":\"apollo1\",\"title\":\"CEO\",\"city\":\"Leeds\"}")
    // Newer, and known otherwise.
    try await world.importText(
      "{\"id\":\"apollo2\",\"title\":\"Chair\",\"linkedin_url\":\"http://www.linkedin.com/in/p\"}")
    let leads: [ID<Lead>] = try await world.world.pool.column("SELECT id FROM lead_pool ORDER BY apollo_id")
    let conflicts = LeadConflictService(database: world.database, time: world.world.clock)
    world.world.clock.advance(by: .seconds(1))
    guard case .fresh(.done) = try await conflicts.merge(leads[1], into: leads[0], actor: world.actor) else {
      throw Astray()
    }
    #expect(try await undo(run) == [.keptChanged: 1])
    #expect(
      try await world.texts(
        "SELECT concat_ws('|', title, city, linkedin_key) FROM lead_pool WHERE merged_into_id IS NULL")
        == ["Chair|in/p"])
    #expect(
      try await world.count("SELECT count(*) FROM lead_identities WHERE lead_id = \(leads[0])") == 4)
  }

  @Test func `goes on where it was stopped, and only then is undone`() async throws {
    let run = try await world.importText((1...30).map { LeadImportWorld.person($0) }.joined(separator: "\n"))
    for left in [20, 10, 0] {
      guard case .more(let half, 10) = try await world.imports.undo(run.id, rows: 10, actor: world.actor)
      else {
        Issue.record("nothing was undone")
        return
      }
      #expect(half.state == .undoing)
      #expect(try await world.leads == left)
    }
    #expect(try await undo(run) == [.deleted: 30])
  }

  @Test func `takes away conflicts that only it claimed`() async throws {
    try await world.importText((1...2).map { LeadImportWorld.person($0) }.joined(separator: "\n"))
    let run = try await world.importText("{\"id\":\"apollo1\",\"email\":\"p2@example.com\"}")
    #expect(run.counts.shown == [.conflict: 1])
    #expect(try await world.count("SELECT count(*) FROM lead_conflicts") == 1)
    #expect(try await undo(run).isEmpty)
    #expect(try await world.count("SELECT count(*) FROM lead_conflicts") == 0)
  }

  @Test func `of none says so`() async throws {
    #expect(try await world.imports.undoWhole(ID(high: 1, low: 1), actor: world.actor) == .unknown)
  }
}
