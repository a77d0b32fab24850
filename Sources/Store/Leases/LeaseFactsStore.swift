import Domain
import Postgres

/// What a round of lease requests must know: who asks and what is free in one round trip, and in a second one
/// what those leads hold or had that had something before.
public enum LeaseFactsStore {
  /// What a round wants of one pool.
  public struct Demand: Sendable {
    /// How many numbers at the most.
    public var count = 0
    public var near: [Near: Int] = [:]

    public init() {}
  }

  public struct Found: Sendable {
    public var clientsByID: [ID<Client>: CompanyName] = [:]
    public var clientsByName: [CompanyName: ID<Client>] = [:]
    /// The numbers that each lead had last, latest first; for each lead that is locked now.
    public var recent: [ID<Lead>: [ProviderNumberID]] = [:]
    /// Leads whose pointer says that they hold a number.
    public var holders: Set<ID<Lead>> = []
    /// Leads that exist, were not forgotten, and that somebody else holds locked: to be asked again.
    public var busy: Set<ID<Lead>> = []
    /// Locked numbers of each pool, enough for its demand if there are.
    public var candidates: [ID<Client>: [PooledNumber]] = [:]
  }

  /// Locks the leads, then numbers of each pool, until the end of the transaction: nobody else can lease to
  /// these leads, end a lease of theirs, or move their pointers. What is locked by somebody else is passed
  /// over, so that one of them does not keep a whole round waiting. Leads come before numbers in the order of
  /// locks.
  public static func find(
    leads: Set<ID<Lead>>, demands: [PoolReference: Demand], now: Timestamp,
    in transaction: inout Transaction
  ) throws -> Found {
    let answers = try transaction.query(
      [
        """
        SELECT id, assigned_phone_number_id IS NOT NULL, recent_phone_number_ids FROM leads
        WHERE id = ANY (\(leads.sorted())) AND NOT is_closed FOR NO KEY UPDATE SKIP LOCKED
        """
      ] + LeaseCandidates(demands).statements(now))
    var found = Found()
    for row in answers[0] {
      let lead: ID<Lead> = try row.decode(at: 0)
      found.recent[lead] = try row.decode(at: 2)
      if try row.decode(at: 1) { found.holders.insert(lead) }
    }
    for row in answers[1] {
      let (id, name): (ID<Client>, CompanyName) = (try row.decode(at: 19), try row.decode(at: 20))
      if found.clientsByID.updateValue(name, forKey: id) == nil { found.clientsByName[name] = id }
      if try row.decode(at: 0, as: ProviderNumberID?.self) == nil { continue }
      found.candidates[id, default: []].append(try PooledNumber(row, clientID: id))
    }
    for row in answers[2...].joined() { try found.add(row) }
    if found.recent.count < leads.count {
      let missing = leads.filter { found.recent[$0] == nil }
      found.busy = Set(
        try transaction.query(
          "SELECT id FROM leads WHERE id = ANY (\(Array(missing))) AND NOT is_closed"
        ).map { try $0.decode(at: 0) })
    }
    return found
  }

  /// What leads with a past hold at any company, due or not, and locks what they may get back (R18): numbers
  /// that they had last and that are free, or that they still have though it is due. What another lead left
  /// due is taken over only with that lead, so not here. Adds to the candidates of the pools in demand.
  public static func findPast(
    of leads: [ID<Lead>], now: Timestamp, in transaction: inout Transaction, addingTo found: inout Found
  ) throws -> [LeaseHolder: Lease] {
    let numbers = Set(leads.flatMap { found.recent[$0] ?? [] })
    let answers = try transaction.query([
      """
      SELECT \(unescaped: PooledNumber.columns), c.id
      FROM signalwire_phone_numbers p JOIN clients c ON c.company_name = p.assigned_broker_company
      WHERE p.currently_assigned_to = ANY (\(leads))
      """,
      """
      SELECT \(unescaped: PooledNumber.columns) FROM signalwire_phone_numbers p
      WHERE vapi_phone_number_id = ANY (\(Array(numbers))::text[]) AND status = 'active'
        AND assigned_broker_company = ANY (\(Array(found.clientsByName.keys))::text[])
        AND (assignment_status = 'available'
          OR (release_at <= \(now) AND currently_assigned_to = ANY (\(leads))))
      FOR UPDATE SKIP LOCKED
      """,
    ])
    var unended: [LeaseHolder: Lease] = [:]
    for row in answers[0] {
      guard let lease = Lease(try PooledNumber(row, clientID: try row.decode(at: 19))) else { continue }
      unended[LeaseHolder(clientID: lease.clientID, leadID: lease.leadID)] = lease
    }
    for row in answers[1] { try found.add(row) }
    return unended
  }
}

extension LeaseFactsStore.Found {
  fileprivate mutating func add(_ row: Row) throws {
    guard let clientID = clientsByName[try row.decode(at: 3)] else { return }
    candidates[clientID, default: []].append(try PooledNumber(row, clientID: clientID))
  }
}
