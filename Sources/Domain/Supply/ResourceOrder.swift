/// Where an order of resources is.
public enum OrderStatus: String, CaseIterable, Hashable, Sendable {
  /// Waits for an operator.
  case requested
  /// To be placed with the provider; within the budget or let through by an operator.
  case approved
  /// The provider has it.
  case placed
  /// Bought; being delivered or set up.
  case arriving
  /// Delivered into the pool, and warming up there.
  case warming
  /// All of it can be assigned: the end.
  case available
  /// Turned down, refused by the provider, or lost: the other end. A new try is a new order.
  case failed

  /// Whether an order goes from here to `next` in one step. Numbers and seats do not warm up: theirs go from
  /// arriving to available.
  public func canBecome(_ next: OrderStatus, kind: ResourceKind) -> Bool {
    switch (self, next) {
    case (.requested, .approved), (.approved, .placed), (.placed, .arriving): true
    case (.arriving, .warming), (.warming, .available): kind.warmsUpAfterDelivery
    case (.arriving, .available): !kind.warmsUpAfterDelivery
    case (.available, .failed), (.failed, .failed): false
    case (_, .failed): true
    default: false
    }
  }

  public var isEnd: Bool { self == .available || self == .failed }

  /// Whether the pool still gets something of an order that is here.
  public var isOutstanding: Bool {
    switch self {
    case .requested, .approved, .placed, .arriving: true
    case .warming, .available, .failed: false
    }
  }
}

extension ResourceKind {
  /// Mailboxes warm up with their domain.
  var warmsUpAfterDelivery: Bool { self == .emailDomain || self == .mailbox }
}

/// An order of some resources of one kind with a provider.
public struct ResourceOrder: Hashable, Sendable {
  public let id: ID<ResourceOrder>
  public let kind: ResourceKind
  /// Becomes less when a part is not to be had.
  public private(set) var quantity: Int
  /// Those of them that are in the pool already, in whatever status.
  public var delivered: Int
  public var unitPriceInCents: Int
  public var status: OrderStatus
  /// When it got this status.
  public var since: Timestamp

  public init(
    id: ID<ResourceOrder>, kind: ResourceKind, quantity: Int, delivered: Int = 0, unitPriceInCents: Int,
    status: OrderStatus, since: Timestamp
  ) {
    precondition(quantity >= 1 && (0...quantity).contains(delivered), "more delivered than ordered")
    precondition(unitPriceInCents >= 0, "a price below zero")
    self.id = id
    self.kind = kind
    self.quantity = quantity
    self.delivered = delivered
    self.unitPriceInCents = unitPriceInCents
    self.status = status
    self.since = since
  }

  public var costInCents: Int { quantity * unitPriceInCents }

  /// Gives up `count` of what is outstanding. One order at least must remain: who gives up all has failed.
  public mutating func giveUp(_ count: Int) {
    precondition(count >= 0 && count < quantity && count <= quantity - delivered, "more given up than open")
    quantity -= count
  }

  /// What the pool still gets of it. A request that waits for an operator counts, so that the same shortage
  /// is not asked for twice; what is delivered counts as warming or available in the pool.
  public var outstanding: Int { status.isOutstanding ? quantity - delivered : 0 }

  /// Between when and when what is outstanding can be assigned; nil when nothing is. Steps that are late are
  /// taken to end now; a request is taken to be approved now.
  public func expected(at now: Timestamp) -> ClosedRange<Timestamp>? {
    guard outstanding > 0 else { return nil }
    let time = LeadTime.of(kind)
    let purchase: Duration = .hours(time.purchase * 24)
    let propagation: Duration = .hours(time.propagation * 24)
    let delivered =
      switch status {
      case .placed: max(now, since + purchase) + propagation
      case .arriving: max(now, since + propagation)
      default: now + purchase + propagation
      }
    return delivered + .hours(time.warmup.lowerBound * 24)...delivered + .hours(time.warmup.upperBound * 24)
  }
}
