/// What a resource is (specs/resource-pool.md; mailboxes are ours, since tiers count them).
public enum ResourceKind: String, CaseIterable, Hashable, Sendable {
  case emailDomain = "email_domain"
  /// Belongs to an email domain, and goes to a client with it.
  case mailbox
  /// One of the numbers that are leased to leads.
  case phoneNumber = "phone_number"
  case linkedInSeat = "linkedin_seat"

  /// Whether an incomplete warm-up keeps it from sending (R11). A mailbox sends when its domain does; a young
  /// number or seat may act at once, within its ramp.
  public var needsWarmup: Bool { self == .emailDomain }

  /// As in a sentence: `3 email domains`.
  public func words(_ count: Int) -> String {
    let noun =
      switch self {
      case .emailDomain: "email domain"
      case .mailbox: count == 1 ? "mailbox" : "mailboxe"
      case .phoneNumber: "phone number"
      case .linkedInSeat: "LinkedIn seat"
      }
    return "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}

/// A number for each kind of resource.
public struct ResourceCounts: Hashable, Sendable {
  public var emailDomains: Int
  public var mailboxes: Int
  public var phoneNumbers: Int
  public var linkedInSeats: Int

  public init(emailDomains: Int = 0, mailboxes: Int = 0, phoneNumbers: Int = 0, linkedInSeats: Int = 0) {
    self.emailDomains = emailDomains
    self.mailboxes = mailboxes
    self.phoneNumbers = phoneNumbers
    self.linkedInSeats = linkedInSeats
  }

  public init(_ count: (ResourceKind) -> Int) {
    self.init()
    for kind in ResourceKind.allCases { self[kind] = count(kind) }
  }

  /// How many of each kind there are among `resources`.
  public init(of resources: some Sequence<Resource>) {
    self.init()
    for resource in resources { self[resource.kind] += 1 }
  }

  public static let zero = ResourceCounts()

  public subscript(kind: ResourceKind) -> Int {
    get {
      switch kind {
      case .emailDomain: emailDomains
      case .mailbox: mailboxes
      case .phoneNumber: phoneNumbers
      case .linkedInSeat: linkedInSeats
      }
    }
    set {
      switch kind {
      case .emailDomain: emailDomains = newValue
      case .mailbox: mailboxes = newValue
      case .phoneNumber: phoneNumbers = newValue
      case .linkedInSeat: linkedInSeats = newValue
      }
    }
  }

  public var isZero: Bool { self == .zero }
  public var total: Int { emailDomains + mailboxes + phoneNumbers + linkedInSeats }

  public static func + (a: ResourceCounts, b: ResourceCounts) -> ResourceCounts {
    ResourceCounts { a[$0] + b[$0] }
  }

  /// What must be added to `other` to reach this, per kind; never below zero.
  public func excess(over other: ResourceCounts) -> ResourceCounts {
    ResourceCounts { max(0, self[$0] - other[$0]) }
  }
}
