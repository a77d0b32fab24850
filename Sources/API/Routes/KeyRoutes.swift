import Domain
import Engine
import HTTP
import JSON

/// `/v1/keys`
struct KeyRoutes: Sendable {
  let keys: KeyService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/keys", .manageKeys, create)
    operations.add(.get, "/v1/keys", .manageKeys, query: PageRequest.parameters, list)
    operations.add(.delete, "/v1/keys/{key_id}", .manageKeys, revoke)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let wish = try call.request.json { try KeyWish($0) }
    // The answer that is kept is the same without the secret, which is stored nowhere.
    let idempotency = try IdempotencyHeader.idempotency(of: call) { outcome throws(Problem) in
      try Self.created(outcome, showingSecret: false)
    }
    let answered = try await keys.create(
      name: wish.name, scope: wish.scope, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered) { outcome throws(Problem) in
      try Self.created(outcome, showingSecret: true)
    }
  }

  private static func created(
    _ outcome: KeyService.Creation, showingSecret: Bool
  ) throws(Problem) -> Response {
    switch outcome {
    case .created(let key, let secret):
      return .json(NewKeyAnswer(key: key, secret: showingSecret ? secret : nil), .created)
    case .unknownClient: throw Problem(.notFound, "No client has this id.")
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let page = try call.request.query { try $0.page(of: "keys", keys: 1)() }
    let found = try await keys.list(after: try page.id(of: APIKey.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func revoke(_ call: Call) async throws -> Response {
    let id = try call.id("key_id", of: APIKey.self)
    guard try await keys.revoke(id, actor: call.principal.actor) != nil else { throw Problem.notFound }
    return .noContent
  }
}
