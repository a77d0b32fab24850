import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// What is counted of a client's pool is read by index.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PoolStoreTests {
  let pool = PoolFixture(poolSize: 2)
  static let now = Timestamp(microseconds: 1_795_219_200_000_000)

  /// Numbers of the company, leased a hundred seconds after each other, and every second one freed again.
  func leased(_ count: Int, of company: String, area: String) async throws -> ID<Client> {
    let client = try await pool.client(company)
    try await pool.numbers(count, of: company, area: area, prefix: area)
    let leads = try await pool.leads(count)
    try await pool.database.transaction { transaction in
      for (index, lead) in leads.enumerated() {
        let start = Self.now - .seconds(100 * (index + 1))
        transaction.enqueue("SELECT set_config('reservoir.now', \(start.description), true)")
        transaction.enqueue(
          """
          UPDATE signalwire_phone_numbers SET currently_assigned_to = \(lead)
          WHERE vapi_phone_number_id = \(area) || '-' || \(index)
          """, expecting: 1)
        guard !index.isMultiple(of: 2) else { continue }
        transaction.enqueue("SELECT set_config('reservoir.now', \((start + .seconds(9)).description), true)")
        transaction.enqueue(
          """
          UPDATE signalwire_phone_numbers SET currently_assigned_to = NULL
          WHERE vapi_phone_number_id = \(area) || '-' || \(index)
          """, expecting: 1)
      }
    }
    return client
  }

  @Test func `leases of the last day are those that began in it, live or ended, of the client alone`()
    async throws
  {
    let few = try await leased(6, of: "Few", area: "424")
    var many = few
    for index in 0..<16 { many = try await leased(80, of: "Many \(index)", area: "\(500 + index)") }
    try await pool.execute("ANALYZE")
    for (start, counts) in [
      (Self.now - .hours(24), [6, 80]), (Self.now - .seconds(501), [5, 5]),
      (Self.now - .seconds(500), [4, 4]),
    ] {
      for (client, count) in zip([few, many], counts) {
        let found: Int? = try await pool.database.transaction {
          try $0.query(PoolStore.leasesSince(start, of: [client])).first?.decode(at: 1)
        }
        #expect(found == count)
      }
    }
    let plan = try await Plan(PoolStore.leasesSince(Self.now - .hours(24), of: [few]), on: pool)
    // Of some 1,300 leases its own, and the clients.
    #expect(plan.rowsRead <= 40, "\(plan.text)")
  }
}
