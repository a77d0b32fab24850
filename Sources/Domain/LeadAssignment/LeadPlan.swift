/// A distribution of leads that was worked out, and perhaps carried out: one row of `lead_plans`.
public struct LeadPlan: Hashable, Sendable {
  public enum State: String, CaseIterable, Hashable, Sendable {
    /// Worked out; nobody has got anything.
    case draft
    /// Being carried out, or interrupted while it was.
    case applying
    case applied
  }

  public let id: ID<LeadPlan>
  /// Decides between equals.
  public let seed: Int64
  public var state: State
  public let createdAt: Timestamp
  public var appliedAt: Timestamp?
  /// The part of each client, in the order of their ids.
  public var shares: [Share]

  public struct Share: Hashable, Sendable {
    public let client: ID<Client>
    public let campaign: ID<Campaign>?
    /// How many it was to get.
    public let wanted: Int
    /// How many stand in the plan for it.
    public var planned: Int
    public var assigned: Int
    /// What was left of its quota, and of today's pace, when the plan was made.
    public let quotaLeft: Int
    public let paceLeft: Int

    public init(
      client: ID<Client>, campaign: ID<Campaign>?, wanted: Int, planned: Int = 0, assigned: Int = 0,
      quotaLeft: Int, paceLeft: Int
    ) {
      self.client = client
      self.campaign = campaign
      self.wanted = wanted
      self.planned = planned
      self.assigned = assigned
      self.quotaLeft = quotaLeft
      self.paceLeft = paceLeft
    }
  }

  public init(
    id: ID<LeadPlan>, seed: Int64, state: State, createdAt: Timestamp, appliedAt: Timestamp?,
    shares: [Share]
  ) {
    self.id = id
    self.seed = seed
    self.state = state
    self.createdAt = createdAt
    self.appliedAt = appliedAt
    self.shares = shares
  }

  /// Leads of one plan.
  public static let most = 100_000
}

/// One lead of a plan.
public struct LeadPlanEntry: Hashable, Sendable {
  /// From 1, in the order of turns.
  public let position: Int
  public let client: ID<Client>
  public let lead: ID<Lead>
  /// For that client, when the plan was made.
  public let score: Int
  /// A `LeadVerdict.code`; nil while the plan was not carried out so far.
  public let outcome: String?

  public init(position: Int, client: ID<Client>, lead: ID<Lead>, score: Int, outcome: String?) {
    self.position = position
    self.client = client
    self.lead = lead
    self.score = score
    self.outcome = outcome
  }
}
