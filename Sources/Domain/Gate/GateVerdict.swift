/// Whether a lead may be contacted now: all reasons against it, not only the first.
///
///     let verdict = GateVerdict.decide(facts, on: .email, now: now)
///     if verdict.isPassed { … } else { verdict.nextEligibleAt }
public struct GateVerdict: Hashable, Sendable {
  public struct Reason: Hashable, Sendable {
    public let check: GateCheck
    /// When this reason is over by time alone; nil when it is not.
    public let until: Timestamp?

    public init(_ check: GateCheck, until: Timestamp? = nil) {
      self.check = check
      self.until = until
    }
  }

  /// In the order of the checks; empty when all of them passed.
  public let reasons: [Reason]

  public var isPassed: Bool { reasons.isEmpty }

  /// When it may be worth asking again: the latest end of the reasons. Nil when it passed, and when one of
  /// the reasons does not end by time.
  public var nextEligibleAt: Timestamp? {
    reasons.allSatisfy { $0.until != nil } ? reasons.compactMap(\.until).max() : nil
  }

  /// What a client may know of a lead that is not its own: only that.
  public static let notYours = GateVerdict(reasons: [Reason(.notAssigned)])

  /// Nothing is against it.
  public static let passed = GateVerdict(reasons: [])

  /// Between two touches of a lead by one client, on whatever channels (R14).
  public static let touchGap: Duration = .hours(72)
  /// Between two touches on one channel (R14).
  public static let channelGap: Duration = .hours(168)

  /// All checks that bind the channel. Exactly 72 and 168 hours pass (R14).
  public static func decide(_ facts: GateFacts, on channel: Channel, now: Timestamp) -> GateVerdict {
    GateVerdict(
      reasons: GateCheck.allCases.filter { $0.binds(channel) }.compactMap { reason($0, facts, now) })
  }

  private static func reason(_ check: GateCheck, _ facts: GateFacts, _ now: Timestamp) -> Reason? {
    switch check {
    case .bounced: facts.bouncedAt == nil ? nil : Reason(check)
    case .unsubscribed: facts.unsubscribedAt == nil ? nil : Reason(check)
    case .emailUnverified: facts.emailStatus == .verified ? nil : Reason(check)
    case .notAssigned: facts.isAssigned ? nil : Reason(check)
    case .replied: facts.repliedAt == nil ? nil : Reason(check)
    case .contactedRecently: gap(check, after: facts.lastTouchAt, touchGap, now)
    case .channelCooling: gap(check, after: facts.lastTouchOnChannelAt, channelGap, now)
    case .limitReached: facts.used < facts.dailyLimit ? nil : Reason(check, until: facts.resetsAt)
    case .warmupIncomplete: facts.warmupCompletesAt.map { Reason(check, until: $0) }
    }
  }

  private static func gap(
    _ check: GateCheck, after touch: Timestamp?, _ gap: Duration, _ now: Timestamp
  ) -> Reason? {
    guard let touch, now < touch + gap else { return nil }
    return Reason(check, until: touch + gap)
  }
}
