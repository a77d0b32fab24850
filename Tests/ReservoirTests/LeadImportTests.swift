import Domain
import Foundation
import JSON
import TestSupport
import Testing

@testable import reservoir

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Imports of leads` {
  let scratch = Scratch()

  func file(_ name: String, _ text: String) throws -> String {
    let path = scratch.path + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  static func lines(_ numbers: ClosedRange<Int>, padding: Int = 0) -> String {
    let pad = String(repeating: "x", count: padding)
    return numbers.map {
      #"{"id":"apollo\#($0)","first_name":"P\#($0)","email":"p\#($0)@example.com","note":"\#(pad)"}"# + "\n"
    }.joined()
  }

  @Test func `give verdicts, a report, and are listed, shown and undone`() async throws {
    let path = try file("people.jsonl", Self.lines(1...3) + "nobody\n" + Self.lines(2...2))
    let report = scratch.path + "/report.csv"
    let run = try await onDatabase("leads", "import", path, "--report", report)
    #expect(run.status == .code(1), "\(run)")
    #expect(run.text.contains("3 new, 1 duplicate, 1 rejected"), "\(run)")
    #expect(run.text.contains("row 4: record: line 4: expected an object"), "\(run)")
    let written = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
    #expect(written.count == 6 && written[0].hasPrefix("row,verdict,lead_id"))
    #expect(written[5].hasPrefix("5,duplicate,") && written[5].contains(",2,"))
    #expect(!written.joined().contains("example.com"))
    let list = try await document("leads", "import", "list")
    #expect(list.array?.count == 1 && list[0]?["verdicts"]?["new"]?.int == 3)
    let id = try #require(list[0]?["id"]?.string)
    #expect(try await done("leads", "import", "show", id).contains("done: 3 new"))
    let rejected = try await done("leads", "import", "report", id, "--verdict", "rejected")
    #expect(rejected.split(separator: "\n").count == 2)
    let undone = try await document("leads", "import", "undo", id)
    #expect(undone["undone"]?["deleted"]?.int == 3 && undone["import"]?["state"]?.string == "undone")
    #expect(try await value("SELECT count(*) FROM lead_pool") == "0")
    #expect(try await done("leads", "import", "undo", id).contains("3 deleted"))
  }

  @Test func `of CSV tell which columns are read, and can be told`() async throws {
    let path = try file("list.csv", "Name,Mail it to,Shoe size\nAda,ada@example.com,38\n")
    let blind = try await onDatabase("leads", "import", path, "--dry-run")
    #expect(blind.status == .code(1) && blind.text.contains("1 rejected"), "\(blind)")
    let run = try await onDatabase("leads", "import", path, "--map", "Mail it to=email", "--dry-run")
    #expect(run.status == .code(0), "\(run)")
    #expect(run.text.contains("Columns read: Name as full_name, Mail it to as email"))
    #expect(run.text.contains("Kept in the record only: Shoe size"))
    #expect(run.text.contains("nothing was changed; an import would give 1 new"))
    #expect(try await value("SELECT count(*) FROM lead_pool") == "0")
    let piped = try await reservoir(
      [
        "leads", "import", "-", "--format", "csv", "--map", "Mail it to=email", "--map", "Shoe size=",
        "--database-url", TestDatabase.conninfo,
      ], input: "Name,Mail it to,Shoe size\nAda,ada@example.com,38\n")
    #expect(piped.status == .code(0) && piped.text.contains("1 new"), "\(piped)")
    #expect(try await value("SELECT record::text FROM lead_records")?.contains("38") == false)
  }

  @Test(arguments: [
    ("a.csv", "Email,E-mail\n", 1, "'Email' and 'E-mail' both mean email"), ("a.csv", "", 1, "it is empty"),
    ("a.csv", "Stage,List\n", 1, "no column means anything"), ("a.jsonl", "a,b\n", 1, "is no JSON object"),
    ("a.json", "7", 1, "it is no JSON"),
  ])
  func `of a broken file say what is wrong`(
    name: String, text: String, code: Int32, message: String
  ) async throws {
    let run = try await onDatabase("leads", "import", try file(name, text))
    #expect(run.status == .code(code) && run.text.contains(message), "\(run)")
    #expect(try await value("SELECT count(*) FROM lead_pool") == "0")
  }

  @Test(arguments: [
    (["leads", "import", "-"], "--format is needed"), (["leads", "import", "x", "--map", "a"], "--map"),
    (["leads", "import", "x", "--as-of", "noon"], "--as-of"),
    (["leads", "import", "x", "--region", "USA"], "--region"), (["leads", "import", "undo", "7"], "a UUID"),
    (["leads", "import", "list", "--kind", "x"], "--kind"), (["leads", "import"], "<file> is missing"),
  ])
  func `of a wrong command line say so`(arguments: [String], message: String) async throws {
    let run = try await reservoir(arguments + ["--database-url", TestDatabase.conninfo])
    #expect(run.status == .code(2) && run.text.contains(message), "\(run)")
  }

  @Test func `killed in the middle go on exactly where they were`() async throws {
    let path = try file("people.jsonl", Self.lines(1...3_500) + Self.lines(1...10))
    // The third chunk waits for ever, until its process is killed.
    try await Admin.execute(
      """
      CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        RETURN NEW;
      END $$;
      CREATE TRIGGER wait_here BEFORE INSERT ON lead_import_rows FOR EACH ROW WHEN (NEW.row_number = 2500)
      EXECUTE FUNCTION wait_here()
      """, on: TestDatabase.conninfo)
    let held = try HeldSession(
      TestDatabase.conninfo, "BEGIN; DO 'BEGIN PERFORM pg_advisory_xact_lock(4711); END'")
    let process = try ServerProcess(["leads", "import", path, "--database-url", TestDatabase.conninfo])
    let waiters = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
    while try await value("SELECT count(*) \(waiters)") == "0" { await Task.yield() }
    process.signal(SIGKILL)
    _ = try await process.ended()
    // What the killed process left waiting ends with its connection.
    try await Admin.execute("SELECT pg_terminate_backend(pid, 5000) \(waiters)", on: TestDatabase.conninfo)
    try held.end()
    #expect(try await value("SELECT place_row || state FROM lead_imports") == "2000running")
    #expect(try await value("SELECT count(*) FROM lead_pool") == "2000")
    let other = try await onDatabase("leads", "import", path, "--region", "GB")
    #expect(other.status == .code(1) && other.text.contains("begun with other options"), "\(other)")
    let run = try await onDatabase("leads", "import", path)
    #expect(run.status == .code(0), "\(run)")
    #expect(run.text.contains("Going on with import") && run.text.contains("after row 2,000"))
    #expect(run.text.contains("3,500 new, 10 duplicate"), "\(run)")
    #expect(try await value("SELECT count(*) FROM lead_pool") == "3500")
    #expect(
      try await value("SELECT count(*) || ' ' || max(row_number) FROM lead_import_rows") == "3510 3510")
  }

  /// The most memory that the program ever had, in KiB.
  func peak(importing path: String) async throws -> Int {
    let conninfo = TestDatabase.conninfo
    let command = """
      '\(ServerProcess.executable)' leads import '\(path)' --dry-run --database-url "\(conninfo)" &
      pid=$!
      peak=0
      while kill -0 $pid 2>/dev/null; do
        now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status 2>/dev/null)
        [ -z "$now" ] || peak=$now
      done
      wait $pid && echo "peak $peak"
      """
    let process = try ServerProcess(["-c", command], executable: "/bin/sh")
    _ = try await process.ended()
    try await process.outputEnded()
    let line = try #require(process.lines.first { $0.hasPrefix("peak ") }, "\(process.lines)")
    return try #require(Int(line.dropFirst(5)))
  }

  @Test func `need no more memory for ten times as much`() async throws {
    // Chunks are as large in both files.
    let small = try file("small.jsonl", Self.lines(1...3_000, padding: 4_000))
    let large = try file("large.jsonl", Self.lines(1...30_000, padding: 4_000))
    let few = try await peak(importing: small)
    let many = try await peak(importing: large)
    #expect(many < few + 24 << 10, "\(few) KiB for 12 MB, \(many) KiB for 120 MB")
  }
}
