import Domain
import Postgres

/// Lists of leases, newest first, by keyset and index.
public enum LeaseListStore {
  public enum State: String, CaseIterable, Sendable { case live, ended, all }

  public struct Filter: Hashable, Sendable {
    public var clientID: ID<Client>?
    public var leadID: ID<Lead>?
    public var numberID: ProviderNumberID?
    public var state: State

    public init(
      clientID: ID<Client>? = nil, leadID: ID<Lead>? = nil, numberID: ProviderNumberID? = nil,
      state: State = .all
    ) {
      self.clientID = clientID
      self.leadID = leadID
      self.numberID = numberID
      self.state = state
    }
  }

  /// Where a page begins: after this lease.
  public struct Place: Hashable, Sendable {
    public let leasedAt: Timestamp
    public let id: ID<Lease>

    public init(leasedAt: Timestamp, id: ID<Lease>) {
      self.leasedAt = leasedAt
      self.id = id
    }
  }

  /// A lease counts as live here until it has ended, due or not.
  public static func page(
    _ filter: Filter, after place: Place?, limit: Int, in transaction: inout Transaction
  ) throws -> [Lease] {
    try transaction.query(LeasePage(filter: filter, place: place, limit: limit).statement)
      .map { try LeaseRow.lease($0) }
  }

  /// Who held the number at `instant`; nil when nobody did.
  public static func holder(
    of number: ProviderNumberID, at instant: Timestamp, in transaction: inout Transaction
  ) throws -> Lease? {
    try transaction.query(
      """
      SELECT \(unescaped: LeaseRow.columns), c.company_name
      FROM (
        SELECT 'leased' AS kind, NULL::timestamptz AS at, NULL AS reason, vapi_phone_number_id, number,
          lease_id, term, b.id AS client_id, currently_assigned_to AS lead_id, customer_phone,
          assigned_at AS leased_at, release_at, appointment_scheduled_at AS appointment_at,
          last_call_outcome AS last_outcome, missed_calls
        FROM signalwire_phone_numbers n JOIN clients b ON b.company_name = n.assigned_broker_company
        WHERE n.vapi_phone_number_id = \(number) AND n.assignment_status = 'assigned'
        UNION ALL
        SELECT kind, at, reason, vapi_phone_number_id, number, lease_id, term, client_id, lead_id,
          customer_phone, leased_at, release_at, appointment_at, last_outcome, missed_calls
        FROM phone_number_ledger
        WHERE vapi_phone_number_id = \(number) AND kind = 'ended' AND leased_at <= \(instant)
          AND at > \(instant)) AS l
      JOIN clients c ON c.id = l.client_id
      WHERE l.leased_at <= \(instant)
      ORDER BY l.leased_at DESC LIMIT 1
      """
    ).first.map { try LeaseRow.lease($0) }
  }
}
