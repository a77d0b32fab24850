import Domain
import Postgres
import Runtime
import Store

/// Pricing tiers, which an operator may add and change (R1). A change counts from each client's next payment.
public struct TierService: Sendable {
  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// All of them, the cheapest first.
  public func list() async throws -> [PricingTier] {
    try await database.transaction(.init(isReadOnly: true)) { try TierStore.list(in: &$0) }
  }

  /// Adds the tier, or changes the one of this name. True when it is new.
  public func save(_ tier: PricingTier, actor: Actor) async throws -> Bool {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "tier", now: now, in: &transaction)
      return try TierStore.save(tier, now: now, in: &transaction)
    }
  }
}
