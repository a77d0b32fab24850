import Foundation
import JSON
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Commands of leads and templates` {
  static let nobody = "019aa082-8660-7e05-b7aa-1d5c83f94e60"
  static let ada = "019aa777-0000-7000-8000-000000000001"

  /// Two leads, the first of them the client's; gives the client's id.
  func prepared() async throws -> String {
    let client = try await done("clients", "create", "Acme")
    _ = try await value(
      """
      WITH new AS (
        INSERT INTO lead_pool (id, first_name, title, seniority, company_employees)
        VALUES ('\(Self.ada)', 'Ada', 'VP of Sales', 'vp', 5),
          ('019aa777-0000-7000-8000-000000000002', 'Bob', 'Manager', 'manager', 50)
        RETURNING id)
      INSERT INTO lead_assignments (lead_id, client_id) SELECT '\(Self.ada)', '\(client)' FROM new LIMIT 1
      """)
    return client
  }

  @Test func `list, search and count leads`() async throws {
    _ = try await prepared()
    #expect(try await document("leads", "list").array?.count == 2)
    #expect(try await document("leads", "list", "--email", "ada@example.com").array?.count == 0)
    let vps = try await document(
      "leads", "search", "--where", "seniority=VP", "--where", "company_employees<=9", "--fields",
      "company_employees")
    #expect(vps.array?.count == 1 && vps[0]?["id"]?.string == Self.ada)
    #expect(vps[0]?["fields"]?["company_employees"] == 5)
    #expect(try await document("leads", "search", "--text", "vp sal", "--client", "Acme").array?.count == 1)
    #expect(try await document("leads", "search", "--free").array?.count == 1)
    #expect(try await done("leads", "search", "--assigned", "--count") == "1")
    let table = try await done("leads", "search", "--oldest", "--fields", "company_employees")
    #expect(table.contains("VP of Sales") && table.contains("COMPANY_EMPLOYEES") && table.contains("50"))
    #expect(try await done("leads", "search", "--text", "nobody").contains("no lead fits"))
    #expect(try await done("leads", "search", "--limit", "1").contains("--limit N shows them"))
  }

  @Test(arguments: [
    ["--where", "senority=vp"], ["--where", "seniority>5"], ["--text", "…"], ["--include", "gone"],
    ["--fields", "nothing"],
  ])
  func `say what is wrong with a search`(words: [String]) async throws {
    let wrong = try await reservoir(["leads", "search"] + words + ["--database-url", TestDatabase.conninfo])
    #expect(wrong.status == .code(2) && wrong.text.contains(words[0]))
  }

  @Test func `make, change, render and check templates`() async throws {
    _ = try await prepared()
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: scratch) }
    func file(_ text: String) throws -> String {
      try text.write(to: scratch, atomically: true, encoding: .utf8)
      return scratch.path
    }
    let id = try await done(
      "templates", "create", "Intro", "--channel", "sms", "--variables", "sender.name", "--body",
      try file("Hi {{first_name}}, {{sender.name}}"))
    #expect(try await document("templates", "list")[0]?["name"] == "Intro")
    #expect(
      try await done("templates", "render", id, Self.ada, "--value", "sender.name=Grace") == "Hi Ada, Grace")
    let empty = try await onDatabase("templates", "render", id, Self.ada)
    #expect(empty.status == .code(1) && empty.text.contains("body, line 1, column 20: sender.name"))
    #expect(
      try await done("templates", "update", id, "--body", try file("Hi {{last_name}} {{city | \"\"}}"))
        == "version 2")
    #expect(try await done("templates", "show", id, "--version", "1") == "Hi {{first_name}}, {{sender.name}}")
    let lint = try await onDatabase("templates", "lint", id, "--where", "seniority=vp")
    #expect(lint.status == .code(1) && lint.text.contains("cannot be rendered for 1"))
    let wrong = try await onDatabase(
      "templates", "create", "Bad", "--channel", "sms", "--body", try file("{{frist_name}}"))
    #expect(wrong.status == .code(1) && wrong.text.contains("did you mean first_name?"))
    #expect(try await onDatabase("templates", "show", Self.nobody).status == .code(1))
    #expect(try await onDatabase("templates", "show", "x").status == .code(2))
  }

  @Test func `show the pool in figures`() async throws {
    let client = try await prepared()
    let figures = try await document("leads", "analytics", "--days", "7")
    #expect(figures["pool"]?["leads"] == 2 && figures["collisions"] == 0)
    #expect(figures["clients"]?[0]?["client_id"]?.string == client)
    let text = try await done("leads", "analytics", "--client", "Acme")
    #expect(text.contains("with two clients"))
    #expect(try await onDatabase("leads", "analytics", "--days", "0").status == .code(2))
  }
}
