import Domain
import Postgres

/// What permits are decided by: leads as clients see them, what clients may send from, campaigns.
public enum PermitFactsStore {
  /// Locks the assignments of these leads, in the order of leads, so that permits of a lead are decided one
  /// after the other. Sent with the next statement.
  public static func lock(_ leads: Set<ID<Lead>>, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      SELECT FROM lead_assignments WHERE lead_id = ANY (\(leads.sorted())) AND released_at IS NULL
      ORDER BY lead_id FOR NO KEY UPDATE
      """)
  }

  /// The lead that speaks for this one: itself, or the one that it was merged into.
  public static func speaker(
    for lead: ID<Lead>, in transaction: inout Transaction
  ) throws -> ID<Lead> {
    try transaction.query(
      "SELECT coalesce(merged_into_id, id) FROM lead_pool WHERE id = \(lead)"
    ).first?.decode(at: 0) ?? lead
  }

  /// The leads that there are, as these clients see them, with the touches of those that were merged into
  /// them. One that was merged or forgotten is unknown.
  public static func standings(
    _ holders: [ClientLead], in transaction: inout Transaction
  ) throws -> [ClientLead: LeadStanding] {
    let rows = try transaction.query(
      """
      SELECT w.client_id, w.lead_id, least(p.bounced_at, s.bounced_at) AS bounced_at,
        least(p.unsubscribed_at, p.complained_at, s.suppressed_at) AS unsubscribed_at,
        CASE WHEN p.email IS NOT NULL THEN p.email_status END AS email_status,
        coalesce(p.email_is_catchall, false) AS is_catchall, a.lead_id IS NOT NULL AS is_assigned,
        a.replied_at, t.channels, t.touched, t.senders
      FROM unnest(\(holders.map(\.clientID)), \(holders.map(\.leadID))) AS w (client_id, lead_id)
      JOIN lead_pool p ON p.id = w.lead_id AND p.merged_into_id IS NULL AND p.erased_at IS NULL
      LEFT JOIN lead_assignments a
        ON a.lead_id = w.lead_id AND a.released_at IS NULL AND a.client_id = w.client_id
      LEFT JOIN LATERAL (
        SELECT min(created_at) FILTER (WHERE reason = 'bounce') AS bounced_at,
          min(created_at) FILTER (WHERE reason <> 'bounce') AS suppressed_at
        FROM lead_suppressions(p, w.client_id)) AS s ON true
      LEFT JOIN LATERAL (
        SELECT array_agg(channel) AS channels, array_agg(touched_at) AS touched,
          array_agg(sender_id) AS senders
        FROM (
          SELECT DISTINCT ON (channel) channel, touched_at, sender_id FROM last_touches
          WHERE client_id = w.client_id AND (lead_id = w.lead_id
            OR lead_id IN (SELECT m.id FROM lead_pool m WHERE m.merged_into_id = w.lead_id))
          ORDER BY channel, touched_at DESC) AS latest) AS t ON true
      """)
    var standings: [ClientLead: LeadStanding] = [:]
    for row in rows {
      let holder = ClientLead(
        clientID: try row.decode("client_id"), leadID: try row.decode("lead_id"))
      standings[holder] = try standing(row)
    }
    return standings
  }

  private static func standing(_ row: Row) throws -> LeadStanding {
    let channels: [Channel] = try row.decode("channels", as: [Channel]?.self) ?? []
    let touched: [Timestamp] = try row.decode("touched", as: [Timestamp]?.self) ?? []
    let senders: [ID<Resource>] = try row.decode("senders", as: [ID<Resource>]?.self) ?? []
    let isCatchall: Bool = try row.decode("is_catchall")
    let status = try row.decode("email_status", as: String?.self).map {
      EmailStatus(provider: $0, isCatchall: isCatchall)
    }
    return LeadStanding(
      bouncedAt: try row.decode("bounced_at"), unsubscribedAt: try row.decode("unsubscribed_at"),
      emailStatus: status, isAssigned: try row.decode("is_assigned"),
      repliedAt: try row.decode("replied_at"),
      touchedAt: Dictionary(uniqueKeysWithValues: zip(channels, touched)),
      senders: Dictionary(uniqueKeysWithValues: zip(channels, senders)))
  }

  /// A client's right to a resource, as far as sending goes.
  public struct Holding: Sendable {
    public let clientID: ID<Client>
    public let resource: Resource
    public let isHeld: Bool
    public let isLeaving: Bool
    public let policy: WarmupPolicy
    /// Whose days count: the resource's, else its client's; of several the one's who has had it longest, so
    /// that it has one day for all of them (R12).
    public let zone: TimeZoneName
  }

  /// What these clients have, mailboxes included.
  public static func holdings(
    of clients: Set<ID<Client>>, kinds: Set<ResourceKind>, in transaction: inout Transaction
  ) throws -> [Holding] {
    try transaction.query(
      """
      SELECT a.client_id, c.warmup_policy, a.held_until IS NOT NULL AS is_held,
        a.release_due_at IS NOT NULL AS is_leaving,
        coalesce(r.time_zone, CASE WHEN r.max_clients = 1 THEN c.time_zone ELSE (
          SELECT o.time_zone FROM client_resources f JOIN clients o ON o.id = f.client_id
          WHERE f.resource_pool_id = r.id AND f.released_at IS NULL
          ORDER BY f.assigned_at, f.id LIMIT 1) END) AS zone,
        \(unescaped: Resource.columns)
      FROM client_resources a JOIN clients c ON c.id = a.client_id
      JOIN resource_pool r ON r.id = a.resource_pool_id
      WHERE a.client_id = ANY (\(clients.sorted())) AND a.released_at IS NULL
        AND r.resource_type = ANY (\(kinds.map(\.rawValue).sorted()))
      ORDER BY a.id
      """
    ).map { row in
      Holding(
        clientID: try row.decode("client_id"), resource: try Resource(row),
        isHeld: try row.decode("is_held"), isLeaving: try row.decode("is_leaving"),
        policy: try row.decode("warmup_policy"), zone: try row.decode("zone"))
    }
  }

  /// Of campaigns that there are.
  public static func campaigns(
    _ ids: Set<ID<Campaign>>, in transaction: inout Transaction
  ) throws -> [ID<Campaign>: CampaignScope] {
    guard !ids.isEmpty else { return [:] }
    let rows = try transaction.query(
      """
      SELECT p.id, p.client_id, p.status, p.is_restricted,
        ARRAY(SELECT s.resource_pool_id FROM campaign_selections s
          WHERE p.is_restricted AND s.campaign_id = p.id) AS resources
      FROM campaigns p WHERE p.id = ANY (\(ids.sorted()))
      """)
    var campaigns: [ID<Campaign>: CampaignScope] = [:]
    for row in rows {
      let status: Campaign.Status = try row.decode("status")
      let isRestricted: Bool = try row.decode("is_restricted")
      let resources: [ID<Resource>] = try row.decode("resources")
      campaigns[try row.decode("id")] = CampaignScope(
        clientID: try row.decode("client_id"), isActive: status == .active,
        resources: isRestricted ? Set(resources) : nil)
    }
    return campaigns
  }
}
