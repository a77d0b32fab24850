import TestSupport
import Testing

@Suite(.requiresPostgres, .database()) struct `Migrating` {
  @Test func `tells what is pending, applies it once, and then has nothing to do`() async throws {
    let pending = try await document("migrate", "--dry-run")["pending"]?.array?.count ?? 0
    #expect(pending >= 3)
    #expect(try await value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
    #expect(try await document("migrate", "status")["is_current"]?.bool == false)
    #expect(try await document("migrate")["applied"]?.array?.count == pending)
    let status = try await document("migrate", "status")
    #expect(status["is_current"]?.bool == true)
    #expect(status["migrations"]?.array?.count == pending)
    #expect(status["migrations"]?[0]?["applied_at"]?.string != nil)
    #expect(try await done("migrate").contains("up to date"))
  }

  @Test func `is asked for where the schema is missing`() async throws {
    let run = try await onDatabase("clients", "list")
    #expect(run.status == .code(1))
    #expect(run.text.contains("run 'reservoir migrate' first"))
  }

  @Test func `refuses an edited history and a newer one`() async throws {
    try await done("migrate")
    try await Admin.execute(
      "UPDATE reservoir_migrations SET checksum = 'x' WHERE number = 1", on: TestDatabase.conninfo)
    let edited = try await onDatabase("migrate")
    #expect(edited.status == .code(1))
    #expect(edited.text.contains("Applied migrations never change"))
    try await Admin.execute(
      "DELETE FROM reservoir_migrations; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
      on: TestDatabase.conninfo)
    try await done("migrate")
    try await Admin.execute(
      """
      INSERT INTO reservoir_migrations (number, name, checksum)
      SELECT max(number) + 1, 'later', 'x' FROM reservoir_migrations
      """,
      on: TestDatabase.conninfo)
    let newer = try await onDatabase("migrate", "status")
    #expect(newer.status == .code(1))
    #expect(newer.text.contains("newer version"))
  }

  @Test func `needs no more than a database of one's own, nor does its use`() async throws {
    let role = "plain_\(UInt32.random(in: 0...UInt32.max))"
    try await Admin.execute(
      """
      CREATE ROLE \(role) LOGIN;
      GRANT CREATE, USAGE ON SCHEMA public TO \(role);
      DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO \(role)', current_database()); END $$;
      """, on: TestDatabase.conninfo)
    var options = try Admin.options(TestDatabase.conninfo)
    options["user"] = role
    let own = options.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    func run(_ words: String..., input: String = "") async throws -> CommandRun {
      try await reservoir(words + ["--database-url", own], input: input)
    }
    let migrated = try await run("migrate")
    #expect(migrated.status == .code(0), "\(migrated.text)")
    let pool = "vapi_phone_number_id,number,name,assigned_broker_company\npn-1,+14244851544,One,Ada\n"
    let imported = try await run("numbers", "import", "-", "--create-clients", input: pool)
    #expect(imported.status == .code(0), "\(imported.text)")
    let confirmed = try await run("clients", "confirm", "Ada", "--tier", "ignition")
    #expect(confirmed.status == .code(0), "\(confirmed.text)")
    let checked = try await run("check")
    #expect(checked.status == .code(0), "\(checked.text)")
    #expect(try await value("SELECT sum(current_clients) FROM resource_pool") == "1")
    try await Admin.execute(
      "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)", on: TestDatabase.conninfo)
  }

  @Test func `of a database that is not there is a plain error`() async throws {
    let run = try await reservoir(["migrate", "--database-url", "host=/nowhere dbname=x password=hidden"])
    #expect(run.status == .code(1))
    #expect(run.text.contains("cannot connect to the database"))
    #expect(!run.text.contains("hidden"))
  }
}
