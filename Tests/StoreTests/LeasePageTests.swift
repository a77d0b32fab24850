import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Pages of leases: complete, in order, and read by index.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct LeasePageTests {
  let pool = PoolFixture(poolSize: 4)
  static let start = "2026-11-01T00:00:00Z"

  /// `count` live leases of each company and `count` ended ones over three months, of which one has no
  /// partition yet; a dozen leases share each instant. Companies take turns at two different times.
  func prepared(companies: Int, leases count: Int) async throws -> [ID<Client>] {
    try await pool.execute(
      "SELECT prepare_phone_number_ledger('2026-11-01Z', '2026-12-01Z')")
    var clients: [ID<Client>] = []
    for index in 0..<companies {
      let company = "Company \(index)"
      clients.append(try await pool.client(company))
      try await pool.numbers(count, of: company, area: "\(200 + index)", prefix: "c\(index)")
      try await pool.execute(
        """
        UPDATE signalwire_phone_numbers n
        SET assignment_status = 'assigned', currently_assigned_to = uuid_v7(), lease_id = uuid_v7(), term = 1,
          assigned_at = \(unescaped: "'\(Self.start)'")::timestamptz + interval '1 day' * \(index % 2)
            + interval '1 minute' * (substr(vapi_phone_number_id, 4)::int / 12),
          release_at = '2027-06-01Z', revision = revision + 1
        WHERE assigned_broker_company = \(company)
        """)
      try await pool.execute(
        """
        INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor,
          reason, lease_id, term, lead_id, leased_at, release_at, missed_calls)
        SELECT leased_at + interval '1 hour', 'ended', 'c' || \(index) || '-' || i, '+12005550000', 2,
          \(clients[index]), 'test', 'expired', uuid_v7(), 1, uuid_v7(), leased_at,
          leased_at + interval '18 hours', 0
        FROM generate_series(0, \(count - 1)) AS i CROSS JOIN LATERAL (
          SELECT \(unescaped: "'\(Self.start)'")::timestamptz
            + interval '75 days' * (i / 12 * 12)::float8 / \(Double(count)) AS leased_at) AS t
        """)
    }
    try await pool.execute("ANALYZE")
    return clients
  }

  func page(
    _ filter: LeaseListStore.Filter, after place: LeaseListStore.Place?, limit: Int
  ) async throws -> [Lease] {
    try await pool.database.transaction {
      try LeaseListStore.page(filter, after: place, limit: limit, in: &$0)
    }
  }

  /// All leases that a filter lets through, by a plain look at the tables.
  func expected(_ filter: LeaseListStore.Filter) async throws -> [LeaseListStore.Place] {
    let statement: SQL = """
      SELECT leased_at, lease_id FROM (
        SELECT assigned_at AS leased_at, lease_id, c.id AS client_id, vapi_phone_number_id, 'live' AS state
        FROM signalwire_phone_numbers JOIN clients c ON c.company_name = assigned_broker_company
        WHERE lease_id IS NOT NULL
        UNION ALL
        SELECT leased_at, lease_id, client_id, vapi_phone_number_id, 'ended' FROM phone_number_ledger
        WHERE kind = 'ended') AS l
      WHERE \(filter.state.rawValue) IN (state, 'all')
        AND coalesce(client_id = \(filter.clientID), true)
        AND coalesce(vapi_phone_number_id = \(filter.numberID), true)
      ORDER BY leased_at DESC, lease_id DESC
      """
    return try await pool.database.transaction {
      try $0.query(statement).map { .init(leasedAt: try $0.decode(at: 0), id: try $0.decode(at: 1)) }
    }
  }

  @Test(arguments: LeaseListStore.State.allCases, [1, 7, 50])
  func `page after page is the whole list in order`(state: LeaseListStore.State, limit: Int) async throws {
    let clients = try await prepared(companies: 5, leases: 30)
    for filter in [
      LeaseListStore.Filter(state: state), .init(clientID: clients[1], state: state),
      .init(numberID: ProviderNumberID(unchecked: "c2-3"), state: state),
    ] {
      var found: [LeaseListStore.Place] = []
      repeat {
        let leases = try await page(filter, after: found.last, limit: limit)
        found += leases.map { .init(leasedAt: $0.leasedAt, id: $0.id) }
        if leases.count < limit { break }
      } while true
      #expect(try await found == expected(filter))
    }
  }

  @Test(arguments: LeaseListStore.State.allCases)
  func `a page reads about as many rows as it shows, at the beginning and in the middle`(
    state: LeaseListStore.State
  ) async throws {
    let clients = try await prepared(companies: 4, leases: 2_000)
    let limit = 10
    for filter in [LeaseListStore.Filter(state: state), .init(clientID: clients[0], state: state)] {
      let all = try await expected(filter)
      for place in [nil, all[all.count / 2]] {
        let statement = LeasePage(filter: filter, place: place, limit: limit).statement
        let plan = try await Plan(statement, on: pool)
        // For each of four companies a page, and the dozen that share its last instant.
        #expect((1...20 * limit).contains(plan.rowsRead), "\(plan.text)")
      }
    }
  }
}
