import Domain
import Postgres
import Runtime
import Store

/// What must not be contacted. A suppression counts from the next look on, also for leads that enter the pool
/// later: it is found by its key when it is asked for, and never copied onto leads.
public struct SuppressionService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  public enum AddOutcome: Hashable, Sendable {
    /// In the order given.
    case done([SuppressionStore.Added])
    case unknownClient
  }

  /// Suppresses addresses; those that are suppressed for the same reason already stay as they are.
  ///
  /// - Parameter why: one line for the ledger, without anything personal.
  public func add(
    _ news: [NewSuppression], because why: String = "", actor: Actor,
    idempotency: Idempotency<AddOutcome>? = nil
  ) async throws -> Answered<AddOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        try Self.added(news, because: why, actor: actor, now: now, in: &transaction)
      }
    }
  }

  static func added(
    _ news: [NewSuppression], because why: String, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> AddOutcome {
    ActorStore.act(as: actor, because: why, now: now, in: &transaction)
    SuppressionStore.holdOffErasures(in: &transaction)
    for client in Set(news.compactMap(\.clientID)).sorted() {
      guard try ClientStore.find(client, in: &transaction) != nil else { return .unknownClient }
    }
    return .done(try SuppressionStore.add(news, now: now, in: &transaction))
  }

  /// In the order of their making.
  public func list(
    _ filter: SuppressionStore.Filter, after id: ID<Suppression>? = nil, limit: Int
  ) async throws -> [Suppression] {
    try await database.transaction(.init(isReadOnly: true)) {
      try SuppressionStore.list(filter, after: id, limit: limit, in: &$0)
    }
  }

  public enum LiftOutcome: Hashable, Sendable {
    /// It no longer counts; also when it was lifted before.
    case lifted(Suppression)
    /// There is none, or it is not the caller's.
    case unknown
    /// It cannot be lifted, or not by this caller.
    case stays(Suppression.Reason)
  }

  /// Ends a suppression. A lead that was bounced, complained or unsubscribed because of it, and of nothing
  /// else, is not any more.
  ///
  /// - Parameter client: the one whose key asks: only its own.
  public func lift(
    _ id: ID<Suppression>, of client: ID<Client>? = nil, because why: String = "", actor: Actor,
    idempotency: Idempotency<LiftOutcome>? = nil
  ) async throws -> Answered<LiftOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: why, now: now, in: &transaction)
        SuppressionStore.holdOffErasures(in: &transaction)
        guard var found = try SuppressionStore.lock(id, in: &transaction),
          client == nil || found.clientID == client
        else { return .unknown }
        switch found.lifting(byClient: client != nil) {
        case .stays: return .stays(found.reason)
        case .alreadyLifted: return .lifted(found)
        case .lifts:
          SuppressionStore.lift(id, now: now, in: &transaction)
          found.liftedAt = now
          let restored = try LeadSuppressionStore.restore(after: found, now: now, in: &transaction)
          LeadLedgerStore.record(
            "state_restored", restored, because: found.reason.rawValue,
            details: #"{"suppression_id":"\#(id)"}"#, now: now, in: &transaction)
          return .lifted(found)
        }
      }
    }
  }

  /// What an address is suppressed by: itself, its domain, a domain above it.
  public struct Checked: Hashable, Sendable {
    public let address: ContactAddress
    /// None: it may be contacted, as far as suppressions go.
    public let suppressions: [Suppression]
  }

  /// - Parameter client: whose suppressions count beside those for everybody.
  public func check(_ addresses: [ContactAddress], for client: ID<Client>?) async throws -> [Checked] {
    let covering = addresses.map(\.covering)
    let all = Array(Set(covering.joined()))
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      let keys = Dictionary(
        uniqueKeysWithValues: zip(all, try SuppressionStore.keys(of: all, in: &transaction)))
      let found = Dictionary(
        grouping: try SuppressionStore.counting(Array(keys.values), for: client, in: &transaction), by: \.key)
      return zip(addresses, covering).map { address, covering in
        let hits = covering.flatMap { keys[$0].flatMap { found[$0] } ?? [] }
        return Checked(address: address, suppressions: hits.sorted { $0.id < $1.id })
      }
    }
  }

  /// Why a lead must not be contacted.
  public struct LeadAnswer: Hashable, Sendable {
    public let lead: PoolLead
    public let clientID: ID<Client>?
    public let hits: [SuppressionRule.Hit]

    /// Also one that was forgotten: nothing is left to contact.
    public var isSuppressed: Bool { !hits.isEmpty || lead.erasedAt != nil }
  }

  /// Nil when there is no such lead.
  ///
  /// - Parameters:
  ///   - client: whose suppressions count beside those for everybody.
  ///   - owner: nil unless this client has the lead.
  public func explain(
    _ lead: ID<Lead>, for client: ID<Client>?, seenBy owner: ID<Client>? = nil
  ) async throws -> LeadAnswer? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      if let owner, try !LeadSuppressionStore.has(owner, lead, in: &transaction) { return nil }
      guard let found = try PoolLeadStore.find(lead, in: &transaction) else { return nil }
      let keys = try LeadContactKeys.keys(of: found, in: &transaction)
      let counting = try SuppressionStore.counting(Array(keys.keys), for: client, in: &transaction)
      return LeadAnswer(
        lead: found, clientID: client, hits: SuppressionRule.hits(on: keys, of: counting, for: client))
    }
  }
}

/// The keys of everything by which a suppression can mean a lead, and what each is to it.
enum LeadContactKeys {
  static func keys(
    of lead: PoolLead, in transaction: inout Transaction
  ) throws -> [ContactKey: ContactOrigin] {
    let contacts = lead.facts.addresses
    let present = try SuppressionStore.keys(of: contacts.map(\.address), in: &transaction)
    // The first thing that an address is to the lead tells most of it.
    var keys = Dictionary(zip(present, contacts.map(\.origin)), uniquingKeysWith: { first, _ in first })
    let merged = try LeadSuppressionStore.mergedAddresses(of: lead.id, in: &transaction)
    let former =
      try SuppressionStore.keys(of: merged, in: &transaction)
      + LeadSuppressionStore.identityKeys(of: [lead.id], in: &transaction).keys
    for key in former where keys[key] == nil { keys[key] = .former }
    return keys
  }
}
