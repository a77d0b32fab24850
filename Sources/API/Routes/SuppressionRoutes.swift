import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/suppressions`, and why a lead must not be contacted.
struct SuppressionRoutes: Sendable {
  let suppressions: SuppressionService

  /// Rows of one export; the next ones begin after the last.
  static let exportRows = 50_000

  func add(to operations: inout Operations) {
    let all = "/v1/suppressions"
    let filter = ["client_id", "scope", "kind", "reason", "state"]
    operations.add(.post, all, .manageSuppressions, create)
    operations.add(.get, all, .readSuppressions, query: filter + PageRequest.parameters, list)
    operations.add(.post, all + "/check", .readSuppressions, heavy: true, check)
    operations.add(
      .post, all + "/import", .manageSuppressions, query: ["client_id", "kind", "reason", "source"],
      body: .types([ContentType.json, ContentType.csv]), bodyLimit: NumberRoutes.importBodyLimit, heavy: true,
      importList)
    operations.add(.get, all + "/export", .readSuppressions, query: filter + ["after"], heavy: true, export)
    operations.add(.post, all + "/{suppression_id}/lift", .manageSuppressions, lift)
    operations.add(
      .get, "/v1/leads/{lead_id}/suppressions", .readSuppressions, query: ["client_id"], explain)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let wish = try call.request.json { try SuppressionWish($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    var new = wish.suppression
    new.clientID = try scope(of: call, new.clientID)
    let answered = try await suppressions.add(
      [new], because: wish.because, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  /// A client suppresses for itself.
  private func scope(of call: Call, _ wanted: ID<Client>?) throws(Problem) -> ID<Client>? {
    guard let allowed = call.allowed else { return wanted }
    guard wanted == nil || wanted == allowed else { throw .notFound }
    return allowed
  }

  @Sendable private static func created(
    _ outcome: SuppressionService.AddOutcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .unknownClient: throw .notFound
    case .done(let added): return .json(added[0].suppression, added[0].isNew ? .created : .ok)
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (filter, page) = try call.request.query { query in
      let filter = Self.filter(query)
      let page = query.page(of: "suppressions", keys: 1)
      return (try filter(), try page())
    }
    guard let owner = call.owner(filter.clientID) else { return page.emptyAnswer }
    var own = filter
    own.clientID = owner.id
    let found = try await suppressions.list(
      own, after: try page.id(of: Suppression.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  private static func filter(_ query: QueryReader) -> () throws -> SuppressionStore.Filter {
    let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
    let scope = query.optional("scope", .oneOf as TextShape<SuppressionStore.Filter.Scope>)
    let kind = query.optional("kind", .oneOf as TextShape<ContactAddress.Kind>)
    let reason = query.optional("reason", .oneOf as TextShape<Suppression.Reason>)
    let state = query.optional(
      "state", .oneOf as TextShape<SuppressionStore.Filter.State>, default: .active)
    return {
      var filter = SuppressionStore.Filter()
      filter.clientID = try client()
      filter.scope = try scope()
      filter.kind = try kind()
      filter.reason = try reason()
      filter.state = try state()
      return filter
    }
  }

  /// A POST, so that addresses stand in no URL. It changes nothing, and no answer is kept.
  @Sendable private func check(_ call: Call) async throws -> Response {
    let (addresses, client) = try call.request.json { object in
      let client = object.nullable("client_id", .id() as JSONShape<ID<Client>>)
      let addresses = object.required(
        "addresses",
        .array(
          of: JSONShape<ContactAddress?>.object { try AddressWish($0).address($0) }, 1...1_000))
      return (try addresses().compactMap(\.self), try client())
    }
    let render: Renderer<[SuppressionService.Checked]> = { checked in
      .json { writer in writer.object { $0.field("results", checked) } }
    }
    _ = try IdempotencyHeader.idempotency(of: call, render)
    guard call.sees(client ?? call.allowed) else { throw Problem.notFound }
    return try render(try await suppressions.check(addresses, for: client ?? call.allowed))
  }

  @Sendable private func importList(_ call: Call) async throws -> Response {
    var defaults = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let kind = query.optional("kind", .oneOf as TextShape<ContactAddress.Kind>)
      let reason = query.optional("reason", .givenReason, default: .manual)
      let source = query.optional("source", .line(Suppression.sourceLength), default: "list")
      return SuppressionList.Defaults(
        clientID: try client(), kind: try kind(), reason: try reason(), source: try source())
    }
    defaults.clientID = try scope(of: call, defaults.clientID)
    let list =
      if call.request.media == .other(ContentType.csv) {
        try SuppressionListWish(csv: call.request.body, defaults)
      } else {
        try call.request.json(limits: JSONLimits(issues: 1_000)) { try SuppressionListWish($0, defaults) }
      }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.imported)
    let answered = try await suppressions.take(
      list.rows, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.imported)
  }

  @Sendable private static func imported(
    _ outcome: SuppressionService.ListOutcome
  ) throws(Problem) -> Response {
    guard case .done(let report) = outcome else { throw .notFound }
    return .json(report)
  }

  @Sendable private func export(_ call: Call) async throws -> Response {
    let (filter, after) = try call.request.query { query in
      let filter = Self.filter(query)
      let after = query.optional("after", .id() as TextShape<ID<Suppression>>)
      return (try filter(), try after())
    }
    var text = SuppressionCSV.header
    guard let owner = call.owner(filter.clientID) else { return .csv(text) }
    var own = filter
    own.clientID = owner.id
    let found = try await suppressions.list(own, after: after, limit: Self.exportRows + 1)
    for suppression in found.prefix(Self.exportRows) { text += SuppressionCSV.row(suppression) ?? "" }
    guard found.count > Self.exportRows, let last = found.prefix(Self.exportRows).last else {
      return .csv(text)
    }
    return .csv(text).with("X-Next-After", last.id.description)
  }

  @Sendable private func lift(_ call: Call) async throws -> Response {
    let id = try call.id("suppression_id", of: Suppression.self)
    let because = try call.request.json {
      try $0.optional("because", .text(.line(1...200)), default: "")()
    }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.lifted)
    let answered = try await suppressions.lift(
      id, of: call.allowed, because: because, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.lifted)
  }

  @Sendable private static func lifted(
    _ outcome: SuppressionService.LiftOutcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .lifted(let suppression): return .json(suppression)
    case .unknown: throw .notFound
    case .stays(.erased): throw Problem(.suppressionStays, "The person was forgotten: this stays for ever.")
    case .stays: throw Problem(.suppressionStays, "Only an operator lifts it.")
    }
  }

  @Sendable private func explain(_ call: Call) async throws -> Response {
    let lead = try call.id("lead_id", of: Lead.self)
    let client = try call.request.query { try $0.optional("client_id", .id() as TextShape<ID<Client>>)() }
    guard call.sees(client ?? call.allowed) else { throw Problem.notFound }
    let answer = try await suppressions.explain(lead, for: client ?? call.allowed, seenBy: call.allowed)
    guard let answer else { throw Problem.notFound }
    return .json(answer)
  }
}

extension Response {
  static func csv(_ text: String) -> Response {
    Response(.ok, contentType: ContentType.csv + "; charset=utf-8", body: Array(text.utf8))
  }
}
