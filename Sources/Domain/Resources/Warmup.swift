/// Whether a domain in warm-up may send (R11).
public enum WarmupPolicy: String, CaseIterable, Hashable, Sendable {
  /// Email from a domain whose warm-up is incomplete is refused.
  case strict
  /// It may send, within the ramp.
  case ramp
}

/// How far the warm-up of a resource is. A seeded one may be completed without ever having started.
public struct Warmup: Hashable, Sendable {
  public var startedAt: Timestamp?
  public var completedAt: Timestamp?

  public init(startedAt: Timestamp? = nil, completedAt: Timestamp? = nil) {
    self.startedAt = startedAt
    self.completedAt = completedAt
  }

  /// From its start to its completion.
  public static let length: Duration = .hours(21 * 24)

  public enum Stage: Hashable, Sendable {
    case notStarted
    /// Full periods of 24 hours since the start.
    case warming(days: Int)
    case completed
  }

  public var isCompleted: Bool { completedAt != nil }
  public var isUnderWay: Bool { startedAt != nil && completedAt == nil }

  /// A start that lies ahead of `now` counts as now.
  public func stage(at now: Timestamp) -> Stage {
    if isCompleted { return .completed }
    guard let startedAt else { return .notStarted }
    return .warming(days: max(0, Int((now - startedAt).wholeMicroseconds / Civil.microsecondsPerDay)))
  }

  /// When it will be completed if it starts now at the latest and stays healthy. Nil when it is completed.
  public func expectedCompletion(at now: Timestamp) -> Timestamp? {
    isCompleted ? nil : max(now, (startedAt ?? now) + Self.length)
  }
}

/// Whether a warm-up is over; a job asks once a day or more often, and catches up after downtime.
public enum WarmupCompletion: Hashable, Sendable {
  /// `completedAt` becomes `now`; a resource that is warming becomes available.
  case complete
  /// Its time is not over.
  case wait(until: Timestamp)
  /// Its time is over, but it does badly: it goes on within its ramp until the figures recover.
  case unhealthy(HealthBand)
  case notStarted, alreadyCompleted

  /// After 21 days, if healthy: in the band `good`, and with no SPF, DKIM or DMARC that fails.
  public static func decide(_ resource: Resource, now: Timestamp) -> WarmupCompletion {
    if resource.warmup.isCompleted { return .alreadyCompleted }
    guard let startedAt = resource.warmup.startedAt else { return .notStarted }
    let end = startedAt + Warmup.length
    if now < end { return .wait(until: end) }
    let band = resource.authentication.failing.isEmpty ? resource.health.band : .critical
    return band == .good ? .complete : .unhealthy(band)
  }
}
