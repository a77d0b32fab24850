import Domain
import Engine
import HTTP
import JSON

/// `/v1/tiers` and `/v1/plan`
struct TierRoutes: Sendable {
  let tiers: TierService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/tiers", .readTiers, list)
    operations.add(.put, "/v1/tiers/{tier_name}", .manageTiers, save)
    operations.add(.get, "/v1/plan", .readTiers, query: ["leads"], plan)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let all = try await tiers.list()
    return .json { writer in
      writer.object { object in
        object.field("data", all)
        object.field("next_cursor", nil as String?)
      }
    }
  }

  @Sendable private func save(_ call: Call) async throws -> Response {
    let name = try call.request.parameters.value("tier_name", .tierName)
    let tier = try call.request.json { try PricingTier(named: name, $0) }
    let isNew = try await tiers.save(tier, actor: call.principal.actor)
    return .json(tier, isNew ? .created : .ok)
  }

  @Sendable private func plan(_ call: Call) async throws -> Response {
    let leads = try call.request.query { try $0.required("leads", .int(TierPlan.leadRange))() }
    return .json(try TierPlan(leads: leads))
  }
}
