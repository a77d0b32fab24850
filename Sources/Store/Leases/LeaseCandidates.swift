import Domain
import Postgres

/// The statements that lock enough numbers of each pool to serve the demand of a round, passing over those
/// that others hold locked.
struct LeaseCandidates {
  private let names: [CompanyName]
  private let ids: [ID<Client>]
  private let demands: [PoolReference: LeaseFactsStore.Demand]

  init(_ demands: [PoolReference: LeaseFactsStore.Demand]) {
    self.demands = demands
    names = demands.keys.compactMap(\.name).sorted { $0.text < $1.text }
    ids = demands.keys.compactMap(\.id).sorted()
  }

  /// The first one answers with the id and name of every client that there is, behind the columns of a
  /// number; where no number is free these are null.
  func statements(_ now: Timestamp) -> [SQL] {
    [free(now)]
      + demands.flatMap { pool, demand in demand.near.flatMap { Self.nearby($0, $1, pool) } }
  }

  private func count(_ pool: PoolReference) -> Int { demands[pool]?.count ?? 0 }

  /// Each pool's least recently used (R18), and what is due there: it counts as free, swept or not (R17).
  ///
  /// A lease that is due is taken over with its lead, whose pointers will change: a lead that is locked
  /// elsewhere is passed over, too.
  private func free(_ now: Timestamp) -> SQL {
    """
    SELECT \(unescaped: PooledNumber.columns), demand.client_id, demand.company
    FROM (
      SELECT client_id, company, sum(count) AS count
      FROM (
        SELECT c.id, c.company_name, named.count
        FROM unnest(\(names)::text[], \(names.map { count(.company($0)) })) AS named (name, count)
        JOIN clients c ON c.company_name = named.name
        UNION ALL
        SELECT c.id, c.company_name, known.count
        FROM unnest(\(ids), \(ids.map { count(.client($0)) })) AS known (id, count)
        JOIN clients c ON c.id = known.id) AS wanted (client_id, company, count)
      GROUP BY client_id, company) AS demand
    LEFT JOIN LATERAL (
      SELECT * FROM (SELECT * FROM signalwire_phone_numbers
        WHERE assigned_broker_company = demand.company AND assignment_status = 'available'
          AND status = 'active'
        ORDER BY assigned_at NULLS FIRST LIMIT demand.count FOR UPDATE SKIP LOCKED) AS free
      UNION ALL
      SELECT * FROM (SELECT n.* FROM signalwire_phone_numbers n JOIN leads l ON l.id = n.currently_assigned_to
        WHERE n.assigned_broker_company = demand.company AND n.assignment_status = 'assigned'
          AND n.release_at <= \(now) AND n.status = 'active'
        ORDER BY n.release_at LIMIT demand.count FOR UPDATE OF l, n SKIP LOCKED) AS due) AS p
      ON true
    """
  }

  /// Free numbers of the wanted place, then of its region.
  private static func nearby(_ near: Near, _ count: Int, _ pool: PoolReference) -> [SQL] {
    let areas = [near.exactAreaCodes, near.regionAreaCodes].filter { !$0.isEmpty }
    let territories = [near.exactTerritories, near.regionTerritories].filter { !$0.isEmpty }
    return areas.map { codes in
      """
      SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
      WHERE assigned_broker_company
          = coalesce(\(pool.name), (SELECT company_name FROM clients WHERE id = \(pool.id)))
        AND assignment_status = 'available' AND status = 'active'
        AND area_code = ANY (\(codes.map(\.description)))
      ORDER BY assigned_at NULLS FIRST LIMIT \(count) FOR UPDATE SKIP LOCKED
      """
    }
      + territories.map { names in
        """
        SELECT p.* FROM (
          SELECT coalesce(\(pool.name), (SELECT company_name FROM clients WHERE id = \(pool.id))) AS name
          OFFSET 0) AS company
        CROSS JOIN LATERAL (
          SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
          WHERE assigned_broker_company = company.name AND assignment_status = 'available'
            AND status = 'active' AND territories <> '{}'
            AND territory_keys(assigned_broker_company, territories)
              && territory_keys(company.name, \(Array(names)))
          ORDER BY assigned_at NULLS FIRST LIMIT \(count) FOR UPDATE SKIP LOCKED) AS p
        """
      }
  }
}

extension PoolReference {
  fileprivate var name: CompanyName? { if case .company(let name) = self { name } else { nil } }
  fileprivate var id: ID<Client>? { if case .client(let id) = self { id } else { nil } }
}
