/// A resource from which a client may send on one channel, with what it may do in its present day.
public struct Sender: Hashable, Sendable {
  /// One of the mailboxes of a domain.
  public struct Mailbox: Hashable, Sendable {
    public let resource: Resource
    public var used: Int

    public init(resource: Resource, used: Int) {
      self.resource = resource
      self.used = used
    }
  }

  /// A domain, number or seat: what is counted.
  public let resource: Resource
  /// The client's mailboxes of a domain; what has none sends itself.
  public var mailboxes: [Mailbox]
  public let dailyLimit: Int
  public var used: Int
  public let day: CivilDate
  public let resetsAt: Timestamp
  /// Whether a new day may bring back what is not allowed now.
  public let recoversByDay: Bool
  /// When the warm-up of the domain will be complete, if mail may not be sent before (R11).
  public let warmupCompletesAt: Timestamp?

  /// - Parameters:
  ///   - mailboxes: those of the client that can be used, for a domain.
  ///   - used: permits of the resource's present day.
  ///   - zone: whose days count: the resource's, else its client's (R12).
  public init(
    _ resource: Resource, mailboxes: [Mailbox] = [], on channel: Channel, isHeld: Bool, isLeaving: Bool,
    policy: WarmupPolicy, used: Int, zone: TimeZoneName, now: Timestamp
  ) {
    // The warm-up is a check of its own; the limit is what the ramp allows.
    let limit = CampaignLimit(
      of: resource, on: channel, isHeld: isHeld, isLeaving: isLeaving, policy: .ramp, now: now)
    self.resource = resource
    self.mailboxes = mailboxes
    dailyLimit = limit.actions ?? 0
    self.used = used
    day = zone.date(at: now)
    resetsAt = zone.endOfDay(containing: now)
    recoversByDay = dailyLimit > 0 || limit.reasons.allSatisfy { $0 == .health }
    warmupCompletesAt =
      channel == .email && policy == .strict ? resource.warmup.expectedCompletion(at: now) : nil
  }

  /// Whether the checks that hang on the sender pass.
  var isReady: Bool { used < dailyLimit && warmupCompletesAt == nil }

  /// Least used first, ties by R5 (`specs/allocator-engine.md`).
  static func order(_ a: Sender, _ b: Sender) -> Bool {
    a.used != b.used ? a.used < b.used : ResourceSelection.order(a.resource, b.resource)
  }

  /// The mailbox to send from: the one that the lead knows, else the least used.
  func mailbox(known: ID<Resource>?) -> Mailbox? {
    mailboxes.first { $0.resource.id == known }
      ?? mailboxes.min {
        $0.used != $1.used ? $0.used < $1.used : ResourceSelection.order($0.resource, $1.resource)
      }
  }
}
