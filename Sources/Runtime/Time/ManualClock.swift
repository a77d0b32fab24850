import Domain
import Synchronization

/// A clock that moves only when it is told to. Sleepers wake in the order of their deadlines, equal ones in
/// the order in which they went to sleep.
///
/// ```swift
/// let clock = ManualClock()
/// let task = Task { try await clock.sleep(for: .hours(18)) }
/// await clock.sleepers(1)
/// clock.advance(by: .hours(18))
/// try await task.value
/// ```
public final class ManualClock: TimeSource {
  private struct Sleeper {
    let deadline: Timestamp
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Timestamp
    var nextNumber = 0
    var sleepers: [Int: Sleeper] = [:]
    var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state: Mutex<State>

  public init(_ start: Timestamp = Timestamp(microseconds: 1_795_219_200_000_000)) {
    state = Mutex(State(now: start))
  }

  public var now: Timestamp { state.withLock { $0.now } }

  /// The earliest deadline that somebody sleeps for.
  public var nextDeadline: Timestamp? {
    state.withLock { $0.sleepers.values.map(\.deadline).min() }
  }

  public func advance(by span: Duration) { advance(to: now + span) }

  /// Moves the clock, never back, and wakes everybody whose deadline has come.
  public func advance(to time: Timestamp) {
    let woken = state.withLock { state -> [(Int, Sleeper)] in
      precondition(time >= state.now, "time does not go back")
      state.now = time
      let due = state.sleepers.filter { $0.value.deadline <= time }
      for number in due.keys { state.sleepers[number] = nil }
      return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map { ($0, $1) }
    }
    for (_, sleeper) in woken { sleeper.continuation.resume() }
  }

  /// Returns as soon as at least `count` tasks sleep: the signal that tests wait for before they advance.
  public func sleepers(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.observers.append((count, continuation))
        return false
      }
      if isNow { continuation.resume() }
    }
  }

  public func sleep(until deadline: Timestamp) async throws {
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(number, Sleeper(deadline: deadline, continuation: continuation))
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation
        .resume(throwing: CancellationError())
    }
  }

  private func enter(_ number: Int, _ sleeper: Sleeper) {
    enum Entry { case cancelled, passed, asleep([CheckedContinuation<Void, Never>]) }
    let entry = state.withLock { state -> Entry in
      // A cancellation that comes after this look finds the sleeper in the table.
      if Task.isCancelled { return .cancelled }
      if sleeper.deadline <= state.now { return .passed }
      state.sleepers[number] = sleeper
      let count = state.sleepers.count
      let satisfied = state.observers.filter { $0.count <= count }.map(\.continuation)
      state.observers.removeAll { $0.count <= count }
      return .asleep(satisfied)
    }
    switch entry {
    case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
    case .passed: sleeper.continuation.resume()
    case .asleep(let observers): for observer in observers { observer.resume() }
    }
  }
}
