import Domain
import Engine
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct NumberImportTests {
  /// Rows 1, 2, 3 … with the ids n-0, n-1, n-2 … as `PoolFixture.numbers` makes them.
  static func rows(
    _ range: Range<Int>, of company: String?, name: String = "number", status: PhoneNumberStatus? = nil,
    territories: [String] = [], shift: Int = 0
  ) throws -> [ImportNumber] {
    let rows = range.map { i in
      NumberImportRow(
        row: i + 1, vapiPhoneNumberID: "n-\(i)", number: "+1424\(5_550_000 + i + shift)",
        name: "\(name) \(i)",
        assignedBrokerCompany: company, territories: territories, status: status?.rawValue)
    }
    let checked = NumberImport(rows)
    try #require(checked.errors == [])
    return checked.numbers
  }

  func errors(_ outcome: NumberImportOutcome) -> [String] {
    guard case .refused(let errors) = outcome else { return [] }
    return errors.map { "\($0.row) \($0.error.field)" }
  }

  func report(_ outcome: NumberImportOutcome) -> [Int] {
    guard case .imported(let report) = outcome else { return [] }
    return [report.inserted, report.updated, report.unchanged, report.clientsCreated]
  }

  @Test func `new rows come in, the same rows again change nothing, other rows update`() async throws {
    let world = World()
    _ = try await world.client("First")
    let rows = try Self.rows(0..<7, of: "First", territories: ["O\"Hare \\ {x}", "LA"])
    #expect(report(try await world.numbers.importNumbers(rows, actor: world.actor).outcome) == [7, 0, 0, 0])
    #expect(report(try await world.numbers.importNumbers(rows, actor: world.actor).outcome) == [0, 0, 7, 0])
    let other = try Self.rows(0..<2, of: "First", name: "renamed") + Self.rows(2..<9, of: "First")
    #expect(report(try await world.numbers.importNumbers(other, actor: world.actor).outcome) == [2, 2, 5, 0])
    let number = try #require(try await world.numbers.get(ProviderNumberID(unchecked: "n-0")))
    #expect(number.name == "renamed 0" && number.territories == ["O\"Hare \\ {x}", "LA"])
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `a row without a status keeps the one that the number has`() async throws {
    let world = World()
    _ = try await world.client("First")
    let asleep = try Self.rows(0..<1, of: "First", status: .maintenance)
    _ = try await world.numbers.importNumbers(asleep, actor: world.actor)
    let silent = try Self.rows(0..<1, of: nil)
    #expect(
      report(try await world.numbers.importNumbers(silent, actor: world.actor).outcome) == [0, 0, 1, 0])
    #expect(try await world.numbers.list(limit: 1)[0].status == .maintenance)
  }

  @Test func `an unknown company is an error of its rows, or is made`() async throws {
    let world = World()
    _ = try await world.client("First")
    let rows = try Self.rows(0..<2, of: "First") + Self.rows(2..<4, of: "Stranger")
    let refused = try await world.numbers.importNumbers(rows, actor: world.actor).outcome
    #expect(errors(refused) == ["3 assigned_broker_company", "4 assigned_broker_company"])
    #expect(try await world.numbers.list(limit: 9) == [])
    let options = NumberImportOptions(createClients: true)
    let made = try await world.numbers.importNumbers(rows, options: options, actor: world.actor).outcome
    #expect(report(made) == [4, 0, 0, 1])
  }

  @Test func `a dry run counts and leaves nothing behind`() async throws {
    let world = World()
    let rows = try Self.rows(0..<3, of: "Stranger")
    let options = NumberImportOptions(createClients: true, isDryRun: true)
    let outcome = try await world.numbers.importNumbers(rows, options: options, actor: world.actor).outcome
    #expect(report(outcome) == [3, 0, 0, 1])
    #expect(try await world.numbers.list(limit: 9) == [])
    #expect(try await world.clients.list(limit: 9) == [])
  }

  @Test func `a leased number changes neither company nor number, but may get another name`() async throws {
    let world = World()
    _ = try await world.client("First")
    _ = try await world.client("Second")
    try await world.pool.numbers(3, of: "First")
    let lead = try await world.pool.leads(1)[0]
    try await world.lease("n-1", to: lead)
    let moved = try Self.rows(0..<3, of: "Second")
    #expect(
      errors(try await world.numbers.importNumbers(moved, actor: world.actor).outcome) == [
        "2 assigned_broker_company"
      ])
    let renumbered = try Self.rows(1..<2, of: "First", shift: 500)
    #expect(
      errors(try await world.numbers.importNumbers(renumbered, actor: world.actor).outcome) == ["2 number"])
    let renamed = try Self.rows(1..<2, of: "First", name: "other")
    #expect(
      report(try await world.numbers.importNumbers(renamed, actor: world.actor).outcome) == [0, 1, 0, 0])
    #expect(try await world.numbers.list(limit: 3).map(\.leadID) == [nil, lead, nil])
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `a number whose lease is over may move, and its history says so`() async throws {
    let world = World()
    _ = try await world.client("First")
    let second = try await world.client("Second")
    try await world.pool.numbers(1, of: "First")
    try await world.lease("n-0", to: try await world.pool.leads(1)[0])
    world.clock.advance(by: .hours(18))
    let moved = try Self.rows(0..<1, of: "Second")
    #expect(report(try await world.numbers.importNumbers(moved, actor: world.actor).outcome) == [0, 1, 0, 0])
    let number = try await world.numbers.list(limit: 1)[0]
    #expect(number.clientID == second.id && number.leadID == nil)
    let kinds: [String] = try await world.pool.column(
      "SELECT kind FROM phone_number_ledger ORDER BY revision")
    #expect(kinds == ["added", "leased", "ended", "moved"])
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `a number whose lease is over may get other digits, which ends that lease`() async throws {
    let world = World()
    _ = try await world.client("First")
    try await world.pool.numbers(1, of: "First")
    try await world.lease("n-0", to: try await world.pool.leads(1)[0])
    world.clock.advance(by: .hours(18))
    let other = try Self.rows(0..<1, of: "First", shift: 500)
    #expect(report(try await world.numbers.importNumbers(other, actor: world.actor).outcome) == [0, 1, 0, 0])
    let number = try await world.numbers.list(limit: 1)[0]
    #expect(number.number == other[0].number && number.leadID == nil)
    let ended: [String] = try await world.pool.column(
      "SELECT number FROM phone_number_ledger WHERE kind = 'ended'")
    #expect(ended == ["+14245550000"], "the history knows under which digits it was leased")
    let states: [String] = try await world.pool.column(
      "SELECT resource_value || ' ' || status FROM resource_pool ORDER BY 1")
    #expect(states == ["+14245550000 retired", "+14245550500 assigned"])
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `a number of another provider id is an error, as is one that stands twice`() async throws {
    let world = World()
    _ = try await world.client("First")
    try await world.pool.numbers(2, of: "First", prefix: "other")
    let rows = try Self.rows(0..<3, of: "First")
    #expect(
      errors(try await world.numbers.importNumbers(rows, actor: world.actor).outcome) == [
        "1 number", "2 number",
      ])
    let twice = try Self.rows(5..<6, of: "First") + Self.rows(5..<6, of: "First")
    #expect(
      errors(try await world.numbers.importNumbers(twice, actor: world.actor).outcome) == [
        "6 vapi_phone_number_id", "6 number",
      ])
  }

  @Test func `a key is answered once, and a refusal does not use it up`() async throws {
    let world = World()
    let rows = try Self.rows(0..<2, of: "First")
    let key: Idempotency<NumberImportOutcome> = world.use("k") { outcome in
      if case .imported = outcome { KeptAnswer(status: 200, body: [1]) } else { nil }
    }
    let refused = try await world.numbers.importNumbers(rows, actor: world.actor, idempotency: key)
    #expect(errors(try refused.outcome).count == 2)
    _ = try await world.client("First")
    let done = try await world.numbers.importNumbers(rows, actor: world.actor, idempotency: key)
    #expect(report(try done.outcome) == [2, 0, 0, 0])
    let again = try await world.numbers.importNumbers(rows, actor: world.actor, idempotency: key)
    #expect(again == .replayed(KeptAnswer(status: 200, body: [1])))
  }

  @Test func `two imports of the same numbers at once both succeed, each number once`() async throws {
    let world = World(poolSize: 4, failsFirstAttempt: true)
    _ = try await world.client("First")
    let rows = try Self.rows(0..<6_000, of: "First")
    let reports = try await withThrowingTaskGroup { group in
      for _ in 0..<3 {
        group.addTask {
          try await world.numbers.importNumbers(rows.shuffled(), actor: world.actor).outcome
        }
      }
      return try await group.reduce(into: [[Int]]()) { $0.append(report($1)) }
    }
    #expect(reports.sorted { $0[0] < $1[0] } == [[0, 0, 6_000, 0], [0, 0, 6_000, 0], [6_000, 0, 0, 0]])
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `imports race for a number under different ids, and one of them wins`() async throws {
    let world = World(poolSize: 8)
    _ = try await world.client("First")
    let rows = try Self.rows(0..<200, of: "First")
    let rivals = rows.map { number in
      let row = NumberImportRow(
        row: number.row, vapiPhoneNumberID: "z-\(number.row)", number: number.number.e164, name: "rival",
        assignedBrokerCompany: "First")
      return NumberImport([row]).numbers[0]
    }
    let outcomes = try await withThrowingTaskGroup { group in
      for side in [rows, rivals] {
        group.addTask { try await world.numbers.importNumbers(side, actor: world.actor).outcome }
      }
      return try await group.reduce(into: [NumberImportOutcome]()) { $0.append($1) }
    }
    #expect(outcomes.map { report($0) }.filter { $0 == [200, 0, 0, 0] }.count == 1)
    #expect(outcomes.map { errors($0).count }.sorted() == [0, 200])
  }

  @Test func `an import that would move numbers never takes one from a lead that leases it meanwhile`()
    async throws
  {
    let world = World(poolSize: 8)
    _ = try await world.client("First")
    _ = try await world.client("Second")
    try await world.pool.numbers(40, of: "First")
    let leads = try await world.pool.leads(40)
    let rows = try Self.rows(0..<40, of: "Second")
    async let answer = world.numbers.importNumbers(rows, actor: world.actor)
    try await withThrowingTaskGroup { group in
      for (i, lead) in leads.enumerated() { group.addTask { try await world.lease("n-\(i)", to: lead) } }
      try await group.waitForAll()
    }
    let outcome = try await answer.outcome
    let after = try await world.numbers.list(limit: 99)
    if case .imported = outcome {
      #expect(after.allSatisfy { $0.company?.text == "Second" })
    } else {
      #expect(after.allSatisfy { $0.company?.text == "First" })
    }
    #expect(after.filter { $0.leadID != nil }.count == 40)
    #expect(try await world.check.run().filter { !$0.isClean } == [])
  }

  @Test func `a large file comes in with its progress told`() async throws {
    let world = World()
    _ = try await world.client("First")
    let rows = try Self.rows(0..<20_000, of: "First", territories: ["LA"])
    let told = Mutex<[Int]>([])
    let outcome = try await world.numbers.importNumbers(rows, actor: world.actor) { done, total in
      told.withLock { $0.append(done * 100 / total) }
    }.outcome
    #expect(report(outcome) == [20_000, 0, 0, 0])
    let steps = told.withLock { $0 }
    #expect(steps.count > 4 && steps == steps.sorted() && steps.last == 100)
  }
}
