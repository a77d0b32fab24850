/// How promising a lead is for one client, 0 to 100, with all that it follows from
/// (`facts/outreach-defaults.md`, R19).
public struct LeadScore: Hashable, Sendable {
  /// One line of the table of points.
  public struct Reason: Hashable, Sendable {
    public let code: String
    /// Those that it gives or takes here; 0 when it does neither.
    public let points: Int
    /// A sentence without anything personal in it.
    public let detail: String

    init(_ code: String, _ points: Int, _ detail: String) {
      self.code = code
      self.points = points
      self.detail = detail
    }
  }

  /// 0 to 100.
  public let total: Int
  public let tier: LeadTier
  /// Nobody may contact the person: the total is 0.
  public let isExcluded: Bool
  /// The points of each component before the client's weights.
  public let points: [ScoreComponent: Int]
  /// Every line that was looked at, also those that gave nothing.
  public let reasons: [ScoreComponent: [Reason]]

  /// Leads below it get no channel (R19), and are never given to a client by the allocator.
  public static let leastUseful = 20

  /// Pure: the same facts, profile and day give the same score.
  public static func score(
    _ facts: LeadFacts, _ state: ContactState, _ profile: IdealProfile, now: Timestamp
  ) -> LeadScore {
    let today = TimeZoneName.utc.date(at: now)
    let reasons: [ScoreComponent: [Reason]] = [
      .dataQuality: dataQuality(facts), .authority: authority(facts),
      .companyFit: fit(facts, profile) + web(facts),
      .timing: timing(facts, on: today).reasons,
      .risk: ownRisk(facts, state) + risk(facts, profile),
    ]
    let base = ScoreBase(
      dataQuality: sum(reasons[.dataQuality]), authority: sum(reasons[.authority]),
      web: sum(reasons[.companyFit]), timing: sum(reasons[.timing]), risk: sum(reasons[.risk]))
    return LeadScore(
      points: Dictionary(uniqueKeysWithValues: ScoreComponent.allCases.map { ($0, base.points($0)) }),
      reasons: reasons, isExcluded: state.isExcluded, weights: profile.weights)
  }

  private init(
    points: [ScoreComponent: Int], reasons: [ScoreComponent: [Reason]], isExcluded: Bool,
    weights: ScoreWeights
  ) {
    self.points = points
    self.reasons = reasons
    self.isExcluded = isExcluded
    total = isExcluded ? 0 : weights.total { points[$0] ?? 0 }
    tier = LeadTier(score: total)
  }

  static func sum(_ reasons: [Reason]?) -> Int { reasons?.reduce(0) { $0 + $1.points } ?? 0 }
}

/// What the pool remembers of how a person was reached.
public struct ContactState: Hashable, Sendable {
  /// Mail bounced for good, from whomever it was sent.
  public var hasBounced: Bool
  /// The person asked for no contact, or complained, or is no lead any more.
  public var isExcluded: Bool

  public init(hasBounced: Bool = false, isExcluded: Bool = false) {
    self.hasBounced = hasBounced
    self.isExcluded = isExcluded
  }

  public init(_ lead: PoolLead) {
    self.init(
      hasBounced: lead.bouncedAt != nil,
      isExcluded: lead.unsubscribedAt != nil || lead.complainedAt != nil || lead.mergedIntoID != nil
        || lead.erasedAt != nil)
  }
}
