import Domain
import Postgres

/// What campaigns have inherited. Triggers see to which rows there are; what a row may do, Domain decides.
public enum CampaignResourceStore {
  /// Which rows to decide anew.
  public enum Due: Sendable {
    case any
    case client(ID<Client>)
    /// These resources, and the mailboxes of those that are domains.
    case resources([ID<Resource>])
  }

  /// A place in the list of a campaign's rows.
  public struct Place: Hashable, Sendable {
    public let assignmentID: ID<ClientAssignment>
    public let channel: Channel

    public init(assignmentID: ID<ClientAssignment>, channel: Channel) {
      self.assignmentID = assignmentID
      self.channel = channel
    }
  }

  /// What may be used now, as Domain decides, in the order of assignments.
  public static func list(
    of campaign: ID<Campaign>, after place: Place?, limit: Int, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [CampaignResource] {
    let rows = try transaction.query(
      """
      \(unescaped: select)
      WHERE x.campaign_id = \(campaign)
        AND (\(place?.assignmentID)::uuid IS NULL
          OR (x.client_resource_id, x.channel) > (\(place?.assignmentID), \(place?.channel.rawValue)))
      ORDER BY x.client_resource_id, x.channel LIMIT \(limit)
      """)
    return try decided(rows, now: now, in: &transaction)
  }

  /// Decides what is due, at most so many rows, and writes it; how many. What others are at is passed over.
  public static func refresh(
    _ due: Due, limit: Int, now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    let locking: SQL =
      switch due {
      case .any:
        """
        SELECT x.campaign_id, x.client_resource_id, x.channel FROM campaign_resources x
        WHERE x.refresh_at <= \(now) LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED
        """
      case .client(let id):
        """
        SELECT x.campaign_id, x.client_resource_id, x.channel FROM campaign_resources x
        WHERE x.client_id = \(id) AND x.refresh_at <= \(now) LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED
        """
      case .resources(let ids):
        """
        SELECT x.campaign_id, x.client_resource_id, x.channel FROM campaign_resources x
        WHERE (x.resource_pool_id = ANY (\(ids)) OR x.domain_id = ANY (\(ids))) AND x.refresh_at <= \(now)
        LIMIT \(limit) FOR NO KEY UPDATE SKIP LOCKED
        """
      }
    let locked = try transaction.query(locking)
    guard !locked.isEmpty else { return 0 }
    // The facts as they are once the rows are ours: who changes them from now on waits for us with its mark.
    let rows = try transaction.query(
      """
      \(unescaped: select)
      JOIN unnest(\(try locked.map { try $0.decode(at: 0, as: ID<Campaign>.self) }),
        \(try locked.map { try $0.decode(at: 1, as: ID<ClientAssignment>.self) }),
        \(try locked.map { try $0.decode(at: 2, as: Channel.self) })::text[])
        AS locked (campaign_id, assignment_id, channel)
        ON x.campaign_id = locked.campaign_id AND x.client_resource_id = locked.assignment_id
          AND x.channel = locked.channel
      """)
    write(try decided(rows, now: now, in: &transaction), in: &transaction)
    return rows.count
  }

  private static let select = """
    SELECT x.campaign_id, x.client_resource_id, x.channel, c.warmup_policy,
      a.held_until IS NOT NULL AS is_held, a.release_due_at IS NOT NULL AS is_leaving, \(Resource.columns)
    FROM campaign_resources x
    JOIN client_resources a ON a.id = x.client_resource_id
    JOIN clients c ON c.id = x.client_id
    JOIN resource_pool r ON r.id = x.resource_pool_id
    """

  private static func decided(
    _ rows: Rows, now: Timestamp, in transaction: inout Transaction
  ) throws -> [CampaignResource] {
    let resources = try rows.map(Resource.init)
    let domainIDs = Array(Set(resources.compactMap(\.domainID)))
    let domains =
      try domainIDs.isEmpty
      ? []
      : transaction.query(
        "SELECT \(unescaped: Resource.columns) FROM resource_pool r WHERE r.id = ANY (\(domainIDs))"
      ).map(Resource.init)
    let domain = Dictionary(uniqueKeysWithValues: domains.map { ($0.id, $0) })
    return try zip(rows, resources).map { row, resource in
      let channel: Channel = try row.decode("channel")
      return CampaignResource(
        campaignID: try row.decode("campaign_id"), assignmentID: try row.decode("client_resource_id"),
        channel: channel, resource: resource,
        limit: CampaignLimit(
          of: resource, domain: resource.domainID.flatMap { domain[$0] }, on: channel,
          isHeld: try row.decode("is_held"), isLeaving: try row.decode("is_leaving"),
          policy: try row.decode("warmup_policy"), now: now))
    }
  }

  private static func write(_ decided: [CampaignResource], in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE campaign_resources x
      SET daily_limit = d.actions, is_warmed = d.is_warmed,
        limited_by = string_to_array(d.reasons, ','), refresh_at = d.changes_at
      FROM unnest(\(decided.map(\.campaignID)), \(decided.map(\.assignmentID)),
        \(decided.map(\.channel))::text[], \(decided.map { $0.limit.actions.map { Int32(clamping: $0) } }),
        \(decided.map(\.limit.isWarmed)),
        \(decided.map { $0.limit.reasons.map(\.rawValue).joined(separator: ",") }),
        \(decided.map(\.limit.changesAt)))
        AS d (campaign_id, assignment_id, channel, actions, is_warmed, reasons, changes_at)
      WHERE x.campaign_id = d.campaign_id AND x.client_resource_id = d.assignment_id
        AND x.channel = d.channel
      """, expecting: decided.count)
  }
}
