/// How full a client's pool is, beside its open alert: what decides whether an alert is raised or cleared.
///
/// A pool that moves to and fro across its mark is one alert, not one for each crossing: an alert is raised
/// at once and cleared with a margin. For `low` the margin is in numbers. For `exhausted` it is in time: one
/// free number is enough for the next lead, so what matters is whether there goes on to be one.
public struct PoolStanding: Hashable, Sendable {
  /// An alert that was raised and not cleared.
  public struct OpenAlert: Hashable, Sendable {
    public let kind: PoolAlert.Kind
    /// When the pool was last found at the alert's level.
    public let seenAt: Timestamp

    public init(kind: PoolAlert.Kind, seenAt: Timestamp) {
      self.kind = kind
      self.seenAt = seenAt
    }
  }

  /// For how long a number must have been free at each look before `exhausted` is cleared.
  public static let quietTime: Duration = .minutes(5)

  public let available: Int
  /// With `available`, counts the client's active numbers.
  public let total: Int
  public let lowWaterMark: Int
  public let alert: OpenAlert?

  public init(available: Int, total: Int, lowWaterMark: Int, alert: OpenAlert? = nil) {
    self.available = available
    self.total = total
    self.lowWaterMark = lowWaterMark
    self.alert = alert
  }

  public var level: PoolLevel {
    PoolLevel(available: available, total: total, lowWaterMark: lowWaterMark)
  }

  /// Whether so many numbers are available that `low` is over: more than the mark and a tenth of the pool, at
  /// least one number, above it. A pool that is wholly free is over it whatever the margin, unless the mark
  /// is as large as the pool.
  public var isClearlyAboveMark: Bool {
    level == .ok && available >= min(lowWaterMark + max(1, total / 10) + 1, total)
  }

  /// What becomes of the client's alert when its pool stands so at `now`.
  public func change(at now: Timestamp) -> PoolAlertChange {
    switch (alert?.kind, level) {
    case (nil, .ok), (.low, .low): .keep
    case (nil, .low): .raise(.low)
    case (nil, .exhausted), (.low, .exhausted): .raise(.exhausted)
    case (.low, .ok): isClearlyAboveMark ? .clear : .keep
    case (.exhausted, .exhausted): .confirm
    case (.exhausted, .low): isQuiet(at: now) ? .raise(.low) : .keep
    case (.exhausted, .ok): isQuiet(at: now) ? .clear : .keep
    }
  }

  private func isQuiet(at now: Timestamp) -> Bool {
    alert.map { now - $0.seenAt >= Self.quietTime } ?? true
  }
}

public enum PoolAlertChange: Hashable, Sendable {
  case keep
  /// The alert stays, and the pool is still as it says.
  case confirm
  /// Open an alert of this kind, in the place of the one that is open.
  case raise(PoolAlert.Kind)
  case clear
}
