import CPostgres
import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"))
struct ConnectionTests {
  @Test func `much data flows both ways at once`() async throws {
    try await TestServer.withDatabase { database in
      let block = String(repeating: "x", count: 1 << 20)
      let lengths = try await database.transaction { transaction in
        try transaction.query((0..<24).map { _ in "SELECT \(block) || \(block)" }).map {
          try $0[0].decode(at: 0, as: String.self).utf8.count
        }
      }
      #expect(lengths == Array(repeating: 2 << 20, count: 24))
    }
  }

  @Test func `prepared statements are bounded, and renewed after a change of the table`() async throws {
    let change: (inout DatabaseConfiguration) -> Void = {
      $0.preparedStatementLimit = 8
      $0.poolSize = 1
    }
    try await TestServer.withDatabase(change) { database in
      try await database.run("CREATE TABLE t (x int)")
      try await database.transaction { transaction in
        let answers = try transaction.query((0..<50).map { SQL(text: "SELECT \($0)") })
        #expect(try answers.map { try $0[0].decode(at: 0, as: Int.self) } == Array(0..<50))
      }
      let kept = try await database.value("SELECT count(*)::int FROM pg_prepared_statements", as: Int.self)
      #expect(kept <= 9)
      try await database.run("SELECT * FROM t")
      try await database.run("ALTER TABLE t ADD y int")
      _ = await postgresError { try await database.run("SELECT * FROM t") }
      #expect(try await database.run("SELECT * FROM t").columns == ["x", "y"])
    }
  }

  @Test func `a failed statement does not disturb what is prepared`() async throws {
    try await TestServer.withDatabase({ $0.poolSize = 1 }) { database in
      for _ in 0..<3 {
        let error = await postgresError {
          try await database.transaction {
            _ = try $0.query(["SELECT 1 / \(0)", "SELECT nothing", "SELECT 5"])
          }
        }
        #expect(error?.sqlState == .divisionByZero)
        let missing = await postgresError { try await database.run("SELECT nothing") }
        #expect(missing?.sqlState == .undefinedColumn)
        try await database.expect("SELECT 5", 5)
      }
    }
  }

  @Test func `connections that were killed while unused are replaced unnoticed`() async throws {
    try await TestServer.withDatabase { database in
      for _ in 0..<3 {
        try await database.expect("SELECT 1", 1)
        try await offPool { try database.terminateAll() }
      }
      try await database.expect("SELECT 1", 1)
    }
  }

  @Test func `a connection lost before COMMIT means that nothing happened`() async throws {
    try await TestServer.withDatabase { database in
      try await database.run("CREATE TABLE t (x int)")
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try transaction.execute("INSERT INTO t VALUES (1)")
          try database.terminateAll()
          _ = try transaction.query("SELECT 1")
        }
      }
      #expect(error?.kind == .connectionLost)
      try await database.expect("SELECT count(*) FROM t", 0)
    }
  }

  @Test func `a connection lost during COMMIT means that nobody knows`() async throws {
    try await TestServer.withDatabase { database in
      try await database.transaction { transaction in
        try transaction.script(
          """
          CREATE TABLE t (x int);
          CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
          CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait();
          """)
      }
      let task = Task { try await database.transaction { $0.enqueue("INSERT INTO t VALUES (1)") } }
      try await database.untilServerRuns("COMMIT")
      try await offPool { try database.terminateAll() }
      #expect(await postgresError { try await task.value }?.kind == .commitUnknown)
      try await database.expect("SELECT count(*) FROM t", 0)
    }
  }

  @Test func `of several hosts the one that accepts writes is taken`() async throws {
    let handle = PQconnectdb(TestServer.conninfo(database: "postgres"))
    defer { PQfinish(handle) }
    let (host, port) = (String(cString: PQhost(handle)), String(cString: PQport(handle)))
    let user = String(cString: PQuser(handle))
    try await TestServer.withDatabase { database in
      var configuration = database.configuration
      let name = configuration.applicationName
      configuration.conninfo =
        "host=127.0.0.1,\(host) port=1,\(port) user=\(user) dbname=\(name) target_session_attrs=read-write"
      let other = Database(configuration)
      try await other.expect("SELECT 1", 1)
      await other.shutdown()
      try await TestServer.command("ALTER DATABASE \(name) SET default_transaction_read_only = on")
      let error = await postgresError { try await Database(configuration).run("SELECT 1") }
      #expect(error?.kind == .connectionFailed)
    }
  }

  @Test(arguments: [
    "host=127.0.0.1 port=1 password=hunter2", "postgresql://user:hunter2@127.0.0.1:1/x",
    "host=/nowhere password=hunter2",
    "hunter2", "postgresql://user:hunter2@[/x",
  ])
  func `a first connection that fails is told soon and without secrets`(conninfo: String) async throws {
    let database = Database(DatabaseConfiguration(conninfo: conninfo))
    let clock = ContinuousClock()
    let start = clock.now
    let error = await postgresError { try await database.run("SELECT 1") }
    #expect(clock.now - start < .seconds(5))
    #expect(error?.kind == .connectionFailed || error?.kind == .configuration)
    let texts = [error?.description, error?.debugText].compactMap { $0 }
    #expect(texts.allSatisfy { !$0.contains("hunter2") } && texts.count == 2)
    #expect(error?.description.contains("127.0.0.1") == false)
  }

  @Test func `notices go to the program`() async throws {
    let notices = Shared<[String]>([])
    try await TestServer.withDatabase({
      $0.onNotice = { notice in notices.withLock { $0.append(notice.message) } }
    }) {
      database in
      try await database.transaction { try $0.script("DO $$ BEGIN RAISE NOTICE 'hello'; END $$") }
      #expect(notices.withLock { $0 } == ["hello"])
    }
  }
}
