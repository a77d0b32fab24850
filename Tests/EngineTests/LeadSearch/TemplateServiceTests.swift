import Domain
import Engine
import JSON
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Templates: kept version by version, rendered, held against leads.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct TemplateServiceTests {
  let world = LeadSearchWorld()
  let clock = ManualClock()
  var templates: TemplateService { TemplateService(database: world.pool.database, time: clock) }

  func make(
    _ name: String, _ body: String, for client: ID<Client>? = nil, channel: Channel = .sms,
    variables: [String] = []
  ) async throws -> TemplateService.Outcome {
    let answer = try await templates.create(
      TemplateName(unchecked: name), for: client, channel: channel,
      content: TemplateContent(body: body, variables: variables), actor: .commandLine)
    guard case .fresh(let outcome) = answer else { throw Unexpected() }
    return outcome
  }

  func made(_ outcome: TemplateService.Outcome) throws -> Template {
    guard case .done(let template) = outcome else { throw Unexpected() }
    return template
  }

  struct Unexpected: Error {}

  static func person(_ name: String?, city: String? = nil) -> LeadFacts {
    var facts = LeadFacts()
    facts[.firstName] = name.map { .text($0) }
    facts[.city] = city.map { .text($0) }
    return facts
  }

  @Test func `each text is a version, and versions stay as they were`() async throws {
    let first = try made(try await make("Intro", "Hi {{first_name}}"))
    clock.advance(by: .hours(1))
    let content = TemplateContent(body: "Hello {{first_name}}")
    let second = try made(try await templates.update(first.id, content, actor: .commandLine))
    #expect(second.version == 2 && second.updatedAt > second.createdAt)
    #expect(try made(try await templates.update(first.id, content, actor: .commandLine)) == second)
    #expect(try await templates.find(first.id) == second)
    #expect(try await templates.find(first.id, version: 1) == first)
    #expect(try await templates.find(first.id, version: 3) == nil)
    for statement: SQL in ["UPDATE template_versions SET body = 'x'", "DELETE FROM template_versions"] {
      await #expect(throws: PostgresError.self) { try await world.pool.execute(statement) }
    }
    let actors: [String] = try await world.pool.column("SELECT DISTINCT actor FROM template_versions")
    #expect(actors == ["command-line"])
  }

  @Test func `a text that cannot be read is refused, and nothing is kept`() async throws {
    guard case .refused(let refused) = try await make("Intro", "{{frist_name}}") else { throw Unexpected() }
    #expect(refused.errors.map(\.code) == [.unknownField])
    let template = try made(try await make("Intro", "a"))
    guard
      case .refused = try await templates.update(
        template.id, TemplateContent(body: "{{#if}}"), actor: .commandLine)
    else { throw Unexpected() }
    #expect(try await templates.list(limit: 9) == [template])
  }

  @Test func `names are unique among a client's, and among the platform's`() async throws {
    let client = try await world.pool.client("Acme")
    _ = try made(try await make("Intro", "a"))
    _ = try made(try await make("Intro", "a", for: client))
    #expect(try await make("Intro", "b") == .nameTaken)
    #expect(try await make("Intro", "b", for: client) == .nameTaken)
    #expect(try await make("Intro", "b", for: ID(high: 1, low: 1)) == .unknownClient)
    #expect(try await templates.list(of: client, limit: 9).count == 1)
    #expect(try await templates.list(channel: .email, limit: 9) == [])
  }

  @Test func `two who make the same name at once make one`() async throws {
    let outcomes = try await withThrowingTaskGroup(of: TemplateService.Outcome.self) { group in
      for _ in 0..<16 { group.addTask { try await make("Intro", "a") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == .nameTaken }.count == 15)
  }

  @Test func `updates at once are versions one after the other`() async throws {
    let template = try made(try await make("Intro", "a"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<16 {
        group.addTask {
          _ = try await templates.update(
            template.id, TemplateContent(body: "text \(index)"), actor: .commandLine)
        }
      }
      try await group.waitForAll()
    }
    let versions: [Int32] = try await world.pool.column(
      "SELECT version FROM template_versions ORDER BY version")
    #expect(versions == Array(1...17))
    #expect(try await templates.find(template.id)?.version == 17)
  }

  @Test func `a template is rendered for a lead, or says why not`() async throws {
    let leads = try await world.leads([Self.person("Ada"), Self.person(nil)])
    let template = try made(
      try await make("Intro", "Hi {{first_name}}, {{sender.name}}", variables: ["sender.name"]))
    let rendered = try await templates.render(template.id, for: leads[0], values: ["sender.name": "Grace"])
    guard case .done(let content, template) = rendered else { throw Unexpected() }
    #expect(content.body == "Hi Ada, Grace" && content.length?.units == 13)
    guard case .refused(let refused) = try await templates.render(template.id, for: leads[1]) else {
      throw Unexpected()
    }
    #expect(refused.errors.map(\.name) == ["first_name", "sender.name"])
    let nobody = ID<Lead>(high: 1, low: 1)
    #expect(try await templates.render(template.id, for: nobody) == .unknownLead)
    #expect(try await templates.render(ID(high: 1, low: 1), for: leads[0]) == .unknownTemplate)
    try await world.pool.execute("UPDATE lead_pool SET merged_into_id = \(leads[0]) WHERE id = \(leads[1])")
    #expect(try await templates.render(template.id, for: leads[1]) == .leadGone)
  }

  @Test func `a client renders its templates for its leads`() async throws {
    let leads = try await world.leads([Self.person("Ada"), Self.person("Bob")])
    let (own, other) = (try await world.pool.client("Own"), try await world.pool.client("Other"))
    try await world.assign([leads[0]], to: own)
    try await world.assign([leads[1]], to: other)
    let template = try made(try await make("Intro", "Hi {{first_name}}", for: own))
    guard case .done = try await templates.render(template.id, for: leads[0], of: own) else {
      throw Unexpected()
    }
    #expect(try await templates.render(template.id, for: leads[1], of: own) == .unknownLead)
    #expect(try await templates.render(template.id, for: leads[1], of: other) == .unknownTemplate)
    #expect(
      try await templates.update(template.id, TemplateContent(body: "x"), of: other, actor: .commandLine)
        == .unknownTemplate)
  }

  @Test func `a look at the leads counts who lacks what`() async throws {
    let leads = try await world.leads([
      Self.person("Ada", city: "Oslo"), Self.person(nil, city: "Oslo"), Self.person("Bob"), Self.person(nil),
    ])
    let client = try await world.pool.client("Acme")
    try await world.assign([leads[0], leads[1]], to: client)
    let content = TemplateContent(body: "Hi {{first_name}} of {{city | \"x\"}}")
    let all = try await templates.lint(content, channel: .sms, against: LeadQuery())
    #expect(all.report.fields.map(\.empty) == [2, 2] && all.report.fields.map(\.isNeeded) == [true, false])
    #expect((all.report.leads, all.report.failing, all.isSample) == (4, 2, false))
    #expect(all.matching == LeadCount(4, isEstimate: false))
    let own = try await templates.lint(content, channel: .sms, against: LeadQuery(), for: client)
    #expect((own.report.leads, own.report.failing) == (2, 1))
    let some = try await templates.lint(
      content, channel: .sms, against: LeadQuery(conditions: [try LeadCondition(parsing: "city=oslo")]))
    #expect(some.report.leads == 2)
    await #expect(throws: TemplateErrors.self) {
      try await templates.lint(TemplateContent(body: "{{x}}"), channel: .sms, against: LeadQuery())
    }
  }

  @Test func `of many leads a sample is looked at`() async throws {
    try await world.pool.execute(
      """
      INSERT INTO lead_pool (id, first_name) SELECT uuid_v7(), CASE WHEN i % 4 > 0 THEN 'Ada' END
      FROM generate_series(1, 30000) AS i
      """)
    try await world.pool.execute("ANALYZE lead_pool")
    let lint = try await templates.lint(
      TemplateContent(body: "Hi {{first_name}}"), channel: .sms, against: LeadQuery())
    #expect(lint.isSample && lint.matching.isEstimate)
    #expect((5_000...TemplateLint.most).contains(lint.report.leads))
    let share = Double(lint.report.failing) / Double(lint.report.leads)
    #expect((0.2...0.3).contains(share))
  }
}
