import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/lead-conflicts`, merges of leads and their undoing.
struct LeadConflictRoutes: Sendable {
  let conflicts: LeadConflictService

  func add(to operations: inout Operations) {
    let conflict = "/v1/lead-conflicts/{conflict_id}"
    operations.add(
      .get, "/v1/lead-conflicts", .readLeads, query: ["status"] + PageRequest.parameters, list)
    operations.add(.get, conflict, .readLeads, find)
    operations.add(.post, conflict + "/resolve", .manageLeads, resolve)
    operations.add(.post, "/v1/leads/{lead_id}/merge", .manageLeads, merge)
    operations.add(.post, "/v1/lead-merges/{merge_id}/undo", .manageLeads, body: BodyRule.none, undo)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (status, page) = try call.request.query { query in
      let status = query.optional("status", .oneOf as TextShape<StoredLeadConflict.Status>)
      let page = query.page(of: "lead_conflicts", keys: 1)
      return (try status(), try page())
    }
    let found = try await conflicts.list(
      status, after: try page.id(of: LeadConflict.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $1.write(to: &$0, isWhole: false) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    guard let conflict = try await conflicts.find(try call.id("conflict_id", of: LeadConflict.self)) else {
      throw Problem.notFound
    }
    return .json(conflict)
  }

  @Sendable private func resolve(_ call: Call) async throws -> Response {
    let id = try call.id("conflict_id", of: LeadConflict.self)
    let resolution = try call.request.json { try LeadConflictService.Resolution($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.resolved)
    let answered = try await conflicts.resolve(
      id, resolution, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.resolved)
  }

  @Sendable private static func resolved(
    _ outcome: LeadConflictService.Outcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let conflict): return .json(conflict)
    case .unknown: throw .notFound
    case .alreadyResolved:
      throw .refused(.leadMergeRefused, [("resolved", "the conflict was resolved before")])
    case .notAmongThem:
      throw .refused(.leadMergeRefused, [("not_among_them", "the conflict does not name the lead")])
    case .anotherLead:
      throw .refused(
        .leadMergeRefused,
        [("another_lead", "another lead is known by what the record says; merge it first")])
    case .refused(let why): throw .refused(why)
    }
  }

  @Sendable private func merge(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let kept = try call.request.json { try $0.required("into", .id() as JSONShape<ID<Lead>>)() }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.merged)
    let answered = try await conflicts.merge(
      lead, into: kept, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.merged)
  }

  @Sendable private static func merged(
    _ outcome: LeadConflictService.MergeOutcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let merge): return .json(merge)
    case .unknown: throw .notFound
    case .refused(let why): throw .refused(why)
    }
  }

  @Sendable private func undo(_ call: Call) async throws -> Response {
    let merge = try call.id("merge_id", of: LeadMerger.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.undone)
    let answered = try await conflicts.undo(merge, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.undone)
  }

  @Sendable private static func undone(
    _ outcome: LeadConflictService.UndoOutcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let merge): return .json(merge)
    case .unknown: throw .notFound
    case .refused(let why): throw .refused(.leadMergeRefused, [(why.rawValue, why.detail)])
    }
  }
}

extension Problem {
  fileprivate static func refused(_ why: LeadMergeDecision.Refusal) -> Problem {
    refused(why == .ownedByTwo ? .leadOwnedByTwo : .leadMergeRefused, [(why.rawValue, why.detail)])
  }
}
