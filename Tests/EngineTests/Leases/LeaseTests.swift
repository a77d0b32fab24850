import Domain
import Engine
import Store
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeaseTests {
  let world = LeaseWorld()

  @Test func `a lead gets a number, and everything says so`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    guard case .granted(let lease) = try await world.ask(lead, phone: "+16505300051") else {
      return #expect(Bool(false), "not granted")
    }
    #expect(lease.number.e164 == "+14245550000" && lease.term == 1 && lease.leadID == lead)
    #expect(lease.releaseAt == world.clock.now + .hours(18))
    #expect(try await world.pointer(of: lead) == "n-0")
    let trail: String? = try await world.pool.value(
      """
      SELECT concat_ws(' ', type, metadata->>'assigned_phone_number_id', metadata->>'assigned_phone_number',
        metadata->>'customer_phone') FROM interactions WHERE lead_id = \(lead)
      """)
    #expect(trail == "email_replied n-0 +14245550000 +16505300051")
    #expect(try await world.leases.find(lease.id) == lease)
    try await world.expectClean()
  }

  @Test func `a lead that holds a number gets the same lease again`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(3, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    let lease = try await world.lease(lead)
    #expect(try await world.ask(lead) == .held(lease))
    try await world.expectClean()
  }

  @Test func `an unknown company is named with similar ones, an unknown lead is refused`() async throws {
    try await world.pool.client("My Reverse Options")
    let lead = try await world.pool.leads(1)[0]
    #expect(
      try await world.ask(lead, "My Reverse Option") == .unknownCompany(similar: ["My Reverse Options"]))
    #expect(try await world.ask(ID(at: world.clock.now), "My Reverse Options") == .unknownLead)
  }

  @Test func `an empty pool says how many there are and when the next is free`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(3, of: "Acme")
    try await world.pool.execute(
      "UPDATE signalwire_phone_numbers SET status = 'maintenance' WHERE name = 'number 2'")
    let leads = try await world.pool.leads(3)
    let first = try await world.lease(leads[0])
    world.clock.advance(by: .hours(1))
    _ = try await world.lease(leads[1])
    #expect(
      try await world.ask(leads[2])
        == .exhausted(
          PoolTotals(total: 3, available: 0, leased: 2, outOfService: 1, nextFreeAt: first.releaseAt)))
  }

  @Test func `R17: a due number is free to the next claim, swept or not`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme")
    let leads = try await world.pool.leads(2)
    let first = try await world.lease(leads[0])
    world.clock.advance(by: .hours(18))
    let second = try await world.lease(leads[1])
    #expect(second.number == first.number && second.term == 2)
    #expect(try await world.pointer(of: leads[0]) == nil)
    #expect(try await world.leases.find(first.id)?.endReason == .expired)
    #expect(
      try await world.leases.holder(of: first.providerNumberID, at: first.leasedAt + .hours(17))?.leadID
        == leads[0])
    #expect(
      try await world.leases.holder(of: first.providerNumberID, at: world.clock.now)?.leadID == leads[1])
    try await world.expectClean()
  }

  @Test func `R17: the lead's own due number comes back as a new lease`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(4, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    let first = try await world.lease(lead)
    world.clock.advance(by: .hours(19))
    let second = try await world.lease(lead)
    #expect(second.number == first.number && second.term == 2 && second.id != first.id)
    try await world.expectClean()
  }

  @Test func `R18: a lead gets back the number that it had, if that is free`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(3, of: "Acme")
    let leads = try await world.pool.leads(2)
    let first = try await world.lease(leads[0])
    _ = try await world.call(first, .release)
    world.clock.advance(by: .hours(1))
    #expect(try await world.lease(leads[0]).number == first.number)
    try await world.expectClean()
  }

  @Test func `R18: the least recently used goes first, and a release does not wipe when it was used`()
    async throws
  {
    try await world.pool.client("Acme")
    try await world.pool.numbers(3, of: "Acme")
    var order: [String] = []
    for lead in try await world.pool.leads(6) {
      let lease = try await world.lease(lead)
      order.append(lease.providerNumberID.text)
      _ = try await world.call(lease, .release)
      world.clock.advance(by: .seconds(1))
    }
    #expect(order == ["n-0", "n-1", "n-2", "n-0", "n-1", "n-2"])
    try await world.expectClean()
  }

  @Test func `near: the exact area, then the same region, then any`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(1, of: "Acme", area: "212", prefix: "newyork")
    try await world.pool.numbers(1, of: "Acme", area: "213", prefix: "losangeles")
    try await world.pool.numbers(1, of: "Acme", area: "424", prefix: "here")
    var order: [String] = []
    for lead in try await world.pool.leads(3) {
      order.append(try await world.lease(lead, near: "424").providerNumberID.text)
    }
    #expect(order == ["here-0", "losangeles-0", "newyork-0"])
  }

  @Test func `near: a territory of the number counts as the place`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(2, of: "Acme", area: "212", prefix: "a")
    try await world.pool.numbers(1, of: "Acme", area: "213", prefix: "b", territories: ["Bay Area"])
    let lead = try await world.pool.leads(1)[0]
    #expect(try await world.lease(lead, near: "bay area").providerNumberID.text == "b-0")
  }

  @Test func `a lead may hold a number of each of two companies, and its pointer follows`() async throws {
    for company in ["Acme", "Bolt"] {
      try await world.pool.client(company)
      try await world.pool.numbers(1, of: company, area: company == "Acme" ? "424" : "212", prefix: company)
    }
    let lead = try await world.pool.leads(1)[0]
    let first = try await world.lease(lead, "Acme")
    world.clock.advance(by: .seconds(1))
    let second = try await world.lease(lead, "Bolt")
    #expect(try await world.pointer(of: lead) == "Bolt-0")
    _ = try await world.call(second, .release)
    #expect(try await world.pointer(of: lead) == "Acme-0")
    _ = try await world.call(first, .release)
    #expect(try await world.pointer(of: lead) == nil)
    try await world.expectClean()
  }

  @Test func `a pointer that an SQL user wiped does not lead to a second lease`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(2, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    let lease = try await world.lease(lead)
    try await world.pool.execute(
      "UPDATE leads SET assigned_phone_number_id = NULL, recent_phone_number_ids = '{}'")
    #expect(try await world.ask(lead) == .held(lease))
  }
}
