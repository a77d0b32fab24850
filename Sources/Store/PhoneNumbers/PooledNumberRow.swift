import Domain
import Postgres

/// How a row of `signalwire_phone_numbers` is read. Columns are read by place, since rounds read many rows.
extension PooledNumber {
  /// What `init(_:)` expects; the table must be `p`, its client `c`, joined or absent by the caller's choice.
  static let columns = """
    p.vapi_phone_number_id, p.number, p.name, p.assigned_broker_company, p.status, p.territories, p.notes,
    p.assignment_status, p.assigned_at, p.release_at, p.lease_id, p.term, p.currently_assigned_to,
    p.customer_phone, p.last_call_outcome, p.appointment_scheduled_at, p.missed_calls, p.revision,
    p.updated_at
    """

  init(_ row: Row, clientID: ID<Client>?) throws {
    self.init(
      providerNumberID: try row.decode(at: 0), number: try row.decode(at: 1), name: try row.decode(at: 2),
      clientID: clientID, company: try row.decode(at: 3), status: try row.decode(at: 4),
      territories: try row.decode(at: 5), notes: try row.decode(at: 6),
      assignmentStatus: try row.decode(at: 7), assignedAt: try row.decode(at: 8),
      releaseAt: try row.decode(at: 9), leaseID: try row.decode(at: 10), term: try row.decode(at: 11),
      leadID: try row.decode(at: 12), customerPhone: try row.decode(at: 13),
      lastCallOutcome: try row.decode(at: 14), appointmentAt: try row.decode(at: 15),
      missedCalls: Int(try row.decode(at: 16, as: Int32.self)), revision: try row.decode(at: 17),
      updatedAt: try row.decode(at: 18))
  }
}

extension Lease {
  /// The lease that a row of the pool carries; nil when it carries none.
  init?(_ number: PooledNumber) {
    guard let id = number.leaseID, let clientID = number.clientID, let company = number.company,
      let leadID = number.leadID, let leasedAt = number.assignedAt, let releaseAt = number.releaseAt
    else { return nil }
    self.init(
      id: id, term: number.term, number: number.number, providerNumberID: number.providerNumberID,
      clientID: clientID, company: company, leadID: leadID, customerPhone: number.customerPhone,
      leasedAt: leasedAt, releaseAt: releaseAt, appointmentAt: number.appointmentAt,
      lastOutcome: number.lastCallOutcome.flatMap(CallOutcome.Kind.init(rawValue:)),
      missedCalls: number.missedCalls)
  }
}
