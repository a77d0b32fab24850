import Domain
import Engine
import HTTP
import JSON

/// `/v1/leads`
struct LeadRoutes: Sendable {
  let leads: LeadService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/leads", .manageLeads, create)
    operations.add(.get, "/v1/leads", .readLeads, query: ["primary_email"] + PageRequest.parameters, list)
    operations.add(.get, "/v1/leads/{lead_id}", .readLeads, find)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let new = try call.request.json { try NewLead($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    let answered = try await leads.create(new, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  @Sendable private static func created(_ lead: Lead) throws(Problem) -> Response { .json(lead, .created) }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (email, page) = try call.request.query { query in
      let email = query.optional("primary_email", .searchedAddress)
      let page = query.page(of: "leads", keys: 1)
      return (try email(), try page())
    }
    if case .some(nil) = email { return page.emptyAnswer }
    let found = try await leads.list(
      email: email ?? nil, after: try page.id(of: Lead.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    guard let lead = try await leads.get(try call.id("lead_id", of: Lead.self)) else {
      throw Problem.notFound
    }
    return .json(lead)
  }
}
