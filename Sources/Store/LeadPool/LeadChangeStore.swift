import Domain
import Postgres

/// What imports replaced, so that they can be undone.
public enum LeadChangeStore {
  /// - Parameter before: for each lead, JSON: `{"facts": {"title": "CTO", "city": null}, "provenance": {…}}`,
  ///   the fields that changed and the groups whose provenance did.
  public static func record(
    _ leads: [ID<Lead>], before: [String], import id: ID<LeadImport>, now: Timestamp,
    in transaction: inout Transaction
  ) {
    guard !leads.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_changes (import_id, lead_id, at, before)
      SELECT \(id), c.lead_id, \(now), c.before::jsonb
      FROM unnest(\(leads), \(before)) AS c (lead_id, before)
      """)
  }
}
