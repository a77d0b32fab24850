import Domain
import Postgres
import Runtime
import Store

/// The tenants.
public struct ClientService: Sendable {
  public enum Creation: Hashable, Sendable {
    case created(Client)
    case nameTaken
  }

  public enum Update: Hashable, Sendable {
    case updated(Client)
    case unknown
    case nameTaken
  }

  public enum Finding: Hashable, Sendable {
    case found(Client)
    /// With names that may have been meant, best first.
    case unknown(similar: [String])
  }

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  public func create(
    _ new: NewClient, actor: Actor, idempotency: Idempotency<Creation>? = nil
  ) async throws -> Answered<Creation> {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      return try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        let client = try ClientStore.insert(new, id: ID(at: now), now: now, in: &transaction)
        return client.map(Creation.created) ?? .nameTaken
      }
    }
  }

  /// Nil when there is no such client.
  public func get(_ id: ID<Client>) async throws -> Client? {
    try await database.transaction(.init(isReadOnly: true)) { try ClientStore.find(id, in: &$0) }
  }

  /// In the order of their creation, from the one after `id` on.
  /// - Parameter client: the only one to be shown, if it comes after `id`.
  public func list(
    only client: ID<Client>? = nil, after id: ID<Client>? = nil, limit: Int
  ) async throws -> [Client] {
    try await database.transaction(.init(isReadOnly: true)) {
      try ClientStore.list(only: client, after: id, limit: limit, in: &$0)
    }
  }

  /// The client of exactly this name. Hints are only for those who may see all clients.
  public func find(_ name: CompanyName, withHints: Bool = true) async throws -> Finding {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      if let client = try ClientStore.find(name, in: &transaction) { return .found(client) }
      guard withHints else { return .unknown(similar: []) }
      let names = try ClientStore.names(near: name.text, in: &transaction)
      return .unknown(similar: SimilarNames.hints(for: name.text, among: names))
    }
  }

  /// A new name holds at once, for its numbers and their leases too.
  public func update(_ id: ID<Client>, _ change: ClientUpdate, actor: Actor) async throws -> Update {
    let now = time.now
    do {
      return try await database.transaction { transaction in
        ActorStore.act(as: actor, now: now, in: &transaction)
        return try ClientStore.update(id, change, in: &transaction).map(Update.updated) ?? .unknown
      }
    } catch let error as PostgresError where error.violates(ClientStore.nameConstraint) {
      return .nameTaken
    }
  }
}
