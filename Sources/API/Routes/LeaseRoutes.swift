import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/leases`
struct LeaseRoutes: Sendable {
  let leases: LeaseService
  let alerts: AlertService

  func add(to operations: inout Operations) {
    operations.add(.post, "/v1/leases", .useLeases, create)
    operations.add(
      .get, "/v1/leases", .readLeases, query: ["client_id", "lead_id", "state"] + PageRequest.parameters, list
    )
    operations.add(.get, "/v1/leases/{lease_id}", .readLeases, find)
    operations.add(.delete, "/v1/leases/{lease_id}", .useLeases, query: ["term"], release)
    operations.add(.post, "/v1/leases/{lease_id}/outcome", .useLeases, report)
    operations.add(.post, "/v1/leases/{lease_id}/renew", .useLeases, renew)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let wish = try call.request.json { try LeaseWish($0, own: call.allowed) }
    let command = LeaseCommand(
      pool: wish.pool, allowed: call.allowed, leadID: wish.leadID, customerPhone: wish.customerPhone,
      near: wish.near, actor: call.principal.actor,
      idempotency: try IdempotencyHeader.idempotency(of: call) { outcome throws(Problem) in
        try Self.answer(outcome, wish.pool)
      })
    let answered = try await leases.lease(command)
    // What fails here is the job's to do again, and no fault of the request.
    if case .fresh(.exhausted) = answered { try? await alerts.lookAfterRefusal(at: wish.pool) }
    return try IdempotencyHeader.response(answered) { outcome throws(Problem) in
      try Self.answer(outcome, wish.pool)
    }
  }

  private static func answer(
    _ outcome: LeaseOutcome, _ pool: PoolReference
  ) throws(Problem) -> Response {
    switch outcome {
    case .granted(let lease): return .json(lease, .created)
    case .held(let lease): return .json(lease)
    case .unknownCompany(let similar): throw .unknownCompany(pool, similar: similar)
    case .unknownLead: throw Problem(.unknownLead)
    case .exhausted(let totals): throw .poolExhausted(totals)
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (filter, page) = try call.request.query { query in
      let clientID = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let leadID = query.optional("lead_id", .id() as TextShape<ID<Lead>>)
      let state = query.optional("state", .oneOf as TextShape<LeaseListStore.State>, default: .all)
      let page = query.page(of: "leases", keys: 2)
      let filter = LeaseListStore.Filter(
        clientID: try clientID(), leadID: try leadID(), state: try state())
      return (filter, try page())
    }
    guard let owner = call.owner(filter.clientID) else { return page.emptyAnswer }
    var own = filter
    own.clientID = owner.id
    return try await answer(own, page)
  }

  /// A page of leases, newest first; also of one number's.
  func answer(_ filter: LeaseListStore.Filter, _ page: PageRequest) async throws -> Response {
    let place = try page.place()
    let found = try await leases.list(filter, after: place, limit: page.fetch)
    return page.page(found) { [String($0.leasedAt.microseconds), $0.id.description] }
      .response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("lease_id", of: Lease.self)
    guard let lease = try await leases.find(id), call.sees(lease.clientID) else { throw Problem.notFound }
    return .json(lease)
  }

  @Sendable private func release(_ call: Call) async throws -> Response {
    let term = try call.request.query { try $0.required("term", .term)() }
    return try await change(call, .release, term: term)
  }

  @Sendable private func report(_ call: Call) async throws -> Response {
    let report = try call.request.json { try OutcomeReport($0) }
    return try await change(call, .outcome(report.outcome), term: report.term)
  }

  @Sendable private func renew(_ call: Call) async throws -> Response {
    let isEmpty = call.request.body.isEmpty
    let term = isEmpty ? nil : try call.request.json { try $0.optional("term", .term)() }
    return try await change(call, .renew, term: term)
  }

  private func change(_ call: Call, _ kind: LeaseCall.Kind, term: Int64?) async throws -> Response {
    let change = LeaseCall(
      id: try call.id("lease_id", of: Lease.self), kind: kind, term: term, allowed: call.allowed,
      actor: call.principal.actor)
    // A release has its term to be safe under retries, so it takes no key.
    let idempotency =
      kind == .release ? nil : try IdempotencyHeader.idempotency(of: call, Self.changeAnswer)
    return try IdempotencyHeader.response(
      try await leases.change(change, idempotency: idempotency), Self.changeAnswer)
  }

  @Sendable private static func changeAnswer(_ outcome: LeaseCallOutcome) throws(Problem) -> Response {
    switch outcome {
    case .applied(let lease): return .json(LeaseChangeAnswer(reason: nil, lease: lease))
    case .unchanged(let reason, let lease):
      return .json(LeaseChangeAnswer(reason: reason, lease: lease))
    case .refused(.appointmentInThePast): throw .validation("is in the past", pointer: "/appointment_at")
    case .refused(.appointmentTooFarAhead):
      throw .validation("is more than 366 days ahead", pointer: "/appointment_at")
    case .unknown: throw .notFound
    }
  }
}
