/// How much an email domain may send on one of its days: warm-up and health together (R11, R12).
public struct DomainLimit: Hashable, Sendable {
  /// What holds the limit down, in this order.
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    /// Retired or in quarantine.
    case outOfUse = "out_of_use"
    /// Its client has left (R7).
    case held
    /// R11, under the policy `strict`.
    case warmupIncomplete = "warmup_incomplete"
    /// R11, under the policy `ramp`.
    case warmupRamp = "warmup_ramp"
    case health
    case authentication
  }

  /// Emails; 0 when it may not send.
  public let emails: Int
  /// Why it is less than 50; empty when it is not.
  public let reasons: [Reason]
  /// When the domain's day ends and the limit counts anew.
  public let resetsAt: Timestamp

  public static let full = 50

  /// The least of the limits that its status, its warm-up, its health and its DNS allow.
  public init(of domain: Resource, policy: WarmupPolicy, now: Timestamp) {
    precondition(domain.kind == .emailDomain, "the limit of an email domain")
    let limits: [(Reason, Int)] = [
      (.outOfUse, [.retired, .quarantined].contains(domain.status) ? 0 : Self.full),
      (.held, domain.status == .held ? 0 : Self.full),
      Self.warmupLimit(domain.warmup, policy, now),
      (.health, domain.health.band.dailyLimit),
      (.authentication, domain.authentication.failing.isEmpty ? Self.full : 0),
    ]
    emails = limits.map(\.1).min() ?? Self.full
    reasons = limits.filter { $0.1 < Self.full }.map(\.0)
    resetsAt = domain.timeZone.endOfDay(containing: now)
  }

  /// From 22 days on the ramp gives all, completed or not; under `strict` only a completed one sends.
  private static func warmupLimit(
    _ warmup: Warmup, _ policy: WarmupPolicy, _ now: Timestamp
  ) -> (Reason, Int) {
    switch (warmup.stage(at: now), policy) {
    case (.completed, _): (.warmupRamp, full)
    case (_, .strict): (.warmupIncomplete, 0)
    case (.notStarted, .ramp): (.warmupRamp, Ramp.emailDomain.limit(afterDays: 0))
    case (.warming(let days), .ramp): (.warmupRamp, Ramp.emailDomain.limit(afterDays: days))
    }
  }
}
