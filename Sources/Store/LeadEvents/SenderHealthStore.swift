import Domain
import Postgres

/// What senders sent and what came back, day by day; `resource_pool` has the sums of the last 30 days.
public enum SenderHealthStore {
  /// For how many days a send counts.
  public static let window = 30

  /// A resource that an event was sent from.
  public struct Sender: Hashable, Sendable {
    public let id: ID<Resource>
    /// Of a mailbox: what it sends counts for its domain too.
    public let domainID: ID<Resource>?
  }

  /// How somebody names a resource: by id, or by its value.
  public enum Reference: Hashable, Sendable {
    case id(ID<Resource>)
    case value(String)
  }

  /// - Parameter client: only what this client has or had.
  public static func senders(
    _ references: [Reference], of client: ID<Client>?, in transaction: inout Transaction
  ) throws -> [Reference: Sender] {
    let ids = references.compactMap { if case .id(let id) = $0 { id } else { nil } }
    let values = references.compactMap { if case .value(let text) = $0 { text } else { nil } }
    let rows = try transaction.query(
      """
      SELECT r.id, r.resource_value, r.domain_id FROM resource_pool r
      WHERE (r.id = ANY (\(ids)) OR r.resource_value = ANY (\(values + values.map { $0.lowercased() })))
        AND (\(client)::uuid IS NULL OR EXISTS (
          SELECT FROM client_resources c WHERE c.resource_pool_id = r.id AND c.client_id = \(client)))
      """)
    var found: [Reference: Sender] = [:]
    for row in rows {
      let sender = Sender(id: try row.decode("id"), domainID: try row.decode("domain_id"))
      let value: String = try row.decode("resource_value")
      found[.id(sender.id)] = sender
      for text in values where text == value || text.lowercased() == value { found[.value(text)] = sender }
    }
    return found
  }

  /// What to count for a sender on a day.
  public struct Day: Hashable, Sendable {
    public let sender: ID<Resource>
    public let day: CivilDate

    public init(sender: ID<Resource>, day: CivilDate) {
      self.sender = sender
      self.day = day
    }
  }

  /// Adds to the days and to the sums. Resources are locked in the order of their ids.
  public static func count(
    _ days: [Day: LeadEventDecision.Count], in transaction: inout Transaction
  ) throws {
    guard !days.isEmpty else { return }
    let sorted = days.sorted { ($0.key.sender, $0.key.day) < ($1.key.sender, $1.key.day) }
    let senders = sorted.map(\.key.sender)
    func counts(_ path: KeyPath<LeadEventDecision.Count, Int>) -> [Int32] {
      sorted.map { Int32(clamping: $0.value[keyPath: path]) }
    }
    let (sent, bounced, complained) = (counts(\.sent), counts(\.bounced), counts(\.complained))
    _ = try transaction.query([
      """
      SELECT id FROM resource_pool WHERE id = ANY (\(senders)) ORDER BY id FOR NO KEY UPDATE
      """,
      """
      INSERT INTO sender_days AS d (resource_pool_id, on_day, sent, bounced, complained)
      SELECT c.id, c.on_day::date, c.sent, c.bounced, c.complained
      FROM unnest(\(senders), \(sorted.map(\.key.day.description)), \(sent), \(bounced), \(complained))
        AS c (id, on_day, sent, bounced, complained)
      ON CONFLICT ON CONSTRAINT sender_days_pkey DO UPDATE
      SET sent = d.sent + EXCLUDED.sent, bounced = d.bounced + EXCLUDED.bounced,
        complained = d.complained + EXCLUDED.complained
      """,
      """
      UPDATE resource_pool r
      SET sent_count = r.sent_count + c.sent, bounce_count = r.bounce_count + c.bounced,
        complaint_count = r.complaint_count + c.complained
      FROM (
        SELECT id, sum(sent)::integer AS sent, sum(bounced)::integer AS bounced,
          sum(complained)::integer AS complained
        FROM unnest(\(senders), \(sent), \(bounced), \(complained)) AS c (id, sent, bounced, complained)
        GROUP BY id) AS c
      WHERE r.id = c.id
      """,
    ])
  }

  /// Takes days before `day` out of the sums, at most `limit` of them; whose they were.
  public static func expire(
    before day: CivilDate, limit: Int, in transaction: inout Transaction
  ) throws -> (days: Int, senders: [ID<Resource>]) {
    let ids: [ID<Resource>] = try transaction.query(
      """
      SELECT r.id FROM resource_pool r
      WHERE r.id IN (
        SELECT resource_pool_id FROM sender_days WHERE on_day < \(day.description)::date
        ORDER BY on_day LIMIT \(limit))
      ORDER BY r.id FOR NO KEY UPDATE
      """
    ).map { try $0.decode(at: 0) }
    guard !ids.isEmpty else { return (0, []) }
    let count: Int = try transaction.query(
      """
      WITH old AS (
        DELETE FROM sender_days
        WHERE resource_pool_id = ANY (\(ids)) AND on_day < \(day.description)::date
        RETURNING *),
      sums AS (
        SELECT resource_pool_id, sum(sent)::integer AS sent, sum(bounced)::integer AS bounced,
          sum(complained)::integer AS complained
        FROM old GROUP BY 1),
      taken AS (
        UPDATE resource_pool r
        SET sent_count = greatest(0, r.sent_count - s.sent),
          bounce_count = greatest(0, r.bounce_count - s.bounced),
          complaint_count = greatest(0, r.complaint_count - s.complained)
        FROM sums s WHERE r.id = s.resource_pool_id)
      SELECT count(*) FROM old
      """)[0].decode(at: 0)
    return (count, ids)
  }

  /// Somebody has told the sums of a sender: what was counted of it so far is in them.
  public static func restart(_ sender: ID<Resource>, in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM sender_days WHERE resource_pool_id = \(sender)")
  }
}
