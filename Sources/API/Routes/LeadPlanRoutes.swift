import Domain
import Engine
import HTTP
import JSON

/// `/v1/lead-plans`
struct LeadPlanRoutes: Sendable {
  let plans: LeadPlanService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/lead-plans", .assignLeads, heavy: true, create)
    let plan = "/v1/lead-plans/{plan_id}"
    operations.add(.get, plan, .assignLeads, find)
    operations.add(.get, plan + "/entries", .assignLeads, query: PageRequest.parameters, entries)
    operations.add(.post, plan + "/apply", .assignLeads, body: BodyRule.none, heavy: true, apply)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let wish = try call.request.json { try LeadPlanService.Wish($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.planned)
    let answered = try await plans.plan(wish, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.planned)
  }

  @Sendable private static func planned(_ outcome: LeadPlanService.Outcome) throws(Problem) -> Response {
    switch outcome {
    case .planned(let plan): return .json(LeadPlanService.Result(plan: plan, outcomes: [:]), .created)
    case .unknownClient: throw .notFound
    case .unknownCampaign: throw Problem(.campaignUnknown)
    case .campaignEnded: throw Problem(.campaignEnded)
    }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    guard let result = try await plans.find(try call.id("plan_id", of: LeadPlan.self)) else {
      throw Problem.notFound
    }
    return .json(result)
  }

  @Sendable private func entries(_ call: Call) async throws -> Response {
    let plan = try call.id("plan_id", of: LeadPlan.self)
    let page = try call.request.query { try $0.page(of: "lead_plan_entries", keys: 1)() }
    let found = try await plans.entries(
      of: plan, after: Int(try page.number() ?? 0), limit: page.fetch)
    return page.page(found) { ["\($0.position)"] }.response { $0.value($1) }
  }

  @Sendable private func apply(_ call: Call) async throws -> Response {
    let plan = try call.id("plan_id", of: LeadPlan.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.applied)
    let answered = try await plans.apply(plan, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.applied)
  }

  @Sendable private static func applied(
    _ application: LeadPlanService.Application
  ) throws(Problem) -> Response {
    switch application {
    case .applied(let result): return .json(result)
    case .unknownPlan: throw .notFound
    }
  }
}
