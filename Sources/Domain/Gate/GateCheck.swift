/// The checks before a send, in the order of the document (`specs/lead-pool.md`, JIT validation).
public enum GateCheck: String, CaseIterable, Hashable, Sendable, Comparable {
  /// The address bounced, wherever the mail came from.
  case bounced
  /// The lead asked for no contact, complained, or is suppressed.
  case unsubscribed
  /// The address is not verified.
  case emailUnverified = "email_unverified"
  /// The lead is not this client's.
  case notAssigned = "not_assigned"
  case replied
  /// A touch by this client less than 72 hours ago (R14).
  case contactedRecently = "contacted_recently"
  /// A touch on this channel less than 168 hours ago (R14).
  case channelCooling = "channel_cooling"
  /// The day's limit of the resource is used up.
  case limitReached = "limit_reached"
  case warmupIncomplete = "warmup_incomplete"

  /// Which channels it binds (R15).
  public func binds(_ channel: Channel) -> Bool {
    switch self {
    case .emailUnverified, .warmupIncomplete: channel == .email
    default: true
    }
  }

  private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  public static func < (a: GateCheck, b: GateCheck) -> Bool { a.place < b.place }
}

/// What the gate looks at: one lead, one client, one channel, one resource.
public struct GateFacts: Hashable, Sendable {
  public var bouncedAt: Timestamp?
  /// The earliest of: asked for no contact, complained, suppressed for everybody or for this client.
  public var unsubscribedAt: Timestamp?
  /// Nil: there is no address.
  public var emailStatus: EmailStatus?
  /// Whether the lead's assignment that is not released is the client's.
  public var isAssigned: Bool
  public var repliedAt: Timestamp?
  /// The client's last touch of the lead, on whatever channel.
  public var lastTouchAt: Timestamp?
  /// The client's last touch of the lead on this channel.
  public var lastTouchOnChannelAt: Timestamp?
  /// Uses of the resource in its present day, permits that may yet be used included.
  public var used: Int
  /// What the resource may do in this day; 0 when it can do nothing.
  public var dailyLimit: Int
  /// When the resource's next day begins (R12); nil when a new day changes nothing, as without a resource.
  public var resetsAt: Timestamp?
  /// Of the domain that sends: when its warm-up will be complete if it stays healthy; nil when it is
  /// complete, or may send within its ramp (R11).
  public var warmupCompletesAt: Timestamp?

  public init(
    bouncedAt: Timestamp? = nil, unsubscribedAt: Timestamp? = nil, emailStatus: EmailStatus? = nil,
    isAssigned: Bool, repliedAt: Timestamp? = nil, lastTouchAt: Timestamp? = nil,
    lastTouchOnChannelAt: Timestamp? = nil, used: Int, dailyLimit: Int, resetsAt: Timestamp?,
    warmupCompletesAt: Timestamp? = nil
  ) {
    self.bouncedAt = bouncedAt
    self.unsubscribedAt = unsubscribedAt
    self.emailStatus = emailStatus
    self.isAssigned = isAssigned
    self.repliedAt = repliedAt
    self.lastTouchAt = lastTouchAt
    self.lastTouchOnChannelAt = lastTouchOnChannelAt
    self.used = used
    self.dailyLimit = dailyLimit
    self.resetsAt = resetsAt
    self.warmupCompletesAt = warmupCompletesAt
  }

  /// The same without anything of the lead.
  public var withoutLead: GateFacts {
    GateFacts(
      isAssigned: false, used: used, dailyLimit: dailyLimit, resetsAt: resetsAt,
      warmupCompletesAt: warmupCompletesAt)
  }
}
