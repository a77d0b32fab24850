import Domain
import Postgres
import Runtime
import Store

/// Leases of phone numbers: claimed in rounds, changed one at a time.
public final class LeaseService: Sendable {
  let database: Database
  let time: any TimeSource
  private let rounds: Batcher<LeaseCommand, LeaseRound.Reply>
  /// Of the rounds alone: a connection for each lane, so that no list or report keeps a lease waiting.
  private let roundsDatabase: Database
  private let totals: RecentTotals

  /// - Parameter lanes: rounds at once, each with a connection of its own besides those of `database`.
  public init(
    database: Database, time: any TimeSource, lanes: Int = 2, maxQueue: Int = 4_096, metrics: Metrics? = nil
  ) {
    self.database = database
    self.time = time
    var configuration = database.configuration
    configuration.poolSize = lanes
    configuration.planning = .generic
    let roundsDatabase = Database(configuration)
    self.roundsDatabase = roundsDatabase
    totals = RecentTotals(database: database, time: time)
    rounds = Batcher(
      "leases", lanes: lanes, maxRound: 128, maxQueue: maxQueue, metrics: metrics,
      isSplit: { ($0 as? PostgresError)?.kind == .server },
      serve: { commands in
        try await Self.serve(commands, now: time.now, roundsDatabase).map { .success($0) }
      })
  }

  /// The pointers of leads are a hint, the constraint is the truth: where an SQL user wiped a pointer, the
  /// round is done again with a closer look.
  private static func serve(
    _ commands: [LeaseCommand], now: Timestamp, _ database: Database
  ) async throws -> [LeaseRound.Reply] {
    do {
      return try await database.transaction { try LeaseRound.serve(commands, now: now, in: &$0) }
    } catch let error as PostgresError where error.constraint == "one_live_lease_per_lead_and_company" {
      return try await database.transaction {
        try LeaseRound.serve(commands, now: now, isThorough: true, in: &$0)
      }
    }
  }

  /// For how long a request tries again whose lead, or whose pool's last numbers, others have locked.
  private static let patience: Duration = .seconds(5)

  /// Gives the lead a number of the pool, or says why not. Rounds of many callers share a transaction.
  ///
  /// - Throws: `Overloaded` beyond the queue, or while somebody keeps the lead locked; `PostgresError` when
  ///   the database cannot be asked.
  public func lease(_ command: LeaseCommand) async throws -> Answered<LeaseOutcome> {
    let start = ContinuousClock.now
    var pause: Duration = .milliseconds(1)
    repeat {
      switch try await rounds.submit(command) {
      case .answered(.fresh(.unknownCompany)):
        return .fresh(.unknownCompany(similar: try await names(like: command)))
      case .answered(let answer): return answer
      case .busy: break
      case .dry(let company):
        if let totals = try await totals.ifExhausted(company, for: command.leadID) {
          return .fresh(.exhausted(totals))
        }
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(20))
    } while ContinuousClock.now - start < Self.patience
    throw Overloaded(retryAfter: .seconds(1))
  }

  /// What an operator may have meant. Outside the round, whose leads are locked.
  private func names(like command: LeaseCommand) async throws -> [String] {
    guard command.allowed == nil, case .company(let name) = command.pool else { return [] }
    let names = try await database.transaction(.init(isReadOnly: true)) {
      try ClientStore.names(near: name.text, in: &$0)
    }
    return SimilarNames.hints(for: name.text, among: names)
  }

  /// Whether a round is under way.
  var isLeasing: Bool { rounds.isServing }

  /// The service whose life is that of the rounds: cancelled, it serves what was accepted and then closes
  /// their connections.
  public var service: any Service { Rounds(batcher: rounds, database: roundsDatabase) }

  private struct Rounds: Service {
    let batcher: Batcher<LeaseCommand, LeaseRound.Reply>
    let database: Database
    var name: String { batcher.name }

    func run() async throws {
      try await batcher.run()
      await database.shutdown()
    }
  }
}
