import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/orders`
struct OrderRoutes: Sendable {
  let supply: SupplyService

  func add(to operations: inout Operations) {
    let order = "/v1/orders/{order_id}"
    operations.add(
      .get, "/v1/orders", .readSupply, query: ["resource_type", "status"] + PageRequest.parameters, list)
    operations.add(.post, "/v1/orders", .manageSupply, request)
    operations.add(.get, order, .readSupply, find)
    operations.add(.get, "\(order)/history", .readSupply, query: PageRequest.parameters, history)
    operations.add(.post, "\(order)/approve", .manageSupply, body: BodyRule.none) { call in
      try await perform(call, .approve)
    }
    operations.add(.post, "\(order)/reject", .manageSupply) { call in
      try await perform(call, .reject(reason: try Self.reason(call)))
    }
    operations.add(.post, "\(order)/place", .manageSupply) { call in
      let reference = try call.request.json { try $0.nullable("provider_reference", .text(.line(1...200)))() }
      return try await perform(call, .place(reference: reference))
    }
    operations.add(.post, "\(order)/fail", .manageSupply) { call in
      try await perform(call, .fail(reason: try Self.reason(call)))
    }
    operations.add(
      .post, "\(order)/deliver", .manageSupply, bodyLimit: NumberRoutes.importBodyLimit, heavy: true, deliver)
  }

  private static func reason(_ call: Call) throws -> String {
    try call.request.json { try $0.required("reason", .text(.line(1...500)))() }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (filter, page) = try call.request.query { query in
      let kind = query.optional("resource_type", .oneOf as TextShape<ResourceKind>)
      let status = query.optional("status", .oneOf as TextShape<OrderStatus>)
      let page = query.page(of: "orders", keys: 1)
      return (OrderStore.Filter(kind: try kind(), status: try status()), try page())
    }
    let found = try await supply.orders(filter, after: try page.id(of: ResourceOrder.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("order_id", of: ResourceOrder.self)
    guard let detail = try await supply.find(id) else { throw Problem.notFound }
    return .json(detail)
  }

  @Sendable private func history(_ call: Call) async throws -> Response {
    let id = try call.id("order_id", of: ResourceOrder.self)
    let page = try call.request.query { try $0.page(of: "order-history", keys: 1)() }
    let change = try page.number()
    guard let found = try await supply.history(of: id, after: change, limit: page.fetch)
    else { throw Problem.notFound }
    return page.page(found) { [String($0.change)] }.response { $0.value($1) }
  }

  @Sendable private func request(_ call: Call) async throws -> Response {
    let new = try call.request.json { try NewOrder($0) }
    let names = supply.providers(of: new.kind).map(\.text).joined(separator: ", ")
    let render: Renderer<SupplyService.Outcome> = { outcome throws(Problem) in
      if case .unknownProvider = outcome {
        throw .validation("\(new.kind.rawValue) can be bought from \(names)", pointer: "/provider")
      }
      return try Self.response(outcome, .created)
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, render)
    let answered = try await supply.request(new, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, render)
  }

  private func perform(_ call: Call, _ action: OrderAction) async throws -> Response {
    let id = try call.id("order_id", of: ResourceOrder.self)
    let render: Renderer<SupplyService.Outcome> = { outcome throws(Problem) in try Self.response(outcome, .ok)
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, render)
    let answered = try await supply.perform(
      action, on: id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, render)
  }

  @Sendable private func deliver(_ call: Call) async throws -> Response {
    let id = try call.id("order_id", of: ResourceOrder.self)
    let wish = try call.request.json(limits: JSONLimits(issues: 1_000)) { try DeliveryWish($0) }
    // What an order is for never changes; without an order any kind will do, since nothing comes of it.
    let kind = try await supply.find(id)?.record.kind ?? .emailDomain
    let rows = wish.read(as: kind)
    let faults = rows.map { row -> ResourceValueFault? in
      if case .failure(let fault) = row { fault } else { nil }
    }
    let render: Renderer<DeliveryOutcome> = { outcome throws(Problem) in
      switch outcome {
      case .done(let delivery): return .json(DeliveryReport(delivery, faults: faults))
      case .unknown: throw .notFound
      case .refused(let obstacle): throw .refused(.orderState, [(obstacle.rawValue, obstacle.detail)])
      }
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, render)
    let answered = try await supply.deliver(
      rows.compactMap { try? $0.get() }, to: id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, render)
  }

  private static func response(
    _ outcome: SupplyService.Outcome, _ status: Status
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let detail): return .json(detail, status)
    case .unknown, .unknownProvider: throw .notFound
    case .refused(let obstacle): throw .refused(.orderState, [(obstacle.rawValue, obstacle.detail)])
    case .overBudget(let left):
      throw Problem(
        .overBudget, "\(left) cents are left of this month's budget.", extensions: ["left_cents": .int(left)])
    }
  }
}
