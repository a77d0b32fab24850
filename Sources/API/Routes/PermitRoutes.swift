import Domain
import Engine
import HTTP
import JSON

/// `/v1/permits` and `/v1/gate`
struct PermitRoutes: Sendable {
  let permits: PermitService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/permits", .usePermits, create)
    operations.add(.post, "/v1/permits/batch", .usePermits, createBatch)
    operations.add(
      .get, "/v1/permits", .readPermits,
      query: ["client_id", "lead_id", "status"] + PageRequest.parameters, list)
    operations.add(.get, "/v1/permits/{permit_id}", .readPermits, find)
    operations.add(.post, "/v1/permits/{permit_id}/sent", .usePermits, sent)
    operations.add(.post, "/v1/permits/{permit_id}/failed", .usePermits, body: BodyRule.none, failed)
    operations.add(
      .get, "/v1/gate", .readPermits,
      query: ["client_id", "lead_id", "channel", "resource_id", "campaign_id"], explain)
    operations.add(
      .get, "/v1/leads/{lead_id}/gate-history", .readPermits,
      query: ["client_id", "from", "to"] + PageRequest.parameters, history)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let request = try call.request.json { try PermitRequest($0, own: call.allowed) }
    guard call.sees(request.clientID) else {
      throw Problem.unknownCompany(.client(request.clientID), similar: [])
    }
    let allowed = call.allowed
    let render: Renderer<PermitOutcome> = { outcome throws(Problem) in
      .json(try outcome.shown(to: allowed).granted(for: request), .created)
    }
    let answered = try await permits.request(
      PermitCommand(request, actor: call.principal.actor),
      idempotency: try IdempotencyHeader.idempotency(of: call, render))
    return try IdempotencyHeader.response(answered, render)
  }

  @Sendable private func createBatch(_ call: Call) async throws -> Response {
    let requests = try call.request.json { object in
      let item = JSONShape<PermitRequest>.object { try PermitRequest($0, own: call.allowed) }
      return try object.required("items", .array(of: item, 1...PermitService.mostRequests))()
    }
    let foreign = requests.indices.filter { !call.sees(requests[$0].clientID) }
    guard foreign.isEmpty else {
      throw Problem.unknownCompany(.client(requests[foreign[0]].clientID), similar: [])
    }
    let allowed = call.allowed
    let render: Renderer<[PermitOutcome]> = { outcomes in
      Self.batchAnswer(outcomes.map { $0.shown(to: allowed) }, requests)
    }
    let answered = try await permits.requestBatch(
      requests.map { PermitCommand($0, actor: call.principal.actor) },
      idempotency: try IdempotencyHeader.idempotency(of: call, render))
    return try IdempotencyHeader.response(answered, render)
  }

  /// `{"results": [{"permit": {…}, "problem": null}, {"permit": null, "problem": {…}}]}`
  private static func batchAnswer(_ outcomes: [PermitOutcome], _ requests: [PermitRequest]) -> Response {
    .json(capacity: outcomes.count * 512) { writer in
      writer.object { object in
        object.array("results") { results in
          for (outcome, request) in zip(outcomes, requests) {
            results.object { result in
              do throws(Problem) {
                let permit = try outcome.granted(for: request)
                result.field("permit", permit)
                result.name("problem")
                result.null()
              } catch {
                result.name("permit")
                result.null()
                result.object("problem") { Self.write(error, to: &$0) }
              }
            }
          }
        }
      }
    }
  }

  private static func write(_ problem: Problem, to object: inout JSONWriter) {
    object.field("type", API.problemBase + problem.kind.slug)
    object.field("title", problem.kind.title)
    object.field("status", problem.status.rawValue)
    if let detail = problem.detail { object.field("detail", detail) }
    object.name("reasons")
    object.value(problem.extensions["reasons"] ?? .array([]))
    object.name("next_eligible_at")
    object.value(problem.extensions["next_eligible_at"] ?? .null)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (client, lead, status, page) = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let lead = query.optional("lead_id", .id() as TextShape<ID<Lead>>)
      let status = query.optional("status", .oneOf as TextShape<Permit.Status>)
      let page = query.page(of: "permits", keys: 1)
      let (wantedClient, wantedLead) = (try client() ?? call.allowed, try lead())
      if wantedClient == nil && wantedLead == nil { query.refuse("client_id", "required without lead_id") }
      return (wantedClient, wantedLead, try status(), try page())
    }
    guard let owner = call.owner(client) else { return page.emptyAnswer }
    let found = try await permits.list(
      of: owner.id, lead: lead, status: status, after: try page.id(of: Permit.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("permit_id", of: Permit.self)
    guard let permit = try await permits.find(id, of: call.allowed) else { throw Problem.notFound }
    return .json(permit)
  }

  @Sendable private func sent(_ call: Call) async throws -> Response {
    let id = try call.id("permit_id", of: Permit.self)
    let report = try call.request.json { try SentReport($0) }
    let answered = try await permits.sent(
      id, messageID: report.messageID, of: call.allowed, actor: call.principal.actor,
      idempotency: try IdempotencyHeader.idempotency(of: call, PermitReport.response))
    return try IdempotencyHeader.response(answered, PermitReport.response)
  }

  @Sendable private func failed(_ call: Call) async throws -> Response {
    let id = try call.id("permit_id", of: Permit.self)
    let answered = try await permits.failed(
      id, of: call.allowed, actor: call.principal.actor,
      idempotency: try IdempotencyHeader.idempotency(of: call, PermitReport.response))
    return try IdempotencyHeader.response(answered, PermitReport.response)
  }

  @Sendable private func explain(_ call: Call) async throws -> Response {
    let request = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let lead = query.required("lead_id", .id() as TextShape<ID<Lead>>)
      let channel = query.required("channel", .oneOf as TextShape<Channel>)
      let resource = query.optional("resource_id", .id() as TextShape<ID<Resource>>)
      let campaign = query.optional("campaign_id", .id() as TextShape<ID<Campaign>>)
      let clientID = try client() ?? call.allowed
      if clientID == nil { query.refuse("client_id", "required") }
      return PermitRequest(
        clientID: clientID ?? ID(high: 0, low: 0), leadID: try lead(), channel: try channel(),
        resourceID: try resource(), campaignID: try campaign())
    }
    guard call.sees(request.clientID) else {
      throw Problem.unknownCompany(.client(request.clientID), similar: [])
    }
    let outcome = try await permits.explain(request).shown(to: call.allowed)
    if case .refused(let verdict, let facts) = outcome {
      return .json(GateAnswer(verdict: verdict, facts: facts, permit: nil))
    }
    let permit = try outcome.granted(for: request)
    return .json(GateAnswer(verdict: .passed, facts: nil, permit: permit))
  }

  @Sendable private func history(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let (client, from, to, page) = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let from = query.optional("from", .instant, default: Timestamp(microseconds: 0))
      let to = query.optional("to", .instant, default: Timestamp(microseconds: 253_402_300_799_000_000))
      let page = query.page(of: "gate_history", keys: 2)
      return (try client(), try from(), try to(), try page())
    }
    guard let owner = call.owner(client) else { return page.emptyAnswer }
    let found = try await permits.history(
      of: lead, client: owner.id, from: from, to: to, after: try page.permitLedgerPlace(),
      limit: page.fetch)
    return page.page(found) { [String($0.at.microseconds), $0.id.description] }
      .response { $0.value($1.shown(to: call.allowed)) }
  }
}
