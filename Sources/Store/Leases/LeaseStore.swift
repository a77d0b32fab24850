import Domain
import Postgres

/// One lease at a time: found, locked, changed.
public enum LeaseStore {
  /// The live or due lease with its number's row and its lead locked, leads first, and when the row last
  /// changed; else the ended one from the ledger; nil when there never was one.
  public static func lock(
    _ id: ID<Lease>, in transaction: inout Transaction
  ) throws -> (lease: Lease, updatedAt: Timestamp)? {
    guard let known = try find(id, in: &transaction) else { return nil }
    if let endedAt = known.endedAt { return (known, endedAt) }
    let answers = try transaction.query([
      "SELECT 1 FROM leads WHERE id = \(known.leadID) FOR NO KEY UPDATE",
      """
      SELECT \(unescaped: PooledNumber.columns), c.id
      FROM signalwire_phone_numbers p JOIN clients c ON c.company_name = p.assigned_broker_company
      WHERE p.vapi_phone_number_id = \(known.providerNumberID) AND p.lease_id = \(id)
      FOR UPDATE OF p
      """,
    ])
    if let row = answers[1].first {
      let number = try PooledNumber(row, clientID: try row.decode(at: 19))
      return Lease(number).map { ($0, number.updatedAt) }
    }
    // It ended between the two looks.
    return try find(id, in: &transaction).map { ($0, $0.endedAt ?? $0.leasedAt) }
  }

  /// The lease as it is: from its number's row while that carries it, else from the ledger.
  public static func find(_ id: ID<Lease>, in transaction: inout Transaction) throws -> Lease? {
    guard
      let row = try transaction.query(
        """
        SELECT \(unescaped: LeaseRow.columns), c.company_name
        FROM phone_number_ledger l JOIN clients c ON c.id = l.client_id
        WHERE l.lease_id = \(id) ORDER BY l.revision DESC LIMIT 1
        """
      ).first
    else { return nil }
    return try LeaseRow.lease(row)
  }

  /// Stores a lease that goes on with other times or another outcome.
  public static func extend(
    _ lease: Lease, kind: Kind, reason: String, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      WITH changed AS (
        UPDATE signalwire_phone_numbers
        SET release_at = \(lease.releaseAt), appointment_scheduled_at = \(lease.appointmentAt),
          last_call_outcome = \(lease.lastOutcome?.rawValue), missed_calls = \(Int32(lease.missedCalls)),
          revision = revision + 1, updated_at = \(now)
        WHERE vapi_phone_number_id = \(lease.providerNumberID) AND lease_id = \(lease.id)
        RETURNING *)
      INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor,
        reason, lease_id, term, lead_id, customer_phone, leased_at, release_at, appointment_at, last_outcome,
        missed_calls)
      SELECT \(now), \(kind.rawValue), vapi_phone_number_id, number, revision, \(lease.clientID),
        \(actor.text), \(reason), lease_id, term, currently_assigned_to, customer_phone, assigned_at,
        release_at, appointment_scheduled_at, last_call_outcome, missed_calls
      FROM changed
      """)
  }

  public enum Kind: String, Sendable { case extended, outcome }
}

/// A row of the ledger as the lease that it tells of.
enum LeaseRow {
  /// What `lease(_:)` expects of the ledger `l`; the company's name follows.
  static let columns = """
    l.lease_id, l.term, l.number, l.vapi_phone_number_id, l.client_id, l.lead_id, l.customer_phone,
    l.leased_at, l.release_at, l.appointment_at, l.last_outcome, l.missed_calls,
    CASE WHEN l.kind = 'ended' THEN l.at END, CASE WHEN l.kind = 'ended' THEN l.reason END
    """

  static func lease(_ row: Row) throws -> Lease {
    Lease(
      id: try row.decode(at: 0), term: try row.decode(at: 1), number: try row.decode(at: 2),
      providerNumberID: try row.decode(at: 3), clientID: try row.decode(at: 4),
      company: try row.decode(at: 14), leadID: try row.decode(at: 5), customerPhone: try row.decode(at: 6),
      leasedAt: try row.decode(at: 7), releaseAt: try row.decode(at: 8),
      appointmentAt: try row.decode(at: 9),
      lastOutcome: try row.decode(at: 10, as: String?.self).flatMap(CallOutcome.Kind.init(rawValue:)),
      missedCalls: Int(try row.decode(at: 11, as: Int32?.self) ?? 0), endedAt: try row.decode(at: 12),
      endReason: try row.decode(at: 13, as: String?.self).flatMap(EndReason.init(rawValue:)))
  }
}
