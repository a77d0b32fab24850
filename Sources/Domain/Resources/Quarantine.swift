/// Why a resource is out of use, until somebody has reviewed it.
public struct Quarantine: Hashable, Sendable {
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    case bounces, complaints
    /// On a list that receivers refuse mail by, such as Spamhaus DBL.
    case listed
    /// SPF, DKIM or DMARC does not pass.
    case authentication
    /// The provider suspended or lost it.
    case provider
    /// An operator's decision.
    case manual
  }

  public let reason: Reason
  /// What was seen: figures, the list's answer, a ticket. One line of 1 to 2,000 characters.
  public let evidence: String
  public let since: Timestamp

  public init?(reason: Reason, evidence: String, since: Timestamp) {
    guard evidence.isPlainLine(1...2_000) else { return nil }
    self.reason = reason
    self.evidence = evidence
    self.since = since
  }
}

/// The decision of a review: whether a resource may leave quarantine.
public enum Requalification: Hashable, Sendable {
  /// Its status afterwards.
  case qualified(ResourceStatus)
  /// All reasons why it stays, in a fixed order.
  case refused([Obstacle])

  public enum Obstacle: String, CaseIterable, Hashable, Sendable {
    case notQuarantined = "not_quarantined"
    /// Evidence is one line of 1 to 2,000 characters.
    case noEvidence = "no_evidence"
    /// Its rates of the last 30 days are critical: there is no evidence against figures.
    case critical
    case authenticationFails = "authentication_fails"

    public var detail: String {
      switch self {
      case .notQuarantined: "it is not in quarantine"
      case .noEvidence: "a review needs evidence: one line of 1 to 2,000 characters"
      case .critical: "its bounces or complaints of the last 30 days are critical"
      case .authenticationFails: "SPF, DKIM or DMARC fails"
      }
    }
  }

  /// - Parameters:
  ///   - evidence: what shows that the fault is gone.
  ///   - heldClients: those of its assignments that are on hold.
  ///   - rewarming: whether it warms up anew; its warm-up fields are to be reset to start at the review. With
  ///     a client it then warms up as an assigned resource.
  public static func review(
    _ resource: Resource, evidence: String, heldClients: Int, rewarming: Bool
  ) -> Requalification {
    var obstacles: [Obstacle] = []
    if resource.status != .quarantined { obstacles.append(.notQuarantined) }
    if !evidence.isPlainLine(1...2_000) { obstacles.append(.noEvidence) }
    if resource.health.band == .critical { obstacles.append(.critical) }
    if !resource.authentication.failing.isEmpty { obstacles.append(.authenticationFails) }
    guard obstacles.isEmpty else { return .refused(obstacles) }
    if rewarming, resource.kind.needsWarmup, resource.currentClients == 0 { return .qualified(.warming) }
    return .qualified(
      .resting(
        maxClients: resource.maxClients, currentClients: resource.currentClients, heldClients: heldClients))
  }
}
