import Domain
import Postgres

/// Ends leases: the ledger gets the history, the number is free, the lead points to what it still holds.
public enum LeaseEndStore {
  /// A lease and the number that carries it.
  public struct Ending: Hashable, Sendable {
    public let leaseID: ID<Lease>
    public let numberID: ProviderNumberID

    public init(leaseID: ID<Lease>, numberID: ProviderNumberID) {
      self.leaseID = leaseID
      self.numberID = numberID
    }
  }

  /// Ends these leases. The transaction has locked their numbers and leads; a number that carries another
  /// lease by now, because an SQL user was quicker, is left alone.
  ///
  /// - Parameter lastOutcome: the outcome that ended them, if one did.
  public static func end(
    _ endings: [Ending], because reason: EndReason, lastOutcome: CallOutcome.Kind? = nil,
    missedCalls: Int? = nil, actor: Actor, now: Timestamp, in transaction: inout Transaction
  ) {
    let numbers = endings.map(\.numberID)
    transaction.enqueue(
      """
      WITH ending AS MATERIALIZED (
        SELECT n.*, c.id AS client_id, greatest(\(now), n.updated_at) AS ended_at,
          coalesce(\(lastOutcome?.rawValue), n.last_call_outcome) AS outcome
        FROM unnest(\(numbers)::text[], \(endings.map(\.leaseID))) AS e (number_id, lease_id)
        JOIN signalwire_phone_numbers n ON n.vapi_phone_number_id = e.number_id AND n.lease_id = e.lease_id
        JOIN clients c ON c.company_name = n.assigned_broker_company),
      freed AS (
        UPDATE signalwire_phone_numbers n
        SET assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL, lease_id = NULL,
          customer_phone = NULL, appointment_scheduled_at = NULL, missed_calls = 0,
          last_call_outcome = e.outcome, revision = n.revision + 1, updated_at = e.ended_at
        FROM ending e
        WHERE n.vapi_phone_number_id = e.vapi_phone_number_id AND n.lease_id = e.lease_id
        RETURNING e.*),
      pointed AS (
        UPDATE leads l
        SET (assigned_phone_number_id, phone_assigned_at) = (
          SELECT o.vapi_phone_number_id, o.assigned_at FROM signalwire_phone_numbers o
          WHERE o.currently_assigned_to = l.id AND o.vapi_phone_number_id <> e.vapi_phone_number_id
            AND o.vapi_phone_number_id <> ALL (\(numbers)::text[])
          ORDER BY o.assigned_at DESC LIMIT 1)
        FROM freed e
        WHERE l.id = e.currently_assigned_to AND l.assigned_phone_number_id = e.vapi_phone_number_id)
      INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor,
        reason, lease_id, term, lead_id, customer_phone, leased_at, release_at, appointment_at, last_outcome,
        missed_calls)
      SELECT ended_at, 'ended', vapi_phone_number_id, number, revision + 1, client_id, \(actor.text),
        \(reason.rawValue), lease_id, term, currently_assigned_to, customer_phone, assigned_at, release_at,
        appointment_scheduled_at, outcome, coalesce(\(missedCalls), missed_calls)
      FROM freed
      """)
  }

  /// Locks at most `limit` numbers whose lease is due, with their leads, passing over what is locked: rounds
  /// of leases go on meanwhile. Longest due first within a company.
  public static func lockDue(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> [Ending] {
    try transaction.query(
      """
      SELECT due.lease_id, due.vapi_phone_number_id
      FROM clients c
      CROSS JOIN LATERAL (
        SELECT n.lease_id, n.vapi_phone_number_id
        FROM signalwire_phone_numbers n JOIN leads l ON l.id = n.currently_assigned_to
        WHERE n.assigned_broker_company = c.company_name AND n.assignment_status = 'assigned'
          AND n.release_at <= \(now)
        ORDER BY n.release_at LIMIT \(limit) FOR UPDATE OF l, n SKIP LOCKED) AS due
      LIMIT \(limit)
      """
    ).map { Ending(leaseID: try $0.decode(at: 0), numberID: try $0.decode(at: 1)) }
  }
}
