import Domain
import Postgres

/// Leads that nobody has and a client would like.
public enum LeadCandidateStore {
  /// A candidate, and where it stands in the order of its client.
  public struct Found: Hashable, Sendable {
    public let candidate: LeadDistribution.Candidate
    public let place: Place
  }

  /// The order is the weighted points, then a hash of the seed and the lead, then the lead.
  public struct Place: Hashable, Sendable {
    let points: Int
    let hash: Int64
    let lead: ID<Lead>
  }

  /// The best of those that match the profile by the index, the best first. Leads that the client had before,
  /// and those that are in the plan already, are not among them.
  ///
  /// - Parameters:
  ///   - place: the last one that was seen; nil for the beginning.
  ///   - seed: decides between equals.
  public static func find(
    for client: ID<Client>, _ profile: IdealProfile, besides plan: ID<LeadPlan>, seed: Int64,
    after place: Place?, limit: Int, in transaction: inout Transaction
  ) throws -> [Found] {
    // A plan for these very values, and room to sort.
    transaction.enqueue(
      """
      SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true)
      """)
    let points = Self.points(profile)
    func codes(_ term: MatchTerm) -> [Int32] { term.wishes(of: profile).map(term.code) }
    func patterns(_ titles: [String]) -> [String] {
      titles.map(MatchText.words).filter { !$0.isEmpty }.map { "%\($0)%" }
    }
    let competitors = profile.competitorDomains.map(\.text)
    let rows = try transaction.query(
      """
      SELECT m.lead_id, m.data_quality, m.authority, m.web, m.timing, m.risk, m.company_domain,
        m.own_risk <> m.risk AS competes, (\(unescaped: points))::bigint AS points,
        uuid_hash_extended(m.lead_id, \(seed)) AS hash
      FROM (
        SELECT x.*, CASE
          WHEN cardinality(\(competitors)) = 0 OR x.company_domain IS NULL
            OR NOT x.company_domain = ANY (\(competitors)) THEN x.risk
          ELSE x.risk - \(Int16(ScoreBase.competitorRisk)) END AS own_risk
        FROM lead_matching x) AS m
      WHERE (\(profile.employees == nil)
          OR m.employees BETWEEN \(profile.employees?.lowerBound) AND \(profile.employees?.upperBound))
        AND (cardinality(\(codes(.industry))) = 0 OR m.terms && \(codes(.industry)))
        AND (cardinality(\(codes(.seniority))) = 0 OR m.terms && \(codes(.seniority)))
        AND (cardinality(\(codes(.country))) = 0 OR m.terms && \(codes(.country)))
        AND (cardinality(\(codes(.state))) = 0 OR m.terms && \(codes(.state)))
        AND (cardinality(\(codes(.city))) = 0 OR m.terms && \(codes(.city)))
        AND (cardinality(\(codes(.technology))) = 0 OR m.terms && \(codes(.technology)))
        AND (cardinality(\(codes(.keyword))) = 0 OR m.terms && \(codes(.keyword)))
        AND (\(profile.titles.isEmpty) OR m.title LIKE ANY (\(patterns(profile.titles))))
        AND (\(profile.excludedTitles.isEmpty)
          OR NOT m.title LIKE ANY (\(patterns(profile.excludedTitles))))
        AND (\(profile.excludedDomains.isEmpty)
          OR NOT coalesce(m.company_domain = ANY (\(profile.excludedDomains.map(\.text))), false))
        AND NOT EXISTS (
          SELECT FROM lead_assignments a
          WHERE a.lead_id = m.lead_id AND (a.released_at IS NULL OR a.client_id = \(client)))
        AND NOT EXISTS (
          SELECT FROM lead_plan_entries e WHERE e.plan_id = \(plan) AND e.lead_id = m.lead_id)
        AND (\(place == nil) OR (\(unescaped: points)) < \(place?.points)
          OR (\(unescaped: points)) = \(place?.points)
            AND (uuid_hash_extended(m.lead_id, \(seed)), m.lead_id) > (\(place?.hash), \(place?.lead)))
      ORDER BY (\(unescaped: points)) DESC, uuid_hash_extended(m.lead_id, \(seed)), m.lead_id
      LIMIT \(limit)
      """)
    return try rows.map { try found($0, profile) }
  }

  /// What leads are ordered by: their points with the client's weights. With equal weights it is what
  /// `lead_matching_base` is ordered by.
  private static func points(_ profile: IdealProfile) -> String {
    let components = [
      (ScoreComponent.dataQuality, "m.data_quality"), (.authority, "m.authority"), (.companyFit, "m.web"),
      (.timing, "m.timing"), (.risk, "greatest(m.own_risk, 0::smallint)"),
    ]
    let weights = profile.weights
    let isEqual = Set(components.map { weights[$0.0] }).count == 1
    return components.map { isEqual ? $0.1 : "\(weights[$0.0]) * \($0.1)" }.joined(separator: " + ")
  }

  private static func found(_ row: Row, _ profile: IdealProfile) throws -> Found {
    func points(_ column: Int) throws -> Int { Int(try row.decode(at: column, as: Int16.self)) }
    let base = ScoreBase(
      dataQuality: try points(1), authority: try points(2), web: try points(3), timing: try points(4),
      risk: try points(5))
    let lead: ID<Lead> = try row.decode(at: 0)
    return Found(
      candidate: .init(
        lead: lead, score: base.matchedTotal(profile, isCompetitor: try row.decode("competes")),
        companyDomain: try row.decode(at: 6)),
      place: Place(points: try row.decode("points"), hash: try row.decode("hash"), lead: lead))
  }
}
