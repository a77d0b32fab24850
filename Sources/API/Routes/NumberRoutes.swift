import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/numbers`
struct NumberRoutes: Sendable {
  static let importBodyLimit = 16 << 20

  let numbers: NumberService
  let leases: LeaseRoutes

  func add(to operations: inout Operations) {
    operations.add(
      .post, "/v1/numbers/import", .manageNumbers, bodyLimit: Self.importBodyLimit, heavy: true,
      importNumbers)
    operations.add(
      .get, "/v1/numbers", .readNumbers,
      query: ["company", "client_id", "status", "assignment_status", "area_code"] + PageRequest.parameters,
      list)
    operations.add(.get, "/v1/numbers/{provider_number_id}", .readNumbers, find)
    operations.add(.patch, "/v1/numbers/{provider_number_id}", .manageNumbers, update)
    operations.add(
      .get, "/v1/numbers/{provider_number_id}/holders", .readNumbers, query: ["at"] + PageRequest.parameters,
      holders)
  }

  @Sendable private func importNumbers(_ call: Call) async throws -> Response {
    let wish = try call.request.json(limits: JSONLimits(issues: 1_000)) { try NumberImportWish($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.imported)
    let answered = try await numbers.importNumbers(
      wish.numbers, options: wish.options, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.imported)
  }

  @Sendable private static func imported(_ outcome: NumberImportOutcome) throws(Problem) -> Response {
    switch outcome {
    case .imported(let report): return .json(report)
    case .refused(let errors): throw .badRows(errors)
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (filter, page) = try call.request.query { query in
      let company = query.optional("company", .company)
      let clientID = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let status = query.optional("status", .oneOf as TextShape<PhoneNumberStatus>)
      let assignment = query.optional("assignment_status", .oneOf as TextShape<AssignmentStatus>)
      let areaCode = query.optional("area_code", .areaCode)
      let page = query.page(of: "numbers", keys: 1)
      let filter = NumberFilter(
        company: try company(), clientID: try clientID(), status: try status(),
        assignmentStatus: try assignment(), areaCode: try areaCode())
      return (filter, try page())
    }
    guard let owner = call.owner(filter.clientID) else { return page.emptyAnswer }
    var own = filter
    own.clientID = owner.id
    let after = page.after?.first.map { ProviderNumberID(unchecked: $0) }
    let found = try await numbers.list(own, after: after, limit: page.fetch)
    return page.page(found) { [$0.providerNumberID.text] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response { .json(try await number(call)) }

  @Sendable private func update(_ call: Call) async throws -> Response {
    let change = try call.request.json { try NumberUpdate($0) }
    let id = ProviderNumberID(call.request.parameters["provider_number_id"])
    guard let id, let number = try await numbers.update(id, change, actor: call.principal.actor)
    else { throw Problem.notFound }
    return .json(number)
  }

  @Sendable private func holders(_ call: Call) async throws -> Response {
    let (instant, page) = try call.request.query { query in
      let instant = query.optional("at", .instant)
      let page = query.page(of: "holders", keys: 2)
      return (try instant(), try page())
    }
    let number = try await number(call)
    guard let instant else {
      // A number may have been another client's before.
      let filter = LeaseListStore.Filter(clientID: call.allowed, numberID: number.providerNumberID)
      return try await leases.answer(filter, page)
    }
    let lease = try await leases.leases.holder(of: number.providerNumberID, at: instant)
    let seen = [lease].compactMap { $0 }.filter { call.sees($0.clientID) }
    return page.page(seen) { [$0.id.description] }.response { $0.value($1) }
  }

  /// The number in the path, if it exists for the caller.
  private func number(_ call: Call) async throws -> PooledNumber {
    let id = ProviderNumberID(call.request.parameters["provider_number_id"])
    guard let id, let number = try await numbers.get(id), call.sees(number.clientID)
    else { throw Problem.notFound }
    return number
  }
}
