import Foundation
import JSON
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Suppression commands` {
  let url = TestDatabase.conninfo

  @Test func `suppress, check, list, lift`() async throws {
    let made = try await document("suppressions", "add", "Dana@example.com", "--reason", "opt_out")
    let id = try #require(made[0]?["id"]?.string)
    #expect(made[0]?["value"] == "dana@example.com")
    let hit = try await onDatabase("suppressions", "check", "dana@example.com", "x@example.com")
    #expect(hit.status == .code(1) && hit.text.contains("opt_out of its email"))
    #expect(try await onDatabase("suppressions", "check", "x@example.com").status == .code(0))
    #expect(try await document("suppressions", "list", "--reason", "opt_out").array?.count == 1)
    try await done("suppressions", "lift", id, "--because", "a mistake")
    #expect(try await document("suppressions", "list") == [])
    #expect(try await document("suppressions", "list", "--state", "lifted").array?.count == 1)
    let gone = try await onDatabase("suppressions", "lift", Commands.nobody)
    #expect(gone.status == .code(1) && gone.text.contains("there is no such suppression"))
    let wrong = try await onDatabase("suppressions", "add", "nonsense")
    #expect(wrong.status == .code(2) && !wrong.text.contains("nonsense"))
    #expect(try await onDatabase("suppressions", "add", "a@b.example", "--reason", "x").status == .code(2))
  }

  @Test func `lists of any size are read part by part, and written`() async throws {
    var csv = "email,reason\n"
    for index in 0..<12_000 { csv += "p\(index)@example.com,opt_out\n" }
    let scratch = Scratch()
    let file = scratch.path + "/list.csv"
    try (csv + "nonsense,\n").write(toFile: file, atomically: true, encoding: .utf8)
    let report = file + ".report"
    let run = try await onDatabase("suppressions", "import", file, "--report", report, "--json")
    #expect(run.status == .code(1) && run.text.contains("12002") && !run.text.contains("nonsense"))
    #expect(try await value("SELECT count(*) FROM suppressions") == "12000")
    #expect(try await value("SELECT count(*) FROM suppression_ledger") == "12000")
    let exported = try await onDatabase("suppressions", "export")
    #expect(exported.lines.count == 12_001)
    let piped = try await reservoir(
      ["suppressions", "import", "-", "--reason", "opt_out", "--json", "--database-url", url],
      input: "p1@example.com\nnew.example\n"
    )
    #expect(try piped.json["added"] == 1, "\(piped)")
  }

  @Test func `events, export and forgetting`() async throws {
    let lead = try #require(
      try await value("INSERT INTO lead_pool (email) VALUES ('dana@example.com') RETURNING id"))
    let event = ["leads", "event", "unsubscribed", "dana@example.com", "--event-id", "e1"]
    let url = ["--database-url", url]
    let told = try await reservoir(event + ["--at", "2026-01-01T00:00:00Z"] + url)
    #expect(told.text.contains("applied: lead_unsubscribed, suppressed"))
    let again = try await reservoir(event + ["--at", "2026-01-01T00:00:00Z"] + url)
    #expect(again.status == .code(0) && again.text.contains("repeated: lead_unsubscribed, suppressed"))
    let other = try await reservoir(event + url)
    #expect(other.status == .code(1) && other.text.contains("another event was told"))
    let why = try await onDatabase("leads", "suppressions", lead)
    #expect(why.status == .code(1) && why.text.contains("opt_out of its email"))
    #expect(try await onDatabase("leads", "event", "replied", lead).status == .code(2))
    #expect(try await onDatabase("leads", "event", "waved", lead).status == .code(2))
    let person = try await document("leads", "export-person", lead)
    #expect(person["leads"]?[0]?["fields"]?["email"] == "dana@example.com")
    let timid = try await onDatabase("leads", "erase", lead)
    #expect(timid.status == .code(2) && timid.text.contains("--yes"))
    #expect(
      try await onDatabase("leads", "erase", lead, "--email", "a@b.example", "--yes").status == .code(2))
    let erased = try await done("leads", "erase", lead, "--yes")
    #expect(erased.contains("1 lead forgotten; 1 new key kept"))
    let nobody = try await done("leads", "erase", "--email", "nobody@example.com", "--yes")
    #expect(nobody.contains("nobody in the pool forgotten; 1 new key kept"))
    #expect(try await onDatabase("leads", "erase", Commands.nobody, "--yes").status == .code(1))
    try await done("check")
  }
}
