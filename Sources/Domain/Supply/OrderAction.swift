/// What an operator does with an order.
public enum OrderAction: Hashable, Sendable {
  case approve
  /// Turns down a request.
  case reject(reason: String)
  /// It was bought by hand.
  case place(reference: String?)
  /// What is outstanding will not come.
  case fail(reason: String)

  /// The reason for the ledger.
  public var reason: String {
    switch self {
    case .approve: "approved"
    case .reject(let reason), .fail(let reason): reason
    case .place: "placed by hand"
    }
  }

  /// The order as it is after it, or why it cannot be done.
  public func perform(
    on record: OrderRecord, values: [OrderValue], actor: Actor, now: Timestamp
  ) -> Result<OrderRecord, OrderObstacle> {
    var changed = record
    let status = record.order.status
    // A server that is at work on it finds out that it is no longer needed.
    changed.term += 1
    switch self {
    case .approve:
      guard status == .requested else { return .failure(.notRequested) }
      changed.become(.approved, at: now)
      (changed.approvedAt, changed.approvedBy) = (now, actor.text)
    case .reject(let reason):
      guard status == .requested else { return .failure(.notRequested) }
      changed.become(.failed, at: now)
      changed.lastError = reason
    case .place(let reference):
      guard status == .approved else { return .failure(.notApproved) }
      guard !values.contains(where: \.isWithProvider) else { return .failure(.withProvider) }
      changed.provider = .manual
      changed.become(.placed, at: now)
      changed.reference = reference
    case .fail(let reason):
      guard !status.isEnd else { return .failure(.ended) }
      guard status != .warming else { return .failure(.inPool) }
      guard !values.contains(where: { $0.state == .sent }) else { return .failure(.withProvider) }
      changed.giveUp(record.order.quantity - record.order.delivered, because: reason, at: now)
    }
    return .success(changed)
  }
}

extension OrderValue {
  /// Whether the provider has it, or may have.
  public var isWithProvider: Bool { state == .sent || state == .bought }
}

/// Why an operator cannot do that with an order.
public enum OrderObstacle: String, Error, CaseIterable, Hashable, Sendable {
  case notRequested = "not_requested"
  case notApproved = "not_approved"
  case notPlaced = "not_placed"
  case withProvider = "with_provider"
  case servedByProgram = "served_by_program"
  case inPool = "in_pool"
  case ended

  public var detail: String {
    switch self {
    case .notRequested: "it does not wait for an approval"
    case .notApproved: "only an order that is approved and not placed yet can be placed"
    case .notPlaced: "it is not placed yet, or all of it has arrived already"
    case .withProvider: "the provider was asked to sell it, and what came of it is being settled"
    case .servedByProgram: "the server itself buys it and brings it into the pool"
    case .inPool: "all of it is in the pool already: retire the resources instead"
    case .ended: "it has ended already"
    }
  }
}

/// What an operator wants to buy.
public struct NewOrder: Hashable, Sendable {
  public let kind: ResourceKind
  /// 1 to 10,000.
  public let quantity: Int
  /// Nil: as the purchasing settings of the kind say.
  public let provider: ProviderName?
  public let unitPriceInCents: Int?
  public let reason: String

  public static let quantities = 1...10_000
  public static let prices = 0...100_000_000

  public init(
    kind: ResourceKind, quantity: Int, provider: ProviderName? = nil, unitPriceInCents: Int? = nil,
    reason: String
  ) {
    self.kind = kind
    self.quantity = quantity
    self.provider = provider
    self.unitPriceInCents = unitPriceInCents
    self.reason = reason
  }
}

extension OrderRecord {
  /// A fresh order with a purchase decision's quantity and status.
  public static func new(
    _ kind: ResourceKind, quantity: Int, status: OrderStatus, unitPriceInCents: Int, provider: ProviderName,
    isAutomatic: Bool, because reason: String, by actor: Actor, at now: Timestamp
  ) -> OrderRecord {
    let order = ResourceOrder(
      id: ID(at: now), kind: kind, quantity: quantity, unitPriceInCents: unitPriceInCents, status: status,
      since: now)
    let isApproved = status == .approved
    return OrderRecord(
      order: order, provider: provider, isAutomatic: isAutomatic, reason: reason, requestedAt: now,
      requestedBy: actor.text, approvedAt: isApproved ? now : nil, approvedBy: isApproved ? actor.text : nil)
  }
}
