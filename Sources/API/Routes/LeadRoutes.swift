import Domain
import Engine
import HTTP
import JSON

/// `/v1/leads`
struct LeadRoutes: Sendable {
  let leads: LeadService
  let search: LeadSearchService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/leads", .manageLeads, create)
    operations.add(.get, "/v1/leads/{lead_id}", .readOwnLeads, find)
    operations.add(.get, "/v1/leads/{lead_id}/record", .readLeads, records)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let new = try call.request.json { try NewLead($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    let answered = try await leads.create(new, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  @Sendable private static func created(_ outcome: LeadService.Outcome) throws(Problem) -> Response {
    switch outcome {
    case .created(let lead): return .json(lead, .created)
    case .known(let lead): return .json(lead)
    case .conflict(let conflict):
      throw Problem(
        .leadConflict, "An operator has to say which lead this is.",
        extensions: ["conflict_id": .string(conflict.description)])
    case .forgotten: throw Problem(.leadForgotten)
    }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("lead_id", of: Lead.self)
    guard try await search.sees(id, for: call.allowed), let lead = try await leads.get(id) else {
      throw Problem.notFound
    }
    return .json(lead)
  }

  @Sendable private func records(_ call: Call) async throws -> Response {
    guard let records = try await leads.records(of: try call.id("lead_id", of: Lead.self)) else {
      throw Problem.notFound
    }
    return .json(LeadRecordList(data: records))
  }
}
