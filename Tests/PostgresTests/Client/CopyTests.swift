import Testing

@testable import Postgres

/// COPY FROM STDIN.
@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"))
struct CopyTests {
  private static let target = "COPY city (id, name, tags, extra, size, open) FROM STDIN (FORMAT binary)"

  private func withTable<R>(
    _ change: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (Database) async throws -> R
  ) async throws -> R {
    try await TestServer.withDatabase(change) { database in
      try await database.run(
        """
        CREATE TABLE city (id bigint CONSTRAINT city_pkey PRIMARY KEY, name text, tags text[], extra jsonb,
          size double precision, open boolean)
        """)
      return try await body(database)
    }
  }

  private static func fill(_ ids: Range<Int>, _ writer: inout CopyWriter) throws {
    for id in ids {
      try writer.row(6)
      writer.value(id)
      writer.value(id.isMultiple(of: 2) ? "Größe \(id)" : nil)
      writer.value(["a", "b;\"\\\n"])
      writer.value(PostgresJSON(text: #"{"id": \#(id)}"#))
      writer.value(Double(id) / 4)
      writer.value(true)
    }
  }

  @Test(arguments: [DatabaseConfiguration.Mode.session, .transactionPooler])
  func `rows of all types arrive, and statements before and after too`(mode: DatabaseConfiguration.Mode)
    async throws
  {
    try await withTable({ $0.mode = mode }) { database in
      let taken = try await database.transaction { transaction in
        transaction.enqueue("INSERT INTO city (id) VALUES (-1)")
        // Much more than one piece.
        let taken = try transaction.copy(Self.target) { try Self.fill(0..<20_000, &$0) }
        let seen = try transaction.query("SELECT count(*) FROM city")[0].decode(at: 0, as: Int.self)
        #expect(seen == 20_001)
        transaction.enqueue("DELETE FROM city WHERE id = -1", expecting: 1)
        return taken
      }
      #expect(taken == 20_000)
      let row = try await database.transaction { transaction in
        let row = try transaction.query(
          "SELECT name, tags, extra->>'id', size, open FROM city WHERE id = 19998")[0]
        return try [
          row.decode(at: 0, as: String.self), row.decode(at: 1, as: [String].self)[1],
          row.decode(at: 2, as: String.self), "\(row.decode(at: 3, as: Double.self))",
          "\(row.decode(at: 4, as: Bool.self))",
        ]
      }
      #expect(row == ["Größe 19998", "b;\"\\\n", "19998", "4999.5", "true"])
      try await database.expect("SELECT count(*)::int FROM city WHERE name IS NULL", 10_000)
    }
  }

  @Test func `no rows are no error`() async throws {
    try await withTable { database in
      let taken = try await database.transaction { transaction in
        try transaction.copy(Self.target) { _ in }
      }
      #expect(taken == 0)
    }
  }

  @Test func `a violated constraint is told by its name, nothing remains, and the connection is good`()
    async throws
  {
    try await withTable({ $0.poolSize = 1 }) { database in
      let error = await postgresError {
        try await database.transaction { transaction in
          transaction.enqueue("INSERT INTO city (id) VALUES (15000)")
          _ = try transaction.copy(Self.target) { try Self.fill(0..<20_000, &$0) }
        }
      }
      #expect(error?.sqlState == .uniqueViolation && error?.constraint == "city_pkey")
      try await database.expect("SELECT count(*)::int FROM city", 0)
      #expect(database.statistics.roundTrips > 0)
    }
  }

  @Test func `what the body throws ends the transaction, and the connection is good`() async throws {
    struct Odd: Error {}
    try await withTable({ $0.poolSize = 1 }) { database in
      await #expect(throws: Odd.self) {
        try await database.transaction { transaction in
          _ = try transaction.copy(Self.target) { writer in
            try Self.fill(0..<5_000, &writer)
            throw Odd()
          }
        }
      }
      try await database.expect("SELECT count(*)::int FROM city", 0)
    }
  }

  @Test func `a statement that is no COPY, or names no table, is refused and the connection is good`()
    async throws
  {
    try await withTable({ $0.poolSize = 1 }) { database in
      for (text, state) in [
        ("SELECT 1", nil), ("COPY nowhere FROM STDIN (FORMAT binary)", SQLState.undefinedTable),
      ] {
        let error = await postgresError {
          try await database.transaction { transaction in _ = try transaction.copy(text) { _ in } }
        }
        #expect(error?.kind == .server && error?.sqlState == state, "\(text)")
        try await database.expect("SELECT 1", 1)
      }
    }
  }

  @Test func `a text that is none is told by the server, without its value`() async throws {
    try await withTable { database in
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try transaction.copy("COPY city (id, name) FROM STDIN (FORMAT binary)") { writer in
            try writer.row(2)
            writer.value(1)
            writer.value("secret\u{0}")
          }
        }
      }
      #expect(error?.sqlState?.rawValue == "22021")
      #expect(error.map { "\($0)".contains("secret") } == false)
    }
  }

  @Test func `cancelling the task stops it while rows are written`() async throws {
    try await withTable({ $0.poolSize = 1 }) { database in
      let (started, begin) = AsyncStream.makeStream(of: Void.self)
      let task = Task {
        try await database.transaction { transaction in
          _ = try transaction.copy(Self.target) { writer in
            var next = 0
            while true {
              try Self.fill(next..<next + 100, &writer)
              next += 100
              if next == 5_000 { begin.yield() }
            }
          }
        }
      }
      for await _ in started { break }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      try await database.expect("SELECT count(*)::int FROM city", 0)
    }
  }
}
