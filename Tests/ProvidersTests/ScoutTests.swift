import Domain
import Engine
import JSON
import Postgres
import Providers
import Runtime
import Store
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `A scout` {
  let pool = PoolFixture(poolSize: 4)
  let clock = ManualClock()
  let pauses = Pauses()

  final class Pauses: Sendable {
    let list = Mutex<[Duration]>([])
  }

  func scout(_ fake: FakeApollo, month: Double? = nil) -> ScoutService {
    ScoutService(
      database: pool.database, time: clock, provider: fake.apollo(), monthlyCredits: month
    ) { [pauses] span in pauses.list.withLock { $0.append(span) } }
  }

  func wish(_ limit: Int, credits: Double? = nil, age: Duration? = nil) -> ScoutService.Wish {
    var filters = ScoutFilters()
    filters.titles = ["COO"]
    return .init(filters: filters, limit: limit, credits: credits, age: age)
  }

  func run(_ fake: FakeApollo, _ wish: ScoutService.Wish, month: Double? = nil) async throws
    -> ScoutService.Outcome
  {
    clock.advance(by: .seconds(1))
    let scout = scout(fake, month: month)
    let begun = try await scout.begin(name: "x", options: "{}", restarts: false, actor: .commandLine)
    return try await scout.run(begun.run, wish, actor: .commandLine)
  }

  func count(_ sql: String) async throws -> Int {
    try await pool.database.transaction { try $0.query("SELECT (\(unescaped: sql))::int8")[0].decode(at: 0) }
  }

  static func ids(_ range: ClosedRange<Int>) -> [String] { range.map { "id\($0)" } }

  @Test func `asks page by page, ten at a time, and puts all of them into the pool`() async throws {
    try await withApollo { fake in
      fake.set { $0.ids = Self.ids(1...235) }
      let outcome = try await run(fake, wish(1_000))
      #expect(outcome.total == 235 && outcome.found == 235 && outcome.asked == 235 && outcome.credits == 235)
      #expect(outcome.stop == nil && outcome.run?.state == .done && outcome.run?.counts[.new] == 235)
      #expect(fake.read { $0.searches.map { $0["page"]?.int } } == [1, 2, 3])
      #expect(fake.read { $0.searches[0]["person_titles"] } == ["COO"])
      #expect(fake.read { $0.asked.map(\.count) }.allSatisfy { $0 <= 10 })
      #expect(try await count("SELECT count(*) FROM lead_pool WHERE email_status = 'verified'") == 235)
      #expect(try await count("SELECT count(*) FROM lead_records WHERE provider = 'apollo'") == 235)
      // Again it knows them all, and spends nothing.
      let again = try await run(fake, wish(1_000))
      #expect(again.known == 235 && again.asked == 0 && again.credits == 0)
      // Unless they are old.
      clock.advance(by: .seconds(100 * 86_400))
      let later = try await run(fake, wish(20, age: .seconds(90 * 86_400)))
      #expect(
        later.asked == 20 && later.run?.counts[.unchanged] ?? 0 + (later.run?.counts[.updated] ?? 0) > 0)
    }
  }

  @Test func `rehearsed spends nothing and keeps nothing`() async throws {
    try await withApollo { fake in
      fake.set { $0.ids = Self.ids(1...150) }
      let outcome = try await scout(fake).rehearse(wish(120))
      #expect(outcome.total == 150 && outcome.asked == 120)
      #expect(fake.read { $0.asked.isEmpty })
      #expect(try await count("SELECT count(*) FROM lead_imports") == 0)
    }
  }

  @Test func `stops before it spends more than it may`() async throws {
    try await withApollo { fake in
      fake.set { $0.ids = Self.ids(1...100) }
      let outcome = try await run(fake, wish(100, credits: 25))
      #expect(outcome.asked == 25 && outcome.credits == 25)
      #expect(outcome.stop == ScoutBudget.Bound.run.rawValue)
      // 25 of the month's 40 are spent; each costs more than it said at most.
      let next = try await run(fake, wish(100, credits: 1_000), month: 40)
      #expect(next.asked == 15 && next.stop == ScoutBudget.Bound.month.rawValue)
      #expect(fake.read { $0.charged } == 40)
      clock.advance(by: .seconds(32 * 86_400))
      #expect(try await run(fake, wish(5), month: 40).asked == 5)
    }
  }

  @Test func `counts fractions, unmatched people, and answers that say nothing of credits`() async throws {
    try await withApollo { fake in
      fake.set {
        $0.ids = Self.ids(1...10)
        $0.unmatched = ["id3", "id4"]
        $0.creditsPerPerson = 0.5
      }
      let outcome = try await run(fake, wish(10))
      #expect(outcome.credits == 4 && outcome.run?.counts[.new] == 8 && outcome.run?.counts[.rejected] == 2)
      fake.set {
        $0.ids = Self.ids(11...12)
        $0.creditsPerPerson = nil
      }
      #expect(try await run(fake, wish(10)).credits == 2)
      #expect(try await count("SELECT count(*) FROM scout_credits WHERE NOT is_stated") == 1)
    }
  }

  @Test func `waits when it is asked to, and counts what a lost answer may have cost`() async throws {
    try await withApollo { fake in
      fake.set {
        $0.ids = Self.ids(1...4)
        $0.mishaps = [.tooManyRequests(retryAfter: 7)]
      }
      let scout = scout(fake)
      #expect(try await scout.rehearse(wish(4)).asked == 4)
      #expect(pauses.list.withLock { $0 } == [.seconds(7)])
      let begun = try await scout.begin(name: "x", options: "{}", restarts: false, actor: .commandLine)
      fake.set { $0.mishaps = [] }
      _ = try await scout.rehearse(wish(4))
      // The search is answered, the enrichment's answer is lost once.
      fake.set { $0.headers = [("x-minute-requests-left", "0")] }
      let losing = LosingProvider(fake.apollo())
      let outcome = try await ScoutService(
        database: pool.database, time: clock, provider: losing, monthlyCredits: nil
      ) { [pauses] span in pauses.list.withLock { $0.append(span) } }.run(
        begun.run, wish(4), actor: .commandLine)
      #expect(outcome.asked == 4 && outcome.credits == 8)
      #expect(pauses.list.withLock { $0 }.contains(.seconds(60)))
    }
  }

  /// The first enrichment's answer is lost.
  final class LosingProvider: LeadProvider {
    let inner: Apollo
    let isFirst = Mutex(true)
    var name: String { inner.name }

    init(_ inner: Apollo) { self.inner = inner }

    func search(_ filters: ScoutFilters, page: Int) async throws(ProviderFailure) -> ScoutPage {
      try await inner.search(filters, page: page)
    }

    func enrich(_ ids: [String]) async throws(ProviderFailure) -> ScoutAnswer {
      if isFirst.withLock({ first in
        defer { first = false }
        return first
      }) {
        throw ProviderFailure(.unknown, "the connection broke")
      }
      return try await inner.enrich(ids)
    }
  }

  @Test func `that fails half way goes on where it was`() async throws {
    try await withApollo { fake in
      fake.set { $0.ids = Self.ids(1...30) }
      let scout = scout(fake)
      let begun = try await scout.begin(name: "x", options: "{}", restarts: false, actor: .commandLine)
      await #expect(throws: ProviderFailure.self) {
        try await scout.run(begun.run, wish(30), actor: .commandLine) { _ in
          fake.set { $0.mishaps = [.status(403, "This API key is not authorized")] }
        }
      }
      guard
        case .resumed(let run) = try await scout.begin(
          name: "x", options: "{}", restarts: false, actor: .commandLine)
      else {
        Issue.record("a new run")
        return
      }
      #expect(run.place.row == 10)
      let outcome = try await scout.run(run, wish(30), actor: .commandLine)
      #expect(outcome.asked == 30 && outcome.credits == 30)
      #expect(fake.read { $0.asked.flatMap { $0 } }.count == 30)
      #expect(try await count("SELECT count(*) FROM lead_pool") == 30)
    }
  }
}

@Suite struct `The interface of Apollo` {
  @Test func `is read tolerantly: its own samples`() async throws {
    let search = try FakeApollo.fixture("apollo-people-api-search.json")
    #expect(search["people"]?.array?.count == 3)
    let bulk = try FakeApollo.fixture("apollo-bulk-match.json")
    for person in bulk["matches"]?.array ?? [] where person.object != nil {
      guard case .success = ApolloRecord.incoming(person, row: 1, receivedAt: Timestamp(microseconds: 0))
      else {
        Issue.record("not read")
        continue
      }
    }
  }

  @Test func `tells why it says no, and never its key`() async throws {
    let errors = try FakeApollo.fixture("apollo-errors.json")
    try await withApollo { fake in
      let message = errors["403"]?["error"]?.string ?? ""
      fake.set { $0.mishaps = [.status(403, message + FakeApollo.key), .status(422, "Invalid parameters")] }
      for status in [403, 422] {
        let failure = await failure { try await fake.apollo().search(ScoutFilters(), page: 1) }
        #expect(failure?.kind == .refused && failure?.message.contains("HTTP \(status)") == true)
        #expect(failure?.message.contains(FakeApollo.key) == false)
      }
      await #expect(throws: ProviderFailure(.refused, "HTTP 401")) {
        try await fake.apollo(key: "wrong").search(ScoutFilters(), page: 1)
      }
      fake.set { $0.mishaps = [.tooManyRequests(retryAfter: 9), .status(503, "down")] }
      let slowed = await failure { try await fake.apollo().enrich(["a"]) }
      #expect(slowed?.kind == .unavailable && slowed?.retryAfter == .seconds(9))
      #expect(await failure { try await fake.apollo().enrich(["a"]) }?.kind == .unknown)
    }
  }

  func failure<R>(_ call: () async throws -> R) async -> ProviderFailure? {
    do {
      _ = try await call()
      return nil
    } catch { return error as? ProviderFailure }
  }

  @Test(arguments: [
    ("x-minute-requests-left", "0", ScoutPace.wait(.seconds(60))), ("x-minute-requests-left", "3", .free),
    ("x-hourly-requests-left", "0", .exhausted), ("x-24-hour-requests-left", "0", .exhausted),
    ("x-24-hour-requests-left", "", .free),
  ])
  func `says what its limits leave`(header: String, value: String, pace: ScoutPace) async throws {
    try await withApollo { fake in
      fake.set {
        $0.ids = ["a"]
        if !value.isEmpty { $0.headers = [(header, value)] }
      }
      let page = try await fake.apollo().search(ScoutFilters(), page: 1)
      let answer = try await fake.apollo().enrich(["a"])
      #expect(page.pace == pace && answer.pace == pace)
    }
  }
}
