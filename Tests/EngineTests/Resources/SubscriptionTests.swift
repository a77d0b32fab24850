import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SubscriptionTests {
  let world = ResourceWorld()
  private static let ignition = PricingTier.defaults[0].resources
  private static let velocity = PricingTier.defaults[1].resources
  private static let plenty = ResourceCounts(
    emailDomains: 12, mailboxes: 24, phoneNumbers: 6, linkedInSeats: 20)

  @Test("R1, R5: a confirmed payment gives what the tier gives, mailboxes on the client's own domains")
  func signUp() async throws {
    try await world.stock(Self.plenty)
    let client = try await world.client("Acme")
    let standing = try await world.confirm(client, .velocity)
    #expect(standing.backordered.isZero && standing.assigned.count == 24)
    let owned = try await world.owned(client)
    #expect(ResourceCounts(of: owned) == Self.velocity)
    let domains = Set(owned.filter { $0.kind == .emailDomain }.map(\.id))
    for mailbox in owned where mailbox.kind == .mailbox {
      #expect(domains.contains(try #require(mailbox.domainID)))
    }
    try await world.expectClean()
  }

  @Test("R6: what is missing becomes a backorder that supply fills, oldest first")
  func backorder() async throws {
    try await world.stock(ResourceCounts(emailDomains: 2, phoneNumbers: 1, linkedInSeats: 4))
    let first = try await world.client("First")
    let second = try await world.client("Second")
    let standing = try await world.confirm(first, .ignition)
    #expect(standing.backordered == ResourceCounts(emailDomains: 1, mailboxes: 2))
    world.clock.advance(by: .hours(1))
    #expect(try await world.confirm(second, .ignition).backordered == Self.ignition)
    try await world.stock(ResourceCounts(emailDomains: 2), prefix: "b")
    try await world.runJobs()
    #expect(try await world.counts(first) == Self.ignition)
    #expect(try await world.counts(second) == ResourceCounts(emailDomains: 1, mailboxes: 2))
    try await world.expectClean()
  }

  @Test func `a payment that comes twice has its effect once`() async throws {
    try await world.stock(Self.plenty)
    let client = try await world.client("Acme")
    try await world.confirm(client, .ignition)
    let again = try await world.confirm(client, .ignition)
    #expect(again.assigned.isEmpty && again.released.isEmpty)
    #expect(try await world.counts(client) == Self.ignition)
  }

  @Test("R8: an upgrade adds the difference at once, a downgrade gives up the worst at the month's end")
  func tiers() async throws {
    try await world.stock(Self.plenty)
    let client = try await world.client("Acme")
    try await world.confirm(client, .ignition)
    let upgraded = try await world.confirm(client, .velocity)
    let added = ResourceCounts(of: upgraded.assigned.map(\.resource))
    #expect(added == Self.velocity.excess(over: Self.ignition))
    let downgraded = try await world.confirm(client, .ignition)
    let next = try #require(downgraded.subscription.next)
    #expect(try await world.counts(client) == Self.velocity)
    let kept = try await world.owned(client).filter { $0.kind == .linkedInSeat }
      .sorted(by: ResourceSelection.order).prefix(4).map(\.id)
    world.clock.advance(by: next.at - world.clock.now - .microseconds(1))
    try await world.runJobs()
    #expect(try await world.counts(client) == Self.velocity, "one microsecond before")
    world.clock.advance(by: .microseconds(1))
    try await world.runJobs()
    #expect(try await world.counts(client) == Self.ignition)
    let seats = try await world.owned(client).filter { $0.kind == .linkedInSeat }.map(\.id)
    #expect(Set(seats) == Set(kept))
    try await world.expectClean()
  }

  @Test("R7: who returns within 30 days gets the same resources back; then they are the pool's")
  func hold() async throws {
    try await world.stock(Self.ignition)
    let client = try await world.client("Acme")
    let other = try await world.client("Other")
    try await world.confirm(client, .ignition)
    let mine = Set(try await world.owned(client).map(\.id))
    try await world.end(client)
    #expect(try await world.owned(client).allSatisfy { $0.status == .held })
    let others = try await world.confirm(other, .ignition)
    #expect(others.backordered == Self.ignition, "nobody gets what is held")
    world.clock.advance(by: .hours(24 * 29))
    try await world.runJobs()
    let back = try await world.confirm(client, .ignition)
    #expect(back.assigned.isEmpty && back.subscription.state == .active)
    #expect(Set(try await world.owned(client).map(\.id)) == mine)
    try await world.end(client)
    world.clock.advance(by: Hold.length)
    try await world.runJobs()
    #expect(try await world.counts(client).isZero)
    #expect(try await world.counts(other) == Self.ignition, "who waited gets what came free")
    try await world.expectClean()
  }

  @Test("Invariant 1: two hundred sign-ups at once never get the same resource")
  func race() async throws {
    let world = ResourceWorld(poolSize: 16)
    try await world.stock(ResourceCounts(emailDomains: 60, phoneNumbers: 20, linkedInSeats: 80))
    var clients: [ID<Client>] = []
    for n in 0..<200 { clients.append(try await world.client("Company \(n)")) }
    let standings = try await withThrowingTaskGroup(of: SubscriptionService.Standing.self) { group in
      for client in clients { group.addTask { try await world.confirm(client, .ignition) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let given = standings.flatMap(\.assigned).map(\.resource.id)
    #expect(given.count == Set(given).count)
    let stocked = 280
    #expect(given.count == stocked, "all that there was is given")
    try await world.expectClean()
  }

  @Test("R6: an assignment by hand is all or nothing, and names what is short")
  func byHand() async throws {
    try await world.stock(ResourceCounts(emailDomains: 1, phoneNumbers: 3))
    let client = try await world.client("Acme")
    let wanted = ResourceCounts(emailDomains: 2, phoneNumbers: 3)
    let answer = try await world.assignments.assign(wanted, to: client, actor: .commandLine)
    guard case .fresh(.short(let shortage)) = answer
    else { throw ResourceWorld.Unexpected(what: "\(answer)") }
    #expect(shortage.missing == ResourceCounts(emailDomains: 1))
    #expect(try await world.counts(client).isZero)
    let less = ResourceCounts(emailDomains: 1, phoneNumbers: 3)
    let given = try await world.assignments.assign(less, to: client, actor: .commandLine)
    guard case .fresh(.assigned) = given else { throw ResourceWorld.Unexpected(what: "\(given)") }
    #expect(try await world.counts(client) == less)
    try await world.expectClean()
  }

  @Test func `a number that is leased is given up when its lease is over, and leased to nobody meanwhile`()
    async throws
  {
    let acme = try await world.client("Acme")
    try await world.pool.numbers(3, of: "Acme")
    let leads = try await world.pool.leads(3)
    let leases = LeaseService(database: world.pool.database, time: world.clock)
    for lead in leads {
      _ = try await leases.lease(
        LeaseCommand(
          pool: .client(acme), leadID: lead, actor: .commandLine))
    }
    try await world.confirm(acme, .ignition)
    #expect(try await world.counts(acme).phoneNumbers == 3, "what it had stays")
    try await world.end(acme)
    try await world.confirm(acme, .ignition)
    func numbers(_ condition: String) async throws -> Int64? {
      try await world.pool.value(
        "SELECT count(*) FROM signalwire_phone_numbers WHERE \(unescaped: condition)")
    }
    let own = "assigned_broker_company = 'Acme'"
    #expect(try await numbers(own) == 3, "leads go on using all three")
    #expect(try await numbers(own + " AND status = 'active'") == 1)
    world.clock.advance(by: .hours(18))
    try await world.runJobs()
    #expect(try await numbers(own) == 1)
    _ = try await leases.sweep(now: world.clock.now, limit: 10)
    try await world.expectClean()
  }

  @Test func `a number is one thing: assigned as a resource, it is leased from its client's pool`()
    async throws
  {
    try await world.pool.client("Acme")
    try await world.pool.client("Other")
    try await world.pool.numbers(2, of: "Acme")
    let acme: ID<Client> = try #require(
      try await world.pool.value("SELECT id FROM clients WHERE company_name = 'Acme'"))
    let other: ID<Client> = try #require(
      try await world.pool.value("SELECT id FROM clients WHERE company_name = 'Other'"))
    let numbers = try await world.owned(acme)
    #expect(numbers.map(\.kind) == [.phoneNumber, .phoneNumber])
    _ = try await world.assignments.release(numbers[0].id, of: acme, actor: .commandLine)
    let free: String? = try await world.pool.value(
      "SELECT number FROM signalwire_phone_numbers WHERE assigned_broker_company IS NULL", as: String?.self
    )
    .flatMap { $0 }
    #expect(free == numbers[0].value.text)
    _ = try await world.assignments.assign(
      ResourceCounts(phoneNumbers: 1), to: other, actor: .commandLine)
    let company: String? = try await world.pool.value(
      "SELECT assigned_broker_company FROM signalwire_phone_numbers WHERE number = \(numbers[0].value.text)",
      as: String?.self
    ).flatMap { $0 }
    #expect(company == "Other")
    try await world.expectClean()
  }
}
