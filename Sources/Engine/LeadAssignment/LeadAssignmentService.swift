import Domain
import Postgres
import Runtime
import Store

/// Whose leads are: given by hand, released, converted (R16).
public struct LeadAssignmentService: Sendable {
  public struct Report: Hashable, Sendable {
    /// For each lead, in the order of the request.
    public let verdicts: [Verdict]
    /// After it.
    public let quota: LeadQuota

    public struct Verdict: Hashable, Sendable {
      public let lead: ID<Lead>
      public let verdict: LeadVerdict
    }

    public var assigned: Int { verdicts.count { $0.verdict == .assigned } }
  }

  public enum Outcome: Hashable, Sendable {
    case done(Report)
    case unknownClient
    /// There is no such campaign, or it is another client's.
    case unknownCampaign
    case campaignEnded
  }

  public enum Change: Hashable, Sendable {
    case done(LeadAssignment)
    /// There is no such lead, or it is not the client's.
    case unknownLead
    /// Nobody has it.
    case notAssigned
    /// It stays with its client for ever.
    case converted
  }

  /// Leads of one command.
  public static let most = 1_000

  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Gives a client leads by hand: those that nobody has, that may be contacted, and as many as are left of
  /// its quota. The daily pace does not count here.
  ///
  /// - Parameters:
  ///   - leads: at most `most`.
  ///   - isOverQuota: gives them also beyond the quota.
  public func assign(
    _ leads: [ID<Lead>], to client: ID<Client>, campaign: ID<Campaign>? = nil, isOverQuota: Bool = false,
    actor: Actor, because reason: String = "by hand", idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: reason, now: now, in: &transaction)
        guard let turn = try LeadTurn(client, now: now, in: &transaction) else { return .unknownClient }
        if let refusal = try Self.refusal(of: campaign, for: client, in: &transaction) { return refusal }
        let manner = LeadTurn.Manner(campaign: campaign, room: isOverQuota ? nil : turn.quota.left)
        let verdicts = try turn.assign(leads, manner, in: &transaction)
        let after = try LeadTurn(client, now: now, in: &transaction)?.quota ?? turn.quota
        return .done(
          Report(verdicts: zip(leads, verdicts).map { .init(lead: $0, verdict: $1) }, quota: after))
      }
    }
  }

  /// What stands against a campaign of the client's getting leads.
  static func refusal(
    of campaign: ID<Campaign>?, for client: ID<Client>, in transaction: inout Transaction
  ) throws -> Outcome? {
    guard let campaign else { return nil }
    guard let found = try CampaignStore.find(campaign, in: &transaction), found.clientID == client
    else { return .unknownCampaign }
    return found.status == .ended ? .campaignEnded : nil
  }

  /// What the client may have of leads, now; nil when there is no such client.
  public func quota(of client: ID<Client>) async throws -> LeadQuota? {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let found = try ClientStore.find(client, in: &transaction),
        let profile = try ProfileStore.find(client, in: &transaction)
      else { return nil }
      return try LeadTurn.quota(
        of: found, try SubscriptionStore.find(client, in: &transaction), profile.profile, now: now,
        in: &transaction)
    }
  }

  /// The client gives the lead back; somebody else may get it. The allocator does not give it to this one
  /// again.
  ///
  /// - Parameter client: nil unless the lead must be this client's.
  public func release(
    _ lead: ID<Lead>, of client: ID<Client>? = nil, because reason: ReleaseReason, actor: Actor,
    idempotency: Idempotency<Change>? = nil
  ) async throws -> Answered<Change> {
    try await change(lead, of: client, "release", actor: actor, idempotency) { assignment, now in
      guard assignment.status == .active else { return false }
      assignment.status = .released
      assignment.releasedAt = now
      assignment.releaseReason = reason.text
      return true
    }
  }

  /// The lead has become what the client wanted: it is its for ever. The first time counts.
  ///
  /// - Parameter client: as for `release`.
  public func convert(
    _ lead: ID<Lead>, of client: ID<Client>? = nil, actor: Actor, idempotency: Idempotency<Change>? = nil
  ) async throws -> Answered<Change> {
    try await change(lead, of: client, "conversion", actor: actor, idempotency) { assignment, now in
      if assignment.status == .active {
        assignment.status = .converted
        assignment.convertedAt = now
      }
      return true
    }
  }

  /// The lead has answered.
  ///
  /// - Parameters:
  ///   - intent: a word for what was said, such as `positive`.
  ///   - client: as for `release`.
  public func reply(
    _ lead: ID<Lead>, intent: String?, of client: ID<Client>? = nil, actor: Actor,
    idempotency: Idempotency<Change>? = nil
  ) async throws -> Answered<Change> {
    try await change(lead, of: client, "reply", actor: actor, idempotency) { assignment, now in
      assignment.repliedAt = now
      assignment.replyIntent = intent
      return true
    }
  }

  /// - Parameter work: false when the state does not allow it.
  private func change(
    _ lead: ID<Lead>, of client: ID<Client>?, _ reason: String, actor: Actor,
    _ idempotency: Idempotency<Change>?,
    _ work: @escaping @Sendable (inout LeadAssignment, Timestamp) -> Bool
  ) async throws -> Answered<Change> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: reason, now: now, in: &transaction)
        guard let current = try LeadAssignmentStore.lockCurrent(of: lead, in: &transaction) else {
          let isThere = try ScoredFactsStore.find([lead], in: &transaction).isEmpty == false
          return isThere && client == nil ? .notAssigned : .unknownLead
        }
        guard client == nil || current.clientID == client else { return .unknownLead }
        var changed = current
        guard work(&changed, now) else { return .converted }
        if changed != current { LeadAssignmentStore.update(changed, in: &transaction) }
        return .done(changed)
      }
    }
  }

  /// A client's leads, in the order in which it got them.
  public func list(
    of client: ID<Client>, status: LeadAssignment.Status? = nil, campaign: ID<Campaign>? = nil,
    after id: ID<LeadAssignment>? = nil, limit: Int
  ) async throws -> [LeadAssignment] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadAssignmentStore.list(
        of: client, status: status, campaign: campaign, after: id, limit: limit, in: &$0)
    }
  }

  /// Who had a lead, the first one first.
  ///
  /// - Parameter client: nil for assignments of all clients.
  public func history(
    of lead: ID<Lead>, only client: ID<Client>? = nil, after id: ID<LeadAssignment>? = nil, limit: Int
  ) async throws -> [LeadAssignment] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadAssignmentStore.history(of: lead, only: client, after: id, limit: limit, in: &$0)
    }
  }
}
