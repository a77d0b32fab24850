import Domain
import Postgres

/// Scores as they were computed last.
public struct StoredScore: Hashable, Sendable {
  public let score: Int
  public let tier: LeadTier
  public let points: [ScoreComponent: Int]
  public let isExcluded: Bool
  public let profileVersion: Int
  public let scoredAt: Timestamp
  /// Facts or profile have changed since.
  public let isDue: Bool
}

public enum LeadScoreStore {
  /// A score of one lead for one client.
  public typealias Entry = (client: ID<Client>, lead: ID<Lead>, score: LeadScore, profileVersion: Int)

  public static func find(
    _ lead: ID<Lead>, for client: ID<Client>, in transaction: inout Transaction
  ) throws -> StoredScore? {
    try transaction.query(
      """
      SELECT s.score, s.tier, s.data_quality, s.authority, s.company_fit, s.timing, s.risk, s.is_excluded,
        s.profile_version, s.scored_at,
        s.is_due OR s.profile_version <> coalesce(f.version, 0) OR p.updated_at > s.scored_at AS is_due
      FROM lead_scores s JOIN lead_pool p ON p.id = s.lead_id
      LEFT JOIN client_profiles f ON f.client_id = s.client_id
      WHERE s.client_id = \(client) AND s.lead_id = \(lead)
      """
    ).first.map { row in
      func points(_ column: Int) throws -> Int { Int(try row.decode(at: column, as: Int16.self)) }
      var all: [ScoreComponent: Int] = [:]
      for (offset, component) in ScoreComponent.allCases.enumerated() {
        all[component] = try points(2 + offset)
      }
      return StoredScore(
        score: try points(0), tier: try row.decode(at: 1), points: all,
        isExcluded: try row.decode("is_excluded"),
        profileVersion: Int(try row.decode("profile_version", as: Int32.self)),
        scoredAt: try row.decode("scored_at"), isDue: try row.decode("is_due"))
    }
  }

  /// Keeps scores; the ledger hears of those that are new or others. The entries are written in one order.
  public static func save(_ entries: [Entry], now: Timestamp, in transaction: inout Transaction) {
    guard !entries.isEmpty else { return }
    let sorted = entries.sorted { ($0.client, $0.lead) < ($1.client, $1.lead) }
    func points(_ component: ScoreComponent) -> [Int16] {
      sorted.map { Int16(clamping: $0.score.points[component] ?? 0) }
    }
    transaction.enqueue(
      """
      INSERT INTO lead_scores AS s (client_id, lead_id, score, tier, data_quality, authority, company_fit,
        timing, risk, is_excluded, profile_version, scored_at)
      SELECT u.*, \(now)
      FROM unnest(\(sorted.map(\.client)), \(sorted.map(\.lead)),
        \(sorted.map { Int16(clamping: $0.score.total) }), \(sorted.map(\.score.tier))::text[],
        \(points(.dataQuality)), \(points(.authority)), \(points(.companyFit)), \(points(.timing)),
        \(points(.risk)), \(sorted.map(\.score.isExcluded)),
        \(sorted.map { Int32(clamping: $0.profileVersion) })) AS u
      ON CONFLICT ON CONSTRAINT lead_scores_pkey DO UPDATE
      SET score = EXCLUDED.score, tier = EXCLUDED.tier, data_quality = EXCLUDED.data_quality,
        authority = EXCLUDED.authority, company_fit = EXCLUDED.company_fit, timing = EXCLUDED.timing,
        risk = EXCLUDED.risk, is_excluded = EXCLUDED.is_excluded,
        profile_version = EXCLUDED.profile_version, scored_at = EXCLUDED.scored_at, is_due = false
      """)
  }

  /// The facts of these leads have changed. Waits for who computes their scores from what they were.
  public static func markDue(_ leads: [ID<Lead>], in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE lead_scores s SET is_due = true
      FROM (SELECT client_id, lead_id, is_due FROM lead_scores WHERE lead_id = ANY (\(leads))
        ORDER BY client_id, lead_id FOR UPDATE) AS locked
      WHERE s.client_id = locked.client_id AND s.lead_id = locked.lead_id AND NOT locked.is_due
      """)
  }

  /// Takes scores that are due, also those by an older profile, which nobody else is at; at most `limit`.
  ///
  /// - Parameter client: nil for those of all clients.
  public static func lockDue(
    of client: ID<Client>?, limit: Int, in transaction: inout Transaction
  ) throws -> [(client: ID<Client>, lead: ID<Lead>)] {
    let due = try transaction.query(
      """
      SELECT s.client_id, s.lead_id FROM lead_scores s
      WHERE s.is_due AND (\(client)::uuid IS NULL OR s.client_id = \(client))
      ORDER BY s.client_id, s.lead_id LIMIT \(limit) FOR UPDATE SKIP LOCKED
      """)
    var found: [(client: ID<Client>, lead: ID<Lead>)] = try due.map {
      (try $0.decode(at: 0), try $0.decode(at: 1))
    }
    if found.count < limit {
      found += try transaction.query(
        """
        SELECT s.client_id, s.lead_id FROM client_profiles f
        JOIN lead_scores s ON s.client_id = f.client_id AND s.profile_version < f.version AND NOT s.is_due
        WHERE \(client)::uuid IS NULL OR f.client_id = \(client)
        LIMIT \(limit - found.count) FOR UPDATE OF s SKIP LOCKED
        """
      ).map { (try $0.decode(at: 0), try $0.decode(at: 1)) }
    }
    return found
  }

  /// Of leads that there are no more.
  public static func remove(_ leads: [ID<Lead>], in transaction: inout Transaction) {
    transaction.enqueue("DELETE FROM lead_scores WHERE lead_id = ANY (\(leads))")
  }
}

extension LeadTier: PostgresEncodable, PostgresDecodable {}
