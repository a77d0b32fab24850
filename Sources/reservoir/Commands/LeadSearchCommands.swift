import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var listLeads: Command {
    command(
      "list", "Lists leads, the oldest first.",
      options: [.limit, .value("email", "ADDRESS", "Only leads with exactly this address.")],
      examples: [Example("reservoir leads list --limit 20", "The first twenty.")]
    ) { context in
      let email = try context.invocation.optional("email", expected: "an address such as ada@example.com") {
        EmailAddress($0)
      }
      return try await context.withServices { services in
        let found: [LeadSummary] = try await context.gather { last, limit in
          try await services.leadSearch.list(email: email, after: last?.id, limit: limit)
        }
        context.print(found, fields: [], empty: "no leads yet")
        return .success
      }
    }
  }

  var searchLeads: Command {
    command(
      "search", "Finds leads by any of their fields, by words, by client.",
      discussion: """
        Conditions: FIELD=a,b (one of), FIELD!=a (none of), FIELD>=5, FIELD<=50, FIELD~text (contains),
        FIELD^text (begins with), FIELD*=a,b (a list with all of), FIELD? (known), FIELD!? (not known).
        All of them must hold. Case and accents do not matter.
        """,
      options: [
        .limit, .values("where", "CONDITION", "What a field must be; may be repeated."),
        .value("text", "WORDS", "Words of names, title, headline and company; of the last the beginning."),
        .value("client", "CLIENT", "Only leads of this client: a name or an id."),
        .flag("assigned", "Only leads that have a client."), .flag("free", "Only leads that have none."),
        .value("min-score", "N", "Only leads that have at least this score for their client."),
        .value("include", "STATES", "Also leads that are bounced, complained, unsubscribed, merged, erased."),
        .value("fields", "NAMES", "More fields to show, with commas between them."),
        .flag("oldest", "The oldest first, not the newest."), .flag("count", "Only how many there are."),
      ],
      examples: [
        Example("reservoir leads search --text 'vp sal'", "By words."),
        Example(
          "reservoir leads search --where seniority=vp,director --where 'company_employees>=50' --free",
          "By fields, of those that have no client."),
        Example("reservoir leads search --where company_technologies=salesforce --count", "How many."),
      ]
    ) { context in
      var query = try context.query()
      let client = context.invocation.optional("client")
      let fields = try context.fields()
      return try await context.withServices { services in
        if let client { query.clientID = try await services.client(client).id }
        if context.invocation.flag("count") { return try await context.tellCount(query, services) }
        let found = try await context.gather(query, fields, services)
        context.print(found, fields: fields, empty: "no lead fits")
        return .success
      }
    }
  }
}

extension CommandContext {
  /// What `--where` says.
  func conditions() throws -> [LeadCondition] {
    var conditions: [LeadCondition] = []
    for text in invocation.values("where") {
      do throws(LeadCondition.Fault) {
        conditions.append(try LeadCondition(parsing: text))
      } catch {
        throw usage("--where: \(error.detail)")
      }
    }
    guard conditions.count <= LeadQuery.mostConditions else {
      throw usage("--where: at most \(LeadQuery.mostConditions) conditions")
    }
    return conditions
  }

  fileprivate func query() throws -> LeadQuery {
    let words = try invocation.optional("text", expected: "up to 200 characters with a letter or digit") {
      LeadQuery.isText($0) ? $0 : nil
    }
    let states = (invocation.optional("include") ?? "").split(separator: ",").map(String.init)
    let included = states.compactMap { LeadQuery.State(rawValue: $0) }
    guard included.count == states.count else {
      let all = LeadQuery.State.allCases.map(\.rawValue).joined(separator: ", ")
      throw usage("--include: expected some of \(all)")
    }
    let score = try invocation.optionalInteger("min-score", in: 0...100)
    let isAssigned: Bool? = invocation.flag("assigned") ? true : invocation.flag("free") ? false : nil
    return LeadQuery(
      conditions: try conditions(), text: words, isAssigned: isAssigned, score: score.map { $0...100 },
      included: Set(included),
      order: invocation.flag("oldest") ? .oldest : .newest)
  }

  fileprivate func fields() throws -> [LeadField] {
    try (invocation.optional("fields") ?? "").split(separator: ",").map { name in
      guard let field = LeadField(named: String(name)) else {
        throw usage("--fields: \(LeadField.unknown(String(name)))")
      }
      return field
    }
  }

  fileprivate func tellCount(_ query: LeadQuery, _ services: Services) async throws -> ExitCode {
    let count = try await services.leadSearch.count(query)
    let text = count.isEstimate ? "about \(count.value)" : "\(count.value)"
    print(text) { writer in
      writer.object { object in
        object.field("count", count.value)
        object.field("is_estimate", count.isEstimate)
      }
    }
    return .success
  }

  /// Page after page, until there are as many leads as wanted; pages of rare things are short.
  fileprivate func gather(
    _ query: LeadQuery, _ fields: [LeadField], _ services: Services
  ) async throws -> [LeadSummary] {
    let limit = try invocation.integer("limit", in: 1...10_000_000)
    var (found, place): ([LeadSummary], ID<Lead>?) = ([], nil)
    repeat {
      let page = try await services.leadSearch.search(
        query, fields: fields, after: place, limit: min(1_000, limit - found.count))
      found += page.leads
      place = page.next
    } while place != nil && found.count < limit
    if place != nil { console.note("There may be more; --limit N shows them.") }
    return found
  }

  fileprivate func print(_ leads: [LeadSummary], fields: [LeadField], empty: String) {
    if isJSON {
      return print { writer in
        writer.array { array in
          for lead in leads { lead.write(to: &array, fields: fields) }
        }
      }
    }
    var table = Table(
      [.whole("ID"), .text("NAME"), .text("TITLE"), .text("COMPANY"), .text("EMAIL"), .text("STATUS")]
        + fields.map { .text($0.name.uppercased()) })
    for lead in leads {
      let name = [lead.facts.text(.firstName), lead.facts.text(.lastName)].compactMap { $0 }
      let status = lead.states.map(\.rawValue) + (lead.clientID == nil ? [] : ["assigned"])
      table.add(
        [
          "\(lead.id)", name.joined(separator: " "), lead.facts.text(.title) ?? "",
          lead.facts.text(.companyName) ?? "", lead.facts.text(.email) ?? "", status.joined(separator: ", "),
        ] + fields.map { lead.facts[$0]?.shown ?? "" })
    }
    console.out.write(table.text(for: console.out, empty: empty))
  }
}

extension LeadValue {
  /// In a table.
  fileprivate var shown: String {
    switch self {
    case .text(let text), .json(let text): text
    case .texts(let texts): texts.joined(separator: ", ")
    case .flag(let flag): flag ? "yes" : "no"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .date(let date): date.description
    }
  }
}
