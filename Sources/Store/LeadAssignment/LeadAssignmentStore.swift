import Domain
import Postgres

/// Whose leads are and were.
public enum LeadAssignmentStore {
  static let columns = """
    a.id, a.lead_id, a.client_id, a.campaign_id, a.status, a.assigned_at, a.released_at, a.release_reason,
    a.converted_at, a.replied_at, a.reply_intent, a.last_contacted_at, a.contacts
    """

  /// The one that is not released, locked with its lead; nil when nobody has the lead.
  public static func lockCurrent(
    of lead: ID<Lead>, in transaction: inout Transaction
  ) throws -> LeadAssignment? {
    try transaction.query([
      "SELECT p.id FROM lead_pool p WHERE p.id = \(lead) FOR NO KEY UPDATE",
      """
      SELECT \(unescaped: columns) FROM lead_assignments a
      WHERE a.lead_id = \(lead) AND a.released_at IS NULL FOR NO KEY UPDATE
      """,
    ])[1].first.map(assignment(_:))
  }

  /// The owner of each of these leads that has one.
  public static func owners(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: ID<Client>] {
    let rows = try transaction.query(
      """
      SELECT a.lead_id, a.client_id FROM lead_assignments a
      WHERE a.lead_id = ANY (\(leads)) AND a.released_at IS NULL
      """)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }

  /// Writes what may change of an assignment. Triggers write the ledger.
  public static func update(_ changed: LeadAssignment, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE lead_assignments
      SET campaign_id = \(changed.campaignID), status = \(changed.status),
        released_at = \(changed.releasedAt), release_reason = \(changed.releaseReason),
        converted_at = \(changed.convertedAt), replied_at = \(changed.repliedAt),
        reply_intent = \(changed.replyIntent)
      WHERE id = \(changed.id)
      """, expecting: 1)
  }

  /// A client's leads in the order in which it got them.
  public static func list(
    of client: ID<Client>, status: LeadAssignment.Status?, campaign: ID<Campaign>?,
    after id: ID<LeadAssignment>?, limit: Int, in transaction: inout Transaction
  ) throws -> [LeadAssignment] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM lead_assignments a
      WHERE a.client_id = \(client) AND a.id > \(id ?? ID(high: 0, low: 0))
        AND (\(status)::text IS NULL OR a.status = \(status))
        AND (\(campaign)::uuid IS NULL OR a.campaign_id = \(campaign))
      ORDER BY a.id LIMIT \(limit)
      """
    ).map(assignment(_:))
  }

  /// All assignments of a lead, the first one first.
  ///
  /// - Parameter client: nil for those of all clients.
  public static func history(
    of lead: ID<Lead>, only client: ID<Client>?, after id: ID<LeadAssignment>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [LeadAssignment] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM lead_assignments a
      WHERE a.lead_id = \(lead) AND a.id > \(id ?? ID(high: 0, low: 0))
        AND (\(client)::uuid IS NULL OR a.client_id = \(client))
      ORDER BY a.id LIMIT \(limit)
      """
    ).map(assignment(_:))
  }

  static func assignment(_ row: Row) throws -> LeadAssignment {
    LeadAssignment(
      id: try row.decode("id"), leadID: try row.decode("lead_id"), clientID: try row.decode("client_id"),
      campaignID: try row.decode("campaign_id"), status: try row.decode("status"),
      assignedAt: try row.decode("assigned_at"), releasedAt: try row.decode("released_at"),
      releaseReason: try row.decode("release_reason"), convertedAt: try row.decode("converted_at"),
      repliedAt: try row.decode("replied_at"), replyIntent: try row.decode("reply_intent"),
      lastContactedAt: try row.decode("last_contacted_at"),
      contacts: Int(try row.decode("contacts", as: Int32.self)))
  }
}

extension LeadAssignment.Status: PostgresEncodable, PostgresDecodable {}
