import Domain
import Postgres
import Runtime
import Store

/// May this lead be contacted now, on which channel and from what: permits, and what became of them.
public final class PermitService: Sendable {
  /// The most requests of one batch.
  public static let mostRequests = 1_000

  let database: Database
  private let time: any TimeSource
  private let rounds: Batcher<PermitCommand, PermitOutcome>

  /// - Parameter lanes: rounds at once.
  public init(
    database: Database, time: any TimeSource, lanes: Int = 2, maxQueue: Int = 4_096, metrics: Metrics? = nil
  ) {
    self.database = database
    self.time = time
    rounds = Batcher(
      "permits", lanes: lanes, maxRound: 128, maxQueue: maxQueue, metrics: metrics,
      isSplit: { ($0 as? PostgresError)?.kind == .server },
      serve: { commands in
        let now = time.now
        return try await database.transaction {
          try PermitRound.serve(commands, now: now, in: &$0)
        }.map { .success($0) }
      })
  }

  /// The service whose life is that of the rounds.
  public var service: any Service { Rounds(batcher: rounds) }

  private struct Rounds: Service {
    let batcher: Batcher<PermitCommand, PermitOutcome>
    var name: String { batcher.name }
    func run() async throws { try await batcher.run() }
  }

  /// A permit, or all reasons against it. Rounds of many callers share a transaction.
  public func request(
    _ command: PermitCommand, idempotency: Idempotency<PermitOutcome>? = nil
  ) async throws -> Answered<PermitOutcome> {
    guard let idempotency else { return .fresh(try await rounds.submit(command)) }
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        try PermitRound.serve([command], now: now, in: &transaction)[0]
      }
    }
  }

  /// A verdict for each, in their order: what one of them takes, the next does not get.
  public func requestBatch(
    _ commands: [PermitCommand], idempotency: Idempotency<[PermitOutcome]>? = nil
  ) async throws -> Answered<[PermitOutcome]> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        try PermitRound.serve(commands, now: now, in: &transaction)
      }
    }
  }

  /// What would be decided now; nothing is taken.
  public func explain(_ request: PermitRequest) async throws -> PermitOutcome {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) {
      try PermitRound.serve(
        [PermitCommand(request, actor: .environment)], now: now, isTaking: false, in: &$0)[0]
    }
  }

  /// One that is issued and would be void if its send were reported now is shown as void.
  ///
  /// - Parameter client: nil unless the permit is this client's.
  public func find(_ id: ID<Permit>, of client: ID<Client>? = nil) async throws -> Permit? {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let permit = try PermitStore.find(id, in: &transaction),
        client == nil || permit.clientID == client
      else { return nil }
      guard permit.status == .issued else { return permit }
      return PermitReportDecision.present(permit, try Self.standing(for: permit, &transaction))
    }
  }

  /// How the permit's client stands with its lead, or with the one that it was merged into.
  private static func standing(
    for permit: Permit, _ transaction: inout Transaction
  ) throws -> LeadStanding? {
    let holder = ClientLead(
      clientID: permit.clientID,
      leadID: try PermitFactsStore.speaker(for: permit.leadID, in: &transaction))
    return try PermitFactsStore.standings([holder], in: &transaction)[holder]
  }

  /// In the order of their issue: of one lead, of one client, or of a lead with one client.
  public func list(
    of client: ID<Client>?, lead: ID<Lead>?, status: Permit.Status? = nil, after id: ID<Permit>? = nil,
    limit: Int
  ) async throws -> [Permit] {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      if let lead {
        return try PermitStore.list(
          for: lead, of: client, status: status, after: id, limit: limit, in: &transaction)
      }
      guard let client else { return [] }
      return try PermitStore.list(
        of: client, status: status, after: id, limit: limit, in: &transaction)
    }
  }

  /// The send was made: it is a touch from now on.
  ///
  /// - Parameter client: nil for an operator; else only permits of this client are known.
  public func sent(
    _ id: ID<Permit>, messageID: String?, of client: ID<Client>? = nil, actor: Actor,
    idempotency: Idempotency<PermitReport>? = nil
  ) async throws -> Answered<PermitReport> {
    try await report(id, of: client, actor: actor, idempotency) { permit, standing, now in
      PermitReportDecision.sent(permit, messageID: messageID, standing, now: now)
    }
  }

  /// Nothing left the building: the place in the limit is given back, and it was no touch.
  public func failed(
    _ id: ID<Permit>, of client: ID<Client>? = nil, actor: Actor,
    idempotency: Idempotency<PermitReport>? = nil
  ) async throws -> Answered<PermitReport> {
    try await report(id, of: client, actor: actor, idempotency) { permit, _, _ in
      PermitReportDecision.failed(permit)
    }
  }

  private func report(
    _ id: ID<Permit>, of client: ID<Client>?, actor: Actor, _ idempotency: Idempotency<PermitReport>?,
    _ decide: @escaping @Sendable (Permit, LeadStanding?, Timestamp) -> PermitReportDecision
  ) async throws -> Answered<PermitReport> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        guard let permit = try PermitStore.lock(id, in: &transaction),
          client == nil || permit.clientID == client
        else { return .unknown }
        let standing = try Self.standing(for: permit, &transaction)
        switch decide(permit, standing, now) {
        case .same: return permit.status == .void ? .void(permit) : .done(permit)
        case .ended: return .ended(permit)
        case .changed(let changed):
          PermitChanges.apply([(permit, changed)], actor: actor, now: now, in: &transaction)
          return changed.status == .void ? .void(changed) : .done(changed)
        }
      }
    }
  }
}
