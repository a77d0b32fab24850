import Domain
import Postgres

/// Campaigns, and which resources they are restricted to.
public enum CampaignStore {
  /// The name of the constraint by which a taken name is recognised.
  public static let nameConstraint = "campaigns_client_and_name_key"

  private static let columns = "p.id, p.client_id, p.name, p.status, p.is_restricted, p.created_at"

  /// Nil when another campaign of the client has the name. It inherits what its client has, unless it is
  /// restricted.
  public static func insert(_ new: Campaign, in transaction: inout Transaction) throws -> Campaign? {
    try transaction.query(
      """
      INSERT INTO campaigns AS p (id, client_id, name, status, is_restricted, created_at, updated_at)
      VALUES (\(new.id), \(new.clientID), \(new.name), \(new.status), \(new.isRestricted),
        \(new.createdAt), \(new.createdAt))
      ON CONFLICT ON CONSTRAINT campaigns_client_and_name_key DO NOTHING
      RETURNING \(unescaped: columns)
      """
    ).first.map(campaign(_:))
  }

  public static func find(_ id: ID<Campaign>, in transaction: inout Transaction) throws -> Campaign? {
    try transaction.query("SELECT \(unescaped: columns) FROM campaigns p WHERE p.id = \(id)").first
      .map(campaign(_:))
  }

  /// Locks it until the end of the transaction.
  public static func lock(_ id: ID<Campaign>, in transaction: inout Transaction) throws -> Campaign? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM campaigns p WHERE p.id = \(id) FOR NO KEY UPDATE"
    ).first.map(campaign(_:))
  }

  /// In the order of their ids, which is that of their creation.
  public static func list(
    of client: ID<Client>, status: Campaign.Status?, after id: ID<Campaign>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Campaign] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM campaigns p
      WHERE p.client_id = \(client) AND p.id > \(id ?? ID(high: 0, low: 0))
        AND (\(status)::text IS NULL OR p.status = \(status))
      ORDER BY p.id LIMIT \(limit)
      """
    ).map(campaign(_:))
  }

  /// Writes what may change. Throws a violation of `nameConstraint` when another campaign has the name.
  public static func update(_ campaign: Campaign, in transaction: inout Transaction) throws {
    _ = try transaction.execute(
      """
      UPDATE campaigns
      SET name = \(campaign.name), status = \(campaign.status), is_restricted = \(campaign.isRestricted)
      WHERE id = \(campaign.id)
      """)
  }

  /// Makes these the only ones that are selected.
  public static func select(
    _ resources: [ID<Resource>], for campaign: ID<Campaign>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      DELETE FROM campaign_selections
      WHERE campaign_id = \(campaign) AND resource_pool_id <> ALL (\(resources))
      """)
    guard !resources.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO campaign_selections (campaign_id, resource_pool_id)
      SELECT \(campaign), id FROM unnest(\(resources)) AS id
      ON CONFLICT ON CONSTRAINT campaign_selections_pkey DO NOTHING
      """)
  }

  /// Those of the resources that the client does not have now, on hold or not.
  public static func notOwned(
    _ resources: [ID<Resource>], by client: ID<Client>, in transaction: inout Transaction
  ) throws -> [ID<Resource>] {
    try transaction.query(
      """
      SELECT id FROM unnest(\(resources)) WITH ORDINALITY AS given (id, place)
      WHERE NOT EXISTS (
        SELECT FROM client_resources a
        WHERE a.client_id = \(client) AND a.resource_pool_id = given.id AND a.released_at IS NULL)
      ORDER BY place
      """
    ).map { try $0.decode(at: 0) }
  }

  private static func campaign(_ row: Row) throws -> Campaign {
    Campaign(
      id: try row.decode("id"), clientID: try row.decode("client_id"), name: try row.decode("name"),
      status: try row.decode("status"), isRestricted: try row.decode("is_restricted"),
      createdAt: try row.decode("created_at"))
  }
}

extension CampaignName: StoredAsText {
  var storedText: String { text }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension Campaign.Status: PostgresEncodable, PostgresDecodable {}
extension Channel: PostgresEncodable, PostgresDecodable {}
