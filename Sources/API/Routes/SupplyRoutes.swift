import Domain
import Engine
import HTTP
import JSON

/// `/v1/buffer` and `/v1/purchasing`
struct SupplyRoutes: Sendable {
  let supply: SupplyService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/buffer", .readSupply, buffer)
    operations.add(
      .get, "/v1/buffer/alerts", .readSupply, query: ["state"] + PageRequest.parameters, alerts)
    operations.add(.get, "/v1/purchasing", .readSupply, purchasing)
    operations.add(.put, "/v1/purchasing", .manageSupply, savePurchasing)
  }

  @Sendable private func buffer(_ call: Call) async throws -> Response {
    let buffers = try await supply.buffers()
    return .json { writer in
      writer.object { object in
        object.field("data", buffers)
        object.field("next_cursor", nil as String?)
      }
    }
  }

  @Sendable private func alerts(_ call: Call) async throws -> Response {
    let (state, page) = try call.request.query { query in
      let state = query.optional("state", .oneOf as TextShape<BufferAlert.State>, default: .open)
      let page = query.page(of: "buffer-alerts", keys: 1)
      return (try state(), try page())
    }
    let found = try await supply.alerts(
      state, after: try page.id(of: BufferAlert.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func purchasing(_ call: Call) async throws -> Response {
    .json(try await supply.purchasing())
  }

  @Sendable private func savePurchasing(_ call: Call) async throws -> Response {
    let plan = try call.request.json { try PurchasePlan($0) }
    switch try await supply.save(plan, actor: call.principal.actor) {
    case .saved(let purchasing): return .json(purchasing)
    case .unknownProvider(let kind):
      let names = supply.providers(of: kind).map(\.text).joined(separator: ", ")
      throw Problem.validation("\(kind.rawValue) can be bought from \(names)", pointer: "/resources")
    }
  }
}
