import Domain
import Engine
import HTTP
import JSON

/// `/v1/pools` and `/v1/alerts`
struct PoolRoutes: Sendable {
  let pools: PoolService
  let alerts: AlertService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/pools", .readPools, query: PageRequest.parameters, list)
    operations.add(.get, "/v1/pools/{client_id}", .readPools, find)
    operations.add(.get, "/v1/pools/{client_id}/geography", .readPools, geography)
    operations.add(.get, "/v1/alerts", .readAlerts, query: ["state"] + PageRequest.parameters, listAlerts)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let page = try call.request.query { try $0.page(of: "pools", keys: 1)() }
    let found = try await pools.list(
      only: call.allowed, after: try page.id(of: Client.self), limit: page.fetch)
    return page.page(found) { [$0.clientID.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    guard call.sees(id), let pool = try await pools.get(id) else { throw Problem.notFound }
    return .json(pool)
  }

  @Sendable private func geography(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    guard call.sees(id), let geography = try await pools.geography(id) else { throw Problem.notFound }
    return .json(geography)
  }

  @Sendable private func listAlerts(_ call: Call) async throws -> Response {
    let (state, page) = try call.request.query { query in
      let state = query.optional("state", .oneOf as TextShape<PoolAlert.State>, default: .open)
      let page = query.page(of: "alerts", keys: 1)
      return (try state(), try page())
    }
    let found = try await alerts.list(
      state, client: call.allowed, after: try page.id(of: PoolAlert.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }
}
