import Domain
import Engine
import Postgres
import Records
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `An import of leads` {
  let world = LeadImportWorld()

  @Test func `gives each row its verdict, and the same file again changes nothing`() async throws {
    let first = [
      LeadImportWorld.person(1), LeadImportWorld.person(2), LeadImportWorld.person(1),
      "{\"first_name\":\"X\"}",
      "not json", "{\"id\": ", LeadImportWorld.person(3, linkedIn: "three"),
    ].joined(separator: "\n")
    let run = try await world.importText(first)
    #expect(run.state == .done)
    #expect(
      try await world.verdicts(run.id) == [
        "1 new", "2 new", "3 duplicate of 1", "4 rejected", "5 rejected", "6 rejected", "7 new",
      ])
    #expect(run.counts.shown == [.new: 3, .duplicate: 1, .rejected: 3])
    #expect(try await world.leads == 3)
    let again = try await world.importText(first)
    #expect(again.id != run.id)
    #expect(again.counts.shown == [.unchanged: 3, .duplicate: 1, .rejected: 3])
    let newer = try await world.importText(LeadImportWorld.person(2, title: "CEO"))
    #expect(newer.counts.shown == [.updated: 1])
    let details = try await world.imports.rows(of: newer.id, limit: 10).map(\.detail)
    #expect(details == ["title"])
  }

  @Test func `finds a row's earlier one in another chunk, be it new, updated or merged by a key`()
    async throws
  {
    try await world.importText(LeadImportWorld.person(5_000))
    var lines = (1...1_500).map { LeadImportWorld.person($0) }
    lines[0] = LeadImportWorld.person(5_000, title: "Chair")
    lines[1_200] = LeadImportWorld.person(5_000, title: "Chair")
    lines[1_300] = LeadImportWorld.person(7)
    // Known by its address only.
    lines[1_400] = "{\"email\":\"P8@example.com\",\"linkedin_url\":\"linkedin.com/in/eight\"}"
    let run = try await world.importText(lines.joined(separator: "\n"))
    let verdicts = try await world.verdicts(run.id)
    #expect(verdicts[0] == "1 updated")
    #expect(verdicts[1_200] == "1201 duplicate of 1")
    #expect(verdicts[1_300] == "1301 duplicate of 7")
    #expect(verdicts[1_400] == "1401 duplicate of 8")
    #expect(run.counts[.new] == 1_496)
    #expect(try await world.leads == 1_497)
    #expect(
      try await world.texts("SELECT linkedin_key FROM lead_pool WHERE email = 'p8@example.com'") == [
        "in/eight"
      ])
  }

  @Test func `that was stopped goes on with the next chunk exactly`() async throws {
    let text = (1...2_500).map { LeadImportWorld.person($0 % 2_100) }.joined(separator: "\n")
    let whole = try await world.importText(text, rehearsal: true)
    let begun = try await world.begin(text).run
    let file = try world.file(text, from: begun)
    let chunk = try #require(try await file.next())
    _ = try await world.imports.take(chunk, in: begun.id, actor: world.actor)
    // The process is gone; another begins.
    guard case .resumed(let resumed) = try await world.begin(text) else {
      Issue.record("a new run was begun")
      return
    }
    #expect(resumed.id == begun.id && resumed.place.row == 1_000)
    let done = try await world.imports.run(
      resumed.id, from: try world.file(text, from: resumed), actor: world.actor)
    #expect(done.state == .done && done.place.row == 2_500)
    #expect(try await world.verdicts(done.id) == (try await world.verdicts(whole.id)))
    #expect(done.counts == whole.counts)
  }

  @Test func `is worked at by one only`() async throws {
    let text = (1...1_500).map { LeadImportWorld.person($0) }.joined(separator: "\n")
    let run = try await world.begin(text).run
    let chunk = try #require(try await world.file(text, from: run).next())
    _ = try await world.imports.take(chunk, in: run.id, actor: world.actor)
    await #expect(throws: LeadImportService.Fault.displaced) {
      try await world.imports.take(chunk, in: run.id, actor: world.actor)
    }
    guard case .fresh(let anew) = try await world.begin(text, restarts: true) else {
      Issue.record("the old run went on")
      return
    }
    #expect(anew.id != run.id)
    #expect(try await world.imports.find(run.id)?.state == .failed)
    await #expect(throws: LeadImportService.Fault.notRunning) {
      try await world.imports.take(chunk, in: run.id, actor: world.actor)
    }
  }

  @Test func `begun by many at once is one run`() async throws {
    let ids = try await withThrowingTaskGroup(of: ID<LeadImport>.self) { group in
      for _ in 0..<16 { group.addTask { try await world.begin("same").run.id } }
      return try await group.reduce(into: Set<ID<LeadImport>>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  @Test func `of what is no such file fails, and says why`() async throws {
    let run = try await world.importText("a,b\n1,2\n")
    #expect(run.state == .failed && run.failure == "its first line is no JSON object")
    #expect(throws: LeadColumnMapping.Fault.nothing) { try world.file("a,b\n1,2\n", .csv, from: run) }
  }

  @Test func `of CSV keeps what no field is there for, and counts it`() async throws {
    let csv = """
      First Name,E-mail,# Employees,Favourite colour,Phone
      Ada,ada@example.com,"1,250",green,(415) 555-2671
      Eve,eve@example.com,many,,
      ,not an address,7,,
      Zoe,,,,
      """
    let run = try await world.importText(csv, .csv, source: "csv")
    #expect(try await world.verdicts(run.id) == ["1 new", "2 new", "3 rejected", "4 rejected"])
    let rejected = try await world.imports.rows(of: run.id, verdicts: [.rejected], limit: 9).map(\.detail)
    #expect(
      rejected == [
        "email: line 4: expected an address such as ada@example.com",
        "identity: line 5: needs an Apollo id, a LinkedIn profile, an email address or a phone number",
      ])
    #expect(
      try await world.texts("SELECT company_employees::text || phone FROM lead_pool WHERE first_name = 'Ada'")
        == ["1250+14155552671"])
    #expect(
      try await world.texts("SELECT path FROM lead_unknown_fields WHERE provider = 'csv' ORDER BY 1")
        == ["# Employees (not a whole number)", "Favourite colour"])
    #expect(
      try await world.texts(
        """
        SELECT record->>'Favourite colour' FROM lead_records r JOIN lead_pool p ON p.id = r.lead_id
        WHERE p.first_name = 'Ada'
        """) == ["green"])
  }

  @Test func `takes flat objects, Apollo's answers and lists`() async throws {
    let json = """
      {"total_entries": 3, "people": [\(LeadImportWorld.person(1)),
       {"email": "flat@example.com", "company_name": "Acme", "departments": ["it"], "Job Title": "CFO",
        "company_employees": "12", "shoe_size": 44}, null, 7]}
      """
    let run = try await world.importText(json, .json)
    #expect(try await world.verdicts(run.id) == ["1 new", "2 new", "3 rejected", "4 rejected"])
    #expect(
      try await world.texts(
        """
        SELECT company_name || title || company_employees || departments[1] FROM lead_pool
        WHERE email = 'flat@example.com'
        """) == ["AcmeCFO12it"])
    #expect(try await world.texts("SELECT path FROM lead_unknown_fields") == ["shoe_size"])
  }

  @Test func `tells who must not be contacted, and who was forgotten`() async throws {
    try await world.execute(
      """
      INSERT INTO suppressions (kind, key, value, reason)
      SELECT 'email', contact_key('email', 'p1@example.com', salt), 'p1@example.com', 'opt_out'
      FROM contact_salt
      UNION ALL SELECT 'email', contact_key('email', 'p2@example.com', salt), NULL, 'erased' FROM contact_salt
      """)
    let text = (1...3).map { LeadImportWorld.person($0) }.joined(separator: "\n")
    let run = try await world.importText(text)
    #expect(try await world.verdicts(run.id) == ["1 suppressed", "2 rejected", "3 new"])
    #expect(try await world.leads == 2)
  }
}

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `A rehearsal of an import` {
  let world = LeadImportWorld()

  /// Everything that a file may hold, across chunks.
  static let text: String = {
    var lines = (1...2_200).map { LeadImportWorld.person($0) }
    lines[10] = LeadImportWorld.person(9_001, title: "Other")
    lines[1_100] = LeadImportWorld.person(5)
    lines[1_101] = "{\"email\":\"p6@example.com\",\"linkedin_url\":\"linkedin.com/in/six\"}"
    lines[1_102] = "rubbish"
    lines[1_103] = LeadImportWorld.person(9_001, title: "Other")
    lines[2_100] = "{\"linkedin_url\":\"linkedin.com/in/six\"}"
    // Two persons of this file, and one of the file with one of the pool.
    lines[2_101] = "{\"id\":\"apollo20\",\"email\":\"p21@example.com\"}"
    lines[2_102] = "{\"id\":\"apollo22\",\"email\":\"p9001@example.com\"}"
    lines[2_103] = LeadImportWorld.person(1_101)
    lines[2_104] = LeadImportWorld.person(1_102)
    return lines.joined(separator: "\n")
  }()

  @Test func `gives the verdicts of the import, and leaves the pool as it is`() async throws {
    try await world.importText(LeadImportWorld.person(9_001))
    let before = try await world.texts("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM lead_pool p")
    let rehearsal = try await world.importText(Self.text, rehearsal: true)
    #expect(rehearsal.isRehearsal && rehearsal.state == .done)
    #expect(try await world.leads == 1)
    #expect(
      try await world.texts("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM lead_pool p") == before)
    for table in ["lead_conflicts", "lead_unknown_fields", "lead_import_keys", "lead_changes"] {
      #expect(try await world.count("SELECT count(*) FROM \(identifier: table)") == 0, "\(table)")
    }
    let real = try await world.importText(Self.text)
    let expected = try await world.verdicts(real.id)
    let found = try await world.verdicts(rehearsal.id)
    #expect(found.count == expected.count)
    for (one, other) in zip(found, expected) { #expect(one == other) }
    #expect(expected[2_101] == "2102 conflict" && expected[2_102] == "2103 conflict")
    #expect(expected[2_100] == "2101 duplicate of 6")
  }

  @Test func `has nothing to undo`() async throws {
    let run = try await world.importText(Self.text, rehearsal: true)
    #expect(try await world.imports.undoWhole(run.id, actor: world.actor) == .rehearsal)
  }
}
