/// Whether a resource could be given to a client now, check by check in a fixed order: what
/// `reservoir resources explain` shows. There is one rule; selection, buffer and forecast ask it too.
public struct Assignability: Hashable, Sendable {
  public enum Name: String, CaseIterable, Hashable, Sendable {
    case inService = "in_service"
    case notQuarantined = "not_quarantined"
    case notHeld = "not_held"
    case notWarming = "not_warming"
    case hasFreePlace = "has_free_place"
    /// A domain whose figures are critical may send nothing: nobody is given one.
    case healthy
    case spf, dkim, dmarc
    /// Of a mailbox: its domain is known and passes all of the checks above but for its places.
    case domainUsable = "domain_usable"

    /// What it means when it fails.
    public var failure: String {
      switch self {
      case .inService: "it is retired"
      case .notQuarantined: "it is in quarantine until somebody has reviewed it"
      case .notHeld: "it is on hold for a client that left"
      case .notWarming: "it is warming up"
      case .hasFreePlace: "all its places are taken"
      case .healthy: "its bounces or complaints are critical"
      case .spf: "its domain fails SPF"
      case .dkim: "its domain fails DKIM"
      case .dmarc: "its domain fails DMARC"
      case .domainUsable: "its domain is unknown or cannot be used"
      }
    }
  }

  public struct Check: Hashable, Sendable {
    public let name: Name
    public let isPassed: Bool
    /// When it may pass, as far as time decides that.
    public let mayPassAt: Timestamp?
  }

  /// Every check, in the order of `Name.allCases`.
  public let checks: [Check]
  /// Whether it could send at once under either policy. One that could not is given only when no warmed one
  /// is left (R5).
  public let isWarmed: Bool
  /// From when it could send under the policy, given now; an unstarted warm-up starts with the assignment.
  public let sendsFrom: Timestamp

  public var isAssignable: Bool { checks.allSatisfy(\.isPassed) }
  /// What stands against it, in order.
  public var obstacles: [Name] { checks.filter { !$0.isPassed }.map(\.name) }
  /// What R10 counts as available: it could be assigned now, and it is warmed.
  public var countsAsBuffer: Bool { isAssignable && isWarmed }

  /// - Parameter domain: the email domain of a mailbox, which decides when that sends; else nil.
  public init(of resource: Resource, domain: Resource? = nil, policy: WarmupPolicy, now: Timestamp) {
    let sender = resource.kind == .mailbox ? domain : resource
    isWarmed = sender.map { !$0.kind.needsWarmup || $0.warmup.isCompleted } ?? false
    sendsFrom =
      isWarmed || policy == .ramp ? now : (sender?.warmup ?? Warmup()).expectedCompletion(at: now) ?? now
    checks = Name.allCases.map { name in
      Check(
        name: name, isPassed: Self.passes(name, resource, domain), mayPassAt: Self.time(name, resource, now))
    }
  }

  private static func passes(_ name: Name, _ resource: Resource, _ domain: Resource?) -> Bool {
    switch name {
    case .inService: resource.status != .retired
    case .notQuarantined: resource.status != .quarantined
    case .notHeld: resource.status != .held
    case .notWarming: resource.status != .warming
    case .hasFreePlace: resource.freePlaces > 0
    case .healthy: resource.health.band != .critical
    case .spf: resource.authentication.spf != .fail
    case .dkim: resource.authentication.dkim != .fail
    case .dmarc: resource.authentication.dmarc != .fail
    case .domainUsable: resource.kind != .mailbox || isUsable(domain, of: resource)
    }
  }

  private static func isUsable(_ domain: Resource?, of mailbox: Resource) -> Bool {
    guard let domain, domain.id == mailbox.domainID else { return false }
    return Name.allCases.filter { $0 != .hasFreePlace && $0 != .domainUsable }
      .allSatisfy { passes($0, domain, nil) }
  }

  private static func time(_ name: Name, _ resource: Resource, _ now: Timestamp) -> Timestamp? {
    switch name {
    case .notHeld where resource.status == .held, .hasFreePlace where resource.status == .held:
      resource.heldUntil
    case .notWarming where resource.status == .warming: resource.warmup.expectedCompletion(at: now)
    default: nil
    }
  }
}
