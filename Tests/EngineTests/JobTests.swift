import Domain
import Engine
import Runtime
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct JobTests {
  let world = World()

  struct Work: Job {
    struct Fault: Error, CustomStringConvertible { let description = "it broke" }
    let name = "work"
    let interval = Duration.hours(1)
    var isFaulty = false

    func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
      if isFaulty { throw Fault() }
      return JobReport(processed: 3, details: ["a": 1, "b": 2])
    }
  }

  func claim(_ answer: JobClaimAnswer) throws -> JobClaim {
    guard case .claimed(let claim) = answer else { throw World.Unexpected() }
    return claim
  }

  @Test func `of many servers that want a job, one gets it`() async throws {
    let ledger = DatabaseJobLedger(database: world.database)
    let now = world.clock.now
    let answers = try await withThrowingTaskGroup { group in
      for _ in 0..<16 {
        group.addTask {
          try await ledger.claim("work", now: now, until: now + .minutes(5), isForced: true)
        }
      }
      return try await group.reduce(into: [JobClaimAnswer]()) { $0.append($1) }
    }
    #expect(answers.count { $0 == .running(until: now + .minutes(5)) } == 15)
  }

  @Test func `a claim that was not renewed is taken over, and its server can no longer end the run`()
    async throws
  {
    let ledger = DatabaseJobLedger(database: world.database)
    let now = world.clock.now
    let lost = try claim(try await ledger.claim("work", now: now, until: now + .minutes(5), isForced: false))
    #expect(try await ledger.renew(lost, until: now + .minutes(6)))
    let later = now + .minutes(6)
    let taken = try claim(
      try await ledger.claim("work", now: later, until: later + .minutes(5), isForced: false))
    #expect(try await ledger.renew(lost, until: later + .hours(1)) == false)
    let outcome = JobOutcome.succeeded(JobReport(processed: 1))
    try await ledger.finish(lost, at: later, outcome: outcome, failures: 0, nextDueAt: later)
    #expect(try await ledger.states().map(\.runningUntil) == [later + .minutes(5)])
    try await ledger.finish(taken, at: later, outcome: outcome, failures: 0, nextDueAt: later + .hours(1))
    #expect(
      try await ledger.claim("work", now: later, until: later, isForced: false) == .notDue(later + .hours(1)))
  }

  @Test func `what a run did is remembered, also its failure`() async throws {
    let ledger = DatabaseJobLedger(database: world.database)
    let now = world.clock.now
    for outcome in [
      JobOutcome.succeeded(JobReport(processed: 3, hasMore: true, details: ["a": 1, "b": 2])),
      .failed(JobReport(processed: 1), reason: "it broke"),
    ] {
      let claim = try claim(
        try await ledger.claim("work", now: now, until: now + .minutes(5), isForced: true))
      try await ledger.finish(
        claim, at: now + .seconds(1), outcome: outcome, failures: outcome.isSuccess ? 0 : 1,
        nextDueAt: now + .hours(1))
      let state = JobState(
        name: "work", nextDueAt: now + .hours(1), startedAt: now, finishedAt: now + .seconds(1),
        outcome: outcome, failures: outcome.isSuccess ? 0 : 1)
      #expect(try await ledger.states() == [state])
    }
  }

  func service(_ jobs: [any Job]) -> JobService {
    let scheduler = Scheduler(
      jobs, ledger: DatabaseJobLedger(database: world.database), time: world.clock)
    return JobService(scheduler: scheduler, database: world.database, time: world.clock)
  }

  @Test func `a job runs on demand, is listed with its run, and an unknown one is not there`() async throws {
    let jobs = service([Work(), IdempotencyKeysJob(database: world.database)])
    let now = world.clock.now
    #expect(try await jobs.list().map(\.name) == ["idempotency-keys", "work"])
    #expect(try await jobs.list().map(\.lastResult) == [nil, nil])
    let outcome = try await jobs.run("work").outcome
    #expect(outcome == .ran(processed: 3, startedAt: now, finishedAt: now))
    let summary = try await jobs.list()[1]
    #expect(summary.lastResult == .succeeded && summary.nextRunAt == now + .hours(1))
    #expect(try await jobs.run("other").outcome == .unknownJob)
    #expect(try await service([Work(isFaulty: true)]).run("work").outcome == .failed(reason: "it broke"))
    #expect(try await jobs.list()[1].lastError == "it broke")
  }

  @Test func `a job that runs elsewhere is not started, and a repeated key gives the kept answer`()
    async throws
  {
    let now = world.clock.now
    _ = try await DatabaseJobLedger(database: world.database)
      .claim("work", now: now, until: now + .minutes(5), isForced: true)
    let jobs = service([Work()])
    let key: Idempotency<JobRunOutcome> = world.use("k") { outcome in
      if case .ran = outcome { KeptAnswer(status: 200, body: [3]) } else { nil }
    }
    #expect(try await jobs.run("work", idempotency: key) == .fresh(.alreadyRunning))
    world.clock.advance(by: .minutes(5))
    _ = try await jobs.run("work", idempotency: key)
    #expect(try await jobs.run("work", idempotency: key) == .replayed(KeptAnswer(status: 200, body: [3])))
  }

  @Test func `partitions are there before their months`() async throws {
    let job = LedgerPartitionsJob(database: world.database)
    let ledgers: [String] = try await world.pool.column(
      "SELECT partrelid::regclass::text FROM pg_partitioned_table")
    #expect(ledgers.contains("phone_number_ledger") && ledgers.contains("resource_ledger"))
    #expect(try await job.runOnce(now: world.clock.now, limit: 9).processed == 4 * ledgers.count)
    #expect(try await job.runOnce(now: world.clock.now, limit: 9).processed == 0)
    for ledger in ledgers {
      let names: [String] = try await world.pool.column(
        "SELECT relname::text FROM pg_class WHERE relname ~ \(ledger + "_20\\d\\d_\\d\\d$") ORDER BY relname")
      #expect(names == ["2026_11", "2026_12", "2027_01", "2027_02"].map { "\(ledger)_\($0)" })
    }
  }

  @Test func `kept answers are forgotten a day later, in parts`() async throws {
    for key in ["a", "b", "c"] {
      let once: Idempotency<LeadService.Outcome> = world.use(key) { _ in KeptAnswer(status: 201, body: []) }
      _ = try await world.leads.create(.init(), actor: world.actor, idempotency: once)
    }
    let job = IdempotencyKeysJob(database: world.database)
    #expect(try await job.runOnce(now: world.clock.now, limit: 2) == JobReport(processed: 0))
    let tomorrow = world.clock.now + .hours(24)
    #expect(try await job.runOnce(now: tomorrow, limit: 2) == JobReport(processed: 2, hasMore: true))
    #expect(try await job.runOnce(now: tomorrow, limit: 2) == JobReport(processed: 1))
  }
}
