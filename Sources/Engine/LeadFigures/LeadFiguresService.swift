import Domain
import Postgres
import Runtime
import Store

/// The pool in figures. A small pool is counted when it is asked for; of a large one the last look of the job
/// `lead-figures` is told, with its time. Who has which lead is always counted now.
public struct LeadFiguresService: Sendable {
  /// Pools of so many leads are counted when asked for.
  public static let small = 100_000
  /// Pools of so many leads have their fields counted; those of more have them estimated.
  static let counted = 500_000

  private let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// - Parameters:
  ///   - days: how many of the last days to tell.
  ///   - client: only of this client's leads; nil: all.
  public func figures(days: Int = 30, of client: ID<Client>? = nil) async throws -> LeadFigures {
    let now = time.now
    return try await database.transaction(Self.options) { transaction in
      let today = TimeZoneName.utc.date(at: now)
      let (counted, at) = try Self.counted(today, now: now, in: &transaction)
      var pool = client.map { counted.clients[$0] ?? LeadFigures.Counts() } ?? counted.pool
      pool.assigned = try LeadFiguresStore.assigned(of: client, in: &transaction)
      var history = try LeadDayStore.days(
        from: CivilDate(daysSinceEpoch: today.daysSinceEpoch - days + 1), of: client, in: &transaction)
      history.removeAll { $0.subject == today }
      let clients = counted.clients.filter { client == nil || $0.key == client }
      return LeadFigures(
        at: at, pool: pool, collisions: try LeadFiguresStore.collisions(in: &transaction),
        captures: client == nil ? try Self.captures(now: now, in: &transaction) : nil,
        clients: clients.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) },
        sources: client == nil
          ? counted.sources.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) } : [],
        days: history + [.init(today, pool)],
        tiers: try LeadFiguresStore.tiers(of: client, in: &transaction))
    }
  }

  private static func counted(
    _ day: CivilDate, now: Timestamp, in transaction: inout Transaction
  ) throws -> (LeadFiguresStore.Counted, Timestamp) {
    if let size = try LeadFiguresStore.size(in: &transaction), size > small,
      let latest = try LeadDayStore.latest(in: &transaction)
    {
      // Of a day that nobody has looked at yet, nothing is known to have happened.
      return (latest.day == day ? latest.counted : latest.counted.standing, latest.at)
    }
    return (try LeadFiguresStore.count(day, in: &transaction), now)
  }

  private static func captures(
    now: Timestamp, in transaction: inout Transaction
  ) throws -> LeadFigures.Captures? {
    if let size = try LeadFiguresStore.size(in: &transaction), size > small {
      return try LeadCaptureStore.saved(in: &transaction)
    }
    return try LeadCaptureStore.count(now: now, in: &transaction)
  }

  /// Looks at the whole pool and writes the day down. The day before is finished by the first look after it.
  func look(now: Timestamp) async throws {
    try await database.transaction(.init(statementTimeout: .minutes(10))) { transaction in
      let today = TimeZoneName.utc.date(at: now)
      let yesterday = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
      if try !LeadDayStore.isFinished(yesterday, in: &transaction) {
        LeadDayStore.finish(
          yesterday, try LeadFiguresStore.count(yesterday, in: &transaction), in: &transaction)
      }
      let counted = try LeadFiguresStore.count(today, in: &transaction)
      LeadDayStore.save(counted, of: today, now: now, in: &transaction)
      let estimate =
        counted.pool.leads > Self.counted
        ? try LeadCaptureStore.estimate(leads: counted.pool.leads, now: now, in: &transaction) : nil
      let captures = try estimate ?? LeadCaptureStore.count(now: now, in: &transaction)
      LeadCaptureStore.save(captures, in: &transaction)
    }
  }

  /// What changes from minute to minute: about how many leads there are, how many have a client, and more
  /// than one.
  public func standing() async throws -> (leads: Int, assigned: Int, collisions: Int) {
    try await database.transaction(Self.options) { transaction in
      (
        try LeadFiguresStore.size(in: &transaction) ?? 0,
        try LeadFiguresStore.assigned(of: nil, in: &transaction),
        try LeadFiguresStore.collisions(in: &transaction)
      )
    }
  }

  private static let options = TransactionOptions(
    isolation: .repeatableRead, isReadOnly: true, statementTimeout: .seconds(30))
}

/// Looks at the pool each hour and writes the day's figures down.
public struct LeadFiguresJob: Job {
  public let name = "lead-figures"
  public let interval: Duration
  private let figures: LeadFiguresService

  public init(_ figures: LeadFiguresService, interval: Duration = .hours(1)) {
    self.figures = figures
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    try await figures.look(now: now)
    return JobReport(processed: 1)
  }
}
