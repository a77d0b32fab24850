import Domain
import Engine
import HTTP
import JSON
import Records

/// `/v1/lead-imports`
struct LeadImportRoutes: Sendable {
  static let reportRows = 50_000

  let imports: LeadImportService

  func add(to operations: inout Operations) {
    let one = "/v1/lead-imports/{import_id}"
    operations.add(
      .post, "/v1/lead-imports", .manageLeads,
      query: ["format", "name", "source", "map", "region", "dry_run"],
      body: .types([ContentType.json, "application/x-ndjson", "text/csv"]),
      bodyLimit: NumberRoutes.importBodyLimit, heavy: true, importLeads)
    operations.add(
      .get, "/v1/lead-imports", .readLeads, query: ["kind", "state"] + PageRequest.parameters, list)
    operations.add(.get, one, .readLeads, find)
    operations.add(
      .get, one + "/report", .readLeads, query: ["verdict", "after_row", "limit"], heavy: true, report)
    operations.add(.post, one + "/undo", .manageLeads, body: BodyRule.none, heavy: true, undo)
  }

  // MARK: Importing

  @Sendable private func importLeads(_ call: Call) async throws -> Response {
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.imported)
    let wish = try call.request.query { try LeadImportWish($0, call.request.media) }
    let body = call.request.body
    guard !body.isEmpty else {
      throw Problem(.validation, faults: [Problem.Fault("expected a file", pointer: "")])
    }
    do {
      let answered = try await imports.importBytes(
        body, wish.content, actor: call.principal.actor, idempotency: idempotency)
      return try IdempotencyHeader.response(answered, Self.imported)
    } catch let error as RecordsError {
      throw Problem(.validation, faults: [Problem.Fault(error.description, pointer: "")])
    } catch let fault as LeadColumnMapping.Fault {
      throw Problem(.validation, faults: [Problem.Fault(fault.description, pointer: "")])
    } catch is LeadImportService.Fault {
      throw Problem(.leadImportBusy)
    }
  }

  @Sendable private static func imported(_ run: LeadImport) throws(Problem) -> Response {
    guard run.state != .failed || run.place.row > 0 else {
      throw Problem(.validation, faults: [Problem.Fault(run.failure ?? "it cannot be read", pointer: "")])
    }
    return .json(run)
  }

  // MARK: Looking

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (kind, state, page) = try call.request.query { query in
      let kind = query.optional("kind", .oneOf as TextShape<LeadImport.Kind>)
      let state = query.optional("state", .oneOf as TextShape<LeadImport.State>)
      let page = query.page(of: "lead-imports", keys: 1)
      return (try kind(), try state(), try page())
    }
    let found = try await imports.list(
      kind: kind, state: state, after: try page.id(of: LeadImport.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response { .json(try await run(call)) }

  private func run(_ call: Call) async throws -> LeadImport {
    let id = try call.id("import_id", of: LeadImport.self)
    guard let run = try await imports.find(id) else { throw Problem.notFound }
    return run
  }

  @Sendable private func report(_ call: Call) async throws -> Response {
    let (verdict, row, limit) = try call.request.query { query in
      let verdict = query.optional("verdict", .oneOf as TextShape<LeadRowVerdict>)
      let row = query.optional("after_row", .int(0...9_007_199_254_740_991), default: 0)
      let limit = query.optional("limit", .int(1...Self.reportRows), default: Self.reportRows)
      return (try verdict(), try row(), try limit())
    }
    let run = try await run(call)
    let rows = try await imports.rows(of: run.id, verdicts: verdict.map { [$0] }, after: row, limit: limit)
    var text = LeadImportReport.heading
    for row in rows { text += LeadImportReport.line(row) }
    return Response(.ok, contentType: "text/csv; charset=utf-8", body: Array(text.utf8))
  }

  // MARK: Undoing

  @Sendable private func undo(_ call: Call) async throws -> Response {
    let id = try call.id("import_id", of: LeadImport.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.undone)
    let answered = try await imports.undo(id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.undone)
  }

  @Sendable private static func undone(_ outcome: LeadImportService.UndoOutcome) throws(Problem) -> Response {
    switch outcome {
    case .done(let run, let outcomes): return .json(LeadUndoAnswer(run, outcomes))
    case .more(let run, _): return .json(run)
    case .unknown: throw .notFound
    case .rehearsal: throw Problem(.leadImportRehearsal)
    }
  }
}

/// What the query of `POST /v1/lead-imports` wishes.
struct LeadImportWish {
  let content: LeadImportService.FileWish

  init(_ query: QueryReader, _ media: MediaType) throws {
    let format = query.optional("format", .oneOf as TextShape<RecordFormat>)
    let name = query.optional("name", .line(1...200), default: "upload")
    let source = query.optional("source", .line(1...50))
    let map = query.optional("map", Self.map, default: [])
    let region = query.optional("region", Self.region, default: "US")
    let isRehearsal = query.optional("dry_run", TextShape("true or false") { Bool($0) }, default: false)
    content = LeadImportService.FileWish(
      name: try name(), format: try format() ?? Self.format(media), source: try source(),
      isRehearsal: try isRehearsal(), options: LeadFileOptions(wishes: try map(), region: try region()))
  }

  private static func format(_ media: MediaType) -> RecordFormat? {
    switch media {
    case .other("text/csv"): .csv
    case .other("application/x-ndjson"): .jsonl
    default: nil
    }
  }

  private static let region = TextShape("two letters such as US") { text in
    text.utf8.count == 2 && text.utf8.allSatisfy { (65...90).contains($0) } ? text : nil
  }

  private static let map = TextShape("a JSON object of columns and fields") {
    text -> [LeadFileOptions.Wish]? in
    guard text.utf8.count <= 2_000, let members = try? JSONValue(parsing: text).object else { return nil }
    var wishes: [LeadFileOptions.Wish] = []
    for (column, field) in members {
      guard let field = field.string else { return nil }
      wishes.append(.init(column: column, field: field))
    }
    return wishes
  }
}

extension Problem.Kind {
  static let leadImportBusy = Problem.Kind(
    "lead-import-busy", "Somebody else is at this import", .conflict)
  static let leadImportRehearsal = Problem.Kind(
    "lead-import-rehearsal", "A dry run changed nothing", .conflict)
}
