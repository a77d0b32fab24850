import Domain
import Postgres

/// What lists show of leads.
public enum LeadSummaryStore {
  private static let columns = """
    p.id, a.client_id, l.assigned_phone_number_id, l.phone_assigned_at, p.created_at, p.updated_at,
    p.bounced_at IS NOT NULL, p.complained_at IS NOT NULL, p.unsubscribed_at IS NOT NULL,
    p.merged_into_id IS NOT NULL, p.erased_at IS NOT NULL
    """

  /// In the order of `ids`; those that there are not are left out.
  ///
  /// - Parameter fields: whose values are read.
  public static func find(
    _ ids: [ID<Lead>], fields: [LeadField], in transaction: inout Transaction
  ) throws -> [LeadSummary] {
    let rows = try transaction.query(
      """
      SELECT \(unescaped: columns), \(unescaped: PoolLeadRow.factColumns(fields))
      FROM unnest(\(ids)) WITH ORDINALITY AS wanted (id, place)
      JOIN lead_pool p ON p.id = wanted.id
      LEFT JOIN lead_assignments a ON a.lead_id = p.id AND a.released_at IS NULL
      LEFT JOIN leads l ON l.id = p.id
      ORDER BY wanted.place
      """)
    return try rows.map { try summary($0, fields) }
  }

  /// All leads in the order of their creation, also those that an older platform wrote and that are not in
  /// the pool yet. Leads that were merged or forgotten are left out.
  ///
  /// - Parameters:
  ///   - email: only leads with exactly this address.
  ///   - client: only leads that are this client's.
  public static func list(
    email: EmailAddress?, of client: ID<Client>?, after place: ID<Lead>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [LeadSummary] {
    let place = place ?? ID(high: 0, low: 0)
    let pooled = try transaction.query(pooled(email, client, place, limit)).map {
      try $0.decode(at: 0, as: ID<Lead>.self)
    }
    let fields = LeadSummary.fields
    let leads = try find(pooled, fields: fields, in: &transaction)
    guard client == nil else { return leads }
    let others = try transaction.query(
      """
      SELECT l.id, l.primary_email, l.first_name, l.last_name, l.assigned_phone_number_id,
        l.phone_assigned_at, l.created_at
      FROM leads l
      WHERE l.lead_pool_id IS NULL AND l.id > \(place)
        AND NOT EXISTS (SELECT FROM lead_pool p WHERE p.id = l.id)
        AND \(unescaped: email == nil ? "true OR" : "") l.primary_email = \(email)
      ORDER BY l.id LIMIT \(limit)
      """
    ).map(unpooled)
    return Array((leads + others).sorted { $0.id < $1.id }.prefix(limit))
  }

  private static func pooled(
    _ email: EmailAddress?, _ client: ID<Client>?, _ place: ID<Lead>, _ limit: Int
  ) -> SQL {
    if let email {
      return """
        SELECT p.id FROM lead_pool p
        WHERE p.id = ANY (ARRAY(SELECT i.lead_id FROM lead_identities i, contact_salt s
            WHERE i.key = contact_key('email', \(email.folded), s.salt)))
          AND p.email = \(email.folded) AND p.id > \(place) AND p.merged_into_id IS NULL
          AND (\(client)::uuid IS NULL OR EXISTS (SELECT FROM lead_assignments a
            WHERE a.lead_id = p.id AND a.released_at IS NULL AND a.client_id = \(client)))
        ORDER BY p.id LIMIT \(limit)
        """
    }
    if let client {
      return """
        SELECT a.lead_id FROM lead_assignments a JOIN lead_pool p ON p.id = a.lead_id
        WHERE a.client_id = \(client) AND a.released_at IS NULL AND a.lead_id > \(place)
          AND p.merged_into_id IS NULL AND p.erased_at IS NULL
        ORDER BY a.lead_id LIMIT \(limit)
        """
    }
    return """
      SELECT p.id FROM lead_pool p
      WHERE p.id > \(place) AND p.merged_into_id IS NULL AND p.erased_at IS NULL
      ORDER BY p.id LIMIT \(limit)
      """
  }

  private static func summary(_ row: Row, _ fields: [LeadField]) throws -> LeadSummary {
    let states = try zip(LeadQuery.State.allCases, 6...).filter {
      try row.decode(at: $0.1, as: Bool.self)
    }
    return LeadSummary(
      id: try row.decode(at: 0), facts: try PoolLeadRow.facts(row, fields, from: 11),
      states: states.map(\.0), clientID: try row.decode(at: 1),
      assignedPhoneNumberID: try row.decode(at: 2), phoneAssignedAt: try row.decode(at: 3),
      createdAt: try row.decode(at: 4), updatedAt: try row.decode(at: 5))
  }

  private static func unpooled(_ row: Row) throws -> LeadSummary {
    var facts = LeadFacts()
    facts[.email] = try row.decode(at: 1, as: EmailAddress?.self).map { .text($0.text) }
    facts[.firstName] = try row.decode(at: 2, as: String?.self).map { .text($0) }
    facts[.lastName] = try row.decode(at: 3, as: String?.self).map { .text($0) }
    let createdAt: Timestamp = try row.decode(at: 6)
    return LeadSummary(
      id: try row.decode(at: 0), facts: facts, assignedPhoneNumberID: try row.decode(at: 4),
      phoneAssignedAt: try row.decode(at: 5), createdAt: createdAt, updatedAt: createdAt)
  }
}
