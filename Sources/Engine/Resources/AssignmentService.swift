import Domain
import Postgres
import Runtime
import Store

/// Assignments that an operator makes and takes back by hand.
public struct AssignmentService: Sendable {
  public enum Outcome: Hashable, Sendable {
    /// Each with the instant from which it can send.
    case assigned([SelectedResource])
    /// R6: nothing was assigned, and what is missing of each kind.
    case short(Shortage)
    case unknownClient
    /// The client is on hold or has left: what it gets would belong to nobody.
    case onHold
  }

  public enum Release: Hashable, Sendable {
    case released(Resource)
    /// The client does not have it.
    case notAssigned
  }

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Gives the client as many of each kind, the best by R5, or nothing at all (R6).
  public func assign(
    _ wanted: ResourceCounts, to client: ID<Client>, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "assigned by hand", now: now, in: &transaction)
        guard let found = try SubscriptionStore.lock(client, in: &transaction) else { return .unknownClient }
        if found.subscription?.state == .onHold { return .onHold }
        let facts = try AssignmentStore.lockFacts(for: wanted, of: client, now: now, in: &transaction)
        switch ResourceAssignment.decide(wanted, on: .refuse, facts: facts, policy: found.policy, now: now) {
        case .refused(let shortage): return .short(shortage)
        case .assign(let selected, short: _):
          AssignmentStore.assign(selected.map(\.resource), to: client, now: now, in: &transaction)
          try CampaignLimits.settle(.client(client), now: now, in: &transaction)
          return .assigned(selected)
        }
      }
    }
  }

  /// Takes a resource back into the pool.
  public func release(_ resource: ID<Resource>, of client: ID<Client>, actor: Actor) async throws -> Release {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "released by hand", now: now, in: &transaction)
      guard try SubscriptionStore.lock(client, in: &transaction) != nil,
        try AssignmentStore.owned(by: client, in: &transaction).contains(where: { $0.id == resource })
      else { return .notAssigned }
      AssignmentStore.release([resource], of: client, now: now, in: &transaction)
      try CampaignLimits.settle(.client(client), now: now, in: &transaction)
      return try ResourceStore.find(resource, in: &transaction).map(Release.released) ?? .notAssigned
    }
  }
}
