import Domain
import Engine
import HTTP
import JSON

/// `/v1/clients/{client_id}/leads`, and who has and had a lead
struct LeadAssignmentRoutes: Sendable {
  let assignments: LeadAssignmentService

  func add(to operations: inout Operations) {
    let ofClient = "/v1/clients/{client_id}/leads"
    operations.add(.post, ofClient, .assignLeads, assign)
    operations.add(
      .get, ofClient, .readLeadAssignments, query: ["status", "campaign_id"] + PageRequest.parameters, list)
    operations.add(.get, "/v1/clients/{client_id}/lead-quota", .readLeadAssignments, quota)
    let lead = "/v1/leads/{lead_id}"
    operations.add(
      .get, lead + "/assignments", .readLeadAssignments, query: PageRequest.parameters, history)
    operations.add(.post, lead + "/release", .changeLeadAssignments, release)
    operations.add(.post, lead + "/convert", .changeLeadAssignments, body: BodyRule.none, convert)
  }

  @Sendable private func assign(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let wish = try call.request.json { object in
      let leads = object.required("lead_ids", .leadIDs)
      let campaign: Checked<ID<Campaign>?> = object.optional("campaign_id", .id())
      let isOverQuota = object.optional("over_quota", .bool, default: false)
      return (leads: try leads(), campaign: try campaign(), isOverQuota: try isOverQuota())
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.assigned)
    let answered = try await assignments.assign(
      wish.leads, to: client, campaign: wish.campaign, isOverQuota: wish.isOverQuota,
      actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.assigned)
  }

  @Sendable private static func assigned(
    _ outcome: LeadAssignmentService.Outcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let report): return .json(report)
    case .unknownClient: throw .notFound
    case .unknownCampaign: throw Problem(.campaignUnknown)
    case .campaignEnded: throw Problem(.campaignEnded)
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let (status, campaign, page) = try call.request.query { query in
      let status = query.optional("status", .oneOf as TextShape<LeadAssignment.Status>)
      let campaign = query.optional("campaign_id", TextShape<ID<Campaign>>.id())
      let page = query.page(of: "client_leads", keys: 1)
      return (try status(), try campaign(), try page())
    }
    guard call.sees(client) else { return page.emptyAnswer }
    let found = try await assignments.list(
      of: client, status: status, campaign: campaign, after: try page.id(of: LeadAssignment.self),
      limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func quota(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    guard call.sees(client), let quota = try await assignments.quota(of: client) else {
      throw Problem.notFound
    }
    return .json(quota)
  }

  @Sendable private func history(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let page = try call.request.query { try $0.page(of: "lead_assignments", keys: 1)() }
    let found = try await assignments.history(
      of: lead, only: call.allowed, after: try page.id(of: LeadAssignment.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func release(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let reason = try call.request.json { try $0.required("reason", .text(.releaseReason))() }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.changed)
    let answered = try await assignments.release(
      lead, of: call.allowed, because: reason, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.changed)
  }

  @Sendable private func convert(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.changed)
    let answered = try await assignments.convert(
      lead, of: call.allowed, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.changed)
  }

  @Sendable private static func changed(_ change: LeadAssignmentService.Change) throws(Problem) -> Response {
    switch change {
    case .done(let assignment): return .json(assignment)
    case .unknownLead: throw .notFound
    case .notAssigned: throw Problem(.leadNotAssigned)
    case .converted: throw Problem(.leadConverted)
    }
  }
}

extension TextShape where Value == ReleaseReason {
  static var releaseReason: TextShape {
    let line = TextShape<String>.line(1...200)
    return TextShape(line.expected) { line.parse($0).flatMap { ReleaseReason($0) } }
  }
}

extension JSONShape where Value == [ID<Lead>] {
  static var leadIDs: JSONShape { .array(of: .id(), 1...LeadAssignmentService.most) }
}
