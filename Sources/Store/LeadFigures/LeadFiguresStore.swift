import Domain
import Postgres

/// The pool's figures, counted now. Reads all leads once, and all assignments once.
public enum LeadFiguresStore {
  public struct Counted: Sendable {
    public var pool = LeadFigures.Counts()
    public var clients: [ID<Client>: LeadFigures.Counts] = [:]
    public var sources: [String: LeadFigures.Counts] = [:]

    /// The same, with nothing that happened during the day.
    public var standing: Counted {
      Counted(
        pool: pool.standing, clients: clients.mapValues(\.standing), sources: sources.mapValues(\.standing))
    }
  }

  /// - Parameter day: whose flows are counted (UTC).
  public static func count(_ day: CivilDate, in transaction: inout Transaction) throws -> Counted {
    var counted = Counted()
    for row in try transaction.query(leads(day)) {
      let counts = LeadFigures.Counts(
        leads: try row.decode("leads"), contactable: try row.decode("contactable"),
        added: try row.decode("added"))
      if let source: String = try row.decode("source") {
        counted.sources[source] = counts
      }
      counted.pool.leads += counts.leads
      counted.pool.contactable += counts.contactable
      counted.pool.added += counts.added
    }
    for row in try transaction.query(assignments(day)) { try add(row, to: &counted) }
    return counted
  }

  private static func add(_ row: Row, to counted: inout Counted) throws {
    func fill(_ counts: inout LeadFigures.Counts) throws {
      counts.assigned = try row.decode("assigned")
      counts.contacted = try row.decode("contacted")
      counts.bounced = try row.decode("bounced")
      counts.replied = try row.decode("replied")
      counts.converted = try row.decode("converted")
      counts.claimed = try row.decode("claimed")
      counts.released = try row.decode("released")
    }
    switch try row.decode("grouped", as: Int32.self) {
    case 0b01:
      guard let client: ID<Client> = try row.decode("client_id") else { return }
      var counts = LeadFigures.Counts(
        leads: try row.decode("leads"), contactable: try row.decode("contactable"))
      try fill(&counts)
      counted.clients[client] = counts
    case 0b10:
      guard let source: String = try row.decode("source") else { return }
      try fill(&counted.sources[source, default: LeadFigures.Counts()])
    default: try fill(&counted.pool)
    }
  }

  private static let contactable = """
    p.bounced_at IS NULL AND p.complained_at IS NULL AND p.unsubscribed_at IS NULL
      AND p.merged_into_id IS NULL AND p.erased_at IS NULL
      AND num_nonnulls(p.email, p.phone, p.linkedin_key) > 0
    """

  private static func leads(_ day: CivilDate) -> SQL {
    """
    SELECT p.provenance -> 'person' ->> 'source' AS source, count(*) AS leads,
      count(*) FILTER (WHERE \(unescaped: contactable)) AS contactable,
      count(*) FILTER (WHERE p.created_at >= \(day.start) AND p.created_at < \(day.end)) AS added
    FROM lead_pool p WHERE p.merged_into_id IS NULL AND p.erased_at IS NULL
    GROUP BY 1
    """
  }

  private static func assignments(_ day: CivilDate) -> SQL {
    """
    SELECT a.client_id, a.source, grouping(a.client_id, a.source) AS grouped, count(*) AS leads,
      count(*) FILTER (WHERE a.is_contactable) AS contactable,
      count(*) FILTER (WHERE a.released_at IS NULL) AS assigned,
      count(*) FILTER (WHERE a.contacts > 0) AS contacted,
      count(*) FILTER (WHERE a.contacts > 0 AND a.bounced_at IS NOT NULL) AS bounced,
      count(*) FILTER (WHERE a.replied_at IS NOT NULL) AS replied,
      count(*) FILTER (WHERE a.converted_at IS NOT NULL) AS converted,
      count(*) FILTER (WHERE a.assigned_at >= \(day.start) AND a.assigned_at < \(day.end)) AS claimed,
      count(*) FILTER (WHERE a.released_at >= \(day.start) AND a.released_at < \(day.end)) AS released
    FROM (
      SELECT a.*, p.bounced_at, p.provenance -> 'person' ->> 'source' AS source,
        \(unescaped: contactable) AS is_contactable
      FROM lead_assignments a JOIN lead_pool p ON p.id = a.lead_id) AS a
    GROUP BY GROUPING SETS ((), (a.client_id), (a.source))
    """
  }

  /// Leads with more than one client. Counted, whatever constraint there is.
  public static func collisions(in transaction: inout Transaction) throws -> Int {
    try transaction.query(
      """
      SELECT count(*) FROM (
        SELECT FROM lead_assignments WHERE released_at IS NULL GROUP BY lead_id HAVING count(*) > 1) AS twice
      """
    ).first?.decode(at: 0) ?? 0
  }

  /// Leads with a client.
  public static func assigned(of client: ID<Client>?, in transaction: inout Transaction) throws -> Int {
    try transaction.query(
      """
      SELECT count(*) FROM lead_assignments
      WHERE released_at IS NULL AND (\(client)::uuid IS NULL OR client_id = \(client))
      """
    ).first?.decode(at: 0) ?? 0
  }

  /// About how many leads there are; nil when nobody has counted yet.
  public static func size(in transaction: inout Transaction) throws -> Int? {
    let rows: Double? = try transaction.query(
      "SELECT reltuples FROM pg_class WHERE oid = 'lead_pool'::regclass"
    ).first?.decode(at: 0)
    return rows.flatMap { $0 < 0 ? nil : Int($0) }
  }

  /// Scored leads by tier: of one client, or of the clients that have them. Nil where nothing is scored yet.
  public static func tiers(
    of client: ID<Client>?, in transaction: inout Transaction
  ) throws -> LeadTierShares? {
    let hasScores: Bool? = try transaction.query("SELECT to_regclass('lead_scores') IS NOT NULL").first?
      .decode(
        at: 0)
    guard hasScores == true else { return nil }
    let rows = try transaction.query(
      """
      SELECT s.tier, count(*) FROM lead_assignments a
      JOIN lead_scores s ON s.client_id = a.client_id AND s.lead_id = a.lead_id
      WHERE a.released_at IS NULL AND (\(client)::uuid IS NULL OR a.client_id = \(client))
      GROUP BY s.tier
      """)
    guard !rows.isEmpty else { return nil }
    return LeadTierShares(
      Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) }))
  }
}

extension CivilDate {
  /// Midnight at its beginning, UTC.
  var start: Timestamp { Timestamp(microseconds: Int64(daysSinceEpoch) * 86_400_000_000) }
  var end: Timestamp { start + .hours(24) }
}
