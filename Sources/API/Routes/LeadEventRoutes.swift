import Domain
import Engine
import HTTP
import JSON

/// `/v1/lead-events`: what providers tell of contacts with leads.
struct LeadEventRoutes: Sendable {
  let events: LeadEventService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/lead-events", .reportLeadEvents, heavy: true, take)
  }

  @Sendable private func take(_ call: Call) async throws -> Response {
    let reports = try call.request.json { object in
      try object.required(
        "events",
        .array(
          of: JSONShape<LeadEventService.Report>.object { try LeadEventService.Report($0) },
          1...LeadEventService.most))()
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.taken)
    let answered = try await events.take(
      reports, of: call.allowed, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.taken)
  }

  @Sendable private static func taken(_ verdicts: [LeadEventService.Verdict]) throws(Problem) -> Response {
    .json { writer in writer.object { $0.field("verdicts", verdicts) } }
  }
}
