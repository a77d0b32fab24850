import Domain
import Postgres
import Runtime
import Store

/// The allocator: works out who gets which leads, and carries it out.
///
/// A plan is looked at before it is carried out, or not; carrying it out is many transactions, each of which
/// gives one client some of its leads, and can be interrupted and carried on. What somebody else has taken
/// meanwhile is made up for with other leads.
public struct LeadPlanService: Sendable {
  public struct Wish: Hashable, Sendable {
    /// Nil: all that said what they want and pay for it.
    public var client: ID<Client>?
    /// The most that each client gets; nil: all that is left of its quota.
    public var count: Int?
    /// Of the client.
    public var campaign: ID<Campaign>?
    /// Decides between equals: the same seed gives the same plan for the same pool. Nil: from the plan's id.
    public var seed: Int64?
    /// Whether each gets no more than its pace allows today.
    public var keepsPace: Bool

    public init(
      client: ID<Client>? = nil, count: Int? = nil, campaign: ID<Campaign>? = nil, seed: Int64? = nil,
      keepsPace: Bool = false
    ) {
      self.client = client
      self.count = count
      self.campaign = campaign
      self.seed = seed
      self.keepsPace = keepsPace
    }
  }

  public enum Outcome: Hashable, Sendable {
    case planned(LeadPlan)
    case unknownClient
    /// There is no such campaign, or it is another client's.
    case unknownCampaign
    case campaignEnded
  }

  /// What came of carrying a plan out.
  public struct Result: Hashable, Sendable {
    public let plan: LeadPlan
    /// How many entries had each outcome (`LeadVerdict.code`).
    public let outcomes: [String: Int]

    public init(plan: LeadPlan, outcomes: [String: Int]) {
      self.plan = plan
      self.outcomes = outcomes
    }
  }

  let database: Database
  let time: any TimeSource
  let matching: LeadMatching

  /// Leads whose latest facts are looked at before a plan is made, at most.
  public static let mostRefreshed = 50_000

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
    matching = LeadMatching(database: database)
  }

  /// Takes what was imported or changed into account; for a command that waits for it.
  public func refresh(onProgress: @Sendable (Int) -> Void) async throws {
    _ = try await matching.refresh(now: time.now, onProgress: onProgress)
  }

  /// Works out a plan and keeps it as a draft for a week. It changes nothing else.
  public func plan(
    _ wish: Wish, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    _ = try await matching.refresh(now: now, limit: Self.mostRefreshed)
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "plan", now: now, in: &transaction)
        return try Self.plan(wish, now: now, in: &transaction)
      }
    }
  }

  static func plan(_ wish: Wish, now: Timestamp, in transaction: inout Transaction) throws -> Outcome {
    if let client = wish.client {
      guard try ClientStore.find(client, in: &transaction) != nil else { return .unknownClient }
      switch try LeadAssignmentService.refusal(of: wish.campaign, for: client, in: &transaction) {
      case .unknownCampaign?: return .unknownCampaign
      case .campaignEnded?: return .campaignEnded
      default: break
      }
    }
    let id = ID<LeadPlan>(at: now)
    // JSON's numbers are exact up to 2⁵³.
    let seed = wish.seed ?? Int64(id.low & 0x1F_FFFF_FFFF_FFFF)
    let clients = try wish.client.map { [$0] } ?? ProfileStore.wanting(in: &transaction)
    var shares: [LeadPlan.Share] = []
    for client in clients {
      let quota = try Self.quota(of: client, now: now, in: &transaction)
      let room = wish.keepsPace ? quota.leftToday : quota.left
      shares.append(
        LeadPlan.Share(
          client: client, campaign: wish.campaign, wanted: min(wish.count ?? room, room, LeadPlan.most),
          quotaLeft: quota.left, paceLeft: quota.leftToday))
    }
    LeadPlanStore.insert(
      LeadPlan(id: id, seed: seed, state: .draft, createdAt: now, appliedAt: nil, shares: shares),
      keepsPace: wish.keepsPace, in: &transaction)
    let parties = try Self.parties(
      shares.map { ($0.client, $0.quotaLeft, $0.wanted) }, in: &transaction)
    try Self.extend(LeadPlanning(plan: id, seed: seed, parties: parties), after: 0, in: &transaction)
    guard let (plan, _) = try LeadPlanStore.find(id, in: &transaction) else { return .unknownClient }
    return .planned(plan)
  }

  /// Appends what can be had; returns how many that is.
  @discardableResult
  static func extend(
    _ planning: LeadPlanning, after position: Int, in transaction: inout Transaction
  ) throws -> Int {
    let turns = try planning.turns(in: &transaction)
    for start in stride(from: 0, to: turns.count, by: 10_000) {
      let part = Array(turns[start..<min(start + 10_000, turns.count)])
      LeadPlanStore.append(part, to: planning.plan, after: position + start, in: &transaction)
    }
    return turns.count
  }

  static func parties(
    _ shares: [(client: ID<Client>, weight: Int, wanted: Int)], in transaction: inout Transaction
  ) throws -> [LeadPlanning.Party] {
    let open = shares.filter { $0.wanted > 0 }
    guard !open.isEmpty else { return [] }
    let profiles = try ProfileStore.find(open.map(\.client), in: &transaction)
    return open.compactMap { share in
      profiles[share.client].map {
        .init(client: share.client, profile: $0.profile, weight: share.weight, wanted: share.wanted)
      }
    }
  }

  static func quota(
    of id: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) throws -> LeadQuota {
    guard let client = try ClientStore.find(id, in: &transaction),
      let profile = try ProfileStore.find(id, in: &transaction)
    else { return .none(used: LeadUse(month: 0, today: 0)) }
    return try LeadTurn.quota(
      of: client, try SubscriptionStore.find(id, in: &transaction), profile.profile, now: now,
      in: &transaction)
  }

  /// Nil when there is no such plan: never, or not any more.
  public func find(_ id: ID<LeadPlan>) async throws -> Result? {
    try await database.transaction(.init(isReadOnly: true)) { try Self.result(of: id, in: &$0) }
  }

  static func result(of id: ID<LeadPlan>, in transaction: inout Transaction) throws -> Result? {
    guard let (plan, _) = try LeadPlanStore.find(id, in: &transaction) else { return nil }
    return Result(plan: plan, outcomes: try LeadPlanStore.outcomes(of: id, in: &transaction))
  }

  /// In the order of turns.
  public func entries(
    of id: ID<LeadPlan>, after position: Int = 0, limit: Int
  ) async throws -> [LeadPlanEntry] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadPlanStore.entries(of: id, after: position, limit: limit, in: &$0)
    }
  }
}
