import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/resources`: what there is. What is done with one resource stands in `ResourceActionRoutes`.
struct ResourceRoutes: Sendable {
  let resources: ResourceService

  func add(to operations: inout Operations) {
    operations.add(
      .post, "/v1/resources/import", .manageResources, bodyLimit: NumberRoutes.importBodyLimit, heavy: true,
      importResources)
    operations.add(
      .get, "/v1/resources", .readResources,
      query: ["resource_type", "status", "client_id"] + PageRequest.parameters, list)
    operations.add(.get, "/v1/resources/{resource_id}", .readResources, find)
    operations.add(
      .get, "/v1/resources/{resource_id}/history", .readResources, query: PageRequest.parameters, history)
    operations.add(
      .get, "/v1/resources/{resource_id}/assignability", .readResources, query: ["client_id"], assignability)
  }

  @Sendable private func importResources(_ call: Call) async throws -> Response {
    let wish = try call.request.json(limits: JSONLimits(issues: 1_000)) { try ResourceImportWish($0) }
    let render: Renderer<[ResourceService.Verdict]> = { .json(wish.report($0)) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, render)
    let answered = try await resources.add(
      wish.accepted, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, render)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (filter, page) = try call.request.query { query in
      let kind = query.optional("resource_type", .oneOf as TextShape<ResourceKind>)
      let status = query.optional("status", .oneOf as TextShape<ResourceStatus>)
      let clientID = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let page = query.page(of: "resources", keys: 1)
      let filter = ResourceStore.Filter(kind: try kind(), status: try status(), clientID: try clientID())
      return (filter, try page())
    }
    guard let owner = call.owner(filter.clientID) else { return page.emptyAnswer }
    var own = filter
    own.clientID = owner.id
    let found = try await resources.list(own, after: try page.id(of: Resource.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("resource_id", of: Resource.self)
    guard let resource = try await resources.find(id, of: call.allowed) else { throw Problem.notFound }
    return .json(resource)
  }

  @Sendable private func history(_ call: Call) async throws -> Response {
    let id = try call.id("resource_id", of: Resource.self)
    let page = try call.request.query { try $0.page(of: "history", keys: 2)() }
    let place = try page.change()
    let found = try await resources.history(of: id, for: call.allowed, after: place, limit: page.fetch)
    guard let found else { throw Problem.notFound }
    return page.page(found) { [String($0.at.microseconds), String($0.change)] }.response { $0.value($1) }
  }

  @Sendable private func assignability(_ call: Call) async throws -> Response {
    let id = try call.id("resource_id", of: Resource.self)
    let receiver = try call.request.query { try $0.optional("client_id", .id() as TextShape<ID<Client>>)() }
    // Other clients do not exist for a client.
    guard call.sees(receiver ?? call.allowed) else { throw Problem.notFound }
    switch try await resources.explain(id, of: call.allowed, to: receiver) {
    case .explained(_, let assignability): return .json(assignability)
    case .unknown, .unknownClient: throw Problem.notFound
    }
  }
}
