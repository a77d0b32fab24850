import Domain
import Postgres
import Runtime
import Store

/// Campaigns of clients, and the resources that they inherit.
public struct CampaignService: Sendable {
  public enum Outcome: Hashable, Sendable {
    case done(Campaign)
    case unknownClient
    /// There is no such campaign, or it is another client's.
    case unknownCampaign
    /// Another campaign of the client has this name.
    case nameTaken
    /// It has ended for good.
    case ended
    /// The client does not have these resources.
    case notOwned([ID<Resource>])
  }

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Makes a campaign that has what its client has, now and later, or those resources that are selected.
  public func create(
    _ name: CampaignName, for client: ID<Client>, selection: CampaignSelection = .all, actor: Actor,
    idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "campaign", now: now, in: &transaction)
        guard try SubscriptionStore.lock(client, in: &transaction) != nil else { return .unknownClient }
        let missing = try Self.missing(selection, of: client, in: &transaction)
        guard missing.isEmpty else { return .notOwned(missing) }
        let new = Campaign(
          id: ID(at: now), clientID: client, name: name, isRestricted: selection != .all, createdAt: now)
        guard let campaign = try CampaignStore.insert(new, in: &transaction) else { return .nameTaken }
        if case .only(let resources) = selection {
          CampaignStore.select(resources, for: campaign.id, in: &transaction)
        }
        try CampaignLimits.settle(.client(client), now: now, in: &transaction)
        return .done(campaign)
      }
    }
  }

  /// - Parameter client: nil unless the campaign is this client's.
  public func find(_ id: ID<Campaign>, of client: ID<Client>? = nil) async throws -> Campaign? {
    try await database.transaction(.init(isReadOnly: true)) {
      Self.seen(try CampaignStore.find(id, in: &$0), by: client)
    }
  }

  /// In the order of their creation.
  public func list(
    of client: ID<Client>, status: Campaign.Status? = nil, after id: ID<Campaign>? = nil, limit: Int
  ) async throws -> [Campaign] {
    try await database.transaction(.init(isReadOnly: true)) {
      try CampaignStore.list(of: client, status: status, after: id, limit: limit, in: &$0)
    }
  }

  /// Nil when there is no such campaign. What each resource may do is decided now.
  ///
  /// - Parameter client: as in `find`.
  public func resources(
    of id: ID<Campaign>, for client: ID<Client>? = nil, after place: CampaignResourceStore.Place? = nil,
    limit: Int
  ) async throws -> [CampaignResource]? {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard Self.seen(try CampaignStore.find(id, in: &transaction), by: client) != nil else { return nil }
      return try CampaignResourceStore.list(
        of: id, after: place, limit: limit, now: now, in: &transaction)
    }
  }

  /// - Parameter client: as in `find`.
  public func update(
    _ id: ID<Campaign>, _ update: CampaignUpdate, of client: ID<Client>? = nil, actor: Actor
  ) async throws -> Outcome {
    do {
      return try await change(id, of: client, actor: actor) { campaign, transaction in
        guard let changed = campaign.applying(update) else { return .ended }
        if changed != campaign { try CampaignStore.update(changed, in: &transaction) }
        return .done(changed)
      }
    } catch let error as PostgresError where error.violates(CampaignStore.nameConstraint) {
      return .nameTaken
    }
  }

  /// Restricts the campaign to some of its client's resources, or gives it all again.
  ///
  /// - Parameter client: as in `find`.
  public func select(
    _ selection: CampaignSelection, for id: ID<Campaign>, of client: ID<Client>? = nil, actor: Actor
  ) async throws -> Outcome {
    try await change(id, of: client, actor: actor) { campaign, transaction in
      guard campaign.status != .ended else { return .ended }
      let missing = try Self.missing(selection, of: campaign.clientID, in: &transaction)
      guard missing.isEmpty else { return .notOwned(missing) }
      var changed = campaign
      changed.isRestricted = selection != .all
      if case .only(let resources) = selection {
        CampaignStore.select(resources, for: id, in: &transaction)
      } else {
        CampaignStore.select([], for: id, in: &transaction)
      }
      if changed != campaign { try CampaignStore.update(changed, in: &transaction) }
      return .done(changed)
    }
  }

  private func change(
    _ id: ID<Campaign>, of client: ID<Client>?, actor: Actor,
    _ work: @escaping @Sendable (Campaign, inout Transaction) throws -> Outcome
  ) async throws -> Outcome {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "campaign", now: now, in: &transaction)
      // First the client's turn, as whoever changes assignments.
      guard let owner = Self.seen(try CampaignStore.find(id, in: &transaction), by: client)?.clientID,
        try SubscriptionStore.lock(owner, in: &transaction) != nil,
        let campaign = try CampaignStore.lock(id, in: &transaction)
      else { return .unknownCampaign }
      let outcome = try work(campaign, &transaction)
      try CampaignLimits.settle(.client(owner), now: now, in: &transaction)
      return outcome
    }
  }

  private static func seen(_ campaign: Campaign?, by client: ID<Client>?) -> Campaign? {
    guard let campaign, client == nil || campaign.clientID == client else { return nil }
    return campaign
  }

  private static func missing(
    _ selection: CampaignSelection, of client: ID<Client>, in transaction: inout Transaction
  ) throws -> [ID<Resource>] {
    guard case .only(let resources) = selection else { return [] }
    return try CampaignStore.notOwned(resources, by: client, in: &transaction)
  }
}
