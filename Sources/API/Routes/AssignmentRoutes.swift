import Domain
import Engine
import HTTP
import JSON

/// `/v1/clients/{client_id}/assign` and `/v1/clients/{client_id}/resources`
struct AssignmentRoutes: Sendable {
  let assignments: AssignmentService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/clients/{client_id}/assign", .manageResources, assign)
    operations.add(
      .delete, "/v1/clients/{client_id}/resources/{resource_id}", .manageResources, release)
  }

  @Sendable private func assign(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    let wanted = try call.request.json { try ResourceCounts(wanted: $0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.assigned)
    let answered = try await assignments.assign(
      wanted, to: id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.assigned)
  }

  @Sendable private static func assigned(
    _ outcome: AssignmentService.Outcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .assigned(let resources):
      return .json(.created) { $0.object { $0.field("assigned", resources) } }
    case .short(let shortage): throw .resourcesShort(shortage)
    case .unknownClient: throw .notFound
    case .onHold: throw Problem(.clientOnHold)
    }
  }

  @Sendable private func release(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let resource = try call.id("resource_id", of: Resource.self)
    switch try await assignments.release(resource, of: client, actor: call.principal.actor) {
    case .released(let resource): return .json(resource)
    case .notAssigned: throw Problem.notFound
    }
  }
}
