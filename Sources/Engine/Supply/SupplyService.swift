import Domain
import Postgres
import Runtime
import Store

/// Supply as operators see it: the buffer of each kind, what may be spent, and orders.
public struct SupplyService: Sendable {
  /// An order with what it buys, by name.
  public struct Detail: Hashable, Sendable {
    public let record: OrderRecord
    public let values: [OrderValue]
  }

  /// What may be spent, and what of it is.
  public struct Purchasing: Hashable, Sendable {
    public let plan: PurchasePlan
    public let spentInCents: Int
    public let monthStartsAt: Timestamp
  }

  public enum PurchasingOutcome: Hashable, Sendable {
    case saved(Purchasing)
    /// No program of this server speaks to it, or it does not sell this kind.
    case unknownProvider(ResourceKind)
  }

  public enum Outcome: Hashable, Sendable {
    case done(Detail)
    case unknown
    case refused(OrderObstacle)
    /// What is left of this month's budget.
    case overBudget(leftInCents: Int)
    case unknownProvider
  }

  let database: Database
  let time: any TimeSource
  let providers: [ProviderName: any ResourceProvider]

  public init(database: Database, time: any TimeSource, providers: [any ResourceProvider] = []) {
    precondition(Set(providers.map(\.name)).count == providers.count, "two providers of one name")
    self.database = database
    self.time = time
    self.providers = Dictionary(uniqueKeysWithValues: providers.map { ($0.name, $0) })
  }

  /// The names that an order for the kind may have.
  public func providers(of kind: ResourceKind) -> [ProviderName] {
    [.manual] + providers.values.filter { $0.kinds.contains(kind) }.map(\.name).sorted { $0.text < $1.text }
  }

  // MARK: Looking

  /// In the order of `ResourceKind.allCases`.
  public func buffers() async throws -> [Buffer] {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) {
      try BufferStore.buffers(now: now, in: &$0)
    }
  }

  public func alerts(
    _ state: BufferAlert.State = .open, after id: ID<BufferAlert>? = nil, limit: Int
  ) async throws -> [BufferAlert] {
    try await database.transaction(.init(isReadOnly: true)) {
      try BufferAlertStore.list(state, after: id, limit: limit, in: &$0)
    }
  }

  public func orders(
    _ filter: OrderStore.Filter = .init(), after id: ID<ResourceOrder>? = nil, limit: Int
  ) async throws -> [OrderRecord] {
    try await database.transaction(.init(isReadOnly: true)) {
      try OrderStore.list(filter, after: id, limit: limit, in: &$0)
    }
  }

  public func find(_ id: ID<ResourceOrder>) async throws -> Detail? {
    try await database.transaction(.init(isReadOnly: true)) { try Self.detail(id, in: &$0) }
  }

  /// Newest first; nil when there is no such order.
  public func history(
    of id: ID<ResourceOrder>, after change: Int64?, limit: Int
  ) async throws -> [OrderLedgerStore.Entry]? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard try OrderStore.find(id, in: &transaction) != nil else { return nil }
      return try OrderLedgerStore.page(of: id, after: change, limit: limit, in: &transaction)
    }
  }

  public func orderCounts() async throws -> [OrderStatus: Int] {
    try await database.transaction(.init(isReadOnly: true)) { try OrderStore.counts(in: &$0) }
  }

  public func purchasing() async throws -> Purchasing {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) {
      let plan = try PurchaseStore.plan(in: &$0)
      return try Self.purchasing(plan, now, in: &$0)
    }
  }

  // MARK: Changing

  /// Replaces the whole plan.
  public func save(_ plan: PurchasePlan, actor: Actor) async throws -> PurchasingOutcome {
    for kind in ResourceKind.allCases where !providers(of: kind).contains(plan[kind].provider) {
      return .unknownProvider(kind)
    }
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "purchasing changed", now: now, in: &transaction)
      _ = try PurchaseStore.lock(in: &transaction)
      PurchaseStore.save(plan, now: now, in: &transaction)
      let saved = try PurchaseStore.plan(in: &transaction)
      return .saved(try Self.purchasing(saved, now, in: &transaction))
    }
  }

  /// Orders all of it or nothing. It waits for an approval when it costs more than the limit.
  public func request(
    _ new: NewOrder, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    let known = providers(of: new.kind)
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: new.reason, now: now, in: &transaction)
        let plan = try PurchaseStore.lock(in: &transaction)
        let settings = plan[new.kind]
        let provider = new.provider ?? settings.provider
        guard known.contains(provider) else { return .unknownProvider }
        let price = new.unitPriceInCents ?? settings.unitPriceInCents
        let spent = try PurchaseStore.spent(since: plan.monthStart(at: now), in: &transaction)
        switch PurchaseDecision.decide(
          new.quantity, unitPriceInCents: price, spentInCents: spent, budget: plan.budget)
        {
        case .order(let quantity, let status, beyondBudget: 0):
          let record = OrderRecord.new(
            new.kind, quantity: quantity, status: status, unitPriceInCents: price, provider: provider,
            isAutomatic: false, because: new.reason, by: actor, at: now)
          OrderStore.insert(record, in: &transaction)
          return .done(Detail(record: record, values: []))
        case .order, .overBudget, .nothing:
          return .overBudget(leftInCents: max(0, (plan.budget.monthlyInCents ?? 0) - spent))
        }
      }
    }
  }

  /// Does it, or says what stands against it.
  public func perform(
    _ action: OrderAction, on id: ID<ResourceOrder>, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: action.reason, now: now, in: &transaction)
        guard let record = try OrderStore.lock(id, in: &transaction) else { return .unknown }
        let values = try OrderValueStore.list(of: id, kind: record.kind, in: &transaction)
        switch action.perform(on: record, values: values, actor: actor, now: now) {
        case .failure(let obstacle): return .refused(obstacle)
        case .success(let changed):
          OrderStore.update(changed, in: &transaction)
          // What a program had chosen is bought by nobody now.
          let dropped = values.filter { $0.state == .chosen || $0.state == .bought }.map { value in
            var dropped = value
            dropped.state = .dropped
            return dropped
          }
          if changed.order.status != .approved {
            _ = try OrderValueStore.save(dropped, of: id, now: now, in: &transaction)
          }
          return try Self.detail(id, in: &transaction).map(Outcome.done) ?? .unknown
        }
      }
    }
  }

  static func detail(
    _ id: ID<ResourceOrder>, in transaction: inout Transaction
  ) throws -> Detail? {
    guard let record = try OrderStore.find(id, in: &transaction) else { return nil }
    return Detail(
      record: record, values: try OrderValueStore.list(of: id, kind: record.kind, in: &transaction))
  }

  private static func purchasing(
    _ plan: PurchasePlan, _ now: Timestamp, in transaction: inout Transaction
  ) throws -> Purchasing {
    let start = plan.monthStart(at: now)
    return Purchasing(
      plan: plan, spentInCents: try PurchaseStore.spent(since: start, in: &transaction), monthStartsAt: start)
  }
}
