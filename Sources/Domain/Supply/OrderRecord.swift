/// Who sells: `manual` is an operator who buys by hand, every other name is a program's.
public struct ProviderName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// 1 to 50 lower-case letters, digits, `-` and `_`; else nil.
  public init?(_ text: String) {
    let isPlain = text.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 95
    }
    guard (1...50).contains(text.utf8.count), isPlain else { return nil }
    self.text = text
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public static let manual = ProviderName(unchecked: "manual")
  public static let infraforge = ProviderName(unchecked: "infraforge")

  public var description: String { text }
}

/// An order with its story: who wanted it and why, who let it through, and how the provider behaves.
public struct OrderRecord: Hashable, Sendable {
  public var order: ResourceOrder
  public var provider: ProviderName
  /// Made by the look at the buffer, not by an operator.
  public let isAutomatic: Bool
  public let reason: String
  public let requestedAt: Timestamp
  public let requestedBy: String
  public var approvedAt: Timestamp?
  public var approvedBy: String?
  public var placedAt: Timestamp?
  /// The provider's own name of it, as an operator wrote it down.
  public var reference: String?
  /// Rises each time that a server works on it: what an older one found out late is dropped.
  public var term: Int64
  /// Failed tries since the last good one.
  public var failures: Int
  /// When a server looks at it again; nil: as soon as one does.
  public var nextAttemptAt: Timestamp?
  /// Redacted.
  public var lastError: String?
  public var closedAt: Timestamp?

  public init(
    order: ResourceOrder, provider: ProviderName, isAutomatic: Bool, reason: String, requestedAt: Timestamp,
    requestedBy: String, approvedAt: Timestamp? = nil, approvedBy: String? = nil,
    placedAt: Timestamp? = nil, reference: String? = nil, term: Int64 = 0, failures: Int = 0,
    nextAttemptAt: Timestamp? = nil, lastError: String? = nil, closedAt: Timestamp? = nil
  ) {
    self.order = order
    self.provider = provider
    self.isAutomatic = isAutomatic
    self.reason = reason
    self.requestedAt = requestedAt
    self.requestedBy = requestedBy
    self.approvedAt = approvedAt
    self.approvedBy = approvedBy
    self.placedAt = placedAt
    self.reference = reference
    self.term = term
    self.failures = failures
    self.nextAttemptAt = nextAttemptAt
    self.lastError = lastError
    self.closedAt = closedAt
  }

  public var id: ID<ResourceOrder> { order.id }
  public var kind: ResourceKind { order.kind }

  /// Takes the next step of its life.
  public mutating func become(_ status: OrderStatus, at now: Timestamp) {
    precondition(
      order.status.canBecome(status, kind: order.kind), "\(order.status) does not become \(status)")
    order.status = status
    order.since = now
    switch status {
    case .placed: placedAt = now
    case .available, .failed: closedAt = now
    default: break
    }
    nextAttemptAt = nil
    if status != .failed {
      failures = 0
      lastError = nil
    }
  }
}

/// One thing that an order buys, by its name.
public struct OrderValue: Hashable, Sendable {
  public enum State: String, CaseIterable, Hashable, Sendable {
    /// To be bought.
    case chosen
    /// The provider was asked to sell it, and has not answered yet; perhaps the answer was lost.
    case sent
    /// The provider has it.
    case bought
    /// In the pool.
    case delivered
    /// Not to be had.
    case dropped
  }

  public let value: ResourceValue
  public var state: State
  public var quotedInCents: Int?
  /// When the provider was last asked to sell it.
  public var sentAt: Timestamp?
  public var providerID: String?
  public var resourceID: ID<Resource>?

  public init(
    value: ResourceValue, state: State, quotedInCents: Int? = nil, sentAt: Timestamp? = nil,
    providerID: String? = nil, resourceID: ID<Resource>? = nil
  ) {
    self.value = value
    self.state = state
    self.quotedInCents = quotedInCents
    self.sentAt = sentAt
    self.providerID = providerID
    self.resourceID = resourceID
  }
}

/// How resources of a kind are bought.
public struct PurchaseSettings: Hashable, Sendable {
  public let kind: ResourceKind
  public var provider: ProviderName
  /// What one is expected to cost, and the most that is paid for one.
  public var unitPriceInCents: Int
  /// Whether a shortage of the buffer is ordered without being asked.
  public var ordersAutomatically: Bool
  /// What names of domains are made from.
  public var names: NameParts
  /// What the last look would have ordered and the budget did not allow.
  public var beyondBudget: Int

  public init(
    kind: ResourceKind, provider: ProviderName = .manual, unitPriceInCents: Int = 0,
    ordersAutomatically: Bool = false, names: NameParts = .none, beyondBudget: Int = 0
  ) {
    precondition(unitPriceInCents >= 0 && beyondBudget >= 0, "a price or a count below zero")
    self.kind = kind
    self.provider = provider
    self.unitPriceInCents = unitPriceInCents
    self.ordersAutomatically = ordersAutomatically
    self.names = names
    self.beyondBudget = beyondBudget
  }
}

/// What may be spent, and how each kind is bought.
public struct PurchasePlan: Hashable, Sendable {
  public var budget: PurchaseBudget
  /// Its calendar months are those of the budget.
  public var timeZone: TimeZoneName
  public var kinds: [ResourceKind: PurchaseSettings]

  public init(budget: PurchaseBudget, timeZone: TimeZoneName, kinds: [ResourceKind: PurchaseSettings]) {
    self.budget = budget
    self.timeZone = timeZone
    self.kinds = kinds
  }

  public subscript(kind: ResourceKind) -> PurchaseSettings { kinds[kind] ?? PurchaseSettings(kind: kind) }

  /// When the month that contains `now` began.
  public func monthStart(at now: Timestamp) -> Timestamp {
    let today = timeZone.date(at: now)
    return timeZone.startOfDay(today.adding(days: 1 - today.day))
  }
}

/// A warning that too little of a kind lies ready.
public struct BufferAlert: Hashable, Sendable {
  public enum State: String, CaseIterable, Hashable, Sendable {
    case open, cleared, all
  }

  public let id: ID<BufferAlert>
  public let kind: ResourceKind
  /// `low` or `critical`.
  public let level: BufferLevel
  public let assigned: Int
  public let available: Int
  public let required: Int
  public let raisedAt: Timestamp
  public var clearedAt: Timestamp?

  public init(
    id: ID<BufferAlert>, kind: ResourceKind, level: BufferLevel, assigned: Int, available: Int, required: Int,
    raisedAt: Timestamp, clearedAt: Timestamp? = nil
  ) {
    self.id = id
    self.kind = kind
    self.level = level
    self.assigned = assigned
    self.available = available
    self.required = required
    self.raisedAt = raisedAt
    self.clearedAt = clearedAt
  }
}
