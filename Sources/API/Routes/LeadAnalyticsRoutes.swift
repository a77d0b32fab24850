import Domain
import Engine
import HTTP
import JSON

/// `/v1/lead-analytics`
struct LeadAnalyticsRoutes: Sendable {
  let figures: LeadFiguresService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/lead-analytics", .readOwnLeads, query: ["client_id", "days"], read)
  }

  @Sendable private func read(_ call: Call) async throws -> Response {
    let (client, days) = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let days = query.optional("days", .int(1...366), default: 30)
      return (try client(), try days())
    }
    guard let owner = call.owner(client) else { throw Problem.notFound }
    return .json(try await figures.figures(days: days, of: owner.id))
  }
}
