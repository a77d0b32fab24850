import Domain
import Engine
import HTTP
import JSON

/// `/v1/resources/{resource_id}`: what is done with one resource.
struct ResourceActionRoutes: Sendable {
  let resources: ResourceService

  func add(to operations: inout Operations) {
    let resource = "/v1/resources/{resource_id}"
    operations.add(.patch, resource, .manageResources, update)
    operations.add(.post, "\(resource)/quarantine", .manageResources, quarantine)
    operations.add(.post, "\(resource)/requalify", .manageResources, requalify)
    operations.add(.post, "\(resource)/warmup", .manageResources, warmUp)
    operations.add(.post, "\(resource)/retire", .manageResources, body: BodyRule.none, retire)
  }

  @Sendable private func update(_ call: Call) async throws -> Response {
    let id = try call.id("resource_id", of: Resource.self)
    let observation = try call.request.json { try ResourceObservation($0) }
    let answered = try await resources.perform(.observe(observation), on: id, actor: call.principal.actor)
    return try IdempotencyHeader.response(answered, ResourceActionOutcome.response)
  }

  @Sendable private func quarantine(_ call: Call) async throws -> Response {
    try await perform(call, try call.request.json { try ResourceAction(quarantine: $0) })
  }

  @Sendable private func requalify(_ call: Call) async throws -> Response {
    try await perform(call, try call.request.json { try ResourceAction(requalify: $0) })
  }

  @Sendable private func warmUp(_ call: Call) async throws -> Response {
    try await perform(call, try call.request.json { try ResourceAction(warmup: $0) })
  }

  @Sendable private func retire(_ call: Call) async throws -> Response { try await perform(call, .retire) }

  private func perform(_ call: Call, _ action: ResourceAction) async throws -> Response {
    let id = try call.id("resource_id", of: Resource.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, ResourceActionOutcome.response)
    let answered = try await resources.perform(
      action, on: id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, ResourceActionOutcome.response)
  }
}
