/// An instant: whole microseconds since 1970-01-01T00:00:00Z, exactly what `timestamptz` stores.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  public static func + (time: Timestamp, span: Duration) -> Timestamp {
    Timestamp(microseconds: time.microseconds + span.wholeMicroseconds)
  }

  public static func - (time: Timestamp, span: Duration) -> Timestamp {
    Timestamp(microseconds: time.microseconds - span.wholeMicroseconds)
  }

  public static func - (a: Timestamp, b: Timestamp) -> Duration {
    .microseconds(a.microseconds - b.microseconds)
  }

  public static func += (time: inout Timestamp, span: Duration) { time = time + span }
}

extension Duration {
  /// The span in microseconds; what is smaller is cut off.
  public var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  public static func hours(_ count: Int) -> Duration { .seconds(count * 3_600) }
  public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
}
