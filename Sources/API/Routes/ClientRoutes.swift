import Domain
import Engine
import HTTP
import JSON

/// `/v1/clients`
struct ClientRoutes: Sendable {
  let clients: ClientService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/clients", .manageClients, create)
    operations.add(.get, "/v1/clients", .readClients, query: PageRequest.parameters, list)
    operations.add(.get, "/v1/clients/{client_id}", .readClients, find)
    operations.add(.patch, "/v1/clients/{client_id}", .manageClients, update)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let new = try call.request.json { try NewClient($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    let answered = try await clients.create(new, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  @Sendable private static func created(_ outcome: ClientService.Creation) throws(Problem) -> Response {
    switch outcome {
    case .created(let client): return .json(client, .created)
    case .nameTaken: throw Problem(.companyNameTaken)
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let page = try call.request.query { try $0.page(of: "clients", keys: 1)() }
    let found = try await clients.list(
      only: call.allowed, after: try page.id(of: Client.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    guard call.sees(id), let client = try await clients.get(id) else { throw Problem.notFound }
    return .json(client)
  }

  @Sendable private func update(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    let change = try call.request.json { try ClientUpdate($0) }
    switch try await clients.update(id, change, actor: call.principal.actor) {
    case .updated(let client): return .json(client)
    case .unknown: throw Problem.notFound
    case .nameTaken: throw Problem(.companyNameTaken)
    }
  }
}
