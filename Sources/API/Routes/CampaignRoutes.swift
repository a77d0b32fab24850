import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/clients/{client_id}/campaigns` and `/v1/campaigns`
struct CampaignRoutes: Sendable {
  let campaigns: CampaignService

  func add(to operations: inout Operations) {
    let ofClient = "/v1/clients/{client_id}/campaigns"
    operations.add(.post, ofClient, .manageCampaigns, create)
    operations.add(.get, ofClient, .readCampaigns, query: ["status"] + PageRequest.parameters, list)
    let campaign = "/v1/campaigns/{campaign_id}"
    operations.add(.get, campaign, .readCampaigns, find)
    operations.add(.patch, campaign, .manageCampaigns, update)
    operations.add(
      .get, campaign + "/resources", .readCampaigns, query: PageRequest.parameters, resources)
    operations.add(.put, campaign + "/resources", .manageCampaigns, select)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let wish = try call.request.json { object in
      let name = object.required("name", .text(.campaignName))
      let selection = object.optional("resources", .campaignSelection, default: .all)
      return (name: try name(), selection: try selection())
    }
    guard call.sees(client) else { throw Problem.notFound }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    let answered = try await campaigns.create(
      wish.name, for: client, selection: wish.selection, actor: call.principal.actor,
      idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  @Sendable private static func created(_ outcome: CampaignService.Outcome) throws(Problem) -> Response {
    .json(try done(outcome), .created)
  }

  private static func done(_ outcome: CampaignService.Outcome) throws(Problem) -> Campaign {
    switch outcome {
    case .done(let campaign): return campaign
    case .unknownClient, .unknownCampaign: throw .notFound
    case .nameTaken: throw Problem(.campaignNameTaken)
    case .ended: throw Problem(.campaignEnded)
    case .notOwned(let resources):
      // So many are enough to find the mistake.
      let ids = resources.prefix(20).map(\.description).joined(separator: ", ")
      throw Problem(.resourceNotOwned, "The client does not have \(ids).")
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let client = try call.id("client_id", of: Client.self)
    let (status, page) = try call.request.query { query in
      let status = query.optional("status", .oneOf as TextShape<Campaign.Status>)
      let page = query.page(of: "campaigns", keys: 1)
      return (try status(), try page())
    }
    guard call.sees(client) else { return page.emptyAnswer }
    let found = try await campaigns.list(
      of: client, status: status, after: try page.id(of: Campaign.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("campaign_id", of: Campaign.self)
    guard let campaign = try await campaigns.find(id, of: call.allowed) else { throw Problem.notFound }
    return .json(campaign)
  }

  @Sendable private func update(_ call: Call) async throws -> Response {
    let id = try call.id("campaign_id", of: Campaign.self)
    let update = try call.request.json { try CampaignUpdate($0) }
    return .json(
      try Self.done(
        try await campaigns.update(id, update, of: call.allowed, actor: call.principal.actor)))
  }

  @Sendable private func resources(_ call: Call) async throws -> Response {
    let id = try call.id("campaign_id", of: Campaign.self)
    let page = try call.request.query { try $0.page(of: "campaign_resources", keys: 2)() }
    let found = try await campaigns.resources(
      of: id, for: call.allowed, after: try page.campaignPlace(), limit: page.fetch)
    guard let found else { throw Problem.notFound }
    return page.page(found) { [$0.assignmentID.description, $0.channel.rawValue] }
      .response { $0.value($1) }
  }

  @Sendable private func select(_ call: Call) async throws -> Response {
    let id = try call.id("campaign_id", of: Campaign.self)
    let selection = try call.request.json { try $0.required("resources", .campaignSelection)() }
    return .json(
      try Self.done(
        try await campaigns.select(selection, for: id, of: call.allowed, actor: call.principal.actor)))
  }
}
