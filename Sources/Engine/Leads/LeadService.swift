import Domain
import Postgres
import Runtime
import Store

/// The people whom clients contact.
public struct LeadService: Sendable {
  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Never refused: two leads may have the same address.
  public func create(
    _ new: NewLead, actor: Actor, idempotency: Idempotency<Lead>? = nil
  ) async throws -> Answered<Lead> {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      return try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        LeadStore.insert(new, id: ID(at: now), now: now, in: &transaction)
      }
    }
  }

  /// Nil when there is no such lead.
  public func get(_ id: ID<Lead>) async throws -> Lead? {
    try await database.transaction(.init(isReadOnly: true)) { try LeadStore.find(id, in: &$0) }
  }

  /// In the order of their creation, from the one after `id` on.
  /// - Parameter email: only leads with exactly this address.
  public func list(
    email: EmailAddress? = nil, after id: ID<Lead>? = nil, limit: Int
  ) async throws -> [Lead] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadStore.list(email: email, after: id, limit: limit, in: &$0)
    }
  }
}
