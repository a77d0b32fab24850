/// What a resource may do for its client on one channel on one of its days: what a campaign's row says.
public struct CampaignLimit: Hashable, Sendable {
  /// What holds the limit down, in this order.
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    /// It was changed behind the server, which has not looked yet.
    case undecided
    /// Retired or in quarantine.
    case outOfUse = "out_of_use"
    /// Its client has left (R7).
    case held
    /// Given up; a lead still leases it.
    case leaving
    case warmupIncomplete = "warmup_incomplete"
    case warmupRamp = "warmup_ramp"
    case health
    case authentication
  }

  /// Actions a day; 0 when it cannot be used. Nil for a mailbox, which has no limit of its own: what it sends
  /// counts for its domain, and is bound by that one's limit.
  public let actions: Int?
  /// Whether its warm-up is completed, or it needs none.
  public let isWarmed: Bool
  /// Why it is less than it could be.
  public let reasons: [Reason]
  /// When the limit changes by time alone; nil when it does not.
  public let changesAt: Timestamp?

  public static let sms = 100

  /// - Parameters:
  ///   - domain: the email domain of a mailbox; nil for every other kind.
  ///   - isHeld: its client's assignment is on hold.
  ///   - isLeaving: its client has given it up, and a lead still leases it.
  public init(
    of resource: Resource, domain: Resource? = nil, on channel: Channel, isHeld: Bool, isLeaving: Bool,
    policy: WarmupPolicy, now: Timestamp
  ) {
    precondition(resource.kind.channels.contains(channel), "a channel that the resource does not serve")
    precondition(resource.domainID == domain?.id, "a mailbox comes with its domain, and nothing else does")
    let parts = [resource, domain].compactMap { $0 }
    var reasons: [Reason] = []
    if parts.contains(where: { [.retired, .quarantined].contains($0.status) }) { reasons.append(.outOfUse) }
    if isHeld || parts.contains(where: { $0.status == .held }) { reasons.append(.held) }
    if isLeaving { reasons.append(.leaving) }
    let isUsable = reasons.isEmpty
    let sender = domain ?? resource
    let able: Ability =
      if sender.kind == .emailDomain {
        Ability(ofDomain: sender, policy: policy, now: now)
      } else {
        Ability(of: sender, on: channel, now: now)
      }
    let actions = isUsable ? able.actions : 0
    self.actions = resource.kind == .mailbox && actions > 0 ? nil : actions
    self.reasons = reasons + able.reasons
    isWarmed = !sender.kind.needsWarmup || sender.warmup.isCompleted
    changesAt = isUsable ? able.changesAt : nil
  }

  /// By warm-up, health and DNS, whoever has it.
  private struct Ability {
    var actions: Int
    var reasons: [Reason]
    var changesAt: Timestamp?

    init(ofDomain domain: Resource, policy: WarmupPolicy, now: Timestamp) {
      let limit = DomainLimit(of: domain, policy: policy, now: now)
      actions = limit.emails
      reasons = limit.reasons.compactMap { reason in
        switch reason {
        // Said of the assignment already.
        case .outOfUse, .held: nil
        case .warmupIncomplete: .warmupIncomplete
        case .warmupRamp: .warmupRamp
        case .health: .health
        case .authentication: .authentication
        }
      }
      changesAt = policy == .ramp ? Ramp.emailDomain.nextStep(of: domain.warmup, at: now) : nil
    }

    /// A young number or seat is within its ramp; one of which no start is known is up since long.
    init(of resource: Resource, on channel: Channel, now: Timestamp) {
      let ramp: Ramp? =
        switch channel {
        case .voice: .voiceNumber
        case .linkedin: .linkedInSeat
        case .email, .sms: nil
        }
      actions = ramp?.full ?? CampaignLimit.sms
      reasons = []
      guard let ramp, case .warming(let days) = resource.warmup.stage(at: now) else { return }
      actions = ramp.limit(afterDays: days)
      if actions < ramp.full { reasons = [.warmupRamp] }
      changesAt = ramp.nextStep(of: resource.warmup, at: now)
    }
  }
}

extension Ramp {
  /// When the next step begins of a warm-up that goes on; nil when there is none.
  func nextStep(of warmup: Warmup, at now: Timestamp) -> Timestamp? {
    guard case .warming(let days) = warmup.stage(at: now), let start = warmup.startedAt,
      let step = steps.first(where: { days < $0.before })
    else { return nil }
    return start + .hours(step.before * 24)
  }
}
