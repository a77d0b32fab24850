import Domain
import Runtime
import Synchronization
import Testing

/// What happened, in order.
private final class Diary: Sendable {
  private let content = Mutex<[String]>([])
  func note(_ entry: String) { content.withLock { $0.append(entry) } }
  var entries: [String] { content.withLock { $0 } }
}

/// A service that writes down its life.
private struct Witness: Service {
  let name: String
  let diary: Diary
  var stopping: @Sendable () async throws -> Void = {}

  func run() async throws {
    diary.note("\(name) runs")
    await untilCancelled()
    try await stopping()
    diary.note("\(name) stopped")
  }

  func ready() async throws {
    while !diary.entries.contains("\(name) runs") { try await Task.sleep(for: .milliseconds(1)) }
    diary.note("\(name) ready")
  }
}

private struct Burst: Error, CustomStringConvertible { var description: String { "a pipe burst" } }

/// Sleeps for ever and ignores every demand to stop.
private func hang() async {
  await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
    forgotten.withLock { $0.append(continuation) }
  }
}
private let forgotten = Mutex<[CheckedContinuation<Void, Never>]>([])

@Suite struct ServiceGroupTests {
  private let diary = Diary()
  private let clock = ManualClock()

  private func stream() -> (AsyncStream<StopSignal>, AsyncStream<StopSignal>.Continuation) {
    AsyncStream.makeStream()
  }

  /// The lives of a, b and c.
  private static let wholeLife = [
    "a runs", "a ready", "b runs", "b ready", "c runs", "c ready", "c stopped", "b stopped", "a stopped",
  ]

  private func witnesses() -> [any Service] { ["a", "b", "c"].map { Witness(name: $0, diary: diary) } }

  private func untilReady(_ name: String) async throws {
    while !diary.entries.contains("\(name) ready") { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test(arguments: [StopSignal.terminate, .interrupt])
  func `services start in order, each when the one before is ready, and stop in reverse`(
    _ signal: StopSignal
  ) async throws {
    let (signals, sender) = stream()
    let group = ServiceGroup(witnesses(), signals: signals, time: clock)
    let run = Task { try await group.run() }
    try await untilReady("c")
    sender.yield(signal)
    try await run.value
    #expect(diary.entries == Self.wholeLife)
  }

  @Test func `cancelling the group is a demand to stop`() async throws {
    let group = ServiceGroup(witnesses(), time: clock)
    let run = Task { try await group.run() }
    try await untilReady("c")
    run.cancel()
    try await run.value
    #expect(diary.entries == Self.wholeLife)
  }

  @Test func `a service that throws stops all, and the error names it`() async throws {
    let services = [Witness(name: "a", diary: diary), ServiceBody("b") { throw Burst() }] as [any Service]
    let failure = await #expect(throws: ServiceGroupFailure.self) {
      try await ServiceGroup(services, time: clock).run()
    }
    #expect(failure?.ended?.name == "b")
    #expect(failure?.description == "b failed: a pipe burst")
    #expect(diary.entries.last == "a stopped")
  }

  @Test func `a service that ends by itself stops all, and the error names it`() async throws {
    let services = [Witness(name: "a", diary: diary), ServiceBody("b") {}] as [any Service]
    let failure = await #expect(throws: ServiceGroupFailure.self) {
      try await ServiceGroup(services, time: clock).run()
    }
    #expect(failure?.description == "b ended unexpectedly")
    #expect(diary.entries.last == "a stopped")
  }

  @Test func `a service that cannot become ready stops what was started, and nothing more is`() async throws {
    struct Unready: Service {
      let name = "b"
      func run() async throws { await untilCancelled() }
      func ready() async throws { throw Burst() }
    }
    let services: [any Service] = [
      Witness(name: "a", diary: diary), Unready(), Witness(name: "c", diary: diary),
    ]
    let failure = await #expect(throws: ServiceGroupFailure.self) {
      try await ServiceGroup(services, time: clock).run()
    }
    #expect(failure?.description == "b failed: a pipe burst")
    #expect(diary.entries == ["a runs", "a ready", "a stopped"])
  }

  @Test func `a service that throws while it stops is named, and the others are stopped`() async throws {
    let services: [any Service] = [
      Witness(name: "a", diary: diary), Witness(name: "b", diary: diary) { throw Burst() },
    ]
    let run = Task { try await ServiceGroup(services, time: clock).run() }
    try await untilReady("b")
    run.cancel()
    let failure = await #expect(throws: ServiceGroupFailure.self) { try await run.value }
    #expect(failure?.description == "b failed to stop: a pipe burst")
    #expect(diary.entries.last == "a stopped")
  }

  @Test func `who does not stop in time is named, and the others still get their time`() async throws {
    let services: [any Service] = [
      Witness(name: "a", diary: diary), Witness(name: "b", diary: diary) { await hang() },
    ]
    let group = ServiceGroup(services, deadline: .seconds(40), time: clock)
    let run = Task { try await group.run() }
    try await untilReady("b")
    run.cancel()
    await clock.sleepers(1)
    #expect(clock.nextDeadline == clock.now + .seconds(20), "b has half of the time")
    clock.advance(by: .seconds(20))
    let failure = await #expect(throws: ServiceGroupFailure.self) { try await run.value }
    #expect(failure?.description == "did not stop in time: b")
    #expect(diary.entries.last == "a stopped")
  }

  @Test func `a second interrupt ends the wait at once`() async throws {
    let (signals, sender) = stream()
    let services: [any Service] = [
      Witness(name: "a", diary: diary) { await hang() }, Witness(name: "b", diary: diary) { await hang() },
    ]
    let run = Task { try await ServiceGroup(services, signals: signals, time: clock).run() }
    try await untilReady("b")
    sender.yield(.interrupt)
    await clock.sleepers(1)
    sender.yield(.interrupt)
    let failure = await #expect(throws: ServiceGroupFailure.self) { try await run.value }
    #expect(failure?.isInterrupted == true)
    #expect(failure?.notStopped == ["a", "b"])
  }

  @Test func `a signal while services start stops those that run`() async throws {
    struct Slow: Service {
      let name = "b"
      func run() async throws { await untilCancelled() }
      func ready() async throws { await untilCancelled() }
    }
    let (signals, sender) = stream()
    let services: [any Service] = [
      Witness(name: "a", diary: diary), Slow(), Witness(name: "c", diary: diary),
    ]
    let run = Task { try await ServiceGroup(services, signals: signals, time: clock).run() }
    try await untilReady("a")
    sender.yield(.terminate)
    try await run.value
    #expect(diary.entries == ["a runs", "a ready", "a stopped"])
  }
}
