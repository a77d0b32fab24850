import Domain
import Engine
import HTTP
import JSON

/// Lists and searches of `/v1/leads`
struct LeadSearchRoutes: Sendable {
  let search: LeadSearchService

  func add(to operations: inout Operations) {
    operations.add(
      .get, "/v1/leads", .readOwnLeads, query: ["primary_email"] + PageRequest.parameters, list)
    operations.add(.post, "/v1/leads/search", .readOwnLeads, find)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (email, page) = try call.request.query { query in
      let email = query.optional("primary_email", .searchedAddress)
      let page = query.page(of: "leads", keys: 1)
      return (try email(), try page())
    }
    if case .some(nil) = email { return page.emptyAnswer }
    let found = try await search.list(
      email: email ?? nil, of: call.allowed, after: try page.id(of: Lead.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { writer, lead in
      lead.write(to: &writer, fields: [])
    }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    try IdempotencyHeader.refuseMalformed(in: call)
    let wish = try call.request.json { try LeadSearchRequest($0) }
    let page = try await search.search(
      wish.query, for: call.allowed, fields: wish.fields, after: wish.place, limit: wish.limit)
    let count = wish.wantsCount ? try await search.count(wish.query, for: call.allowed) : nil
    return .json(capacity: 128 + page.leads.count * 512) { writer in
      writer.object { object in
        object.array("data") { data in
          for lead in page.leads { lead.write(to: &data, fields: wish.fields) }
        }
        object.field("next_cursor", page.next.map { LeadSearchRequest.cursor(after: $0) })
        object.field("count", count?.value)
        object.field("is_estimate", count?.isEstimate)
      }
    }
  }
}
