import Testing

@testable import Postgres

private enum Colour: String, PostgresEncodable, PostgresDecodable, CaseIterable { case red, green }

@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"))
struct CodecTests {
  /// Sends the value, lets the server store it as this type, and reads it back.
  private func roundTrip<T: PostgresEncodable & PostgresDecodable & Equatable & Sendable>(
    _ values: [T], _ type: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await TestServer.withDatabase { database in
      try await database.transaction { transaction in
        try transaction.script("CREATE TEMP TABLE t (i int, v \(type), a \(type)[])")
        for (index, value) in values.enumerated() {
          transaction.enqueue("INSERT INTO t VALUES (\(index), \(value), \([value, nil] as [T?]))")
        }
        let rows = try transaction.query("SELECT v, a FROM t ORDER BY i")
        for (row, value) in zip(rows, values) {
          #expect(try row.decode("v", as: T.self) == value, sourceLocation: sourceLocation)
          #expect(try row.decode("v", as: T?.self) == value, sourceLocation: sourceLocation)
          #expect(try row.decode("a", as: [T?].self) == [value, nil], sourceLocation: sourceLocation)
        }
        #expect(rows.count == values.count)
      }
    }
  }

  @Test func `integers, numbers and truth come back as they went`() async throws {
    try await roundTrip([Int.min, -1, 0, 1, Int.max], "int8")
    try await roundTrip([Int64.min, Int64.max], "int8")
    try await roundTrip([Int32.min, Int32.max], "int4")
    try await roundTrip([Int16.min, Int16.max], "int2")
    try await roundTrip([true, false], "bool")
    try await roundTrip(
      [0, -0.5, .pi, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude], "float8")
  }

  @Test func `texts, bytes and JSON come back as they went`() async throws {
    let texts = ["", "O'Reilly \"x\" \\ $1 {a,b}", "größer 漢字 👩‍👩‍👧", String(repeating: "ab", count: 100_000)]
    try await roundTrip(texts, "text")
    try await roundTrip(texts, "varchar")
    try await roundTrip([Colour.red, .green], "text")
    try await roundTrip([PostgresJSON(text: #"{"a": [1, null]}"#)], "jsonb")
    try await TestServer.withDatabase { database in
      let bytes = (0...255).map { UInt8($0) }
      try await database.expect("SELECT \(bytes)", bytes)
      try await database.expect("SELECT \([UInt8]())", [UInt8]())
      try await database.expect("SELECT \([bytes, []])", [bytes, []])
      try await database.expect("SELECT '{\"a\":1}'::json", PostgresJSON(text: "{\"a\":1}"))
    }
  }

  @Test func `NULL, empty arrays and arrays with NULL are told apart`() async throws {
    try await TestServer.withDatabase { database in
      try await database.expect("SELECT \(nil as String?)", nil as String?)
      try await database.expect("SELECT \(nil as [Int]?)", nil as [Int]?)
      try await database.expect("SELECT \([String]())", [String]())
      try await database.expect(
        "SELECT \(["", nil, "NULL", "a,b\"}"] as [String?])", ["", nil, "NULL", "a,b\"}"])
      try await database.expect("SELECT unnest(\([7]))", 7)
      try await database.expect("SELECT array_length(\([true, false]), 1)", 2)
      try await database.expect("SELECT \([Colour.red, .green])::text[]", Colour.allCases)
    }
  }

  @Test func `enums of the database and narrower types are read`() async throws {
    try await TestServer.withDatabase { database in
      try await database.run("CREATE TYPE colour AS ENUM ('red', 'green', 'blue')")
      try await database.expect("SELECT 'green'::colour", Colour.green)
      try await database.expect("SELECT \(Colour.red)::colour", "red")
      try await database.expect("SELECT 7::int2", 7)
      try await database.expect("SELECT 1.5::float4", 1.5)
      try await database.expect("SELECT 'x'::name", "x")
    }
  }

  @Test(arguments: [
    ("SELECT NULL::int8 AS n", #"column "n": expected int8, found NULL"#),
    ("SELECT 'x'::text AS n", #"column "n": expected int8, found text"#),
    ("SELECT 1.5 AS n", #"column "n": expected int8, found numeric"#),
    ("SELECT ARRAY[1, 2] AS n", #"column "n": expected int8, found int4[]"#),
    ("SELECT 1 AS m", #"column "n": expected Int, found no such column"#),
  ])
  func `a decoding error names the column, what was expected and what was found`(
    text: String, message: String
  ) async throws {
    try await TestServer.withDatabase { database in
      let rows = try await database.run(SQL(text: text))
      let error = #expect(throws: PostgresDecodingError.self) { _ = try rows[0].decode("n", as: Int.self) }
      #expect(error?.description == message)
    }
  }

  @Test func `out of range, unknown values and nested arrays are errors`() async throws {
    try await TestServer.withDatabase { database in
      let row = try await database.run(
        "SELECT 70000 AS n, 'blue' AS c, ARRAY[[1],[2]] AS a, ARRAY[NULL::int] AS b")[0]
      #expect(throws: PostgresDecodingError(column: "n", expected: "int2", found: "a value out of its range"))
      {
        _ = try row.decode("n", as: Int16.self)
      }
      #expect(throws: PostgresDecodingError(column: "c", expected: "Colour", found: "an unknown value")) {
        _ = try row.decode("c", as: Colour.self)
      }
      #expect(throws: PostgresDecodingError.self) { _ = try row.decode("a", as: [Int].self) }
      #expect(throws: PostgresDecodingError(column: "b", expected: "int8", found: "NULL")) {
        _ = try row.decode("b", as: [Int].self)
      }
      #expect(throws: PostgresDecodingError.self) { _ = try row.decode(at: 4, as: Int.self) }
    }
  }

  @Test func `a NUL byte in text is an error that names the parameter`() async throws {
    try await TestServer.withDatabase { database in
      let error = await postgresError { try await database.run("SELECT \(1), \("a\0b")") }
      #expect(error?.kind == .invalidBind)
      #expect(error?.description.contains("$2 is text with a NUL byte") == true)
      let inArray = await postgresError { try await database.run("SELECT \(["a\0b"])") }
      #expect(inArray?.sqlState?.rawValue == "22021")
      let inText = await postgresError { try await database.run("SELECT 1 \(unescaped: "\0; DROP TABLE x")") }
      #expect(inText?.kind == .invalidBind)
      try await database.expect("SELECT 1", 1)
    }
  }

  @Test func `columns and affected rows are known`() async throws {
    try await TestServer.withDatabase { database in
      let (rows, inserted, created) = try await database.transaction { transaction in
        let created = try transaction.execute("CREATE TABLE t (x int)")
        let inserted = try transaction.execute("INSERT INTO t SELECT generate_series(1, 5)")
        return (
          try transaction.query("SELECT x, x * 2 AS \(identifier: "dou\"ble") FROM t"), inserted, created
        )
      }
      #expect(created == 0 && inserted == 5)
      #expect(rows.columns == ["x", "dou\"ble"])
      #expect(rows.affectedRows == 5)
      #expect(try rows.map { try $0.decode("dou\"ble", as: Int.self) } == [2, 4, 6, 8, 10])
    }
  }
}
