import Testing

@testable import Postgres

struct PoolMachineTests {
  private var machine = PoolMachine(
    .init(size: 2, idleTimeout: .seconds(100), healthCheckInterval: .seconds(30)))

  private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

  private mutating func submit(_ id: UInt64, _ seconds: Double = 0) -> [PoolMachine.Action] {
    machine.submit(id, deadline: at(seconds + 10), now: at(seconds))
  }

  @Test mutating func `connections are made on demand up to the bound, and callers served in order`() {
    #expect(submit(1) == [.connect(0)])
    #expect(submit(2) == [.connect(1)])
    #expect(submit(3) == [])
    #expect(machine.connected(1, now: at(0)) == [.run(1, on: 1)])
    #expect(machine.finished(1, isBroken: false, now: at(0)) == [.run(2, on: 1)])
    #expect(machine.connected(0, now: at(0)) == [.run(3, on: 0)])
    #expect(machine.finished(0, isBroken: false, now: at(0)) == [])
    #expect(machine.finished(1, isBroken: false, now: at(0)) == [])
    #expect(submit(4) == [.run(4, on: 1)])
  }

  @Test mutating func `a caller waits until its deadline and no longer`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = submit(2, 1)
    _ = submit(3, 2)
    #expect(machine.nextTick == at(11))
    #expect(machine.tick(now: at(11)) == [.fail(2, .timeout)])
    #expect(machine.timeouts == 1)
    #expect(machine.tick(now: at(12)) == [.fail(3, .timeout)])
    #expect(machine.waiting.isEmpty)
  }

  @Test mutating func `a caller that leaves is forgotten, one that runs is interrupted`() {
    _ = submit(1)
    _ = submit(2)
    _ = submit(3)
    _ = machine.connected(0, now: at(0))
    #expect(machine.cancel(2) == [.fail(2, .cancelled)])
    #expect(machine.cancel(1) == [.interrupt(1, on: 0)])
    #expect(machine.finished(0, isBroken: false, now: at(0)) == [.run(3, on: 0)])
    #expect(machine.cancel(1) == [])
  }

  @Test mutating func `a broken connection is closed and replaced for those who wait`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = submit(2)
    _ = machine.connected(1, now: at(0))
    #expect(submit(3) == [])
    #expect(machine.finished(0, isBroken: true, now: at(1)) == [.close(0)])
    #expect(machine.closed(0, now: at(1)) == [.connect(0)])
    #expect(machine.connected(0, now: at(1)) == [.run(3, on: 0)])
  }

  @Test mutating func `a caller whose connection was stale keeps its turn`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = submit(2)
    _ = machine.connected(1, now: at(0))
    _ = submit(3)
    #expect(machine.returned(1, from: 0, deadline: at(10)) == [.close(0)])
    #expect(machine.closed(0, now: at(0)) == [.connect(0)])
    #expect(machine.connected(0, now: at(0)) == [.run(1, on: 0)])
  }

  @Test mutating func `the very first failure to connect is told at once`() {
    _ = submit(1)
    _ = submit(2)
    #expect(machine.connectFailed(0, now: at(0)) == [.fail(1, .unreachable), .fail(2, .unreachable)])
  }

  @Test mutating func `later failures are retried at growing intervals until the callers' deadlines`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = machine.finished(0, isBroken: true, now: at(0))
    _ = machine.closed(0, now: at(0))
    #expect(submit(2) == [.connect(0)])
    var (now, attempts) = (0.0, 0)
    while machine.connectFailed(0, now: at(now)) == [] {
      attempts += 1
      guard let next = machine.nextTick else { break }
      now = Double(next.nanoseconds) / 1e9
      let actions = machine.tick(now: next)
      if actions.contains(.fail(2, .unreachable)) { break }
      #expect(actions == [.connect(0)])
    }
    #expect(now == 10)
    #expect(attempts == 10)
  }

  @Test mutating func `idle connections are checked, and closed when nobody needs them`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = machine.finished(0, isBroken: false, now: at(0))
    for time in [30.0, 60, 90] {
      #expect(machine.nextTick == at(time))
      #expect(machine.tick(now: at(time)) == [.check(0)])
      #expect(machine.checked(0, isBroken: false, now: at(time)) == [])
    }
    #expect(machine.tick(now: at(100)) == [.close(0)])
    #expect(machine.closed(0, now: at(100)) == [])
    #expect(submit(2) == [.connect(0)])
  }

  @Test mutating func `a failed check closes the connection, a caller meanwhile gets another`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = machine.finished(0, isBroken: false, now: at(0))
    _ = machine.tick(now: at(30))
    #expect(submit(2, 30) == [.connect(1)])
    #expect(machine.checked(0, isBroken: true, now: at(31)) == [.close(0)])
  }

  @Test mutating func `a shutdown refuses callers, closes idle connections and lets running ones end`() {
    _ = submit(1)
    _ = machine.connected(0, now: at(0))
    _ = submit(2)
    _ = machine.connected(1, now: at(0))
    _ = machine.finished(1, isBroken: false, now: at(0))
    #expect(machine.shutDown() == [.close(1)])
    #expect(machine.shutDown() == [])
    #expect(submit(3) == [.fail(3, .closed)])
    #expect(machine.closed(1, now: at(0)) == [])
    #expect(!machine.isDrained)
    #expect(machine.finished(0, isBroken: false, now: at(0)) == [.close(0)])
    _ = machine.closed(0, now: at(0))
    #expect(machine.isDrained)
  }
}
