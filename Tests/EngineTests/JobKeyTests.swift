import Domain
import Engine
import Runtime
import Store
import Synchronization
import TestSupport
import Testing

/// Runs of jobs that carry an idempotency key.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct JobKeyTests {
  let world = World()
  let job = CountedJob()

  /// Counts its runs; waits in each of them as long as it is told to.
  struct CountedJob: Job {
    let name = "counted"
    let interval = Duration.hours(1)
    let runs = Runs()
    var hold: (@Sendable () async -> Void)?
    var isFaulty = false

    final class Runs: Sendable {
      private let counter = Atomic(0)
      var count: Int { counter.load(ordering: .relaxed) }
      func add() { counter.add(1, ordering: .relaxed) }
    }

    struct Fault: Error {}

    func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
      runs.add()
      await hold?()
      if isFaulty { throw Fault() }
      return JobReport(processed: 1)
    }
  }

  /// The service of a server of its own.
  func server(_ job: CountedJob) -> JobService {
    let scheduler = Scheduler(
      [job], ledger: DatabaseJobLedger(database: world.database), time: world.clock)
    return JobService(scheduler: scheduler, database: world.database, time: world.clock)
  }

  func key(_ text: String, _ request: UInt8 = 1) -> Idempotency<JobRunOutcome> {
    world.use(text, request) { outcome in
      if case .ran = outcome { KeptAnswer(status: 200, body: [3]) } else { nil }
    }
  }

  var claims: Int? {
    get async throws { try await world.pool.value("SELECT count(*) FROM idempotency_claims") }
  }

  @Test func `of many requests with one key on two servers, one runs the job`() async throws {
    let servers = [server(job), server(job)]
    for round in 1...10 {
      let answers = try await withThrowingTaskGroup { group in
        for index in 0..<16 {
          group.addTask { try await servers[index % 2].run("counted", idempotency: key("k-\(round)")) }
        }
        return try await group.reduce(into: [Answered<JobRunOutcome>]()) { $0.append($1) }
      }
      #expect(job.runs.count == round)
      #expect(answers.count { if case .fresh(.ran) = $0 { true } else { false } } == 1)
      #expect(!answers.contains(.fresh(.alreadyRunning)))
    }
    #expect(try await claims == 0)
  }

  @Test func `while a request runs the job, another one with its key hears so, and later gets its answer`()
    async throws
  {
    let (hasBegun, begun) = AsyncStream.makeStream(of: Void.self)
    let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
    let held = CountedJob {
      begun.finish()
      for await _ in mayEnd {}
    }
    let (server, other) = (server(held), server(held))
    async let first = server.run("counted", idempotency: key("k"))
    for await _ in hasBegun {}
    #expect(try await other.run("counted", idempotency: key("k")) == .fresh(.underWay))
    #expect(try await other.run("counted", idempotency: key("k", 2)) == .keyReused)
    #expect(try await other.run("counted", idempotency: key("l")) == .fresh(.alreadyRunning))
    end.finish()
    guard case .fresh(.ran) = try await first else { return #expect(Bool(false)) }
    #expect(
      try await other.run("counted", idempotency: key("k")) == .replayed(KeptAnswer(status: 200, body: [3])))
    #expect(held.runs.count == 1)
  }

  @Test func `a run that failed gives its key back`() async throws {
    let faulty = server(CountedJob(isFaulty: true))
    guard case .fresh(.failed) = try await faulty.run("counted", idempotency: key("k"))
    else { return #expect(Bool(false)) }
    #expect(try await faulty.run("other", idempotency: key("l")) == .fresh(.unknownJob))
    #expect(try await claims == 0)
    guard case .fresh(.ran) = try await server(job).run("counted", idempotency: key("k"))
    else { return #expect(Bool(false)) }
  }

  @Test func `a server that died blocks its key for ten minutes, then the job runs again`() async throws {
    let (use, start) = (key("k").use, world.clock.now)
    let claim = try await world.database.transaction {
      try IdempotencyClaimStore.claim(use, now: start, until: start + .minutes(10), in: &$0)
    }
    #expect(claim == .claimed)
    let server = server(job)
    world.clock.advance(by: .minutes(10) - .microseconds(1))
    #expect(try await server.run("counted", idempotency: key("k")) == .fresh(.underWay))
    world.clock.advance(by: .microseconds(1))
    guard case .fresh(.ran) = try await server.run("counted", idempotency: key("k"))
    else { return #expect(Bool(false)) }
    #expect(job.runs.count == 1)
  }

  @Test func `claims of dead servers are forgotten`() async throws {
    let (use, start) = (key("k").use, world.clock.now)
    _ = try await world.database.transaction {
      try IdempotencyClaimStore.claim(use, now: start, until: start + .minutes(10), in: &$0)
    }
    let cleaner = IdempotencyKeysJob(database: world.database)
    _ = try await cleaner.runOnce(now: start + .minutes(9), limit: 9)
    #expect(try await claims == 1)
    _ = try await cleaner.runOnce(now: start + .minutes(10), limit: 9)
    #expect(try await claims == 0)
  }
}
