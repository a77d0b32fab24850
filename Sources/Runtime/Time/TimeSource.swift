import Domain
import Glibc

/// Where instants come from: the wall clock in a server, a manual clock in tests and simulations.
public protocol TimeSource: Sendable {
  var now: Timestamp { get }

  /// Returns at or after `deadline`, at once when it has passed.
  ///
  /// - Throws: `CancellationError` when the task is cancelled before.
  func sleep(until deadline: Timestamp) async throws
}

extension TimeSource {
  public func sleep(for span: Duration) async throws { try await sleep(until: now + span) }
}

/// The machine's clock.
public struct WallClock: TimeSource {
  public init() {}

  public var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  public func sleep(until deadline: Timestamp) async throws {
    // In naps, so that a clock that is set forward or a machine that was suspended is noticed.
    while true {
      let left = deadline - now
      guard left > .zero else { return try Task.checkCancellation() }
      try await Task.sleep(for: min(left, Duration.seconds(30)), clock: .continuous)
    }
  }
}
