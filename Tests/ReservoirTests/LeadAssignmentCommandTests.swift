import JSON
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Commands of lead assignment` {
  /// A client that pays for ignition, and leads.
  private func prepare(leads: Int) async throws {
    try await done("clients", "create", "Acme")
    try await done("clients", "confirm", "Acme", "--tier", "ignition")
    try await Admin.execute(
      """
      INSERT INTO lead_pool (email, title, company_employees)
      SELECT i || '@example.com', 'CEO', 20 FROM generate_series(1, \(leads)) AS i
      """, on: TestDatabase.conninfo)
  }

  private func lead(_ offset: Int) async throws -> String {
    try #require(
      try await value("SELECT id FROM lead_pool ORDER BY email COLLATE \"C\" OFFSET \(offset) LIMIT 1"))
  }

  @Test func `say what a client wants, and show it`() async throws {
    try await prepare(leads: 0)
    let text = try await done(
      "profile", "set", "Acme", "--industries", "SaaS,Computer Software", "--titles", "head of sales",
      "--employees", "10-200", "--weight", "authority=1.5", "--weight", "risk=0", "--claims-companies", "yes",
      "--competitor-domains", "rival.example")
    #expect(text.contains("industries: SaaS, Computer Software") && text.contains("employees: 10-200"))
    try await done("profile", "set", "Acme", "--industries", "", "--employees", "any", "--daily-pace", "12")
    let shown = try await document("profile", "show", "Acme")
    #expect(shown["industries"] == [] && shown["titles"] == ["head of sales"] && shown["version"] == 2)
    #expect(shown["employees_min"] == .null && shown["daily_pace"] == 12)
    #expect(shown["weights"]?["authority"]?.double == 1.5 && shown["claims_companies"] == true)
    for words in [
      ["--employees", "9-5"], ["--weight", "luck=1"], ["--weight", "risk"], ["--titles", "!"],
      ["--claims-companies", "perhaps"], ["--competitor-domains", "x y"], [],
    ] {
      let run = try await reservoir(
        ["profile", "set", "Acme"] + words + ["--database-url", TestDatabase.conninfo])
      #expect(run.status == .code(2), "\(run)")
    }
  }

  @Test func `give leads by hand, release and convert them`() async throws {
    try await prepare(leads: 2)
    let (first, second) = (try await lead(0), try await lead(1))
    #expect(
      try await done("leads", "assign", "--client", "Acme", first, second).contains("\(first) assigned"))
    let again = try await onDatabase("leads", "assign", "--client", "Acme", first)
    #expect(again.status == .code(1) && again.text.contains("already_own"))
    #expect(try await done("leads", "release", first, "--reason", "no budget") == "released")
    #expect(try await document("leads", "convert", second)["status"] == "converted")
    let stays = try await onDatabase("leads", "release", second, "--reason", "x")
    #expect(stays.status == .code(1) && stays.text.contains("it stays with its client"))
    #expect(try await document("leads", "assignments", "--client", "Acme").array?.count == 2)
    let history = try await document("leads", "assignments", first).array
    #expect(history?.first?["release_reason"] == "no budget")
    #expect(try await done("leads", "quota", "Acme").contains("1248 of 1250 left this month"))
    #expect(try await done("leads", "score", first, "--client", "Acme").contains("owner, founder or CEO"))
    #expect(try await done("check").contains("no violation"))
  }

  @Test func `give as many as were asked for, in one command or by a plan`() async throws {
    try await prepare(leads: 40)
    try await done("profile", "set", "Acme", "--titles", "ceo")
    let shown = try await onDatabase(
      "leads", "assign", "--client", "Acme", "--count", "5", "--seed", "7", "--plan")
    #expect(shown.status == .code(0) && shown.text.contains("5 of 5 wanted"))
    let again = try await onDatabase(
      "leads", "assign", "--client", "Acme", "--count", "5", "--seed", "7", "--plan")
    #expect(shown.lines.suffix(5) == again.lines.suffix(5), "the same seed, the same plan")
    let plan = try #require(shown.lines.first { $0.hasPrefix("plan ") }?.dropFirst(5).prefix(36))
    #expect(try await value("SELECT count(*) FROM lead_assignments") == "0")
    #expect(try await done("leads", "assign", "--apply", String(plan)).contains("5 leads assigned"))
    #expect(try await done("leads", "assign", "--apply", String(plan)).contains("5 leads assigned"))
    #expect(try await value("SELECT count(*) FROM lead_assignments") == "5")
    let more = try await onDatabase("leads", "assign", "--client", "Acme", "--count", "50")
    #expect(more.status == .code(0) && more.text.contains("35 leads assigned, 15 short"))
    try await done("profile", "set", "Acme", "--countries", "Chile")
    #expect(try await document("leads", "rescore", "--client", "Acme")["scored"] == 40)
    #expect(try await done("check").contains("no violation"))
  }

  @Test(arguments: [
    ["assign"], ["assign", "--client", "Acme"],
    ["assign", "--client", "Acme", "--all-clients", "--count", "1"],
    ["assign", "--client", "Acme", "--count", "0"], ["assign", "--client", "Acme", "7"],
    ["assign", "--apply", "7"], ["assignments"], ["release", "7", "--reason", "x"],
    ["assign", "--all-clients", "--campaign", Commands.nobody],
    ["assign", "--client", "Acme", "--count", "1", "--over-quota"],
  ])
  func `refuse what they do not understand`(words: [String]) async throws {
    let run = try await reservoir(["leads"] + words + ["--database-url", TestDatabase.conninfo])
    #expect(run.status == .code(2), "\(run)")
  }
}
