import Domain
import Engine
import HTTP
import JSON

/// `/v1/templates`
struct TemplateRoutes: Sendable {
  let templates: TemplateService

  func add(to operations: inout Operations) {
    let all = "/v1/templates"
    operations.add(.post, all, .manageTemplates, create)
    operations.add(
      .get, all, .readTemplates, query: ["client_id", "channel"] + PageRequest.parameters, list)
    operations.add(.post, all + "/lint", .readTemplates, lintText)
    let one = "/v1/templates/{template_id}"
    operations.add(.get, one, .readTemplates, query: ["version"], find)
    operations.add(.put, one, .manageTemplates, update)
    operations.add(.post, one + "/render", .readTemplates, render)
    operations.add(.post, one + "/lint", .readTemplates, lint)
  }

  @Sendable private func create(_ call: Call) async throws -> Response {
    let wish = try call.request.json { object in
      let name = object.required("name", .text(.templateName))
      let channel = object.required("channel", .oneOf as JSONShape<Channel>)
      let client = object.nullable("client_id", .id() as JSONShape<ID<Client>>)
      let content = TemplateContent.reading(object)
      return (name: try name(), channel: try channel(), client: try client(), content: try content())
    }
    let client = wish.client ?? call.allowed
    guard call.sees(client) else { throw Problem.notFound }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.created)
    let answered = try await templates.create(
      wish.name, for: client, channel: wish.channel, content: wish.content, actor: call.principal.actor,
      idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.created)
  }

  @Sendable private static func created(_ outcome: TemplateService.Outcome) throws(Problem) -> Response {
    .json(try done(outcome), .created)
  }

  private static func done(_ outcome: TemplateService.Outcome) throws(Problem) -> Template {
    switch outcome {
    case .done(let template): return template
    case .unknownClient, .unknownTemplate: throw .notFound
    case .nameTaken: throw Problem(.templateNameTaken)
    case .refused(let refused): throw Problem(.validation, faults: refused.errors.map(\.fault))
    }
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (client, channel, page) = try call.request.query { query in
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let channel = query.optional("channel", .oneOf as TextShape<Channel>)
      let page = query.page(of: "templates", keys: 1)
      return (try client(), try channel(), try page())
    }
    guard let owner = call.owner(client) else { return page.emptyAnswer }
    let found = try await templates.list(
      of: owner.id, channel: channel, after: try page.id(of: Template.self), limit: page.fetch)
    return page.page(found) { [$0.id.description] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.id("template_id", of: Template.self)
    let version = try call.request.query { try $0.optional("version", .int(1...1_000_000))() }
    guard let template = try await templates.find(id, version: version, of: call.allowed) else {
      throw Problem.notFound
    }
    return .json(template)
  }

  @Sendable private func update(_ call: Call) async throws -> Response {
    let id = try call.id("template_id", of: Template.self)
    let content = try call.request.json { try TemplateContent.reading($0)() }
    return .json(
      try Self.done(
        try await templates.update(id, content, of: call.allowed, actor: call.principal.actor)))
  }

  @Sendable private func render(_ call: Call) async throws -> Response {
    try IdempotencyHeader.refuseMalformed(in: call)
    let id = try call.id("template_id", of: Template.self)
    let wish = try call.request.json { object in
      let lead = object.required("lead_id", .id() as JSONShape<ID<Lead>>)
      let version = object.optional("version", .int(1...1_000_000))
      let values = object.optional("values", .templateValues, default: [:])
      return (lead: try lead(), version: try version(), values: try values())
    }
    let rendering = try await templates.render(
      id, version: wish.version, for: wish.lead, values: wish.values, of: call.allowed)
    switch rendering {
    case .unknownTemplate: throw Problem.notFound
    case .unknownLead: throw Problem(.unknownLead)
    case .leadGone:
      throw Problem(.templateNotRendered, "The lead was merged into another one, or forgotten.")
    case .refused(let refused):
      throw Problem(
        .templateNotRendered, "The template cannot be rendered for this lead.",
        extensions: ["reasons": .array(refused.errors.map(\.json))])
    case .done(let content, let template):
      return .json { writer in
        writer.object { object in
          object.field("template_id", template.id)
          object.field("version", template.version)
          object.field("lead_id", wish.lead)
          object.field("channel", template.channel.rawValue)
          object.field("subject", content.subject)
          object.field("body", content.body)
          object.field("sms", content.length)
        }
      }
    }
  }

  @Sendable private func lintText(_ call: Call) async throws -> Response {
    try IdempotencyHeader.refuseMalformed(in: call)
    let wish = try call.request.json { object in
      let channel = object.required("channel", .oneOf as JSONShape<Channel>)
      let content = TemplateContent.reading(object)
      let rest = Self.search(object)
      return (channel: try channel(), content: try content(), search: try rest())
    }
    return try await lint(wish.content, wish.channel, wish.search, call)
  }

  @Sendable private func lint(_ call: Call) async throws -> Response {
    try IdempotencyHeader.refuseMalformed(in: call)
    let id = try call.id("template_id", of: Template.self)
    let search = try call.request.json { try Self.search($0)() }
    guard let template = try await templates.find(id, of: call.allowed) else { throw Problem.notFound }
    return try await lint(template.content, template.channel, search, call)
  }

  private typealias Search = (query: LeadQuery, values: [String: String])

  private static func search(_ object: JSONObjectReader) -> () throws -> Search {
    let query = LeadQuery.reading(object)
    let values = object.optional("values", .templateValues, default: [:])
    return { (try query(), try values()) }
  }

  private func lint(
    _ content: TemplateContent, _ channel: Channel, _ search: Search, _ call: Call
  ) async throws -> Response {
    do {
      return .json(
        try await templates.lint(
          content, channel: channel, against: search.query, for: call.allowed, values: search.values))
    } catch let refused as TemplateErrors {
      throw Problem(.validation, faults: refused.errors.map(\.fault))
    }
  }
}
