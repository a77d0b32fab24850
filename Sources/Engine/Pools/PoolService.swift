import Domain
import Postgres
import Runtime
import Store

/// What the clients have left, and where.
public struct PoolService: Sendable {
  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// One pool per client in the order of the clients' ids, from the one after `id` on.
  /// - Parameter client: the only one to be shown, if it comes after `id`.
  public func list(
    only client: ID<Client>? = nil, after id: ID<Client>? = nil, limit: Int
  ) async throws -> [Pool] {
    let now = time.now
    return try await database.transaction(.init(isolation: .repeatableRead, isReadOnly: true)) {
      try PoolStore.list(only: client, after: id, limit: limit, now: now, in: &$0)
    }
  }

  /// Nil when there is no such client.
  public func get(_ client: ID<Client>) async throws -> Pool? {
    try await list(only: client, limit: 1).first
  }

  /// Nil when there is no such client.
  public func geography(_ client: ID<Client>) async throws -> PoolGeography? {
    let now = time.now
    return try await database.transaction(.init(isolation: .repeatableRead, isReadOnly: true)) {
      guard let company = try ClientStore.find(client, in: &$0)?.companyName else { return nil }
      return try PoolStore.geography(of: company, now: now, in: &$0)
    }
  }

  /// All pools in sums, for gauges. Looks at every number, so ask once a minute, not at each scrape.
  public func together() async throws -> PoolsTogether {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) {
      try PoolStore.together(now: now, in: &$0)
    }
  }
}
