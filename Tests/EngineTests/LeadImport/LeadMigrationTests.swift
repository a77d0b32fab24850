import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `A migration of leads` {
  let world = LeadImportWorld()

  /// A table of an older platform, with people whom two clients had.
  func prepare() async throws -> (ada: Client, eve: Client) {
    let ada = try await world.world.client("Ada")
    let eve = try await world.world.client("Eve")
    try await world.execute(
      """
      CREATE TABLE old_leads (mail text, name text, client text, converted boolean, tags text[],
        last_contacted_at timestamptz, created_at timestamptz)
      """)
    try await world.execute(
      """
      INSERT INTO old_leads VALUES
        ('one@example.com', 'One', 'Ada', false, '{a,b}', NULL, '2025-01-01Z'),
        ('ONE@example.com', 'One', 'Eve', true, NULL, NULL, '2025-06-01Z'),
        ('two@example.com', 'Two', 'Ada', false, NULL, '2025-05-01 10:00Z', '2025-01-01Z'),
        ('two@example.com', 'Two', 'Eve', false, NULL, '2025-04-01 10:00Z', '2024-01-01Z'),
        ('three@example.com', 'Three', NULL, false, NULL, NULL, '2025-01-01Z'),
        ('four@example.com', 'Four', 'Nobody Ltd', false, NULL, NULL, '2025-01-01Z'),
        ('five@example.com', 'Five', \("\(eve.id)"), false, NULL, NULL, '2025-01-01Z'),
        (NULL, 'Six', 'Ada', false, NULL, NULL, '2025-01-01Z')
      """)
    return (ada, eve)
  }

  func migrate(_ name: String, rehearsal: Bool = false) async throws -> LeadImport {
    world.world.clock.advance(by: .seconds(1))
    let table = try #require(try await world.imports.table(name))
    let run = try await world.imports.begin(
      .init(
        kind: .migration, name: name, source: "migration", format: "table", fingerprint: name,
        isRehearsal: rehearsal), actor: world.actor
    ).run
    let source = try world.imports.open(
      table, from: run.place, options: LeadFileOptions(), claims: LeadClaimColumns(), source: "migration",
      startedAt: run.startedAt)
    return try await world.imports.run(run.id, from: source, actor: world.actor)
  }

  static let verdicts = [
    "1 new", "2 duplicate of 1", "3 new", "4 duplicate of 3", "5 new", "6 rejected", "7 new", "8 rejected",
  ]

  func owners() async throws -> [String?] {
    try await world.texts(
      """
      SELECT concat_ws(' ', p.email, c.company_name, a.status, a.assigned_at::date) FROM lead_assignments a
      JOIN lead_pool p ON p.id = a.lead_id JOIN clients c ON c.id = a.client_id
      WHERE a.released_at IS NULL ORDER BY p.email
      """)
  }

  @Test func `gives each lead to one client by the rule, and lists the others`() async throws {
    let (ada, eve) = try await prepare()
    let rehearsal = try await migrate("old_leads", rehearsal: true)
    #expect(try await world.verdicts(rehearsal.id) == Self.verdicts)
    #expect(try await world.leads == 0)
    #expect(try await world.count("SELECT count(*) FROM lead_assignments") == 0)
    let foreseen = try await world.imports.collisions(of: rehearsal.id, limit: 10)
    #expect(foreseen.map(\.row) == [1, 4] && foreseen.map(\.keeperID) == [eve.id, ada.id])
    let run = try await migrate("old_leads")
    #expect(run.state == .done)
    #expect(try await world.verdicts(run.id) == Self.verdicts)
    #expect(
      try await owners() == [
        "five@example.com Eve active 2025-01-01", "one@example.com Eve converted 2025-06-01",
        "two@example.com Ada active 2025-01-01",
      ])
    let collisions = try await world.imports.collisions(of: run.id, limit: 10)
    #expect(collisions.map(\.row) == [1, 4] && collisions.map(\.outcome) == [.loses, .loses])
    #expect(collisions.map(\.clientID) == [ada.id, eve.id])
    #expect(try await world.imports.owners(of: run.id) == [.keeps: 3, .loses: 2])
    #expect(
      try await world.imports.owners(of: run.id) == (try await world.imports.owners(of: rehearsal.id)))
    #expect(try await world.count("SELECT count(*) FROM lead_ledger WHERE kind = 'assigned'") == 3)
    #expect(
      try await world.count("SELECT count(*) FROM leads l JOIN lead_pool p ON p.id = l.lead_pool_id") == 3)
  }

  @Test func `never takes a lead from the owner that it has in the pool`() async throws {
    let (ada, eve) = try await prepare()
    try await world.importText("{\"email\":\"one@example.com\"}")
    try await world.execute(
      "INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(ada.id) FROM lead_pool")
    let run = try await migrate("old_leads")
    let collisions = try await world.imports.collisions(of: run.id, limit: 10)
    #expect(collisions.map(\.row) == [2, 4] && collisions.map(\.outcome) == [.ownedBefore, .loses])
    #expect(collisions[0].clientID == eve.id && collisions[0].keeperID == ada.id)
    #expect(try await owners().first { $0?.hasPrefix("one") == true }??.contains("Ada active") == true)
  }

  @Test func `leaves people of a company that a client has to itself to that client`() async throws {
    let (ada, eve) = try await prepare()
    try await world.importText(
      """
      {"email":"one@example.com","company_domain":"own.example"}
      {"email":"held@own.example","company_domain":"own.example"}
      """)
    try await world.execute("UPDATE lead_pool SET company_domain = 'own.example'")
    try await world.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id, company_domain, claims_company)
      SELECT id, \(ada.id), 'own.example', true FROM lead_pool WHERE email = 'held@own.example'
      """)
    let run = try await migrate("old_leads")
    #expect(run.state == .done)
    let collisions = try await world.imports.collisions(of: run.id, limit: 10)
    #expect(collisions.map(\.row) == [1, 2, 4] && collisions.map(\.outcome) == [.loses, .loses, .loses])
    #expect(collisions[1].clientID == eve.id && collisions[1].keeperID == nil)
    #expect(try await owners().contains { $0?.hasPrefix("one") == true } == false)
    #expect(try await owners().count == 3)
  }

  @Test func `is undone as if it had not been, but for what was worked with since`() async throws {
    _ = try await prepare()
    let run = try await migrate("old_leads")
    try await world.execute(
      """
      INSERT INTO lead_ledger (lead_id, client_id, kind, at) SELECT a.lead_id, a.client_id, 'contacted',
        \(world.world.clock.now) FROM lead_assignments a JOIN lead_pool p ON p.id = a.lead_id
      WHERE p.email = 'two@example.com'
      """)
    // Somebody may write to him.
    try await world.execute(
      """
      INSERT INTO permits (id, client_id, lead_id, channel, resource_id, sender_id, sender, day, issued_at,
        expires_at, daily_limit, used, resets_at)
      SELECT uuid_v7(), a.client_id, a.lead_id, 'email', uuid_v7(), uuid_v7(), 'jo@reach.example',
        t.now::date, t.now, t.now, 1, 1, t.now
      FROM (SELECT \(world.world.clock.now)::timestamptz AS now) t, lead_assignments a
      JOIN lead_pool p ON p.id = a.lead_id WHERE p.email = 'five@example.com'
      """)
    guard case .done(let undone, let outcomes) = try await world.imports.undoWhole(run.id, actor: world.actor)
    else { throw Astray() }
    #expect(undone.state == .undone)
    #expect(outcomes == [.deleted: 2, .keptAssigned: 2, .nothing: 2])
    #expect(
      try await owners() == [
        "five@example.com Eve active 2025-01-01", "two@example.com Ada active 2025-01-01",
      ])
    #expect(try await world.leads == 2)
    #expect(try await world.count("SELECT count(*) FROM leads") == 2)
  }

  @Test func `ties rows of leads to the pool under their own ids, and unties them`() async throws {
    try await world.execute(
      """
      INSERT INTO leads (primary_email, first_name) VALUES ('ada@example.com', 'Ada'),
        ('ADA@example.com', 'Ada'), ('known@example.com', 'Kim'), (NULL, 'Nameless')
      """)
    try await world.importText("{\"email\":\"known@example.com\"}")
    let run = try await migrate("leads")
    #expect(run.counts.shown == [.new: 1, .duplicate: 1, .updated: 1, .rejected: 1])
    #expect(
      try await world.count(
        "SELECT count(*) FROM leads l JOIN lead_pool p ON p.id = l.lead_pool_id AND p.id = l.id") == 1)
    #expect(try await world.count("SELECT count(*) FROM leads WHERE lead_pool_id IS NOT NULL") == 3)
    // What has its lead is not taken again.
    #expect(try await migrate("leads").counts.shown == [.rejected: 1])
    _ = try await world.imports.undoWhole(run.id, actor: world.actor)
    #expect(try await world.count("SELECT count(*) FROM leads WHERE lead_pool_id IS NOT NULL") == 0)
    #expect(try await world.count("SELECT count(*) FROM leads") == 4)
    #expect(try await world.leads == 1)
  }

  @Test func `reads any table page by page, and goes on after its last key`() async throws {
    try await world.execute("CREATE TABLE numbered (key bigint PRIMARY KEY, email text, company text)")
    try await world.execute(
      "INSERT INTO numbered SELECT n, 'p' || n || '@example.com', 'Acme' FROM generate_series(2500, 1, -1) n")
    let table = try #require(try await world.imports.table("numbered"))
    #expect(table.key == "key")
    let run = try await world.imports.begin(
      .init(
        kind: .migration, name: "numbered", source: "migration", format: "table", fingerprint: "x"),
      actor: world.actor
    ).run
    func source(_ place: LeadImportPlace) throws -> LeadTable {
      try world.imports.open(
        table, from: place, options: LeadFileOptions(), claims: LeadClaimColumns(), source: "migration",
        startedAt: run.startedAt)
    }
    let first = try #require(try await source(.start).next())
    let taken = try await world.imports.take(first, in: run.id, actor: world.actor)
    #expect(taken.place.key == "1000")
    let done = try await world.imports.run(run.id, from: try source(taken.place), actor: world.actor)
    #expect(done.place.key == nil)
    #expect(done.counts.shown == [.new: 2_500])
    #expect(try await world.imports.table("nothing_of_that_name") == nil)
  }
}
