import Domain
import Postgres
import Store

extension TestDatabase {
  /// The product's schema, with partitions of the ledger as a fresh server has them.
  public static let product = template(named: "product") { conninfo in
    let database = Database(DatabaseConfiguration(conninfo: conninfo))
    try await Migrator(Schema.migrations, table: Schema.ledgerTable).apply(to: database)
    await database.shutdown()
  }
}

/// Fills a pool for a test: clients, numbers, leads, with only the fields that matter.
public struct PoolFixture: Sendable {
  public let database: Database

  public init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    var configuration = DatabaseConfiguration(conninfo: TestDatabase.conninfo)
    configuration.poolSize = poolSize
    configuration.faults.failsFirstAttempt = failsFirstAttempt
    database = Database(configuration)
  }

  @discardableResult
  public func client(
    _ name: String, timeZone: String = "UTC", lowWaterMark: Int = 1
  ) async throws -> ID<Client> {
    let id = ID<Client>(at: Timestamp(microseconds: 0))
    try await execute(
      """
      INSERT INTO clients (id, company_name, time_zone, low_water_mark)
      VALUES (\(id), \(name), \(timeZone), \(Int32(lowWaterMark)))
      """)
    return id
  }

  /// `count` numbers +1 `area` 555 0000 … of the company, with ids `prefix-0`, `prefix-1`, …. They have been
  /// in the pool since 2020, before whatever a test takes for now.
  public func numbers(
    _ count: Int, of company: String, area: String = "424", prefix: String = "n", territories: [String] = []
  ) async throws {
    _ = try await database.transaction { transaction in
      transaction.enqueue("SELECT set_config('reservoir.now', '2020-01-01T00:00:00Z', true)")
      return try transaction.execute(
        """
        INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company,
          territories)
        SELECT \(prefix) || '-' || i, '+1' || \(area) || (5550000 + i), 'number ' || i, \(company),
          \(territories)
        FROM generate_series(0, \(count - 1)) AS i
        """)
    }
  }

  public func leads(_ count: Int) async throws -> [ID<Lead>] {
    let leads = (0..<count).map { _ in ID<Lead>(at: Timestamp(microseconds: 0)) }
    try await execute("INSERT INTO leads (id) SELECT unnest(\(leads))")
    return leads
  }

  /// The lead's row as an erasure leaves it; nothing else of the person is looked for.
  public func forget(_ lead: ID<Lead>, at time: Timestamp) async throws {
    let empty = LeadField.all.map { "\($0.name) = NULL" }.joined(separator: ", ")
    try await execute(
      """
      UPDATE lead_pool SET \(unescaped: empty), provenance = '{}', erased_at = \(time) WHERE id = \(lead)
      """)
  }

  @discardableResult
  public func execute(_ sql: SQL) async throws -> Int {
    try await database.transaction { try $0.execute(sql) }
  }

  /// The first column of the first row.
  public func value<T: PostgresDecodable & Sendable>(_ sql: SQL, as type: T.Type = T.self) async throws -> T?
  {
    try await database.transaction { try $0.query(sql).first?.decode(at: 0) }
  }

  public func column<T: PostgresDecodable & Sendable>(_ sql: SQL, as type: T.Type = T.self) async throws
    -> [T]
  {
    try await database.transaction { try $0.query(sql).map { try $0.decode(at: 0) } }
  }

  /// Returns as soon as a session of this database waits for a lock; fails when none does within ten seconds.
  public func untilSomebodyWaitsForALock() async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      let waiting: Int? = try await value(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """)
      if waiting != 0 { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw NobodyWaits()
  }

  public struct NobodyWaits: Error {}
}
