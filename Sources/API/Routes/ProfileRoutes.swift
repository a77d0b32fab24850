import Domain
import Engine
import HTTP
import JSON

/// `/v1/clients/{client_id}/profile` and `/v1/leads/{lead_id}/score`
struct ProfileRoutes: Sendable {
  let profiles: ProfileService
  let scores: LeadScoreService

  func add(to operations: inout Operations) {
    let profile = "/v1/clients/{client_id}/profile"
    operations.add(.get, profile, .readProfiles, find)
    operations.add(.put, profile, .manageProfiles, save)
    operations.add(.get, "/v1/leads/{lead_id}/score", .readLeadAssignments, query: ["client_id"], score)
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    guard call.sees(client), let profile = try await profiles.find(client) else { throw Problem.notFound }
    return .json(profile)
  }

  @Sendable private func save(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let profile = try call.request.json { try IdealProfile($0) }
    guard call.sees(client),
      let saved = try await profiles.save(profile, for: client, actor: call.principal.actor)
    else { throw Problem.notFound }
    return .json(saved)
  }

  @Sendable private func score(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let asked = try call.request.query { try $0.optional("client_id", TextShape<ID<Client>>.id())() }
    guard let client = asked ?? call.allowed else {
      let fault = Problem.Fault("required, unless a client asks for itself", parameter: "client_id")
      throw Problem(.invalidParameter, faults: [fault])
    }
    guard call.sees(client),
      let explained = try await scores.explain(lead, for: client, ownedBy: call.allowed)
    else { throw Problem.notFound }
    return .json(LeadScoreShape(explained))
  }
}
