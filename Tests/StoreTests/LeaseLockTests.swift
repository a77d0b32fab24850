import Dispatch
import Domain
import Postgres
import Store
import TestSupport
import Testing

/// Leases that end while somebody else is at their rows.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeaseLockTests {
  let pool = PoolFixture(poolSize: 4)
  static let now = Timestamp(microseconds: 1_795_219_200_000_000)

  /// Three numbers leased at `now` to three leads.
  func prepared() async throws -> [ID<Lead>] {
    try await pool.client("First")
    try await pool.numbers(3, of: "First")
    let leads = try await pool.leads(3)
    for (index, lead) in leads.enumerated() { try await assign("n-\(index)", to: lead, at: Self.now) }
    return leads
  }

  /// As an SQL user does; nobody frees the number.
  func assign(_ number: String, to lead: ID<Lead>?, at now: Timestamp) async throws {
    try await pool.database.transaction { transaction in
      transaction.enqueue("SELECT set_config('reservoir.now', \(now.description), true)")
      transaction.enqueue(
        """
        UPDATE signalwire_phone_numbers SET currently_assigned_to = \(lead)
        WHERE vapi_phone_number_id = \(number)
        """, expecting: 1)
    }
  }

  func lease(of number: String) async throws -> ID<Lease>? {
    try await pool.value(
      "SELECT lease_id FROM signalwire_phone_numbers WHERE vapi_phone_number_id = \(number)",
      as: ID<Lease>?.self
    ).flatMap { $0 }
  }

  @Test func `a lease that an SQL user was quicker to end is not ended again, nor the next one instead`()
    async throws
  {
    let leads = try await prepared()
    let known = try #require(try await lease(of: "n-0"))
    try await assign("n-0", to: nil, at: Self.now + .seconds(1))
    try await assign("n-1", to: nil, at: Self.now + .seconds(1))
    try await assign("n-0", to: leads[1], at: Self.now + .seconds(2))
    let next = try #require(try await lease(of: "n-0"))
    let before: Int? = try await pool.value("SELECT count(*) FROM phone_number_ledger")
    try await pool.database.transaction { transaction in
      LeaseEndStore.end(
        [.init(leaseID: known, numberID: ProviderNumberID(unchecked: "n-0"))], because: .released,
        actor: .commandLine, now: Self.now + .seconds(3), in: &transaction)
    }
    #expect(try await lease(of: "n-0") == next)
    #expect(try await pool.value("SELECT count(*) FROM phone_number_ledger") == before)
    let pointer: String? = try await pool.value(
      "SELECT assigned_phone_number_id FROM leads WHERE id = \(leads[1])")
    #expect(pointer == "n-0")
  }

  @Test(arguments: [
    "SELECT FROM leads WHERE assigned_phone_number_id = 'n-1' FOR NO KEY UPDATE",
    "SELECT FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'n-1' FOR UPDATE",
  ])
  func `release_expired_phone_numbers passes over a lead or number that somebody has locked`(lock: String)
    async throws
  {
    _ = try await prepared()
    let (isLocked, locked) = AsyncStream.makeStream(of: Void.self)
    let isDone = DispatchSemaphore(value: 0)
    async let locker: Void = pool.database.transaction { transaction in
      _ = try transaction.query(SQL(text: lock))
      locked.finish()
      isDone.wait()
    }
    for await _ in isLocked {}
    let due = Self.now + LeaseRule.baseHold
    func release() async throws -> Int32 {
      try await pool.database.transaction { transaction in
        transaction.enqueue("SELECT set_config('reservoir.now', \(due.description), true)")
        transaction.enqueue("SET LOCAL lock_timeout = '5s'")
        return try transaction.query("SELECT release_expired_phone_numbers()")[0].decode(at: 0)
      }
    }
    let first = await Result { try await release() }
    isDone.signal()
    try await locker
    #expect(try first.get() == 2)
    #expect(try await release() == 1)
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
