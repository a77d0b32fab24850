import Domain
import Engine
import JSON
import Store

extension OrderRecord: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

  fileprivate func writeFields(to object: inout JSONWriter) {
    object.field("id", id)
    object.field("resource_type", kind.rawValue)
    object.field("status", order.status.rawValue)
    object.field("status_since_at", order.since)
    object.field("quantity", order.quantity)
    object.field("delivered", order.delivered)
    object.field("outstanding", order.outstanding)
    object.field("unit_price_cents", order.unitPriceInCents)
    object.field("cost_cents", order.costInCents)
    object.field("provider", provider.text)
    object.field("provider_reference", reference)
    object.field("automatic", isAutomatic)
    object.field("reason", reason)
    object.field("requested_at", requestedAt)
    object.field("requested_by", requestedBy)
    object.field("approved_at", approvedAt)
    object.field("approved_by", approvedBy)
    object.field("placed_at", placedAt)
    object.field("failures", failures)
    object.field("next_attempt_at", nextAttemptAt)
    object.field("last_error", lastError)
    object.field("closed_at", closedAt)
  }
}

extension SupplyService.Detail: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      record.writeFields(to: &object)
      object.field("values", values)
    }
  }
}

extension OrderValue: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("value", value.text)
      object.field("state", state.rawValue)
      object.field("quoted_cents", quotedInCents)
      object.field("sent_at", sentAt)
      object.field("provider_id", providerID)
      object.field("resource_id", resourceID)
    }
  }
}

extension OrderLedgerStore.Entry: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("changed_at", at)
      object.field("status", status)
      object.field("value", value)
      object.field("actor", actor)
      object.field("reason", reason)
      object.field("last_error", lastError)
    }
  }
}

extension NewOrder {
  /// The body of `POST /v1/orders`.
  init(_ object: JSONObjectReader) throws {
    let kind = object.required("resource_type", .oneOf as JSONShape<ResourceKind>)
    let quantity = object.required("quantity", .int(Self.quantities))
    let provider = object.optional("provider", .text(.provider))
    let price = object.optional("unit_price_cents", .int(Self.prices))
    let reason = object.optional("reason", .text(.line(1...500)), default: "by hand")
    self.init(
      kind: try kind(), quantity: try quantity(), provider: try provider(), unitPriceInCents: try price(),
      reason: try reason())
  }
}

/// The body of `POST /v1/orders/{order_id}/deliver`.
struct DeliveryWish {
  struct Row {
    let value: String
    let new: (ResourceValue) -> ResourceService.NewResource
  }

  static let mostRows = 10_000

  let rows: [Row]

  init(_ object: JSONObjectReader) throws {
    rows = try object.required(
      "resources", .array(of: JSONShape<Row>.object { try Self.row($0) }, 1...Self.mostRows))()
  }

  /// Read for an order of this kind: those whose value is one, and a verdict for the others.
  func read(as kind: ResourceKind) -> [Result<ResourceService.NewResource, ResourceValueFault>] {
    rows.map { row in
      Result { () throws(ResourceValueFault) in row.new(try ResourceValue(row.value, kind: kind)) }
        .map { new in
          var new = new
          new.kind = kind
          return new
        }
    }
  }

  private static func row(_ object: JSONObjectReader) throws -> Row {
    let text = object.required("resource_value", .string(0...1_000))
    let name = object.nullable("resource_name", .text(.line(1...200)))
    let maxClients = object.optional("max_clients", .int(1...10_000), default: 1)
    let isWarmed = object.optional("warmed", .bool, default: false)
    let provider = object.nullable("provider", .text(.line(1...100)))
    let providerID = object.nullable("provider_id", .text(.line(1...200)))
    let timeZone = object.optional("time_zone", .text(.timeZone), default: .utc)
    var new = ResourceService.NewResource(
      kind: .emailDomain, value: ResourceValue(unchecked: "", kind: .emailDomain), name: try name(),
      maxClients: try maxClients(), isWarmed: try isWarmed(), provider: try provider(),
      providerID: try providerID(), timeZone: try timeZone())
    return Row(value: try text()) { value in
      new.value = value
      return new
    }
  }
}

/// What became of each row of a delivery.
struct DeliveryReport: JSONWritable {
  enum Kind: String, CaseIterable {
    case added, linked, known, duplicate, surplus, rejected
    case otherOrder = "other_order"
    case otherKind = "other_kind"
    case domainMissing = "domain_missing"
  }

  private struct Verdict {
    let kind: Kind
    var resourceID: ID<Resource>?
    var detail: String?
  }

  let detail: SupplyService.Detail
  private let verdicts: [Verdict]

  /// - Parameter faults: for each row of the request, why its value is none; nil for those that were judged.
  init(_ delivery: OrderDelivery, faults: [ResourceValueFault?]) {
    detail = delivery.detail
    var judged = delivery.verdicts[...]
    verdicts = faults.map { fault in
      if let fault { return Verdict(kind: .rejected, detail: fault.detail) }
      return judged.popFirst().map(Self.verdict) ?? Verdict(kind: .surplus)
    }
  }

  private static func verdict(_ verdict: OrderDelivery.Verdict) -> Verdict {
    switch verdict {
    case .added(let id): Verdict(kind: .added, resourceID: id)
    case .linked(let id): Verdict(kind: .linked, resourceID: id)
    case .known(let id): Verdict(kind: .known, resourceID: id)
    case .duplicate: Verdict(kind: .duplicate, detail: "an earlier row says the same")
    case .otherOrder: Verdict(kind: .otherOrder, detail: "another order brings it")
    case .otherKind(let kind):
      Verdict(kind: .otherKind, detail: "the pool has it as another kind: \(kind.rawValue)")
    case .domainMissing: Verdict(kind: .domainMissing, detail: "its domain is not in the pool")
    case .surplus: Verdict(kind: .surplus, detail: "more than was ordered")
    }
  }

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("order", detail)
      object.object("counts") { counts in
        for kind in Kind.allCases { counts.field(named: kind.rawValue, verdicts.count { $0.kind == kind }) }
      }
      object.array("verdicts") { list in
        for verdict in verdicts {
          list.object { object in
            object.field("verdict", verdict.kind.rawValue)
            object.field("resource_id", verdict.resourceID)
            object.field("detail", verdict.detail)
          }
        }
      }
    }
  }
}
