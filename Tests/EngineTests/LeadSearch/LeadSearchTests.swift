import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Searches find what a plain look at every lead finds, whichever way they take.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeadSearchTests {
  let world = LeadSearchWorld()

  /// Leads that differ in everything that is looked for, by a fixed pattern.
  static let facts: [LeadFacts] = (0..<60).map { index in
    var facts = LeadFacts()
    facts[.firstName] = .text(["José", "Ada", "Zoë", "O'Brien"][index % 4])
    facts[.lastName] = index % 5 == 0 ? nil : .text(["Müller", "Smith"][index % 2])
    facts[.title] = .text(["VP of Sales", "Sales-Manager", "CEO/Founder"][index % 3])
    facts[.companyName] = .text("Łódź Straße \(index / 10)")
    facts[.seniority] = index % 7 == 0 ? nil : .text(["vp", "Director", "c_suite"][index % 3])
    facts[.email] = index % 6 == 0 ? nil : .text("lead\(index)@acme\(index % 3).example")
    facts[.emailDomain] = .text("acme\(index % 3).example")
    facts[.companyDomain] = .text("acme\(index % 4).example")
    facts[.country] = .text(["Norway", "norway", "Iceland"][index % 3])
    facts[.city] = .text(index % 2 == 0 ? "Iceland" : "Oslo")
    facts[.companyEmployees] = index % 8 == 0 ? nil : .integer(index)
    facts[.companyRevenue] = .number(Double(index) / 2)
    facts[.companyIsHiring] = index % 9 == 0 ? nil : .flag(index % 2 == 0)
    facts[.roleStartedOn] = .date(CivilDate(daysSinceEpoch: 20_000 + index))
    facts[.companyTechnologies] =
      index % 4 == 0 ? nil : .texts(["Salesforce", "C++", "it's \\ odd"].suffix(index % 4))
    facts[.employmentHistory] = index % 3 == 0 ? nil : .json("[]")
    return facts
  }

  static func condition(_ text: String) throws -> LeadCondition { try LeadCondition(parsing: text) }

  /// What a condition means, said once more, for one lead.
  static func holds(_ condition: LeadCondition, _ facts: LeadFacts) -> Bool {
    let value = facts[condition.field]
    let entries: [LeadValue] =
      if case .texts(let texts) = value { texts.map { .text($0) } } else { value.map { [$0] } ?? [] }
    func fold(_ value: LeadValue) -> LeadValue {
      guard case .text(let text) = value else { return value }
      var folded = text.lowercased().replacing("ß", with: "ss").replacing("ł", with: "l")
      for (mark, letter) in [("é", "e"), ("ü", "u"), ("ë", "e"), ("ó", "o"), ("ź", "z")] {
        folded = folded.replacing(mark, with: letter)
      }
      return .text(folded)
    }
    func has(_ wanted: LeadValue) -> Bool { entries.map(fold).contains(fold(wanted)) }
    func number(_ value: LeadValue?) -> Double? {
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number
      case .date(let date): Double(date.daysSinceEpoch)
      default: nil
      }
    }
    func text(_ value: LeadValue?) -> String? {
      if case .text(let text) = value.map(fold) { text } else { nil }
    }
    switch condition.test {
    case .known(let isKnown): return (value != nil) == isKnown
    case .anyOf(let wanted): return wanted.contains(where: has)
    case .allOf(let wanted): return wanted.allSatisfy { has(.text($0)) }
    case .noneOf(let wanted): return !wanted.contains(where: has)
    case .between(let low, let high):
      guard let found = number(value) else { return false }
      return (number(low) ?? -.infinity) <= found && found <= (number(high) ?? .infinity)
    case .contains(let part): return text(value)?.contains(text(.text(part)) ?? "") ?? false
    case .beginsWith(let part): return text(value)?.hasPrefix(text(.text(part)) ?? "") ?? false
    }
  }

  @Test(arguments: [
    ["seniority=VP"], ["seniority=vp,director"], ["seniority!=vp"], ["seniority?"], ["seniority!?"],
    ["country=norway"], ["country=Iceland"], ["city=iceland"], ["first_name=jose"], ["first_name=O'Brien"],
    ["title=ceo/founder"], ["title~sales"], ["title^ceo"], ["title~%"], ["company_name=lodz strasse 2"],
    ["company_domain=acme1.example"], ["email_domain=acme1.example"], ["email=LEAD7@acme1.example"],
    ["email=nobody@example.com"], ["company_employees>=20", "company_employees<=30"],
    ["company_employees=21,22"], ["company_employees!=21"], ["company_revenue>=29"],
    ["company_is_hiring=yes"],
    ["company_is_hiring=no"], ["role_started_on>=2024-11-01"], ["company_technologies=salesforce"],
    ["company_technologies*=c++,it's \\ odd"], ["company_technologies!=c++"], ["company_technologies?"],
    ["employment_history!?"], ["seniority=vp", "country=norway", "company_employees>=30"],
    ["title=vp of sales", "last_name!?"],
  ])
  func `all that fits is found, in order, by either way`(texts: [String]) async throws {
    let ids = try await world.leads(Self.facts)
    let conditions = try texts.map(Self.condition)
    let wanted = zip(ids, Self.facts).filter { pair in conditions.allSatisfy { Self.holds($0, pair.1) } }
      .map(\.0)
    for order in LeadQuery.Order.allCases {
      let query = LeadQuery(conditions: conditions, order: order)
      let inOrder = order == .newest ? wanted.reversed() : wanted
      #expect(try await world.all(query) == inOrder)
      #expect(try await walked(query) == inOrder)
      if let gathered = try await gathered(query) { #expect(gathered == inOrder) }
    }
    let count = try await world.search.count(LeadQuery(conditions: conditions))
    #expect(count == LeadCount(wanted.count, isEstimate: false))
  }

  @Test(arguments: ["d", "acme s", "l", "ada o"])
  func `a single letter begins words, and no terms`(text: String) async throws {
    var facts = LeadFacts()
    facts[.firstName] = .text("Ada")
    facts[.companyName] = .text("Acme")
    facts[.companyDomain] = .text("acme.example")
    facts[.seniority] = .text("vp")
    facts[.city] = .text("Oslo")
    facts[.companyCountry] = .text("Norway")
    try await world.leads([facts])
    let query = LeadQuery(text: text)
    #expect(try await gathered(query) == [])
    #expect(try await walked(query) == [])
    #expect(try await world.search.count(query) == LeadCount(0, isEstimate: false))
  }

  func walked(_ query: LeadQuery) async throws -> [ID<Lead>] {
    try await world.pool.database.transaction { transaction in
      LeadSearchStore.prepare(in: &transaction)
      var (ids, place): ([ID<Lead>], ID<Lead>?) = ([], nil)
      repeat {
        // Fewer than there are: a walk says where it ended.
        let found = try LeadSearchStore(query, after: place).walk(most: 13, limit: 5, in: &transaction)
        ids += found.ids
        place = found.reached
      } while place != nil
      return ids
    }
  }

  /// Nil when no index can help.
  func gathered(_ query: LeadQuery) async throws -> [ID<Lead>]? {
    try await world.pool.database.transaction { transaction in
      LeadSearchStore.prepare(in: &transaction)
      let store = LeadSearchStore(query, after: nil)
      guard store.hasIndex else { return nil }
      return try store.gather(most: 100, limit: 100, in: &transaction)?.ids
    }
  }

  @Test(arguments: [
    ("jose", 15), ("JOSÉ mül", 12), ("sales vp", 20), ("strasse", 60), ("łódź 3", 10), ("founder ceo", 20),
    ("brien", 15), ("o'brien", 15), ("sal", 40), ("alesmanager", 0), ("sales nobody", 0),
    ("' \\ & | ! 3", 10),
  ])
  func `words are found without case and accents, the last by its beginning`(
    text: String, count: Int
  ) async throws {
    try await world.leads(Self.facts)
    let found = try await world.all(LeadQuery(text: text))
    #expect(found.count == count)
    #expect(try await walked(LeadQuery(text: text)) == found)
  }

  @Test func `too much for gathering is left to a walk`() async throws {
    let ids = try await world.leads(Self.facts)
    let query = LeadQuery(text: "strasse")
    let found = try await world.pool.database.transaction { transaction in
      LeadSearchStore.prepare(in: &transaction)
      return try LeadSearchStore(query, after: nil).gather(most: 59, limit: 5, in: &transaction)
    }
    #expect(found == nil)
    #expect(try await world.all(query) == ids.reversed())
  }

  @Test func `leads that are nobody's to contact are left out unless asked for`() async throws {
    let ids = try await world.leads(Array(Self.facts.prefix(6)))
    for (index, column) in ["bounced_at", "complained_at", "unsubscribed_at"].enumerated() {
      try await world.pool.execute(
        "UPDATE lead_pool SET \(unescaped: column) = reservoir_now() WHERE id = \(ids[index])")
    }
    try await world.pool.forget(ids[3], at: Timestamp(microseconds: 1_000_000))
    try await world.pool.execute("UPDATE lead_pool SET merged_into_id = \(ids[5]) WHERE id = \(ids[4])")
    #expect(try await world.all(LeadQuery()) == [ids[5]])
    for (index, state) in [LeadQuery.State.bounced, .complained, .unsubscribed, .erased, .merged].enumerated()
    {
      let query = LeadQuery(included: [state])
      #expect(try await world.all(query) == [ids[5], ids[index]])
      let page = try await world.search.search(query, limit: 5)
      #expect(page.leads.map(\.states) == [[], [state]])
    }
    #expect(try await world.search.list(limit: 9).map(\.id) == [ids[0], ids[1], ids[2], ids[5]])
  }

  @Test func `leads are found by their client, and by having one`() async throws {
    let ids = try await world.leads(Array(Self.facts.prefix(30)))
    let (first, second) = (try await world.pool.client("First"), try await world.pool.client("Second"))
    try await world.assign(Array(ids[0..<10]), to: first)
    try await world.assign(Array(ids[10..<15]), to: second)
    try await world.pool.execute(
      """
      UPDATE lead_assignments SET status = 'released', released_at = reservoir_now()
      WHERE lead_id = \(ids[0])
      """
    )
    #expect(try await world.all(LeadQuery(clientID: first)) == ids[1..<10].reversed())
    #expect(try await world.all(LeadQuery(isAssigned: true, order: .oldest)) == Array(ids[1..<15]))
    #expect(try await world.all(LeadQuery(isAssigned: false)).count == 16)
    let condition = try Self.condition("company_domain=acme1.example")
    for client in [first, second] {
      let own = try await world.all(LeadQuery(conditions: [condition], clientID: client))
      #expect(try await gathered(LeadQuery(conditions: [condition], clientID: client)) == own)
      #expect(try await world.all(LeadQuery(conditions: [condition]), for: client) == own)
      #expect(own.count == (client == first ? 3 : 1))
    }
    #expect(try await world.all(LeadQuery(clientID: second), for: first) == [])
    #expect(try await world.all(LeadQuery(isAssigned: false), for: first) == [])
    #expect(try await world.search.count(LeadQuery(), for: first).value == 9)
    #expect(
      try await world.search.list(of: second, limit: 99).map(\.clientID) == .init(repeating: second, count: 5)
    )
    let page = try await world.search.search(LeadQuery(clientID: second), limit: 2)
    #expect(page.leads.map(\.clientID) == [second, second] && page.next == ids[13])
  }

  @Test func `leads are found by the score that they have for their client`() async throws {
    let ids = try await world.leads(Array(Self.facts.prefix(4)))
    let (first, second) = (try await world.pool.client("First"), try await world.pool.client("Second"))
    try await world.pool.execute(
      """
      CREATE TABLE IF NOT EXISTS lead_scores (client_id uuid, lead_id uuid, score smallint, tier text,
        data_quality smallint, authority smallint, company_fit smallint, timing smallint, risk smallint,
        profile_version integer, scored_at timestamptz)
      """)
    try await world.assign([ids[0], ids[1]], to: first)
    try await world.assign([ids[2]], to: second)
    // The last one is nobody's; of the third another client thinks highly.
    for (lead, client, score) in [
      (ids[0], first, 84), (ids[1], first, 85), (ids[2], first, 99), (ids[2], second, 10),
      (ids[3], first, 99),
    ] {
      try await world.pool.execute(
        """
        INSERT INTO lead_scores (client_id, lead_id, score, tier, data_quality, authority, company_fit,
          timing, risk, profile_version, scored_at)
        VALUES (\(client), \(lead), \(Int16(score)), 'hot', 0, 0, 0, 0, 0, 1, reservoir_now())
        """)
    }
    #expect(try await world.all(LeadQuery(score: 85...100)) == [ids[1]])
    #expect(try await world.all(LeadQuery(score: 0...84, order: .oldest)) == [ids[0], ids[2]])
    #expect(try await world.all(LeadQuery(text: "strasse", score: 85...100), for: first) == [ids[1]])
    #expect(try await world.all(LeadQuery(score: 85...100), for: second) == [])
    #expect(try await gathered(LeadQuery(text: "strasse", score: 0...84)) == [ids[2], ids[0]])
    #expect(try await world.search.count(LeadQuery(score: 0...100)).value == 3)
    let tiers = try await LeadFiguresService(database: world.pool.database, time: WallClock()).figures().tiers
    #expect(tiers?.counts == ["hot": 3])
  }

  @Test func `leads are found by source and time`() async throws {
    let ids = try await world.leads(Array(Self.facts.prefix(10)))
    try await world.pool.execute(
      "UPDATE lead_pool SET provenance = '{\"person\": {\"source\": \"csv\"}}' WHERE id = \(ids[3])")
    #expect(try await world.all(LeadQuery(sources: [.init(.person, "csv")])) == [ids[3]])
    #expect(try await world.all(LeadQuery(sources: [.init(.email, "csv")])) == [])
    let start = try Timestamp("2026-01-01T00:00:00Z").wanted
    let span = LeadQuery.Span(from: start + .seconds(3), before: start + .seconds(6))
    #expect(try await world.all(LeadQuery(created: span, order: .oldest)) == Array(ids[2..<5]))
    #expect(try await world.all(LeadQuery(updated: span)).count == 3)
  }

  @Test func `a page shows the fields that were asked for`() async throws {
    try await world.leads([Self.facts[1]])
    let plain = try await world.search.search(LeadQuery(), limit: 1).leads[0]
    #expect(plain.facts.text(.firstName) == "Ada" && plain.facts[.companyEmployees] == nil)
    let more = try await world.search.search(
      LeadQuery(), fields: [.companyEmployees, .roleStartedOn, .firstName], limit: 1
    ).leads[0]
    #expect(more.facts.integer(.companyEmployees) == 1 && more.facts[.roleStartedOn] != nil)
  }

  @Test func `a list holds leads of the pool and those that are not in it yet`() async throws {
    let pooled = try await world.leads(Array(Self.facts.prefix(2)))
    let older = try await world.pool.leads(1)
    try await world.pool.execute("UPDATE leads SET primary_email = 'lead1@acme1.example'")
    let client = try await world.pool.client("Acme")
    try await world.assign([pooled[0]], to: client)
    let listed = try await world.search.list(limit: 9)
    #expect(listed.map(\.id) == (pooled + older).sorted())
    var paged: [ID<Lead>] = []
    while let next = try await world.search.list(after: paged.last, limit: 1).first { paged.append(next.id) }
    #expect(paged == listed.map(\.id))
    let found = try await world.search.list(email: EmailAddress("lead1@Acme1.example"), limit: 9)
    #expect(Set(found.map(\.id)) == [pooled[1], older[0]])
    #expect(try await world.search.list(email: EmailAddress("lead9@acme1.example"), limit: 9) == [])
  }
}
