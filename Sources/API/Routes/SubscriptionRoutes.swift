import Domain
import Engine
import HTTP
import JSON

/// `/v1/clients/{client_id}/subscription`
struct SubscriptionRoutes: Sendable {
  let subscriptions: SubscriptionService

  func add(to operations: inout Operations) {
    let subscription = "/v1/clients/{client_id}/subscription"
    operations.add(.get, subscription, .readSubscriptions, find)
    operations.add(.post, subscription, .manageSubscriptions, confirm)
    operations.add(.delete, subscription, .manageSubscriptions, end)
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    guard call.sees(id), let standing = try await subscriptions.standing(of: id)
    else { throw Problem.notFound }
    return .json { $0.object { standing.writeFields(to: &$0) } }
  }

  @Sendable private func confirm(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    let tier = try call.request.json { try $0.required("tier", .text(.tierName))() }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.answer)
    let answered = try await subscriptions.confirm(
      id, tier: tier, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.answer)
  }

  @Sendable private func end(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    let answered = try await subscriptions.end(id, actor: call.principal.actor)
    return try IdempotencyHeader.response(answered, Self.answer)
  }

  @Sendable private static func answer(_ outcome: SubscriptionService.Outcome) throws(Problem) -> Response {
    switch outcome {
    case .done(let standing): return .json(standing)
    case .unknownClient, .notSubscribed: throw .notFound
    case .unknownTier: throw .validation("there is no such tier", pointer: "/tier")
    }
  }
}
