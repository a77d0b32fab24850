import Domain
import Runtime
import Synchronization
import Testing

/// A job with work to do, which it takes in chunks of the limit.
private final class Digger: Job {
  struct State {
    var work: Int
    var calls: [(now: Timestamp, limit: Int)] = []
    var failures: Int
  }
  let name: String
  let interval: Duration
  private let state: Mutex<State>
  private let meanwhile: @Sendable () async throws -> Void

  init(
    _ name: String = "dig", every interval: Duration = .hours(1), work: Int = 0, failures: Int = 0,
    meanwhile: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.name = name
    self.interval = interval
    self.meanwhile = meanwhile
    state = Mutex(State(work: work, failures: failures))
  }

  var calls: [(now: Timestamp, limit: Int)] { state.withLock { $0.calls } }
  func add(_ work: Int) { state.withLock { $0.work += work } }

  func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    try await meanwhile()
    return try state.withLock { state in
      state.calls.append((now, limit))
      if state.failures > 0 {
        state.failures -= 1
        throw Rock()
      }
      let done = min(limit, state.work)
      state.work -= done
      return JobReport(processed: done, hasMore: state.work > 0, details: ["dug": done])
    }
  }
}

private struct Rock: Error, CustomStringConvertible { var description: String { "a rock at x@y.example" } }

@Suite struct SchedulerTests {
  private let clock = ManualClock()
  private let ledger = MemoryJobLedger()

  private func scheduler(_ jobs: [any Job], budget: Duration = .seconds(30), log: Log = .off) -> Scheduler {
    let settings = Scheduler.Settings(limit: 10, budget: budget, jitter: { _ in .zero })
    return Scheduler(jobs, ledger: ledger, settings: settings, time: clock, log: log)
  }

  private func running(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
    let service = Task { try await scheduler.run() }
    try await body()
    service.cancel()
    try await service.value
  }

  @Test func `a job runs at once, then once an interval`() async throws {
    let job = Digger()
    let start = clock.now
    try await running(scheduler([job])) {
      await clock.sleepers(1)
      for _ in 0..<3 {
        clock.advance(by: .hours(1))
        await clock.sleepers(1)
      }
    }
    #expect(job.calls.map(\.now) == (0...3).map { start + .hours($0) })
  }

  @Test func `work is done in bounded chunks until nothing is left, and the report is the sum`() async throws
  {
    let job = Digger(work: 35)
    let outcome = try await scheduler([job]).runNow("dig")
    #expect(outcome == .succeeded(JobReport(processed: 35, hasMore: false, details: ["dug": 35])))
    #expect(job.calls.map(\.limit) == [10, 10, 10, 10])
    let state = try #require(try await ledger.states().first)
    #expect(state.outcome == outcome)
    #expect(state.runningUntil == nil)
    #expect(state.nextDueAt == clock.now + .hours(1))
  }

  @Test func `a run ends with its time budget, and the rest is due at once`() async throws {
    let job = Digger(work: 100) { [clock] in clock.advance(by: .seconds(20)) }
    let outcome = try await scheduler([job]).runNow("dig")
    #expect(outcome.report.processed == 20)
    #expect(outcome.report.hasMore)
    #expect(try await ledger.states().first?.nextDueAt == clock.now)
  }

  @Test func `a failure is logged, stored without personal data, and tried again with growing pauses`()
    async throws
  {
    let sink = MemorySink()
    let job = Digger(failures: 3)
    let start = clock.now
    try await running(scheduler([job], log: Log(sink: sink))) {
      await clock.sleepers(1)
      let failed = try await ledger.states().first
      #expect(failed?.outcome?.isSuccess == false)
      for span in [1, 2, 4] {
        clock.advance(by: .seconds(span))
        await clock.sleepers(1)
      }
    }
    #expect(job.calls.map(\.now) == [0, 1, 3, 7].map { start + .seconds($0) })
    let state = try #require(try await ledger.states().first)
    #expect(state.failures == 0)
    #expect(state.nextDueAt == start + .seconds(7) + .hours(1))
    #expect(sink.lines.count { $0.contains("job failed") && $0.contains("a rock at [address]") } == 3)
  }

  @Test func `many servers on one ledger run a job once`() async throws {
    let job = Digger(every: .minutes(1))
    let servers = (0..<8).map { _ in scheduler([job]) }
    let tasks = servers.map { server in Task { try await server.run() } }
    await clock.sleepers(8)
    for _ in 0..<50 {
      clock.advance(by: .minutes(1))
      await clock.sleepers(8)
    }
    for task in tasks { task.cancel() }
    for task in tasks { try await task.value }
    #expect(job.calls.count == 51)
    #expect(Set(job.calls.map(\.now)).count == 51)
  }

  @Test func `a job that runs is not run on demand, an unknown one is named`() async throws {
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let (started, starter) = AsyncStream.makeStream(of: Void.self)
    let job = Digger {
      starter.finish()
      for await _ in gate {}
    }
    let scheduler = scheduler([job])
    let run = Task { try await scheduler.runNow("dig") }
    for await _ in started {}
    await #expect(throws: JobBusy(name: "dig")) { try await scheduler.runNow("dig") }
    opener.finish()
    _ = try await run.value
    await #expect(throws: JobUnknown.self) { try await scheduler.runNow("fly") }
  }

  @Test func `a claim that was not renewed is taken over, and the old run cannot end the new one`()
    async throws
  {
    let first = try await ledger.claim("dig", now: clock.now, until: clock.now + .minutes(5), isForced: false)
    guard case .claimed(let old) = first else { return #expect(Bool(false), "\(first)") }
    clock.advance(by: .minutes(5))
    let second = try await ledger.claim(
      "dig", now: clock.now, until: clock.now + .minutes(5), isForced: false)
    guard case .claimed(let new) = second else { return #expect(Bool(false), "\(second)") }
    #expect(new.term > old.term)
    #expect(try await !ledger.renew(old, until: clock.now + .hours(1)))
    try await ledger.finish(
      old, at: clock.now, outcome: .succeeded(JobReport(processed: 1)), failures: 0, nextDueAt: clock.now)
    #expect(try await ledger.states().first?.runningUntil == clock.now + .minutes(5))
    #expect(try await ledger.renew(new, until: clock.now + .hours(1)))
  }

  @Test func `a run that is cancelled leaves its state in the ledger`() async throws {
    let (started, starter) = AsyncStream.makeStream(of: Void.self)
    let job = Digger { [clock] in
      starter.finish()
      try await clock.sleep(for: .hours(1))
    }
    let scheduler = scheduler([job])
    let service = Task { try await scheduler.run() }
    for await _ in started {}
    service.cancel()
    try await service.value
    let state = try #require(try await ledger.states().first)
    #expect(state.runningUntil == nil)
    #expect(state.outcome?.isSuccess == false)
  }

  @Test func `delays are random, below a tenth of the interval and ten seconds`() {
    let delays = (0..<200).map { _ in Scheduler.randomDelay(.seconds(10)) }
    #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(1) })
    #expect(Set(delays).count > 100)
    #expect((0..<200).allSatisfy { _ in Scheduler.randomDelay(.hours(24)) <= .seconds(10) })
  }
}
