import Domain
import Postgres

/// The platform's inventory: `resource_pool`.
public enum ResourceStore {
  /// Adds those whose values the pool does not have yet; the ids of those added, by value. A mailbox names
  /// its domain by id.
  public static func insert(
    _ resources: [Resource], in transaction: inout Transaction
  ) throws -> [String: ID<Resource>] {
    let ids = resources.map(\.id)
    let rows = try transaction.query(
      """
      INSERT INTO resource_pool (id, resource_type, resource_value, resource_name, domain_id, max_clients,
        status, created_at, warmup_started_at, warmup_completed_at, reputation_score, provider, provider_id,
        time_zone, updated_at)
      SELECT * FROM unnest(\(ids), \(resources.map(\.kind))::text[], \(resources.map(\.value.text)),
        \(resources.map(\.name)), \(resources.map(\.domainID)),
        \(resources.map { Int32(clamping: $0.maxClients) }), \(resources.map(\.status))::text[],
        \(resources.map(\.createdAt)), \(resources.map(\.warmup.startedAt)),
        \(resources.map(\.warmup.completedAt)), \(resources.map { Int32(clamping: $0.reputationScore) }),
        \(resources.map(\.provider)), \(resources.map(\.providerID)),
        \(resources.map { $0.timeZone == .utc ? nil : $0.timeZone.identifier }),
        \(resources.map(\.createdAt)))
      ON CONFLICT ON CONSTRAINT resource_pool_value_key DO NOTHING
      RETURNING resource_value, id
      """)
    return Dictionary(
      uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0, as: String.self), try $0.decode(at: 1)) })
  }

  /// Which of these values the pool has, with their ids and kinds.
  public static func known(
    _ values: [String], in transaction: inout Transaction
  ) throws -> [String: (id: ID<Resource>, kind: ResourceKind)] {
    let rows = try transaction.query(
      """
      SELECT resource_value, id, resource_type FROM resource_pool WHERE resource_value = ANY (\(values))
      """)
    return Dictionary(
      uniqueKeysWithValues: try rows.map {
        (try $0.decode(at: 0, as: String.self), (try $0.decode(at: 1), try $0.decode(at: 2)))
      })
  }

  public static func find(_ id: ID<Resource>, in transaction: inout Transaction) throws -> Resource? {
    try transaction.query("SELECT \(unescaped: Resource.columns) FROM resource_pool r WHERE r.id = \(id)")
      .first.map(Resource.init)
  }

  /// Locks it until the end of the transaction.
  public static func lock(_ id: ID<Resource>, in transaction: inout Transaction) throws -> Resource? {
    try transaction.query(
      """
      SELECT \(unescaped: Resource.columns) FROM resource_pool r WHERE r.id = \(id) FOR NO KEY UPDATE OF r
      """
    ).first.map(Resource.init)
  }

  /// How many of those who have it are on hold.
  public static func heldClients(of id: ID<Resource>, in transaction: inout Transaction) throws -> Int {
    try transaction.query("SELECT held_clients FROM resource_pool WHERE id = \(id)").first
      .map { Int(try $0.decode(at: 0, as: Int32.self)) } ?? 0
  }

  /// What a list shows. Each page is one walk of an index.
  public struct Filter: Hashable, Sendable {
    public var kind: ResourceKind?
    public var status: ResourceStatus?
    /// Only what this client has now, on hold or not.
    public var clientID: ID<Client>?

    public init(kind: ResourceKind? = nil, status: ResourceStatus? = nil, clientID: ID<Client>? = nil) {
      self.kind = kind
      self.status = status
      self.clientID = clientID
    }
  }

  /// In the order of their ids, which is that of their creation.
  public static func list(
    _ filter: Filter, after id: ID<Resource>?, limit: Int, in transaction: inout Transaction
  ) throws -> [Resource] {
    let after = id ?? ID(high: 0, low: 0)
    if let client = filter.clientID {
      return try transaction.query(
        """
        SELECT \(unescaped: Resource.columns)
        FROM client_resources c JOIN resource_pool r ON r.id = c.resource_pool_id
        WHERE c.client_id = \(client) AND c.released_at IS NULL AND c.resource_pool_id > \(after)
          AND (\(filter.kind)::text IS NULL OR r.resource_type = \(filter.kind))
          AND (\(filter.status)::text IS NULL OR r.status = \(filter.status))
        ORDER BY c.resource_pool_id LIMIT \(limit)
        """
      ).map(Resource.init)
    }
    // Each kind by its own index, and status by status, so that a rare one is found as fast as any.
    let kinds = filter.kind.map { [$0] } ?? ResourceKind.allCases
    let conditions: SQL =
      if filter.kind == nil && filter.status == nil {
        """
        SELECT \(unescaped: Resource.columns) FROM resource_pool r
        WHERE r.id > \(after) ORDER BY r.id LIMIT \(limit)
        """
      } else if let status = filter.status {
        """
        SELECT \(unescaped: Resource.columns) FROM unnest(\(kinds)::text[]) AS kinds (kind)
        CROSS JOIN LATERAL (
          SELECT * FROM resource_pool p
          WHERE p.resource_type = kinds.kind AND p.status = \(status) AND p.id > \(after)
          ORDER BY p.id LIMIT \(limit)) AS r
        ORDER BY r.id LIMIT \(limit)
        """
      } else {
        """
        SELECT \(unescaped: Resource.columns) FROM unnest(\(kinds)::text[]) AS kinds (kind)
        CROSS JOIN LATERAL (
          SELECT * FROM resource_pool p
          WHERE p.resource_type = kinds.kind AND p.id > \(after)
          ORDER BY p.id LIMIT \(limit)) AS r
        ORDER BY r.id LIMIT \(limit)
        """
      }
    return try transaction.query(conditions).map(Resource.init)
  }

  /// Writes what an operator, a checker or a job may change of a locked resource; triggers see to the rest.
  public static func update(_ resource: Resource, in transaction: inout Transaction) {
    let authentication = resource.authentication
    transaction.enqueue(
      """
      UPDATE resource_pool
      SET resource_name = \(resource.name), status = \(resource.status),
        quarantined_at = \(resource.quarantine?.since),
        quarantine_reason = \(resource.quarantine?.reason.rawValue),
        quarantine_evidence = \(resource.quarantine?.evidence),
        warmup_started_at = \(resource.warmup.startedAt),
        warmup_completed_at = \(resource.warmup.completedAt),
        reputation_score = \(Int32(clamping: resource.reputationScore)),
        sent_count = \(Int32(clamping: resource.health.sent)),
        bounce_count = \(Int32(clamping: resource.health.bounces)),
        complaint_count = \(Int32(clamping: resource.health.complaints)),
        spf_state = \(authentication.spf), dkim_state = \(authentication.dkim),
        dmarc_state = \(authentication.dmarc)
      WHERE id = \(resource.id)
      """, expecting: 1)
  }

  /// Warm-ups that began before `instant` and are not completed, oldest first, locked; what others hold
  /// locked is passed over.
  public static func lockWarming(
    startedBefore instant: Timestamp, after id: ID<Resource>?, limit: Int, in transaction: inout Transaction
  ) throws -> [Resource] {
    try transaction.query(
      """
      SELECT \(unescaped: Resource.columns) FROM resource_pool r
      WHERE r.warmup_started_at <= \(instant) AND r.warmup_completed_at IS NULL AND r.status <> 'retired'
        AND r.id > \(id ?? ID(high: 0, low: 0))
      ORDER BY r.id LIMIT \(limit) FOR NO KEY UPDATE OF r SKIP LOCKED
      """
    ).map(Resource.init)
  }
}
