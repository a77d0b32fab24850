import Glibc

/// An instant of the machine's monotonic clock, in nanoseconds. Cheaper than `ContinuousClock` on the hot
/// path.
struct Monotonic: Sendable, Comparable {
  var nanoseconds: UInt64

  static var now: Monotonic {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Monotonic(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  static let never = Monotonic(nanoseconds: .max)

  static func < (left: Monotonic, right: Monotonic) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Saturating at `never`.
  static func + (instant: Monotonic, duration: Nanoseconds) -> Monotonic {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.count)
    return overflow ? never : Monotonic(nanoseconds: sum)
  }

  /// Never negative.
  func since(_ earlier: Monotonic) -> Nanoseconds {
    Nanoseconds(count: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
  }

  var remaining: Duration {
    self == .never ? .seconds(Int64.max / 4) : .nanoseconds(Int64(clamping: since(.now).count))
  }
}

struct Nanoseconds: Sendable, Comparable {
  var count: UInt64

  init(count: UInt64) { self.count = count }

  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    count = UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }

  static func < (left: Nanoseconds, right: Nanoseconds) -> Bool { left.count < right.count }

  var duration: Duration { .nanoseconds(Int64(clamping: count)) }
}
