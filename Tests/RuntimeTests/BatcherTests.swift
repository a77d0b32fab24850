import Runtime
import Synchronization
import Testing

/// Lets a test hold rounds and see what they are given.
private final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [CheckedContinuation<Void, Never>] = []
    var arrived = 0
    var observers: [(Int, CheckedContinuation<Void, Never>)] = []
  }
  private let state = Mutex(State())

  /// A round arrives here and goes on when the gate is opened.
  func pass() async {
    let told = state.withLock { state in
      state.arrived += 1
      let told = state.observers.filter { $0.0 <= state.arrived }.map(\.1)
      state.observers.removeAll { $0.0 <= state.arrived }
      return told
    }
    for observer in told { observer.resume() }
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiters.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func arrivals(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state in
        if state.arrived < count { state.observers.append((count, continuation)) }
        return state.arrived >= count
      }
      if isNow { continuation.resume() }
    }
  }
}

private struct Bad: Error {}

extension Batcher {
  /// Returns when `count` requests wait.
  fileprivate func untilWaiting(_ count: Int) async { while waiting < count { await Task.yield() } }
}

@Suite struct BatcherTests {
  @Test func `a lone request is served at once, alone`() async throws {
    let batcher = Batcher<Int, Int>("test") { requests in requests.map { .success($0 * 2) } }
    #expect(try await batcher.submit(21) == 42)
    #expect(batcher.waiting == 0)
  }

  @Test func `what arrives during a round goes into the next, first come first served`() async throws {
    let gate = Gate()
    let seen = Seen()
    let batcher = Batcher<Int, Int>("test", maxRound: 3) { requests in
      seen.add(requests)
      await gate.pass()
      return requests.map { .success($0) }
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<8 {
        group.addTask { try await batcher.submit(number) }
        if number == 0 { await gate.arrivals(1) } else { await batcher.untilWaiting(number) }
      }
      gate.open()
      for try await _ in group {}
    }
    #expect(seen.rounds == [[0], [1, 2, 3], [4, 5, 6], [7]])
  }

  @Test func `as many rounds run at once as there are lanes`() async throws {
    let gate = Gate()
    let batcher = Batcher<Int, Int>("test", lanes: 3) { requests in
      await gate.pass()
      return requests.map { .success($0) }
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<3 {
        group.addTask { try await batcher.submit(number) }
        await gate.arrivals(number + 1)
      }
      group.addTask { try await batcher.submit(3) }
      await batcher.untilWaiting(1)
      gate.open()
      for try await _ in group {}
    }
  }

  @Test func `a round begins beside another one only if it is as large`() async throws {
    let (first, second, third) = (Gate(), Gate(), Gate())
    let gates = [0: first, 1: second, 2: third]
    let seen = Seen()
    let batcher = Batcher<Int, Int>("test", lanes: 2) { requests in
      seen.add(requests)
      await gates[requests[0]]?.pass()
      return requests.map { .success($0) }
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      func submit(_ number: Int) { group.addTask { try await batcher.submit(number) } }
      submit(0)
      await first.arrivals(1)
      submit(1)
      await second.arrivals(1)
      for number in 2...4 {
        submit(number)
        await batcher.untilWaiting(number - 1)
      }
      second.open()
      await third.arrivals(1)
      first.open()
      for _ in 0...1 { _ = try await group.next() }
      // Three are under way; one and two wait, three are worth a round.
      for number in 5...6 {
        submit(number)
        await batcher.untilWaiting(number - 4)
      }
      #expect(seen.rounds == [[0], [1], [2, 3, 4]])
      submit(7)
      for _ in 5...7 { _ = try await group.next() }
      #expect(seen.rounds == [[0], [1], [2, 3, 4], [5, 6, 7]])
      third.open()
      for try await _ in group {}
    }
  }

  @Test func `a request that fails fails alone`() async throws {
    let batcher = Batcher<Int, Int>("test") { requests in
      requests.map { $0 == 3 ? .failure(Bad()) : .success($0) }
    }
    let answers = await results(of: 0..<10, from: batcher)
    #expect(answers.compactMapValues(\.self).count == 9)
    #expect(answers[3] == .some(nil))
  }

  @Test(arguments: [[], [5], [0, 63], Array(0..<64)])
  func `a round that throws is served by halves, so that only the guilty fail`(_ guilty: [Int]) async throws {
    let gate = Gate()
    let served = Seen()
    let batcher = Batcher<Int, Int>("test") { requests in
      await gate.pass()
      if requests.contains(where: guilty.contains) { throw Bad() }
      served.add(requests)
      return requests.map { .success($0) }
    }
    let first = Task { try? await batcher.submit(-1) }
    await gate.arrivals(1)
    let rest = Task { await results(of: 0..<64, from: batcher) }
    await batcher.untilWaiting(64)
    gate.open()
    _ = await first.value
    let answers = await rest.value
    #expect(Set(answers.filter { $0.value == nil }.keys) == Set(guilty))
    #expect(Set(served.all) == Set(-1..<64).subtracting(guilty))
    #expect(served.all.count == 65 - guilty.count, "nothing is served twice")
  }

  @Test func `an error that no request can cause fails the round without halving`() async throws {
    let counter = Calls()
    let batcher = Batcher<Int, Int>("test", isSplit: { !($0 is Bad) }) { _ in
      counter.add()
      throw Bad()
    }
    let answers = await results(of: 0..<20, from: batcher)
    #expect(answers.values.allSatisfy { $0 == nil })
    #expect(counter.count <= 20)
  }

  @Test func `beyond its queue a batcher refuses at once and says when to come back`() async throws {
    let gate = Gate()
    let batcher = Batcher<Int, Int>("test", maxQueue: 2) { requests in
      await gate.pass()
      return requests.map { .success($0) }
    }
    let first = Task { try await batcher.submit(0) }
    await gate.arrivals(1)
    let waiting = (1...2).map { number in Task { try await batcher.submit(number) } }
    await batcher.untilWaiting(2)
    let refusal = await #expect(throws: Overloaded.self) { try await batcher.submit(3) }
    #expect(try #require(refusal).retryAfter >= .milliseconds(100))
    waiting[0].cancel()
    await #expect(throws: CancellationError.self) { try await waiting[0].value }
    let fourth = Task { try await batcher.submit(4) }  // The place of the one that left.
    await batcher.untilWaiting(2)
    gate.open()
    #expect(try await first.value == 0)
    #expect(try await waiting[1].value == 2)
    #expect(try await fourth.value == 4)
  }

  @Test func `who leaves before the round is never served, who leaves later is served and not answered`()
    async throws
  {
    let gate = Gate()
    let seen = Seen()
    let batcher = Batcher<Int, Int>("test") { requests in
      await gate.pass()
      seen.add(requests)
      return requests.map { .success($0) }
    }
    let inRound = Task { try await batcher.submit(0) }
    await gate.arrivals(1)
    let early = Task { try await batcher.submit(1) }
    let stays = Task { () -> Int in
      await batcher.untilWaiting(1)
      return try await batcher.submit(2)
    }
    await batcher.untilWaiting(2)
    early.cancel()
    inRound.cancel()
    await #expect(throws: CancellationError.self) { try await early.value }
    await #expect(throws: CancellationError.self) { try await inRound.value }
    gate.open()
    #expect(try await stays.value == 2)
    #expect(seen.rounds == [[0], [2]])
  }

  @Test func `draining serves what was accepted and refuses the rest`() async throws {
    let gate = Gate()
    let batcher = Batcher<Int, Int>("test", maxRound: 2) { requests in
      await gate.pass()
      return requests.map { .success($0) }
    }
    let first = Task { try await batcher.submit(0) }
    await gate.arrivals(1)
    let accepted = [first] + (1..<5).map { number in Task { try await batcher.submit(number) } }
    await batcher.untilWaiting(4)
    let service = Task { try await batcher.run() }
    service.cancel()
    var refusal: (any Error)?
    while refusal == nil {
      let probe = Task { try await batcher.submit(99) }
      await Task.yield()
      probe.cancel()
      if case .failure(let error) = await probe.result, error is BatcherStopped { refusal = error }
    }
    gate.open()
    try await service.value
    for (number, task) in accepted.enumerated() { #expect(try await task.value == number) }
    await #expect(throws: BatcherStopped.self) { try await batcher.submit(7) }
  }

  @Test func `metrics tell the size of rounds and who waits`() async throws {
    let metrics = Metrics()
    let batcher = Batcher<Int, Int>("lease", metrics: metrics) { $0.map { .success($0) } }
    _ = try await batcher.submit(1)
    await batcher.drain()
    let text = metrics.exposition
    #expect(text.contains("reservoir_batch_round_requests_bucket{batch=\"lease\",le=\"1\"} 1\n"))
    #expect(text.contains("reservoir_batch_waiting{batch=\"lease\"} 0\n"))
  }

  private func results(of numbers: Range<Int>, from batcher: Batcher<Int, Int>) async -> [Int: Int?] {
    await withTaskGroup(of: (Int, Int?).self) { group in
      for number in numbers { group.addTask { (number, try? await batcher.submit(number)) } }
      return await group.reduce(into: [:]) { $0.updateValue($1.1, forKey: $1.0) }
    }
  }
}

final class Seen: Sendable {
  private let content = Mutex<[[Int]]>([])
  func add(_ round: [Int]) { content.withLock { $0.append(round) } }
  var rounds: [[Int]] { content.withLock { $0 } }
  var all: [Int] { rounds.flatMap(\.self) }
}

final class Calls: Sendable {
  private let content = Atomic<Int>(0)
  func add() { content.wrappingAdd(1, ordering: .relaxed) }
  var count: Int { content.load(ordering: .relaxed) }
}
