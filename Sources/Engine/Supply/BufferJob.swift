import Domain
import Postgres
import Runtime
import Store

/// What a look at the buffer, or work on an order, led to: for the log and for metrics.
public enum SupplyEvent: Hashable, Sendable {
  case alertRaised(BufferAlert)
  case alertCleared(BufferAlert)
  /// So many of a kind are to be ordered, and the budget does not allow it; 0: it does again.
  case beyondBudget(ResourceKind, count: Int)
  case ordered(OrderRecord)
  case orderChanged(OrderRecord)
  /// The order ended, without all or any of it.
  case orderFailed(OrderRecord, because: String)
  case providerFailed(ProviderName, ProviderFailure, order: ID<ResourceOrder>)
}

/// R10: holds what lies ready of each kind against what must, raises and clears alerts at 40 % and 20 %, and
/// orders what is missing. What clients wait for (R6) is ordered too.
///
/// The budget's row is locked first, so that looks of many servers come one after the other, and each sees
/// what the one before ordered.
public struct BufferJob: Job {
  public let name = "buffer"
  public let interval: Duration
  private let supply: SupplyService
  private let onEvent: @Sendable (SupplyEvent) -> Void

  public init(
    _ supply: SupplyService, interval: Duration = .minutes(5),
    onEvent: @escaping @Sendable (SupplyEvent) -> Void = { _ in }
  ) {
    self.supply = supply
    self.interval = interval
    self.onEvent = onEvent
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let actor = Actor.job(name)
    let events = try await supply.database.transaction { transaction in
      ActorStore.act(as: actor, because: "buffer", now: now, in: &transaction)
      var look = Look(
        now: now, actor: actor, plan: try PurchaseStore.lock(in: &transaction))
      try look.run(in: &transaction)
      return look.events
    }
    events.forEach(onEvent)
    return JobReport(processed: events.count)
  }

  private struct Look {
    let now: Timestamp
    let actor: Actor
    let plan: PurchasePlan
    var events: [SupplyEvent] = []

    mutating func run(in transaction: inout Transaction) throws {
      let open = try BufferAlertStore.open(in: &transaction)
      var spent = try PurchaseStore.spent(since: plan.monthStart(at: now), in: &transaction)
      for buffer in try BufferStore.buffers(now: now, in: &transaction) {
        alert(buffer, open[buffer.kind], in: &transaction)
        try order(buffer, &spent, in: &transaction)
      }
    }

    private mutating func alert(
      _ buffer: Buffer, _ open: BufferAlert?, in transaction: inout Transaction
    ) {
      let change = buffer.level.change(ofAlert: open?.level)
      guard change != .keep else { return }
      if var open {
        BufferAlertStore.clear(open.id, now: now, in: &transaction)
        open.clearedAt = now
        events.append(.alertCleared(open))
      }
      guard case .raise(let level) = change else { return }
      let alert = BufferAlert(
        id: ID(at: now), kind: buffer.kind, level: level, assigned: buffer.assigned,
        available: buffer.available, required: buffer.required, raisedAt: now)
      BufferAlertStore.insert(alert, in: &transaction)
      events.append(.alertRaised(alert))
    }

    private mutating func order(
      _ buffer: Buffer, _ spent: inout Int, in transaction: inout Transaction
    ) throws {
      let settings = plan[buffer.kind]
      guard settings.ordersAutomatically else { return }
      let failures = try OrderStore.recentFailures(of: buffer.kind, limit: 20, in: &transaction)
      if let end = OrderPause.end(after: failures), end > now { return }
      let wanted = min(buffer.toOrder, NewOrder.quantities.upperBound)
      let decision = PurchaseDecision.decide(
        wanted, unitPriceInCents: settings.unitPriceInCents, spentInCents: spent, budget: plan.budget)
      var beyond = 0
      switch decision {
      case .nothing: break
      case .overBudget: beyond = wanted
      case .order(let quantity, let status, let beyondBudget):
        beyond = beyondBudget
        let record = OrderRecord.new(
          buffer.kind, quantity: quantity, status: status, unitPriceInCents: settings.unitPriceInCents,
          provider: settings.provider, isAutomatic: true, because: Self.reason(buffer), by: actor, at: now)
        OrderStore.insert(record, in: &transaction)
        spent += record.order.costInCents
        events.append(.ordered(record))
      }
      guard beyond != settings.beyondBudget else { return }
      PurchaseStore.note(beyondBudget: beyond, of: buffer.kind, in: &transaction)
      events.append(.beyondBudget(buffer.kind, count: beyond))
    }

    private static func reason(_ buffer: Buffer) -> String {
      let waiting = buffer.backordered > 0 ? ", \(buffer.backordered) backordered" : ""
      return "buffer: \(buffer.required) required, \(buffer.available) available, "
        + "\(buffer.arriving) arriving\(waiting)"
    }
  }
}
