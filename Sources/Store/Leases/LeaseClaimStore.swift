import Domain
import Postgres

/// Applies the claims of a round.
public enum LeaseClaimStore {
  /// Writes new leases: the number, the lead's pointers, the trail of the lead, and the ledger, in one
  /// statement. The trail's entry has the lease's id. The rows were locked by `LeaseFactsStore`; a lead
  /// stands in `leases` once.
  public static func claim(
    _ leases: [Lease], actor: Actor, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      WITH claim AS (
        SELECT * FROM unnest(
          \(leases.map(\.providerNumberID))::text[], \(leases.map(\.id)), \(leases.map(\.leadID)),
          \(leases.map(\.clientID)), \(leases.map(\.customerPhone))::text[])
          AS claim (number_id, lease_id, lead_id, client_id, customer_phone)),
      claimed AS (
        UPDATE signalwire_phone_numbers n
        SET assignment_status = 'assigned', currently_assigned_to = claim.lead_id,
          assigned_at = \(now), release_at = \(now + LeaseRule.baseHold), lease_id = claim.lease_id,
          term = n.term + 1, customer_phone = claim.customer_phone, missed_calls = 0,
          last_call_outcome = NULL, appointment_scheduled_at = NULL,
          revision = n.revision + 1, updated_at = \(now)
        FROM claim WHERE n.vapi_phone_number_id = claim.number_id
        RETURNING n.vapi_phone_number_id, n.number, n.revision, n.term, n.release_at, claim.*),
      pointed AS (
        UPDATE leads l
        SET assigned_phone_number_id = c.number_id, phone_assigned_at = \(now),
          recent_phone_number_ids =
            remember_phone_number(l.recent_phone_number_ids, c.number_id)
        FROM claimed c WHERE l.id = c.lead_id),
      told AS (
        INSERT INTO interactions (id, lead_id, type, metadata, created_at)
        SELECT lease_id, lead_id, 'email_replied', jsonb_build_object('assigned_phone_number_id', number_id,
          'assigned_phone_number', number, 'customer_phone', customer_phone), \(now)
        FROM claimed)
      INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor,
        lease_id, term, lead_id, customer_phone, leased_at, release_at, missed_calls)
      SELECT \(now), 'leased', number_id, number, revision, client_id, \(actor.text),
        lease_id, term, lead_id, customer_phone, \(now), release_at, 0
      FROM claimed
      """)
  }
}
