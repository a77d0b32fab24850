import Dispatch
import Domain
import Engine
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeaseRaceTests {
  @Test(arguments: [false, true])
  func `64 sessions race for 5 numbers: each number has one lead, never two`(failsFirstAttempt: Bool)
    async throws
  {
    let world = LeaseWorld(failsFirstAttempt: failsFirstAttempt)
    let other = LeaseWorld(failsFirstAttempt: failsFirstAttempt)
    try await world.pool.client("Acme")
    try await world.pool.numbers(5, of: "Acme")
    let leads = try await world.pool.leads(64)
    for _ in 0..<15 {
      let granted = try await withThrowingTaskGroup(of: Lease?.self) { group in
        for (index, lead) in leads.enumerated() {
          let server = index.isMultiple(of: 2) ? world : other
          group.addTask {
            switch try await server.ask(lead) {
            case .granted(let lease): return lease
            case .exhausted(let totals):
              #expect(totals.available == 0 && totals.leased == 5)
              return nil
            case let outcome: throw LeaseWorld.Unexpected(what: "\(outcome)")
            }
          }
        }
        return try await group.reduce(into: [Lease]()) { if let lease = $1 { $0.append(lease) } }
      }
      #expect(granted.count == 5 && Set(granted.map(\.number)).count == 5)
      for lease in granted { _ = try await world.call(lease, .release, term: lease.term) }
    }
    try await world.expectClean()
    await other.database.shutdown()
  }

  @Test func `R18: in steady rotation the numbers' uses differ by at most one`() async throws {
    let world = LeaseWorld()
    try await world.pool.client("Acme")
    try await world.pool.numbers(5, of: "Acme")
    for lead in try await world.pool.leads(503) {
      _ = try await world.call(try await world.lease(lead), .release)
      world.clock.advance(by: .seconds(1))
    }
    let uses: [Int64] = try await world.pool.column("SELECT term FROM signalwire_phone_numbers ORDER BY term")
    #expect(uses == [100, 100, 101, 101, 101])
    try await world.expectClean()
  }

  @Test func `a lead that somebody keeps locked keeps no other lead waiting`() async throws {
    let (world, locker) = (LeaseWorld(), LeaseWorld())
    try await world.pool.client("Acme")
    try await world.pool.numbers(4, of: "Acme")
    let leads = try await world.pool.leads(3)
    let (isLocked, locked) = AsyncStream.makeStream(of: Void.self)
    let isDone = DispatchSemaphore(value: 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await locker.database.transaction { transaction in
          _ = try transaction.query("SELECT 1 FROM leads WHERE id = \(leads[0]) FOR UPDATE")
          locked.finish()
          isDone.wait()
        }
      }
      for await _ in isLocked {}
      let busy = Task { try await world.lease(leads[0]) }
      // Were the locked lead waited for, these would never be answered, since its lock outlives them.
      _ = try await world.lease(leads[1])
      _ = try await world.lease(leads[2])
      isDone.signal()
      #expect(try await busy.value.leadID == leads[0])
      try await group.waitForAll()
    }
    try await world.expectClean()
    await locker.database.shutdown()
  }

  @Test func `one lead asked for by many at once on two servers has one lease`() async throws {
    let (world, other) = (LeaseWorld(), LeaseWorld())
    try await world.pool.client("Acme")
    try await world.pool.numbers(20, of: "Acme")
    for lead in try await world.pool.leads(20) {
      let leases = try await withThrowingTaskGroup(of: Lease.self) { group in
        for index in 0..<16 {
          group.addTask { try await (index.isMultiple(of: 2) ? world : other).lease(lead) }
        }
        return try await group.reduce(into: Set<ID<Lease>>()) { $0.insert($1.id) }
      }
      #expect(leases.count == 1)
    }
    try await world.expectClean()
    await other.database.shutdown()
  }

  @Test func `claims, sweeps, releases, renewals and SQL users at once leave every invariant whole`()
    async throws
  {
    let world = LeaseWorld(failsFirstAttempt: true)
    try await world.pool.client("Acme")
    try await world.pool.client("Bolt")
    try await world.pool.numbers(6, of: "Acme")
    try await world.pool.numbers(6, of: "Bolt", area: "212", prefix: "b")
    let leads = try await world.pool.leads(12)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<12 {
        group.addTask {
          for step in 0..<25 {
            let company = (worker + step).isMultiple(of: 3) ? "Bolt" : "Acme"
            guard case .granted(let lease) = try await world.ask(leads[(worker * 7 + step) % 12], company)
            else { continue }
            switch step % 4 {
            case 0: _ = try await world.call(lease, .release, term: lease.term)
            case 1: _ = try await world.call(lease, .outcome(.noAnswer))
            case 2: _ = try await world.call(lease, .renew)
            default: break
            }
          }
        }
      }
      group.addTask {
        for _ in 0..<40 {
          world.clock.advance(by: .hours(1))
          _ = try await world.leases.sweep(now: world.clock.now, limit: 3)
          try await world.pool.execute(
            """
            UPDATE signalwire_phone_numbers SET assignment_status = 'available', currently_assigned_to = NULL,
              release_at = NULL
            WHERE vapi_phone_number_id = (SELECT vapi_phone_number_id FROM signalwire_phone_numbers
              WHERE assignment_status = 'assigned' ORDER BY random() LIMIT 1)
            """)
        }
      }
      try await group.waitForAll()
    }
    try await world.expectClean()
  }
}
