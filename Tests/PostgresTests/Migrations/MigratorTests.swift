import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database())
struct MigratorTests {
  static let towns = Migration(
    number: 1, name: "towns", sql: "CREATE TABLE town (name text);\nINSERT INTO town VALUES ('Ulm');")
  static let rivers = Migration(
    number: 2, name: "rivers", sql: "CREATE TABLE river (name text); ALTER TABLE town ADD river text;")
  static let lakes = Migration(number: 3, name: "lakes", sql: "CREATE TABLE lake (name text)")

  private func with<R>(_ body: (Database) async throws -> R) async throws -> R {
    let database = Database(DatabaseConfiguration(conninfo: TestDatabase.conninfo))
    let result: Result<R, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.shutdown()
    return try result.get()
  }

  private func migrator(_ migrations: Migration...) -> Migrator { Migrator(migrations, table: "history") }

  /// The `MigrationError` of `apply`, and of `status`, which must say the same.
  private func refusal(_ migrator: Migrator, _ database: Database) async throws -> MigrationError? {
    let error = await #expect(throws: MigrationError.self) { try await migrator.apply(to: database) }
    let early = await #expect(throws: MigrationError.self) { _ = try await migrator.status(of: database) }
    #expect(error == early)
    return error
  }

  @Test func `pending ones are applied in order, each once`() async throws {
    try await with { database in
      let first = migrator(Self.towns, Self.rivers)
      #expect(try await first.status(of: database).pending == [Self.towns, Self.rivers])
      #expect(try await Admin.value("SELECT to_regclass('history')", on: TestDatabase.conninfo) == nil)
      var applied: [Int] = []
      try await first.apply(to: database) { applied.append($0.number) }
      #expect(applied == [1, 2])
      try await first.apply(to: database) { applied.append($0.number) }
      #expect(applied == [1, 2])

      let second = migrator(Self.towns, Self.rivers, Self.lakes)
      #expect(try await second.status(of: database).pending == [Self.lakes])
      try await second.apply(to: database)
      let status = try await second.status(of: database)
      #expect(status.isCurrent)
      #expect(status.applied.map(\.name) == ["towns", "rivers", "lakes"])
      // printf 'CREATE TABLE lake (name text)' | sha256sum
      #expect(
        status.applied[2].checksum == "b8382f5c58c090dc2a8682e1389952355a46b66b47594fe1fa1f53851c3f8141")
    }
  }

  @Test func `an edited old one is refused by name`() async throws {
    try await with { database in
      try await migrator(Self.towns, Self.rivers).apply(to: database)
      let edited = Migration(number: 1, name: "towns", sql: Self.towns.sql + " ")
      let error = try await refusal(migrator(edited, Self.rivers, Self.lakes), database)
      #expect(error?.reason == .edited)
      #expect(error?.description.hasPrefix("migration 1 (towns) differs") == true)
      #expect(try await Admin.value("SELECT to_regclass('lake')", on: TestDatabase.conninfo) == nil)
    }
  }

  @Test func `one with a text from before its release is as good, and only that one`() async throws {
    try await with { database in
      let old = Migration(number: 1, name: "towns", sql: Self.towns.sql + " ")
      try await migrator(old).apply(to: database)
      let checksum = try #require(
        await Admin.value("SELECT checksum FROM history", on: TestDatabase.conninfo))
      let new = Migration(number: 1, name: "towns", sql: Self.towns.sql, formerChecksums: [checksum])
      try await migrator(new, Self.rivers).apply(to: database)
      #expect(try await Admin.value("SELECT count(*) FROM history", on: TestDatabase.conninfo) == "2")
      let other = Migration(number: 1, name: "towns", sql: Self.towns.sql, formerChecksums: ["x"])
      #expect(try await refusal(migrator(other, Self.rivers), database)?.reason == .edited)
    }
  }

  @Test func `a database newer than the program is refused`() async throws {
    try await with { database in
      try await migrator(Self.towns, Self.rivers, Self.lakes).apply(to: database)
      let error = try await refusal(migrator(Self.towns, Self.rivers), database)
      #expect(error?.reason == .newer)
      #expect(error?.description.hasPrefix("this database is at migration 3 (lakes)") == true)
    }
  }

  @Test func `a gap in the history is refused`() async throws {
    try await with { database in
      try await migrator(Self.towns, Self.rivers).apply(to: database)
      try await Admin.execute("DELETE FROM history WHERE number = 1", on: TestDatabase.conninfo)
      let error = try await refusal(migrator(Self.towns, Self.rivers), database)
      #expect(error?.reason == .gap)
      #expect(error?.number == 1)
    }
  }

  @Test func `one that fails leaves nothing, names itself and its line`() async throws {
    let bad = Migration(
      number: 2, name: "bad", sql: "CREATE TABLE half (n int);\n\nSELECT nothing FROM town;\nSELECT 1;")
    try await with { database in
      let error = await #expect(throws: MigrationError.self) {
        try await migrator(Self.towns, bad).apply(to: database)
      }
      #expect(error?.reason == .failed)
      #expect(error?.description.hasPrefix("migration 2 (bad) failed at line 3: ") == true)
      #expect(error?.description.contains("42703") == true)
      #expect(try await Admin.value("SELECT to_regclass('half')", on: TestDatabase.conninfo) == nil)
      #expect(try await Admin.value("SELECT count(*) FROM history", on: TestDatabase.conninfo) == "1")
      // Mended, it goes on from there.
      try await migrator(Self.towns, Self.rivers).apply(to: database)
    }
  }

  @Test(arguments: [false, true])
  func `of eight at once each is applied by one`(throughPooler: Bool) async throws {
    let steps = (1...12).map { number in
      Migration(
        number: number, name: "step \(number)",
        sql:
          "CREATE TABLE step\(number) (n int); SELECT pg_sleep(0.005); INSERT INTO step\(number) VALUES (1)")
    }
    let migrator = Migrator(steps, table: "history")
    let bouncer = throughPooler ? try await PgBouncer(cluster: TestDatabase.conninfo) : nil
    var configuration = DatabaseConfiguration(
      conninfo: try bouncer?.conninfo(to: TestDatabase.conninfo) ?? TestDatabase.conninfo)
    configuration.mode = throughPooler ? .transactionPooler : .session
    configuration.faults.failsFirstAttempt = true
    let applied = try await withThrowingTaskGroup(of: [Int].self) { [configuration] group in
      for _ in 0..<8 {
        group.addTask {
          let database = Database(configuration)
          var applied: [Int] = []
          try await migrator.apply(to: database) { applied.append($0.number) }
          #expect(try await migrator.status(of: database).isCurrent)
          await database.shutdown()
          return applied
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(applied.sorted() == Array(1...12))
    #expect(try await Admin.value("SELECT count(*) FROM history", on: TestDatabase.conninfo) == "12")
    await bouncer?.stop()
  }

  @Test func `a list with a gap is a fault of the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = Migrator([Migration(number: 2, name: "second", sql: "")], table: "history")
    }
  }
}
