import Glibc
import Synchronization
import Testing

/// A real database for one test case, made before it and dropped after it.
///
///     @Suite(.requiresPostgres, .database())
///     struct PoolTests {
///       @Test func `a query answers`() async throws {
///         let database = Database(.init(conninfo: TestDatabase.conninfo))
///         …
///
/// Each case, also each argument of a test, has a database of its own, cloned from a template that is
/// made once per run; so cases run side by side and never see each other.
public enum TestDatabase {
  /// How a fresh database is filled: once per run, then cloned.
  public struct Template: Sendable {
    let name: String
    let prepare: @Sendable (_ conninfo: String) async throws -> Void
  }

  /// A template filled by `prepare`, which gets the connection string of an empty database and must
  /// have closed all its connections when it returns.
  public static func template(
    named name: String, prepare: @escaping @Sendable (_ conninfo: String) async throws -> Void
  ) -> Template {
    Template(name: name, prepare: prepare)
  }

  /// No tables at all.
  public static let empty = template(named: "empty") { _ in }

  @TaskLocal static var current: String?

  /// The connection string of this test case's database. Only in a test with the trait `.database`.
  public static var conninfo: String {
    guard let current else { preconditionFailure("this test has no .database trait") }
    return current
  }

  /// The cluster that `./test` started; nil if there is none.
  public static let cluster: String? = getenv("RESERVOIR_TEST_DATABASE_URL").map { String(cString: $0) }

  /// How many databases exist at a time. Each case may open some dozens of connections, and the test
  /// cluster takes 300.
  static let slots = AsyncSemaphore(limit: 8)
  static let templates = Templates()
  static let counter = Mutex(0)
}

extension Trait where Self == TestDatabase.Trait {
  /// A database of its own for each case of the test or suite.
  public static func database(_ template: TestDatabase.Template = TestDatabase.empty) -> Self {
    Self(template: template)
  }
}

extension Trait where Self == ConditionTrait {
  /// Disabled, with a reason, where no test cluster is at hand; `./test` always has one.
  public static var requiresPostgres: Self {
    .enabled(if: TestDatabase.cluster != nil, "RESERVOIR_TEST_DATABASE_URL is not set: run ./test")
  }
}

extension TestDatabase {
  public struct Trait: SuiteTrait, TestTrait, TestScoping {
    let template: Template
    public var isRecursive: Bool { true }

    public func provideScope(
      for test: Test, testCase: Test.Case?,
      performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
      guard testCase != nil, let cluster = TestDatabase.cluster else { return try await function() }
      await TestDatabase.slots.enter()
      do {
        try await run(on: cluster, function)
      } catch {
        await TestDatabase.slots.leave()
        throw error
      }
      await TestDatabase.slots.leave()
    }

    private func run(on cluster: String, _ function: @concurrent @Sendable () async throws -> Void)
      async throws
    {
      let source = try await TestDatabase.templates.name(of: template, on: cluster)
      let number = TestDatabase.counter.withLock { count in
        count += 1
        return count
      }
      let name = "case_\(getpid())_\(number)"
      try await Templates.clone(source, as: name, on: cluster)
      let conninfo = try Admin.conninfo(cluster, database: name)
      let result: Result<Void, any Error>
      do {
        try await TestDatabase.$current.withValue(conninfo) { try await function() }
        result = .success(())
      } catch {
        result = .failure(error)
      }
      try await Admin.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", on: cluster)
      try result.get()
    }
  }

  /// The templates of this run, each made when it is first wanted.
  actor Templates {
    private var made: [String: Task<String, any Error>] = [:]

    func name(of template: Template, on cluster: String) async throws -> String {
      if let task = made[template.name] { return try await task.value }
      let task = Task {
        let name = "template_\(getpid())_\(template.name)"
        try await Self.clone("template0", as: name, on: cluster)
        try await template.prepare(try Admin.conninfo(cluster, database: name))
        return name
      }
      made[template.name] = task
      return try await task.value
    }

    /// `CREATE DATABASE … TEMPLATE`. A connection that `prepare` has just closed may still count for a
    /// moment (55006), so that is tried again.
    static func clone(_ source: String, as name: String, on cluster: String) async throws {
      var attempts = 0
      while true {
        do {
          try await Admin.execute("CREATE DATABASE \(name) TEMPLATE \(source)", on: cluster)
          return
        } catch let failure as Admin.Failure where failure.sqlState == "55006" && attempts < 50 {
          attempts += 1
          try await Task.sleep(for: .milliseconds(100))
        }
      }
    }
  }
}
