import Domain
import Postgres
import Runtime
import Store

/// The numbers of the pool.
public struct NumberService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// In the order of their ids, from the one after `id` on.
  public func list(
    _ filter: NumberFilter = NumberFilter(), after id: ProviderNumberID? = nil, limit: Int
  ) async throws -> [PooledNumber] {
    try await database.transaction(.init(isReadOnly: true)) {
      try NumberStore.list(filter, after: id, limit: limit, in: &$0)
    }
  }

  /// Nil when there is no such number.
  public func get(_ id: ProviderNumberID) async throws -> PooledNumber? {
    try await database.transaction(.init(isReadOnly: true)) { try NumberStore.find(id, in: &$0) }
  }

  /// The number as it is now; nil when there is no such number. One that goes out of service while it is
  /// leased stays with its lead, and is not leased again.
  public func update(
    _ id: ProviderNumberID, _ change: NumberUpdate, actor: Actor
  ) async throws -> PooledNumber? {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      NumberStore.update(id, change, in: &transaction)
      return try NumberStore.find(id, in: &transaction)
    }
  }
}
