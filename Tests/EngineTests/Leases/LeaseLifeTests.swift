import Domain
import Engine
import Store
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeaseLifeTests {
  let world = LeaseWorld()

  func leased(timeZone: String = "UTC") async throws -> (Lease, ID<Lead>) {
    try await world.pool.client("Acme", timeZone: timeZone)
    try await world.pool.numbers(2, of: "Acme")
    let lead = try await world.pool.leads(1)[0]
    return (try await world.lease(lead), lead)
  }

  @Test func `R17: booked is held until 24 hours after the appointment, cancelled goes back`() async throws {
    let (lease, _) = try await leased()
    let appointment = world.clock.now + .hours(72)
    guard
      case .applied(let booked) = try await world.call(lease, .outcome(.booked(appointmentAt: appointment)))
    else { return #expect(Bool(false)) }
    #expect(booked.releaseAt == appointment + .hours(24) && booked.appointmentAt == appointment)
    guard case .applied(let cancelled) = try await world.call(lease, .outcome(.cancelled))
    else { return #expect(Bool(false)) }
    #expect(cancelled.releaseAt == lease.leasedAt + .hours(18) && cancelled.appointmentAt == nil)
    #expect(try await world.leases.find(lease.id) == cancelled)
    try await world.expectClean()
  }

  @Test func `R17: no answer keeps the number until the end of the company's day, a second one releases it`()
    async throws
  {
    let (lease, lead) = try await leased(timeZone: "America/New_York")
    guard case .applied(let kept) = try await world.call(lease, .outcome(.noAnswer))
    else { return #expect(Bool(false)) }
    let zone = try #require(TimeZoneName("America/New_York"))
    #expect(kept.releaseAt == zone.endOfDay(containing: world.clock.now) && kept.missedCalls == 1)
    guard case .applied(let ended) = try await world.call(lease, .outcome(.voicemail))
    else { return #expect(Bool(false)) }
    #expect(ended.endReason == .noAnswer && ended.endedAt == world.clock.now)
    #expect(try await world.leases.find(lease.id) == ended)
    #expect(try await world.pointer(of: lead) == nil)
    try await world.expectClean()
  }

  @Test func `late, stale and repeated calls change nothing and say so`() async throws {
    let (lease, _) = try await leased()
    #expect(try await world.call(lease, .release, term: 7) == .unchanged(.staleTerm, lease))
    guard case .applied(let ended) = try await world.call(lease, .release, term: lease.term)
    else { return #expect(Bool(false)) }
    for kind in [LeaseCall.Kind.release, .renew, .outcome(.completed)] {
      #expect(try await world.call(lease, kind) == .unchanged(.alreadyEnded, ended))
    }
    let ghost = LeaseCall(id: ID(at: world.clock.now), kind: .release, actor: .commandLine)
    #expect(try await world.leases.change(ghost) == .fresh(.unknown))
    try await world.expectClean()
  }

  @Test func `renew holds for 18 hours from now`() async throws {
    let (lease, _) = try await leased()
    world.clock.advance(by: .hours(10))
    guard case .applied(let renewed) = try await world.call(lease, .renew) else {
      return #expect(Bool(false))
    }
    #expect(renewed.releaseAt == world.clock.now + .hours(18))
    try await world.expectClean()
  }

  @Test func `the sweep ends what is due and nothing else, in chunks`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(10, of: "Acme")
    let leads = try await world.pool.leads(10)
    for lead in leads.prefix(7) { _ = try await world.lease(lead) }
    world.clock.advance(by: .hours(10))
    for lead in leads.suffix(3) { _ = try await world.lease(lead) }
    world.clock.advance(by: .hours(8))
    var swept: [Int] = []
    repeat {
      swept.append(try await world.leases.sweep(now: world.clock.now, limit: 3))
    } while swept.last != 0
    #expect(swept == [3, 3, 1, 0])
    let live: [String] = try await world.pool.column(
      """
      SELECT vapi_phone_number_id FROM signalwire_phone_numbers
      WHERE assignment_status = 'assigned' ORDER BY 1
      """
    )
    #expect(live == ["n-7", "n-8", "n-9"])
    #expect(try await world.pointer(of: leads[0]) == nil)
    try await world.expectClean()
  }

  @Test func `the function for SQL users ends the same leases as the sweep`() async throws {
    try await world.pool.client("Acme")
    try await world.pool.numbers(4, of: "Acme")
    for lead in try await world.pool.leads(4) {
      _ = try await world.lease(lead)
      world.clock.advance(by: .hours(1))
    }
    world.clock.advance(by: .hours(16))
    let now = world.clock.now.description
    let released: [Int32] = try await world.database.transaction { transaction in
      _ = try transaction.query("SELECT set_config('reservoir.now', \(now), true)")
      return try transaction.query("SELECT release_expired_phone_numbers()").map { try $0.decode(at: 0) }
    }
    #expect(released == [3])
    #expect(try await world.leases.sweep(now: world.clock.now, limit: 10) == 0)
    try await world.expectClean()
  }

  @Test func `history is never overwritten, and lists are newest first`() async throws {
    let (first, lead) = try await leased()
    _ = try await world.call(first, .release)
    world.clock.advance(by: .hours(1))
    let second = try await world.lease(lead)
    let history = try await world.leases.list(.init(leadID: lead), after: nil, limit: 10)
    #expect(history.map(\.id) == [second.id, first.id])
    #expect(history.map(\.endReason) == [nil, .released])
    let place = LeaseListStore.Place(leasedAt: second.leasedAt, id: second.id)
    #expect(try await world.leases.list(.init(leadID: lead), after: place, limit: 10).map(\.id) == [first.id])
    #expect(try await world.leases.list(.init(state: .live), after: nil, limit: 10).map(\.id) == [second.id])
  }

  @Test(arguments: [Int64.min, .max])
  func `a page that begins outside of time is a page, whatever a forged cursor says`(
    microseconds: Int64
  ) async throws {
    let (lease, _) = try await leased()
    let place = LeaseListStore.Place(leasedAt: Timestamp(microseconds: microseconds), id: lease.id)
    let page = try await world.leases.list(.init(), after: place, limit: 10)
    #expect(page.map(\.id) == (microseconds > 0 ? [lease.id] : []))
  }
}
