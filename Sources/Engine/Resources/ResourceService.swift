import Domain
import Postgres
import Runtime
import Store

/// The platform's inventory: adding, looking, and what an operator or a checker does with one resource.
public struct ResourceService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// One row of a seed, as read and checked.
  public struct NewResource: Hashable, Sendable {
    public var kind: ResourceKind
    public var value: ResourceValue
    public var name: String?
    public var maxClients: Int
    public var isWarmed: Bool
    public var reputationScore: Int
    public var provider: String?
    public var providerID: String?
    public var timeZone: TimeZoneName

    public init(
      kind: ResourceKind, value: ResourceValue, name: String? = nil, maxClients: Int = 1,
      isWarmed: Bool = false, reputationScore: Int = 0, provider: String? = nil, providerID: String? = nil,
      timeZone: TimeZoneName = .utc
    ) {
      self.kind = kind
      self.value = value
      self.name = name
      self.maxClients = maxClients
      self.isWarmed = isWarmed
      self.reputationScore = reputationScore
      self.provider = provider
      self.providerID = providerID
      self.timeZone = timeZone
    }
  }

  /// What became of one row of a seed.
  public enum Verdict: Hashable, Sendable {
    case added(ID<Resource>)
    /// The pool has it already; nothing of it was changed.
    case known(ID<Resource>)
    /// An earlier row says the same.
    case duplicate(ofRow: Int)
    /// Its domain is neither in the pool nor in an earlier row.
    case domainMissing
    /// The pool has it as another kind.
    case otherKind(ResourceKind)
  }

  /// Adds what is new: a verdict for each row, in order. Rows stand for themselves; those that are refused
  /// leave the others alone.
  public func add(
    _ rows: [NewResource], actor: Actor, idempotency: Idempotency<[Verdict]>? = nil
  ) async throws -> Answered<[Verdict]> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "seeded", now: now, in: &transaction)
        return try ResourceSeed(rows, now: now).run(in: &transaction)
      }
    }
  }

  /// - Parameter client: nil unless this client has the resource now, on hold or not.
  public func find(_ id: ID<Resource>, of client: ID<Client>? = nil) async throws -> Resource? {
    try await database.transaction(.init(isReadOnly: true)) { try Self.seen(id, by: client, in: &$0) }
  }

  public func list(
    _ filter: ResourceStore.Filter, after id: ID<Resource>?, limit: Int
  ) async throws -> [Resource] {
    try await database.transaction(.init(isReadOnly: true)) {
      try ResourceStore.list(filter, after: id, limit: limit, in: &$0)
    }
  }

  public enum Explanation: Hashable, Sendable {
    case explained(Resource, Assignability)
    case unknown
    case unknownClient
  }

  /// Why it is or is not assignable now.
  ///
  /// - Parameters:
  ///   - client: as in `find`.
  ///   - receiver: whose policy of warm-up decides from when it could send (R11); nil: the strict one.
  public func explain(
    _ id: ID<Resource>, of client: ID<Client>? = nil, to receiver: ID<Client>? = nil
  ) async throws -> Explanation {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let resource = try Self.seen(id, by: client, in: &transaction) else { return .unknown }
      var policy = WarmupPolicy.strict
      if let receiver = receiver ?? client {
        guard let own = try SubscriptionStore.warmupPolicy(of: receiver, in: &transaction)
        else { return .unknownClient }
        policy = own
      }
      let domain = try resource.domainID.flatMap { try ResourceStore.find($0, in: &transaction) }
      return .explained(resource, Assignability(of: resource, domain: domain, policy: policy, now: now))
    }
  }

  /// Nil when there is no such resource.
  ///
  /// - Parameter client: as in `find`; what concerns other clients is left out then.
  public func history(
    of id: ID<Resource>, for client: ID<Client>? = nil, after place: ResourceLedgerStore.Place?, limit: Int
  ) async throws -> [ResourceLedgerStore.Entry]? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard try Self.seen(id, by: client, in: &transaction) != nil else { return nil }
      return try ResourceLedgerStore.page(
        of: id, for: client, after: place, limit: limit, in: &transaction)
    }
  }

  private static func seen(
    _ id: ID<Resource>, by client: ID<Client>?, in transaction: inout Transaction
  ) throws -> Resource? {
    if let client, try !AssignmentStore.has(client, id, in: &transaction) { return nil }
    return try ResourceStore.find(id, in: &transaction)
  }
}

/// Rows that are to be added in one transaction: domains before their mailboxes.
struct ResourceSeed {
  let rows: [ResourceService.NewResource]
  let now: Timestamp

  init(_ rows: [ResourceService.NewResource], now: Timestamp) {
    self.rows = rows
    self.now = now
  }

  func run(in transaction: inout Transaction) throws -> [ResourceService.Verdict] {
    var verdicts: [Int: ResourceService.Verdict] = [:]
    var first: [String: Int] = [:]
    for (index, row) in rows.enumerated() {
      if let earlier = first[row.value.text] {
        verdicts[index] = .duplicate(ofRow: earlier)
      } else {
        first[row.value.text] = index
      }
    }
    let domains = Set(rows.filter { $0.kind == .mailbox }.compactMap { $0.value.domain?.text })
    for isMailbox in [false, true] {
      let open = rows.indices.filter { verdicts[$0] == nil && (rows[$0].kind == .mailbox) == isMailbox }
      let known = try ResourceStore.known(
        open.map { rows[$0].value.text } + (isMailbox ? Array(domains) : []), in: &transaction)
      var new: [Resource] = []
      for index in open {
        let row = rows[index]
        if let found = known[row.value.text] {
          verdicts[index] = found.kind == row.kind ? .known(found.id) : .otherKind(found.kind)
          continue
        }
        let domain = isMailbox ? row.value.domain.flatMap { known[$0.text] } : nil
        if isMailbox, domain?.kind != .emailDomain {
          verdicts[index] = .domainMissing
          continue
        }
        new.append(row.resource(domain: domain?.id, now: now))
      }
      let added = try ResourceStore.insert(new, in: &transaction)
      // Somebody else may have been quicker.
      let missed = open.filter { verdicts[$0] == nil && added[rows[$0].value.text] == nil }
      let others =
        try missed.isEmpty
        ? [:] : ResourceStore.known(missed.map { rows[$0].value.text }, in: &transaction)
      for index in open where verdicts[index] == nil {
        let text = rows[index].value.text
        verdicts[index] = added[text].map { .added($0) } ?? others[text].map { .known($0.id) }
      }
    }
    return rows.indices.map { verdicts[$0] ?? .domainMissing }
  }
}

extension ResourceService.NewResource {
  fileprivate func resource(domain: ID<Resource>?, now: Timestamp) -> Resource {
    Resource(
      id: ID(at: now), kind: kind, value: value, name: name, domainID: domain, maxClients: maxClients,
      createdAt: now, warmup: Warmup(completedAt: isWarmed ? now : nil), reputationScore: reputationScore,
      provider: provider, providerID: providerID, timeZone: timeZone)
  }
}
