import Domain
import Postgres

/// What is done with a person: whom it is worth what to, who may contact them, what they are called by.
extension PersonExportStore {
  static func scores(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "lead_id"), ("client_id", "client_id"), ("score", "score"), ("tier", "tier"),
      ("data_quality", "data_quality"), ("authority", "authority"), ("company_fit", "company_fit"),
      ("timing", "timing"), ("risk", "risk"), ("is_excluded", "is_excluded"),
      ("scored_at", instant("scored_at")),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY lead_id, client_id) AS place
        FROM lead_scores WHERE lead_id = ANY (\(leads))) AS s
      """
  }

  /// The side that telephones.
  static func callers(_ callers: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "id"), ("primary_email", "primary_email"), ("first_name", "first_name"),
      ("last_name", "last_name"), ("created_at", instant("created_at")),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS place
        FROM leads WHERE id = ANY (\(callers))) AS l
      """
  }

  static func permits(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("permit_id", "id"), ("lead_id", "lead_id"), ("client_id", "client_id"), ("channel", "channel"),
      ("sender", "sender"), ("campaign_id", "campaign_id"), ("status", "status"),
      ("issued_at", instant("issued_at")), ("expires_at", instant("expires_at")),
      ("sent_at", instant("sent_at")), ("provider_message_id", "provider_message_id"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY issued_at, id) AS place
        FROM permits WHERE lead_id = ANY (\(leads))) AS p
      """
  }

  /// The last of each client and channel.
  static func touches(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "lead_id"), ("client_id", "client_id"), ("channel", "channel"),
      ("touched_at", instant("touched_at")), ("permit_id", "permit_id"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY touched_at, client_id, channel) AS place
        FROM last_touches WHERE lead_id = ANY (\(leads))) AS t
      """
  }

  /// Who had the lead on an older platform.
  static func claims(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("import_id", "import_id"), ("lead_id", "lead_id"), ("client_id", "client_id"),
      ("assigned_at", instant("assigned_at")), ("converted_at", instant("converted_at")),
      ("replied_at", instant("replied_at")), ("last_contacted_at", instant("last_contacted_at")),
      ("contacts", "contacts"), ("outcome", "outcome"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY assigned_at, import_id, row_number) AS place
        FROM lead_migration_claims WHERE lead_id = ANY (\(leads))) AS c
      """
  }

  static func permitLedger(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("at", instant("at")), ("lead_id", "lead_id"), ("client_id", "client_id"), ("kind", "kind"),
      ("channel", "channel"), ("permit_id", "permit_id"), ("actor", "actor"), ("details", "details"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY at, id) AS place
        FROM permit_ledger WHERE lead_id = ANY (\(leads))) AS l
      """
  }
}
