import Domain
import Postgres

/// The clients' pools, counted. A page costs one walk over the numbers of its clients, by the pool's index.
public enum PoolStore {
  /// In the order of the clients' ids.
  public static func list(
    only client: ID<Client>?, after id: ID<Client>?, limit: Int, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [Pool] {
    let rows = try transaction.query(
      """
      SELECT c.id, c.company_name, c.low_water_mark, n.*
      FROM (
        SELECT * FROM clients
        WHERE id > \(id ?? ID(high: 0, low: 0)) AND (\(client)::uuid IS NULL OR id = \(client))
        ORDER BY id LIMIT \(limit)) AS c
      CROSS JOIN LATERAL (
        SELECT count(*) AS total, count(*) FILTER (WHERE is_active AND is_free) AS available,
          count(*) FILTER (WHERE is_active AND NOT is_free) AS leased,
          count(*) FILTER (WHERE is_due) AS overdue, count(*) FILTER (WHERE NOT is_active) AS out_of_service,
          min(release_at) FILTER (WHERE is_active AND NOT is_free) AS next_free_at
        FROM (
          SELECT release_at, status = 'active' AS is_active,
            assignment_status = 'assigned' AND release_at <= \(now) AS is_due,
            assignment_status = 'available' OR release_at <= \(now) AS is_free
          FROM signalwire_phone_numbers WHERE assigned_broker_company = c.company_name) AS n) AS n
      ORDER BY c.id
      """)
    let leases = try leasesOfTheLastDay(rows.map { try $0.decode("id") }, now: now, in: &transaction)
    return try rows.map { row in
      let id: ID<Client> = try row.decode("id")
      return Pool(
        clientID: id, company: try row.decode("company_name"),
        totals: PoolTotals(
          total: try row.decode("total"), available: try row.decode("available"),
          leased: try row.decode("leased"), outOfService: try row.decode("out_of_service"),
          nextFreeAt: try row.decode("next_free_at")),
        overdue: try row.decode("overdue"), leasesLast24Hours: leases[id] ?? 0,
        lowWaterMark: Int(try row.decode("low_water_mark", as: Int32.self)))
    }
  }

  private static func leasesOfTheLastDay(
    _ clients: [ID<Client>], now: Timestamp, in transaction: inout Transaction
  ) throws -> [ID<Client>: Int] {
    guard !clients.isEmpty else { return [:] }
    let rows = try transaction.query(leasesSince(now - .hours(24), of: clients))
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }

  /// Every lease is live or has ended once. Both are found by client and beginning, which the ledger's rows
  /// of beginnings are not: an index for them would cost every lease an entry.
  static func leasesSince(_ start: Timestamp, of clients: [ID<Client>]) -> SQL {
    """
    SELECT c.id, live.count + ended.count
    FROM clients c
    CROSS JOIN LATERAL (SELECT count(*) FROM signalwire_phone_numbers n
      WHERE n.assigned_broker_company = c.company_name AND n.assignment_status = 'assigned'
        AND n.assigned_at > \(start)) AS live
    CROSS JOIN LATERAL (SELECT count(*) FROM phone_number_ledger l
      WHERE l.client_id = c.id AND l.kind = 'ended' AND l.leased_at > \(start)
        AND l.at > \(start)) AS ended
    WHERE c.id = ANY (\(clients))
    """
  }

  public static func geography(
    of company: CompanyName, now: Timestamp, in transaction: inout Transaction
  ) throws -> PoolGeography {
    let answers = try transaction.query([
      """
      SELECT area_code AS name, count(*) AS total, count(*) FILTER (
        WHERE status = 'active' AND (assignment_status = 'available' OR release_at <= \(now))) AS available
      FROM signalwire_phone_numbers WHERE assigned_broker_company = \(company)
      GROUP BY area_code ORDER BY area_code NULLS LAST
      """,
      """
      SELECT territory AS name, count(*) AS total, count(*) FILTER (
        WHERE status = 'active' AND (assignment_status = 'available' OR release_at <= \(now))) AS available
      FROM signalwire_phone_numbers CROSS JOIN LATERAL (SELECT DISTINCT unnest(territories)) AS t (territory)
      WHERE assigned_broker_company = \(company)
      GROUP BY territory ORDER BY territory COLLATE "C"
      """,
    ])
    return PoolGeography(areaCodes: try answers[0].map(place), territories: try answers[1].map(place))
  }

  private static func place<Name: PostgresDecodable>(_ row: Row) throws -> PoolGeography.Place<Name> {
    .init(
      name: try row.decode("name"), total: try row.decode("total"), available: try row.decode("available"))
  }

  /// One look at every number.
  public static func together(now: Timestamp, in transaction: inout Transaction) throws -> PoolsTogether {
    let rows = try transaction.query(
      """
      SELECT n.*, coalesce(c.low_water_mark, 0) AS low_water_mark, c.id IS NOT NULL AS is_owned
      FROM (
        SELECT assigned_broker_company AS company,
          count(*) FILTER (WHERE status = 'active' AND is_free) AS available,
          count(*) FILTER (WHERE status = 'active' AND NOT is_free) AS leased,
          count(*) FILTER (WHERE assignment_status = 'assigned' AND is_free) AS overdue,
          count(*) FILTER (WHERE status <> 'active') AS out_of_service
        FROM (
          SELECT assigned_broker_company, status, assignment_status,
            assignment_status = 'available' OR release_at <= \(now) AS is_free
          FROM signalwire_phone_numbers) AS n
        GROUP BY assigned_broker_company) AS n
      LEFT JOIN clients c ON c.company_name = n.company
      """)
    var sum = PoolsTogether()
    for row in rows {
      let (available, leased): (Int, Int) = (try row.decode("available"), try row.decode("leased"))
      sum.available += available
      sum.leased += leased
      sum.overdue += try row.decode("overdue")
      sum.outOfService += try row.decode("out_of_service")
      guard try row.decode("is_owned"), available + leased > 0 else { continue }
      let mark = Int(try row.decode("low_water_mark", as: Int32.self))
      sum.clients[
        PoolLevel(available: available, total: available + leased, lowWaterMark: mark), default: 0] += 1
    }
    return sum
  }
}
