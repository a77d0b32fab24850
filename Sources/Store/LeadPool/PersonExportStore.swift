import Domain
import Postgres

/// Everything that is known of a person, as JSON: what each table that can hold something of them has.
/// Whoever adds such a table adds it here and to `LeadErasureStore`.
public enum PersonExportStore {
  /// A part of the export: its name, and an array of objects as JSON.
  public struct Section: Hashable, Sendable {
    public let name: String
    public let json: String
  }

  /// All parts, in the order in which they are shown.
  public static func sections(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [Section] {
    let callers = try PersonStore.callers(of: leads, in: &transaction)
    let sections: [(name: String, sql: SQL)] = [
      ("records", records(leads)), ("identities", identities(leads)), ("assignments", assignments(leads)),
      ("scores", scores(leads)), ("callers", Self.callers(callers)), ("leases", leases(callers)),
      ("interactions", interactions(callers)), ("permits", permits(leads)), ("touches", touches(leads)),
      ("suppressions", suppressions(leads)), ("events", events(leads)), ("conflicts", conflicts(leads)),
      ("changes", changes(leads)), ("merges", merges(leads)), ("claims", claims(leads)),
      ("ledger", ledger(leads)), ("permit_ledger", permitLedger(leads)),
    ]
    return try zip(sections, try transaction.query(sections.map(\.sql))).map { section, rows in
      Section(name: section.name, json: try rows[0].decode(at: 0, as: PostgresJSON.self).text)
    }
  }

  /// RFC 3339 in UTC.
  static func instant(_ column: String) -> String {
    #"to_char(\#(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
  }

  /// The statement's rows as one array.
  static func array(_ members: [(name: String, value: String)]) -> String {
    let list = members.map { "'\($0.name)', \($0.value)" }.joined(separator: ", ")
    return "coalesce(json_agg(json_build_object(\(list)) ORDER BY place), '[]')"
  }

  private static func records(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "lead_id"), ("provider", "provider"), ("received_at", instant("received_at")),
      ("record", "record"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY received_at, provider) AS place
        FROM lead_records WHERE lead_id = ANY (\(leads))) AS r
      """
  }

  /// The kinds only: the values stand among the fields, and old ones are kept as keys.
  private static func identities(_ leads: [ID<Lead>]) -> SQL {
    let members = array([("lead_id", "lead_id"), ("kind", "kind")])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY kind, key) AS place
        FROM lead_identities WHERE lead_id = ANY (\(leads))) AS i
      """
  }

  private static func assignments(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("assignment_id", "id"), ("lead_id", "lead_id"), ("client_id", "client_id"),
      ("company_name", "company_name"), ("campaign_id", "campaign_id"), ("status", "status"),
      ("assigned_at", instant("assigned_at")), ("released_at", instant("released_at")),
      ("release_reason", "release_reason"), ("converted_at", instant("converted_at")),
      ("replied_at", instant("replied_at")), ("reply_intent", "reply_intent"),
      ("last_contacted_at", instant("last_contacted_at")), ("contacts", "contacts"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT a.*, c.company_name, row_number() OVER (ORDER BY a.assigned_at, a.id) AS place
        FROM lead_assignments a JOIN clients c ON c.id = a.client_id
        WHERE a.lead_id = ANY (\(leads))) AS a
      """
  }

  /// Live ones too.
  private static func leases(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lease_id", "lease_id"), ("lead_id", "lead_id"), ("client_id", "client_id"), ("number", "number"),
      ("customer_phone", "customer_phone"), ("leased_at", instant("leased_at")),
      ("appointment_at", instant("appointment_at")), ("last_outcome", "last_outcome"),
      ("ended_at", instant("ended_at")),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (
        SELECT l.*, row_number() OVER (ORDER BY leased_at, lease_id) AS place
        FROM (
          SELECT lease_id, lead_id, client_id, number, customer_phone, leased_at, appointment_at,
            last_outcome, at AS ended_at
          FROM phone_number_ledger WHERE kind = 'ended' AND lead_id = ANY (\(leads))
          UNION ALL
          SELECT n.lease_id, n.currently_assigned_to, c.id, n.number, n.customer_phone, n.assigned_at,
            n.appointment_scheduled_at, n.last_call_outcome, NULL
          FROM signalwire_phone_numbers n JOIN clients c ON c.company_name = n.assigned_broker_company
          WHERE n.currently_assigned_to = ANY (\(leads))) AS l) AS l
      """
  }

  private static func interactions(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "lead_id"), ("type", "type"), ("metadata", "metadata"),
      ("created_at", instant("created_at")),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY created_at, id) AS place
        FROM interactions WHERE lead_id = ANY (\(leads))) AS i
      """
  }

  /// Lifted ones too; of domains those that count now, else also those of former addresses.
  private static func suppressions(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("suppression_id", "id"), ("client_id", "client_id"), ("kind", "kind"), ("value", "value"),
      ("reason", "reason"), ("source", "source"), ("created_at", instant("created_at")),
      ("lifted_at", instant("lifted_at")),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT s.*, row_number() OVER (ORDER BY s.id) AS place
        FROM suppressions s
        WHERE s.lead_id = ANY (\(leads)) OR s.key = ANY (ARRAY(
          SELECT unnest(lead_contact_keys(p)) FROM lead_pool p WHERE p.id = ANY (\(leads)))::uuid[])) AS s
      """
  }

  private static func events(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("event_id", "id"), ("lead_id", "lead_id"), ("client_id", "client_id"), ("kind", "kind"),
      ("detail", "detail"), ("channel", "channel"), ("provider", "provider"),
      ("occurred_at", instant("occurred_at")), ("received_at", instant("received_at")),
      ("effects", "to_json(effects)"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY occurred_at, id) AS place
        FROM lead_events WHERE lead_id = ANY (\(leads))) AS e
      """
  }

  /// Records that claim that this is another person, or another this one.
  private static func conflicts(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("conflict_id", "id"), ("why", "why"), ("lead_ids", "to_json(lead_ids)"), ("source", "source"),
      ("status", "status"), ("found_at", instant("found_at")), ("facts", "facts"), ("record", "record"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS place
        FROM lead_conflicts WHERE lead_ids && \(leads)) AS c
      """
  }

  /// What imports replaced.
  private static func changes(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("lead_id", "lead_id"), ("import_id", "import_id"), ("at", instant("at")), ("before", "before"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY at, id) AS place
        FROM lead_changes WHERE lead_id = ANY (\(leads))) AS c
      """
  }

  private static func merges(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("merge_id", "id"), ("kept_id", "kept_id"), ("merged_id", "merged_id"),
      ("merged_at", instant("merged_at")), ("undone_at", instant("undone_at")), ("before", "before"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS place
        FROM lead_merges WHERE kept_id = ANY (\(leads)) OR merged_id = ANY (\(leads))) AS m
      """
  }

  private static func ledger(_ leads: [ID<Lead>]) -> SQL {
    let members = array([
      ("at", instant("at")), ("lead_id", "lead_id"), ("client_id", "client_id"), ("kind", "kind"),
      ("actor", "actor"), ("reason", "reason"), ("details", "details"),
    ])
    return """
      SELECT \(unescaped: members)
      FROM (SELECT *, row_number() OVER (ORDER BY at, id) AS place
        FROM lead_ledger WHERE lead_id = ANY (\(leads))) AS l
      """
  }
}
