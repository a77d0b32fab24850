import Domain
import Postgres

/// What a round of lease requests must know, read in two round trips.
public enum LeaseFactsStore {
  /// Who asks: the companies and the leads, as far as they exist, and what the leads hold.
  public struct Askers: Sendable {
    public var clientsByID: [ID<Client>: CompanyName] = [:]
    public var clientsByName: [CompanyName: ID<Client>] = [:]
    /// The numbers that each lead had last, latest first.
    public var recent: [ID<Lead>: [ProviderNumberID]] = [:]
    public var unended: [LeaseHolder: Lease] = [:]
    /// Leads that exist and that somebody else holds locked: to be asked again.
    public var busy: Set<ID<Lead>> = []
  }

  /// Locks the leads until the end of the transaction: nobody else can lease to them, end a lease of theirs,
  /// or move their pointers. A lead that is locked by somebody else is passed over, so that one of them does
  /// not keep a whole round waiting. Leads come before numbers in the order of locks.
  ///
  /// A lead's pointer says whether it holds anything at all, so most leads need no second look; with
  /// `isThorough` the pointers are not believed.
  public static func askers(
    clients: Set<ID<Client>>, companies: Set<CompanyName>, leads: Set<ID<Lead>>, isThorough: Bool,
    in transaction: inout Transaction
  ) throws -> Askers {
    let answers = try transaction.query([
      """
      SELECT id, company_name FROM clients
      WHERE id = ANY (\(Array(clients))) OR company_name = ANY (\(Array(companies))::text[])
      """,
      """
      SELECT id, assigned_phone_number_id IS NOT NULL, recent_phone_number_ids FROM leads
      WHERE id = ANY (\(leads.sorted())) FOR NO KEY UPDATE SKIP LOCKED
      """,
    ])
    var askers = Askers()
    for row in answers[0] {
      let (id, name) = (
        try row.decode(at: 0, as: ID<Client>.self), try row.decode(at: 1, as: CompanyName.self)
      )
      askers.clientsByID[id] = name
      askers.clientsByName[name] = id
    }
    var holders: [ID<Lead>] = []
    for row in answers[1] {
      let lead: ID<Lead> = try row.decode(at: 0)
      askers.recent[lead] = try row.decode(at: 2)
      if try isThorough || row.decode(at: 1) { holders.append(lead) }
    }
    if askers.recent.count < leads.count {
      let missing = leads.filter { askers.recent[$0] == nil }
      askers.busy = Set(
        try transaction.query("SELECT id FROM leads WHERE id = ANY (\(Array(missing)))").map {
          try $0.decode(at: 0)
        })
    }
    if !holders.isEmpty { askers.unended = try unended(of: holders, in: &transaction) }
    return askers
  }

  private static func unended(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [LeaseHolder: Lease] {
    var unended: [LeaseHolder: Lease] = [:]
    for row in try transaction.query(
      """
      SELECT \(unescaped: PooledNumber.columns), c.id
      FROM signalwire_phone_numbers p JOIN clients c ON c.company_name = p.assigned_broker_company
      WHERE p.currently_assigned_to = ANY (\(leads))
      """)
    {
      guard let lease = Lease(try PooledNumber(row, clientID: try row.decode(at: 19))) else { continue }
      unended[LeaseHolder(clientID: lease.clientID, leadID: lease.leadID)] = lease
    }
    return unended
  }

  /// What a round needs of one client's pool.
  public struct Demand: Sendable {
    public var clientID: ID<Client>
    public var company: CompanyName
    /// Who wants a number; each wants one.
    public var leads: [ID<Lead>] = []
    /// Numbers that they had last, or have though they are due.
    public var previous: Set<ProviderNumberID> = []
    public var near: [Near: Int] = [:]

    public init(clientID: ID<Client>, company: CompanyName) {
      self.clientID = clientID
      self.company = company
    }
  }

  /// Locks enough numbers of each pool to serve its demand, passing over those that others hold locked.
  ///
  /// A lease that is due is taken over with its lead, whose pointers will change: a lead that is locked
  /// elsewhere is passed over, too.
  public static func candidates(
    for demands: [Demand], now: Timestamp, in transaction: inout Transaction
  ) throws -> [ID<Client>: [PooledNumber]] {
    let clients = Dictionary(uniqueKeysWithValues: demands.map { ($0.company, $0.clientID) })
    var statements = [free(demands, now)]
    let previous = demands.flatMap { $0.previous }
    if !previous.isEmpty { statements.append(freeAgain(previous, demands, now)) }
    for demand in demands {
      for (near, count) in demand.near { statements += nearby(near, count, demand.company) }
    }
    var candidates: [ID<Client>: [PooledNumber]] = [:]
    for rows in try transaction.query(statements) {
      for row in rows {
        guard let clientID = clients[try row.decode(at: 3)] else { continue }
        candidates[clientID, default: []].append(try PooledNumber(row, clientID: clientID))
      }
    }
    return candidates
  }

  /// Each pool's least recently used (R18), and what is due there: it counts as free, swept or not (R17).
  private static func free(_ demands: [Demand], _ now: Timestamp) -> SQL {
    """
    SELECT \(unescaped: PooledNumber.columns)
    FROM unnest(\(demands.map(\.company))::text[], \(demands.map(\.leads.count))) AS demand (company, count)
    CROSS JOIN LATERAL (
      SELECT * FROM (SELECT * FROM signalwire_phone_numbers
        WHERE assigned_broker_company = demand.company AND assignment_status = 'available'
          AND status = 'active'
        ORDER BY assigned_at NULLS FIRST, vapi_phone_number_id
        LIMIT demand.count FOR UPDATE SKIP LOCKED) AS free
      UNION ALL
      SELECT * FROM (SELECT n.* FROM signalwire_phone_numbers n JOIN leads l ON l.id = n.currently_assigned_to
        WHERE n.assigned_broker_company = demand.company AND n.assignment_status = 'assigned'
          AND n.release_at <= \(now) AND n.status = 'active'
        ORDER BY n.release_at LIMIT demand.count FOR UPDATE OF l, n SKIP LOCKED) AS due) AS p
    """
  }

  /// R18: what these leads had last, or still have though it is due. What another lead left due is taken
  /// over only with that lead, so not here.
  private static func freeAgain(
    _ numbers: [ProviderNumberID], _ demands: [Demand], _ now: Timestamp
  ) -> SQL {
    """
    SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
    WHERE vapi_phone_number_id = ANY (\(numbers)::text[]) AND status = 'active'
      AND assigned_broker_company = ANY (\(demands.map(\.company))::text[])
      AND (assignment_status = 'available'
        OR (release_at <= \(now) AND currently_assigned_to = ANY (\(demands.flatMap(\.leads)))))
    FOR UPDATE SKIP LOCKED
    """
  }

  /// Free numbers of the wanted place, then of its region.
  private static func nearby(_ near: Near, _ count: Int, _ company: CompanyName) -> [SQL] {
    let areas = [near.exactAreaCodes, near.regionAreaCodes].filter { !$0.isEmpty }
    let territories = [near.exactTerritories, near.regionTerritories].filter { !$0.isEmpty }
    return areas.map { codes in
      """
      SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
      WHERE assigned_broker_company = \(company) AND assignment_status = 'available' AND status = 'active'
        AND area_code = ANY (\(codes.map(\.description)))
      ORDER BY assigned_at NULLS FIRST, vapi_phone_number_id LIMIT \(count) FOR UPDATE SKIP LOCKED
      """
    }
      + territories.map { names in
        """
        SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
        WHERE assigned_broker_company = \(company) AND assignment_status = 'available' AND status = 'active'
          AND territories <> '{}'
        AND territory_keys(assigned_broker_company, territories) && \(names.map { "\(company)\n\($0)" })
        ORDER BY assigned_at NULLS FIRST, vapi_phone_number_id LIMIT \(count) FOR UPDATE SKIP LOCKED
        """
      }
  }
}
