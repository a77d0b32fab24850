import JSON
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Commands` {
  static let nobody = "019aa082-8660-7e05-b7aa-1d5c83f94e60"

  @Test func `make and list clients`() async throws {
    #expect(try await done("clients", "list").contains("no clients yet"))
    let id = try await done("clients", "create", "Ada & Sons", "--time-zone", "Europe/London")
    let list = try await document("clients", "list")
    #expect(list.array?.count == 1)
    #expect(list[0]?["id"]?.string == id)
    #expect(list[0]?["company_name"]?.string == "Ada & Sons")
    #expect(list[0]?["time_zone"]?.string == "Europe/London")
    #expect(list[0]?["low_water_mark"]?.int == 1)
    let again = try await onDatabase("clients", "create", "Ada & Sons")
    #expect(again.status == .code(1))
    #expect(again.text.contains("of this name already"))
    #expect(try await value("SELECT count(*) FROM clients") == "1")
  }

  @Test func `say when a list is cut`() async throws {
    for name in ["A", "B", "C"] { try await done("clients", "create", name) }
    let cut = try await done("clients", "list", "--limit", "2")
    #expect(cut.contains("There are more"))
    #expect(!cut.contains(" C "))
    #expect(try await !done("clients", "list", "--limit", "3").contains("There are more"))
  }

  @Test func `make leads`() async throws {
    let lead = try await document(
      "leads", "create", "--email", "ada@Example.com", "--first-name", "Ada", "--last-name", "Lovelace")
    #expect(lead["primary_email"]?.string == "ada@example.com")
    #expect(lead["first_name"]?.string == "Ada")
    let id = try await done("leads", "create")
    #expect(try await value("SELECT count(*) FROM leads WHERE id = '\(id)'") == "1")
  }

  @Test func `find a lead that is known, and show what is known of it`() async throws {
    let id = try await done("leads", "create", "--email", "ada@example.com", "--field", "title=CTO")
    let again = try await done(
      "leads", "create", "--field", "email=ADA@example.com", "--field", "departments=sales; support",
      "--field", "company_employees=1,200")
    #expect(again == id)
    let shown = try await document("leads", "show", id)
    #expect(shown["fields"]?["departments"] == ["sales", "support"])
    #expect(shown["fields"]?["company_employees"] == 1_200)
    #expect(shown["provenance"]?["role"]?["source"] == "manual")
    #expect(try await done("leads", "show", id).contains("sales; support"))
    #expect(try await document("leads", "show", id, "--record") == [])
    for field in ["mood=good", "title", "company_employees=many", "email=nobody"] {
      #expect(try await onDatabase("leads", "create", "--field", field).status == .code(2), "\(field)")
    }
    #expect(try await onDatabase("leads", "show", Self.nobody).status == .code(1))
    #expect(try await onDatabase("leads", "show", "x").status == .code(2))
  }

  @Test func `settle who is one person, and take it back`() async throws {
    let kept = try await done("leads", "create", "--field", "apollo_id=a1")
    let gone = try await done("leads", "create", "--email", "ada@example.com")
    let both = try await onDatabase(
      "leads", "create", "--email", "ada@example.com", "--field", "apollo_id=a1")
    #expect(both.status == .code(1))
    let listed = try await document("leads", "conflicts")
    let conflict = try #require(listed[0]?["id"]?.string)
    #expect(try await onDatabase("leads", "conflicts", "--resolve", conflict).status == .code(2))
    #expect(try await done("leads", "conflicts", "--resolve", conflict, "--into", kept) == "merged")
    #expect(try await document("leads", "show", gone)["merged_into_id"]?.string == kept)
    #expect(try await done("leads", "conflicts").contains("no conflicts"))
    let merge = try #require(try await value("SELECT id FROM lead_merges"))
    #expect(try await done("leads", "unmerge", merge) == gone)
    #expect(try await onDatabase("leads", "unmerge", merge).status == .code(1))
    #expect(try await done("leads", "conflicts", "--resolve", conflict, "--separate") == "separate")
    #expect(try await onDatabase("leads", "merge", kept, kept).status == .code(1))
    let second = try await done("leads", "merge", gone, kept)
    #expect(try await value("SELECT id FROM lead_merges WHERE undone_at IS NULL") == second)
  }

  @Test func `make keys that are shown once, and revoke them`() async throws {
    let client = try await makePool("Ada", numbers: 0)
    let made = try await document("keys", "create", "--name", "n8n", "--role", "sender", "--client", "Ada")
    let key = try #require(made["key"]?.string)
    #expect(made["client_id"]?.string == client)
    #expect(try await value("SELECT count(*) FROM api_keys WHERE hash = sha256('\(key)')") == "1")
    let list = try await document("keys", "list")
    #expect(list[0]?["role"]?.string == "sender")
    #expect(list[0]?["revoked_at"] == .null)
    #expect(!list.text().contains(key))
    let id = try #require(made["id"]?.string)
    #expect(try await done("keys", "revoke", id) == "revoked \(id)")
    #expect(try await document("keys", "list")[0]?["revoked_at"]?.string != nil)
    let unknown = try await onDatabase("keys", "revoke", Self.nobody)
    #expect(unknown.status == .code(1))
    let stranger = try await onDatabase(
      "keys", "create", "--name", "x", "--role", "client", "--client", "Adda")
    #expect(stranger.status == .code(1))
    #expect(stranger.text.contains("did you mean 'Ada'?"))
    #expect(try await value("SELECT count(*) FROM api_keys") == "1")
  }

  @Test func `lease, list, release, and tell who held a number`() async throws {
    try await makePool("Ada", numbers: 2)
    let lead = try await done("leads", "create")
    let lease = try await document(
      "numbers", "lease", "--client", "Ada", "--lead", lead, "--customer-phone", "650-530-0051")
    #expect(lease["lead_id"]?.string == lead)
    #expect(lease["customer_phone"]?.string == "+16505300051")
    let number = try #require(lease["provider_number_id"]?.string)
    let again = try await document("numbers", "lease", "--client", "Ada", "--lead", lead)
    #expect(again["id"] == lease["id"])
    let assigned = try await document("numbers", "list", "--assignment-status", "assigned", "--client", "Ada")
    #expect(assigned.array?.count == 1)
    #expect(assigned[0]?["provider_number_id"]?.string == number)
    #expect(try await document("numbers", "list", "--area-code", "424").array?.count == 2)
    #expect(try await document("numbers", "list", "--area-code", "212").array?.isEmpty == true)

    let late = try await onDatabase("numbers", "release", number, "--term", "9")
    #expect(late.status == .code(1))
    #expect(late.text.contains("its term is now 1"))
    let released = try await document("numbers", "release", number, "--term", "1")
    #expect(released["end_reason"]?.string == "released")
    let twice = try await onDatabase("numbers", "release", try #require(lease["id"]?.string))
    #expect(twice.status == .code(1))
    #expect(twice.text.contains("ended already"))

    let holders = try await document("numbers", "holders", number)
    #expect(holders.array?.count == 1)
    #expect(holders[0]?["lead_id"]?.string == lead)
    let instant = try #require(lease["leased_at"]?.string)
    #expect(try await document("numbers", "holders", number, "--at", instant)[0]?["lead_id"]?.string == lead)
    #expect(try await done("numbers", "holders", number, "--at", "2020-01-01T00:00:00Z") == "nobody")
    #expect(try await done("check").contains("no violation"))
  }

  @Test func `import resources with a report, and tell the history of one`() async throws {
    let scratch = Scratch()
    let (file, report) = (scratch.path + "/seed.csv", scratch.path + "/report.csv")
    try """
    resource_type,resource_value,warmed
    mailbox,jo@nowhere.com,
    email_domain,Acme-Growth.com,true
    email_domain,acme-growth.com,true
    """.write(toFile: file, atomically: true, encoding: .utf8)
    let imported = try await onDatabase("resources", "import", file, "--report", report)
    #expect(imported.status == .code(1) && imported.text.contains("1 added, 1 known, 1 rejected"))
    #expect(
      try String(contentsOfFile: report, encoding: .utf8) == """
        row,verdict,detail
        2,rejected,"resource_value: its domain is not in the pool"
        3,added,""
        4,known,""

        """)
    let id = try #require(try await document("resources", "list")[0]?["id"]?.string)
    let history = try await document("resources", "history", id)
    #expect(history.array?.count == 1 && history[0]?["kind"]?.string == "added")
    #expect(history[0]?["actor"]?.string == "command-line")
    #expect(try await onDatabase("resources", "history", Self.nobody).status == .code(1))
    #expect(try await onDatabase("resources", "history", "x").status == .code(2))
  }

  @Test func `refuse a lease and say why`() async throws {
    try await makePool("Ada", numbers: 1)
    try await makePool("Dry", numbers: 0)
    let lead = try await done("leads", "create")
    let stranger = try await onDatabase("numbers", "lease", "--client", "ada", "--lead", lead)
    #expect(stranger.status == .code(1) && stranger.text.contains("did you mean 'Ada'?"))
    let nobody = try await onDatabase("numbers", "lease", "--client", "Ada", "--lead", Self.nobody)
    #expect(nobody.status == .code(1) && nobody.text.contains("no such lead"))
    let dry = try await onDatabase("numbers", "lease", "--client", "Dry", "--lead", lead)
    #expect(dry.status == .code(1) && dry.text.contains("has no numbers"))
    try await done("numbers", "lease", "--client", "Ada", "--lead", lead)
    let other = try await done("leads", "create")
    let full = try await onDatabase("numbers", "lease", "--client", "Ada", "--lead", other)
    #expect(full.status == .code(1) && full.text.contains("the next one comes free at"))
    #expect(try await onDatabase("numbers", "holders", "none").status == .code(1))
    #expect(try await onDatabase("numbers", "release", "none").status == .code(1))
  }

  @Test func `make, list, show and restrict campaigns`() async throws {
    try await makePool("Ada", numbers: 2)
    #expect(try await done("campaigns", "list", "Ada").contains("no campaigns yet"))
    let id = try await done("campaigns", "create", "Ada", "Spring")
    let twice = try await onDatabase("campaigns", "create", "Ada", "Spring")
    #expect(twice.status == .code(1) && twice.text.contains("of this name already"))
    #expect(try await document("campaigns", "list", "Ada")[0]?["id"]?.string == id)
    let rows = try await document("campaigns", "show", id)
    #expect(rows.array?.compactMap { $0["daily_limit"]?.int }.sorted() == [50, 50, 100, 100])
    let resource = try #require(rows[0]?["resource_pool_id"]?.string)
    #expect(try await done("campaigns", "restrict", id, "--resources", resource) == "restricted")
    #expect(try await document("campaigns", "show", id).array?.count == 2)
    let alien = try await onDatabase("campaigns", "restrict", id, "--resources", Self.nobody)
    #expect(alien.status == .code(1) && alien.text.contains(Self.nobody))
    for words in [["--all", "--resources", resource], ["--resources", "x"], []] {
      let wrong = try await reservoir(
        ["campaigns", "restrict", id] + words + ["--database-url", TestDatabase.conninfo])
      #expect(wrong.status == .code(2), "\(words)")
    }
    try await done("campaigns", "restrict", id, "--all")
    #expect(try await document("campaigns", "show", id).array?.count == 4)
    #expect(try await onDatabase("campaigns", "show", Self.nobody).status == .code(1))
    #expect(try await done("check").contains("no violation"))
  }

  @Test func `run jobs and list them`() async throws {
    let names = try await document("jobs", "list").array?.compactMap { $0["name"]?.string } ?? []
    let root = #filePath.components(separatedBy: "Tests/ReservoirTests/")[0]
    let manual = try String(contentsOfFile: root + "docs/operating.md", encoding: .utf8)
    let chapter = try #require(manual.components(separatedBy: "## ").first { $0.hasPrefix("Jobs") })
    let documented = chapter.matches(of: /\n\| `([a-z-]+)` \|/).map { String($0.1) }
    #expect(names.count == 17 && Set(names) == Set(documented), "docs/operating.md lists every job")
    #expect(try await document("jobs", "run", "sweep")["processed"]?.int == 0)
    let sweep = try await document("jobs", "list").array?.first { $0["name"]?.string == "sweep" }
    #expect(sweep?["last_result"]?.string == "succeeded")
    let unknown = try await onDatabase("jobs", "run", "sweeep")
    #expect(unknown.status == .code(1))
    #expect(unknown.text.contains("sweep"))
  }

  @Test func `find what must never be`() async throws {
    try await makePool("Ada", numbers: 1)
    let lead = try await done("leads", "create")
    try await done("numbers", "lease", "--client", "Ada", "--lead", lead)
    let clean = try await document("check")
    #expect(clean["is_clean"]?.bool == true)
    #expect(clean["checks"]?.array?.isEmpty == false)
    // Behind the triggers' back, the lease is made to have begun without a trace.
    try await Admin.execute(
      "SET session_replication_role = replica; DELETE FROM phone_number_ledger", on: TestDatabase.conninfo)
    let run = try await onDatabase("check", "--json")
    #expect(run.status == .code(1))
    #expect(try run.json["is_clean"]?.bool == false)
    #expect(run.text.contains("pn-0"))
    let text = try await onDatabase("check")
    #expect(text.status == .code(1))
    #expect(text.text.contains("found violations"))
  }
}
