import Testing

@testable import Postgres

struct SQLTests {
  @Test func `values become numbered parameters and only labels splice`() {
    let evil = "x'; DROP TABLE t; --"
    let sql: SQL = "SELECT \(evil), \(identifier: "a\"b") FROM \(unescaped: "t") WHERE n = \(7)"
    #expect(sql.text == #"SELECT $1, "a""b" FROM t WHERE n = $2"#)
    #expect(sql.binds.map(\.oid) == [25, 20])
    #expect(sql.binds[0].bytes == Array(evil.utf8))
    #expect(sql.binds[1].bytes == [0, 0, 0, 0, 0, 0, 0, 7])
  }

  @Test func `NULL keeps its type and has no bytes`() {
    let sql: SQL = "\(nil as Bool?) \(nil as [String]?) \([UInt8]()) \([[UInt8]]())"
    #expect(sql.binds.map(\.oid) == [16, 1009, 17, 1001])
    #expect(sql.binds.map { $0.bytes == nil } == [true, true, false, false])
  }

  @Test func `classes of SQLSTATE match their members`() {
    func name(_ state: SQLState?) -> String {
      switch state {
      case .uniqueViolation?: "unique"
      case SQLState.Class.integrityConstraint: "constraint"
      default: "other"
      }
    }
    #expect(
      [.uniqueViolation, .checkViolation, .syntaxError, nil].map(name) == [
        "unique", "constraint", "other", "other",
      ])
    #expect(SQLState(rawValue: "23999").conditionName == "constraint violation")
  }

  @Test func `only a plain statement is guarded on the server`() {
    #expect(RowCountGuard.canGuard("UPDATE t SET a = 1"))
    #expect(RowCountGuard.canGuard("insert INTO t VALUES (1)"))
    for text in [
      "UPDATE t SET a = 1 Returning a", "WITH x AS (SELECT) UPDATE t", "DELETE FROM t;", "SELECT 1", "",
    ] {
      #expect(!RowCountGuard.canGuard(SQL(text: text)))
    }
  }

  @Test func `the statement that was not used for longest is forgotten`() {
    var cache = StatementCache(limit: 2)
    func key(_ text: String) -> StatementCache.Key { .init(text: text, types: []) }
    let (a, b) = (cache.insert(key("a")), cache.insert(key("b")))
    #expect(cache.name(of: key("a")) == a)
    let c = cache.insert(key("c"))
    #expect(cache.takeEvicted() == [b])
    #expect(cache.takeEvicted() == [])
    #expect(cache.name(of: key("b")) == nil)
    #expect(cache.name(of: .init(text: "a", types: [20])) == nil)
    cache.remove(key("c"), name: c)
    cache.evictAll()
    #expect(cache.takeEvicted() == [a])
    #expect(cache.count == 0)
  }

  @Test func `an error shows no value`() {
    var error = PostgresError(
      .server, sqlState: .uniqueViolation, debugText: "Key (email)=(ann@example.org) exists")
    error.constraint = "person_email_key"
    error.table = "person"
    #expect(
      error.description
        == "the database refused the statement, 23505 unique violation, "
        + "constraint person_email_key, table person"
    )
  }
}
