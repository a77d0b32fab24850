import Domain
import Engine
import Store

/// What `reservoir check` must find of suppressions, events and people who were forgotten.
extension CheckTests {
  /// Somebody who unsubscribed, and somebody who was forgotten.
  func prepareContacts() async throws {
    let contacts = LeadContactWorld(world)
    _ = try await contacts.lead(["email": "stays@example.com"])
    let gone = try await contacts.lead(["email": "gone@example.com"])
    _ = try await contacts.tell(
      contacts.event(.unsubscribed(.everybody), "1", to: "stays@example.com"))
    _ = try await contacts.erasures.erase(gone, actor: contacts.actor)
  }

  static let contactFaults: [Fault] = [
    Fault("suppressions-agree-with-their-ledger", "DELETE FROM suppression_ledger"),
    Fault("suppressions-agree-with-their-ledger", "DELETE FROM suppressions WHERE reason = 'opt_out'"),
    Fault(
      "suppressions-agree-with-their-ledger",
      "UPDATE suppressions SET lifted_at = now() WHERE reason <> 'erased'"),
    Fault(
      "suppressions-are-found-by-their-key",
      "UPDATE suppressions SET value = 'x@example.com' WHERE value IS NOT NULL"),
    Fault(
      "the-forgotten-stay-forgotten",
      """
      UPDATE suppressions SET key = (SELECT key FROM suppressions WHERE reason = 'erased')
      WHERE reason = 'opt_out'
      """),
    Fault(
      "the-forgotten-stay-forgotten",
      """
      INSERT INTO lead_identities
      SELECT s.key, (SELECT id FROM lead_pool WHERE erased_at IS NULL LIMIT 1), 'email'
      FROM suppressions s WHERE s.reason = 'erased'
      """),
    Fault(
      "forgotten-leads-hold-nothing",
      "INSERT INTO leads (lead_pool_id) SELECT id FROM lead_pool WHERE erased_at IS NOT NULL"),
    Fault(
      "forgotten-leads-hold-nothing",
      """
      INSERT INTO lead_scores (client_id, lead_id, score, tier, data_quality, authority, company_fit, timing,
        risk, profile_version, scored_at)
      SELECT c.id, p.id, 1, 'dead', 1, 1, 1, 1, 1, 1, p.erased_at
      FROM clients c CROSS JOIN lead_pool p WHERE p.erased_at IS NOT NULL
      """),
    Fault(
      "forgotten-leads-hold-nothing",
      """
      ALTER TABLE lead_pool DROP CONSTRAINT lead_pool_forgotten_is_empty;
      UPDATE lead_pool SET first_name = 'Dana' WHERE erased_at IS NOT NULL
      """),
    Fault(
      "forgotten-leads-hold-nothing",
      "INSERT INTO leads (id, first_name) SELECT id, 'x' FROM lead_pool WHERE erased_at IS NOT NULL"),
    Fault("forgotten-leads-hold-nothing", "DELETE FROM lead_ledger WHERE kind = 'erased'"),
    Fault("events-have-their-effect", "UPDATE lead_pool SET unsubscribed_at = NULL"),
    Fault("events-have-their-effect", "DELETE FROM lead_ledger WHERE kind = 'event_unsubscribed'"),
    Fault("protections-are-in-force", "ALTER TABLE suppressions DISABLE TRIGGER guarded"),
    Fault("protections-are-in-force", "ALTER TABLE suppressions DISABLE TRIGGER forgotten"),
    Fault("protections-are-in-force", "ALTER TABLE lead_events DROP CONSTRAINT lead_events_once"),
  ]
}
