import Domain
import Engine
import Postgres
import Records
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SuppressionServiceTests {
  let world = LeadContactWorld()

  @Test func `a suppression counts from the next look on, also for leads that come later`() async throws {
    let before = try await world.lead(["email": "dana@example.com"])
    #expect(try await world.reasons(before) == [])
    let added = try await world.suppress("Dana@Example.com", .optOut)
    #expect(added.isNew && added.suppression.value == "dana@example.com")
    #expect(try await world.reasons(before) == ["opt_out"])
    try await world.suppress("+1 650 530 0051", .manual)
    try await world.suppress("linkedin.com/in/dana", .legal)
    let later = try await world.lead(
      ["linkedin_key": "in/dana"], lists: ["phones": ["+14155550100", "+16505300051"]])
    #expect(try await world.reasons(later) == ["legal", "manual"])
    #expect(try await world.faults() == [])
  }

  @Test(arguments: [
    ("acme.example", true), ("mail.acme.example", true), ("eu.mail.acme.example", true),
    ("other.example", false), ("example", false),
  ])
  func `a domain covers all domains below it`(suppressed: String, isMeant: Bool) async throws {
    let lead = try await world.lead([
      "email": "dana@eu.mail.acme.example", "email_domain": "eu.mail.acme.example",
    ])
    guard let address = ContactAddress(.domain, suppressed) else {
      #expect(!isMeant)
      return
    }
    _ = try await world.suppressions.add([NewSuppression(address, because: .manual)], actor: world.actor)
    #expect(try await world.reasons(lead) == (isMeant ? ["manual"] : []))
    let checked = try await world.suppressions.check(
      [ContactAddress(.email, "dana@eu.mail.acme.example")!], for: nil)
    #expect(checked[0].suppressions.isEmpty == !isMeant)
  }

  @Test func `a client's own bind nobody else, and are added once for each reason`() async throws {
    let own = try await world.base.client("Own").id
    let other = try await world.base.client("Other").id
    let lead = try await world.lead(["email": "dana@example.com"])
    #expect(try await world.suppress("dana@example.com", for: own).isNew)
    #expect(try await !world.suppress("DANA@example.com", for: own).isNew)
    #expect(try await world.suppress("dana@example.com", for: other, .legal).isNew)
    #expect(try await world.reasons(lead, for: own) == ["manual"])
    #expect(try await world.reasons(lead, for: other) == ["legal"])
    #expect(try await world.reasons(lead) == [])
    let stranger = ID<Client>(at: world.now)
    let refused = try await world.suppressions.add(
      [NewSuppression(ContactAddress(.email, "a@example.com")!, for: stranger, because: .manual)],
      actor: world.actor)
    #expect(try refused.outcome == .unknownClient)
    var filter = SuppressionStore.Filter()
    #expect(try await world.suppressions.list(filter, limit: 9).count == 2)
    filter.clientID = own
    #expect(try await world.suppressions.list(filter, limit: 9).map(\.reason) == [.manual])
    filter.reason = .legal
    #expect(try await world.suppressions.list(filter, limit: 9) == [])
    filter.clientID = nil
    filter.scope = .everybody
    #expect(try await world.suppressions.list(filter, limit: 9) == [])
  }

  @Test func `one that was lifted stays as history, and can be made again`() async throws {
    let client = try await world.base.client("Own").id
    let lead = try await world.lead(["email": "dana@example.com"])
    let first = try await world.suppress("dana@example.com", for: client).suppression
    #expect(try await world.suppressions.lift(first.id, of: client, actor: world.actor).outcome != .unknown)
    #expect(try await world.reasons(lead, for: client) == [])
    let again = try await world.suppress("dana@example.com", for: client)
    #expect(again.isNew && again.suppression.id != first.id)
    let changes: [String] = try await world.pool.column(
      "SELECT change FROM suppression_ledger WHERE suppression_id = \(first.id) ORDER BY at, change")
    #expect(Set(changes) == ["added", "lifted"] && changes.count == 2)
    // Others' look as if they did not exist.
    let other = try await world.base.client("Other").id
    #expect(
      try await world.suppressions.lift(again.suppression.id, of: other, actor: world.actor).outcome
        == .unknown)
    let legal = try await world.suppress("x@example.com", for: client, .legal).suppression
    #expect(
      try await world.suppressions.lift(legal.id, of: client, actor: world.actor).outcome == .stays(.legal))
    guard case .lifted = try await world.suppressions.lift(legal.id, actor: world.actor).outcome else {
      Issue.record("an operator lifts it")
      return
    }
    #expect(try await world.faults() == [])
  }

  @Test func `lifting what an event suppressed takes back the lead's state, the last one only`() async throws
  {
    let lead = try await world.lead(["email": "dana@example.com"], lists: ["phones": ["+16505300051"]])
    _ = try await world.tell(world.event(.unsubscribed(.everybody), "1"), of: lead)
    func state() async throws -> Timestamp? {
      let times: [Timestamp?] = try await world.pool.column("SELECT unsubscribed_at FROM lead_pool")
      return times[0]
    }
    #expect(try await state() == world.now)
    let made = try await world.suppressions.list(.init(), limit: 9).sorted {
      $0.kind.rawValue < $1.kind.rawValue
    }
    #expect(made.map(\.kind) == [.email, .phone] && made.allSatisfy { $0.leadID == lead })
    world.base.clock.advance(by: .minutes(1))
    _ = try await world.suppressions.lift(made[0].id, actor: world.actor)
    #expect(try await state() != nil, "the number is still suppressed")
    _ = try await world.suppressions.lift(made[1].id, actor: world.actor)
    #expect(try await state() == nil)
    #expect(try await world.history(lead) == ["event_unsubscribed", "state_restored"])
    #expect(try await world.faults() == [])
  }

  @Test func `SQL users lift too, and change or remove nothing`() async throws {
    let suppression = try await world.suppress("dana@example.com").suppression
    for statement: SQL in [
      "DELETE FROM suppressions", "TRUNCATE suppressions", "UPDATE suppressions SET reason = 'legal'",
      "UPDATE suppressions SET value = 'x@example.com'", "UPDATE suppression_ledger SET reason = 'x'",
      "DELETE FROM suppression_ledger", "TRUNCATE suppression_ledger",
    ] {
      await #expect(throws: PostgresError.self, "\(statement.text)") {
        try await world.pool.execute(statement)
      }
    }
    try await world.pool.execute("UPDATE suppressions SET lifted_at = now() WHERE id = \(suppression.id)")
    await #expect(throws: PostgresError.self) {
      try await world.pool.execute("UPDATE suppressions SET lifted_at = NULL")
    }
    #expect(try await world.faults() == [])
  }

  @Test func `a list is taken row by row, with a verdict for each`() async throws {
    _ = try await world.suppress("known@example.com", .optOut)
    let csv = """
      Email , Reason,Note\r
      a@example.com,opt-out,"a, note"\r
      A@example.com,opt_out,\r
      known@example.com,opt_out,x\r
      \r
      "nonsense",opt_out,\r
      b@example.com,erased,\r
      c@example.com,bad,\r
      d.example,,\r
      """
    var list = SuppressionList(.init(reason: .optOut, source: "crm"))
    var reader = try CSVRecordsReader(withoutHeading: ByteSource(Array(csv.utf8)))
    var rows: [SuppressionList.Row] = []
    while let record = try reader.next() { list.row(record).map { rows.append($0) } }
    guard case .done(let report) = try await world.suppressions.take(rows, actor: world.actor).outcome
    else { throw World.Unexpected() }
    #expect(report.rows.map(\.place) == [2, 3, 4, 6, 7, 8, 9])
    #expect(report.added == 2 && report.known == 2 && report.rejected == 3)
    let details = report.rows.compactMap { row in
      if case .rejected(let error) = row.verdict { error } else { nil }
    }
    #expect(details.map(\.field) == ["value", "reason", "reason"])
    #expect(!details.contains { $0.description.contains("nonsense") })
    let sources: [String] = try await world.pool.column(
      "SELECT DISTINCT source FROM suppressions WHERE value <> 'known@example.com'")
    #expect(sources == ["crm"])
  }

  @Test func `16 lists that overlap end with each address once`() async throws {
    let world = LeadContactWorld(poolSize: 16)
    let added = try await withThrowingTaskGroup { group in
      for _ in 0..<16 {
        group.addTask {
          let rows = (0..<200).shuffled().map { index in
            SuppressionList.Row(
              place: index,
              .success(
                NewSuppression(ContactAddress(.email, "p\(index)@example.com")!, because: .manual)))
          }
          guard case .done(let report) = try await world.suppressions.take(rows, actor: world.actor).outcome
          else { throw World.Unexpected() }
          return report.added
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(added == 200)
    #expect(try await world.pool.value("SELECT count(*) FROM suppressions", as: Int.self) == 200)
    #expect(try await world.faults() == [])
  }

  @Test func `the answer about a lead says by what of it`() async throws {
    let client = try await world.base.client("Own").id
    let lead = try await world.lead(
      ["email": "old@acme.example", "email_domain": "acme.example"])
    try await world.pool.execute("UPDATE lead_pool SET email = 'dana@acme.example' WHERE id = \(lead)")
    try await world.suppress("old@acme.example", .bounce)
    try await world.suppress("acme.example", for: client)
    let answer = try #require(try await world.suppressions.explain(lead, for: client))
    #expect(Set(answer.hits.map(\.origin)) == [.former, .emailDomain] && answer.isSuppressed)
    #expect(try await world.suppressions.explain(lead, for: nil)?.hits.map(\.origin) == [.former])
    #expect(try await world.suppressions.explain(lead, for: client, seenBy: client) == nil)
    try await world.assign(lead, to: client)
    #expect(try await world.suppressions.explain(lead, for: client, seenBy: client)?.hits.count == 2)
    #expect(try await world.suppressions.explain(ID(at: world.now), for: nil) == nil)
  }
}
