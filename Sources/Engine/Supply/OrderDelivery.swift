import Domain
import Postgres
import Store

/// What an order brought enters the pool.
public struct OrderDelivery: Hashable, Sendable {
  /// What became of one row.
  public enum Verdict: Hashable, Sendable {
    case added(ID<Resource>)
    /// The pool had it already, from nobody's order; now it is this order's.
    case linked(ID<Resource>)
    /// This order has brought it before.
    case known(ID<Resource>)
    case duplicate(ofRow: Int)
    /// Another order brings it, or has brought it.
    case otherOrder
    case otherKind(ResourceKind)
    /// Of a mailbox: its domain is not in the pool.
    case domainMissing
    /// More than is outstanding.
    case surplus
  }

  public let detail: SupplyService.Detail
  /// For each row, in order.
  public let verdicts: [Verdict]
}

public enum DeliveryOutcome: Hashable, Sendable {
  case done(OrderDelivery)
  case unknown
  case refused(OrderObstacle)
}

extension SupplyService {
  /// Part or all of an order that was placed by hand has arrived: it enters the pool, domains to be warmed
  /// up, and belongs to the order. The same rows may come again.
  ///
  /// - Parameter rows: of the order's kind.
  public func deliver(
    _ rows: [ResourceService.NewResource], to id: ID<ResourceOrder>, actor: Actor,
    idempotency: Idempotency<DeliveryOutcome>? = nil
  ) async throws -> Answered<DeliveryOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "delivered", now: now, in: &transaction)
        // Deliveries one after the other, and none while names are chosen: a value is one order's.
        _ = try PurchaseStore.lock(in: &transaction)
        guard let record = try OrderStore.lock(id, in: &transaction) else { return .unknown }
        if record.provider != .manual { return .refused(.servedByProgram) }
        let status = record.order.status
        // The same rows again, after all had arrived, are no mistake.
        let isRepeatable = status == .warming || status == .available
        guard status == .placed || status == .arriving || isRepeatable else { return .refused(.notPlaced) }
        var delivery = Delivery(record, now: now)
        let verdicts = try delivery.take(rows, in: &transaction)
        if isRepeatable, !verdicts.contains(where: \.isKnown) { return .refused(.notPlaced) }
        guard let detail = try Self.detail(id, in: &transaction) else { return .unknown }
        return .done(OrderDelivery(detail: detail, verdicts: verdicts))
      }
    }
  }
}

extension OrderDelivery.Verdict {
  fileprivate var isKnown: Bool { if case .known = self { true } else { false } }
}

/// A delivery in its transaction; the order is locked.
struct Delivery {
  private(set) var record: OrderRecord
  private let now: Timestamp

  init(_ record: OrderRecord, now: Timestamp) {
    self.record = record
    self.now = now
  }

  mutating func take(
    _ rows: [ResourceService.NewResource], in transaction: inout Transaction
  ) throws -> [OrderDelivery.Verdict] {
    var verdicts = try judge(rows, in: &transaction)
    let open = rows.indices.filter { verdicts[$0] == nil }
    let seeded = try ResourceSeed(open.map { rows[$0] }, now: now).run(in: &transaction)
    var arrived: [(row: Int, id: ID<Resource>)] = []
    for (row, verdict) in zip(open, seeded) {
      switch verdict {
      case .added(let id):
        verdicts[row] = .added(id)
        arrived.append((row, id))
      case .known(let id):
        verdicts[row] = .linked(id)
        arrived.append((row, id))
      case .duplicate: preconditionFailure("rows that say the same were sorted out before")
      case .domainMissing: verdicts[row] = .domainMissing
      case .otherKind(let kind): verdicts[row] = .otherKind(kind)
      }
    }
    for (_, id) in arrived { try startWarmup(id, in: &transaction) }
    try write(arrived.map { (rows[$0.row], $0.id) }, in: &transaction)
    return rows.indices.map { verdicts[$0] ?? .surplus }
  }

  /// Rows that are no news, or too many.
  private func judge(
    _ rows: [ResourceService.NewResource], in transaction: inout Transaction
  ) throws -> [Int: OrderDelivery.Verdict] {
    let owners = try OrderValueStore.owners(of: rows.map(\.value.text), in: &transaction)
    var verdicts: [Int: OrderDelivery.Verdict] = [:]
    var first: [String: Int] = [:]
    var left = record.order.outstanding
    for (index, row) in rows.enumerated() {
      if let earlier = first.updateValue(index, forKey: row.value.text) {
        first[row.value.text] = earlier
        verdicts[index] = .duplicate(ofRow: earlier)
      } else if row.kind != record.kind {
        verdicts[index] = .otherKind(row.kind)
      } else if let owner = owners[row.value.text], owner.order != record.id {
        verdicts[index] = .otherOrder
      } else if let id = owners[row.value.text]?.resource {
        verdicts[index] = .known(id)
      } else if left == 0 {
        verdicts[index] = .surplus
      } else {
        left -= 1
      }
    }
    return verdicts
  }

  /// A domain that nobody has warmed up yet is warmed up now.
  private func startWarmup(_ id: ID<Resource>, in transaction: inout Transaction) throws {
    guard let resource = try ResourceStore.lock(id, in: &transaction), resource.kind.needsWarmup,
      case .done(let warming) = ResourceAction.startWarmup.outcome(for: resource, heldClients: 0, now: now)
    else { return }
    ResourceStore.update(warming, in: &transaction)
  }

  private mutating func write(
    _ arrived: [(row: ResourceService.NewResource, id: ID<Resource>)], in transaction: inout Transaction
  ) throws {
    guard !arrived.isEmpty else { return }
    let values = arrived.map {
      OrderValue(value: $0.row.value, state: .delivered, providerID: $0.row.providerID, resourceID: $0.id)
    }
    let count = try OrderValueStore.save(values, of: record.id, now: now, in: &transaction)
    precondition(count == values.count, "a value of another order was sorted out before")
    if record.order.status == .placed {
      record.become(.arriving, at: now)
      OrderStore.update(record, in: &transaction)
    }
    record.order.delivered += count
    record.term += 1
    record.completeDelivery(at: now)
    OrderStore.update(record, in: &transaction)
  }
}
