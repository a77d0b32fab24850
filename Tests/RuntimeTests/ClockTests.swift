import Domain
import Runtime
import Synchronization
import Testing

@Suite struct ClockTests {
  @Test func `sleepers wake when the manual clock reaches their instants, not before`() async throws {
    let clock = ManualClock()
    let woken = Seen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for hours in [3, 1, 2] {
        group.addTask {
          try await clock.sleep(for: .hours(hours))
          woken.add([hours])
        }
      }
      await clock.sleepers(3)
      clock.advance(by: .hours(1) - .microseconds(1))
      #expect(woken.all.isEmpty)
      clock.advance(by: .microseconds(1))
      try await group.next()
      #expect(woken.all == [1])
      #expect(clock.nextDeadline == clock.now + .hours(1))
      clock.advance(by: .hours(9))
    }
    #expect(Set(woken.all) == [1, 2, 3])
  }

  @Test func `sleeping until an instant that has passed returns at once`() async throws {
    let clock = ManualClock()
    try await clock.sleep(until: clock.now)
    try await clock.sleep(until: clock.now - .hours(1))
    try await WallClock().sleep(until: Timestamp(microseconds: 0))
  }

  @Test func `a cancelled sleeper wakes with an error, before and while it sleeps`() async {
    let clock = ManualClock()
    let sleeper = Task { try await clock.sleep(for: .hours(1)) }
    await clock.sleepers(1)
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    #expect(clock.nextDeadline == nil)
    let wall = Task { try await WallClock().sleep(for: .hours(1)) }
    wall.cancel()
    await #expect(throws: CancellationError.self) { try await wall.value }
  }

  @Test func `thousands of sleepers and cancellations lose nobody`() async {
    let clock = ManualClock()
    let ended = Calls()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<2_000 {
        group.addTask {
          let task = Task { try await clock.sleep(for: .seconds(number % 50 + 1)) }
          if number % 3 == 0 { task.cancel() }
          _ = await task.result
          ended.add()
        }
      }
      while ended.count < 2_000 {
        clock.advance(by: .seconds(1))
        await Task.yield()
      }
    }
    #expect(ended.count == 2_000)
  }

  @Test func `the wall clock goes on and is about now`() async throws {
    let before = WallClock().now
    try await WallClock().sleep(for: .milliseconds(5))
    #expect(WallClock().now - before >= .milliseconds(5))
    #expect(before > Timestamp("2025-01-01T00:00:00Z")!)
  }
}
