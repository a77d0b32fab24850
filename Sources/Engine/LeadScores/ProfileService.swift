import Domain
import Postgres
import Runtime
import Store

/// What clients want of leads.
public struct ProfileService: Sendable {
  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// By default, with version 0, for a client that never said what it wants; nil when there is no client.
  public func find(_ client: ID<Client>) async throws -> ClientProfile? {
    try await database.transaction(.init(isReadOnly: true)) { try ProfileStore.find(client, in: &$0) }
  }

  /// Puts the profile in the place of the one before; nil when there is no such client. The same profile
  /// again is no change. Scores of the client's leads are computed anew by the job `lead-scores`.
  public func save(
    _ profile: IdealProfile, for client: ID<Client>, actor: Actor
  ) async throws -> ClientProfile? {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "profile", now: now, in: &transaction)
      guard try SubscriptionStore.lock(client, in: &transaction) != nil,
        var kept = try ProfileStore.find(client, in: &transaction)
      else { return nil }
      guard kept.profile != profile || kept.version == 0 else { return kept }
      let claimed = kept.profile.claimsCompanies
      kept.profile = profile
      kept.version += 1
      kept.updatedAt = now
      ProfileStore.save(kept, now: now, in: &transaction)
      if claimed != profile.claimsCompanies {
        LeadClaimStore.takeCompanies(alone: true, in: &transaction)
        LeadClaimStore.setClaims(profile.claimsCompanies, of: client, in: &transaction)
      }
      return kept
    }
  }
}
