import Domain
import Postgres
import Runtime
import Store

/// What providers tell of leads: each event is kept once, and changes lead, assignment, suppressions and the
/// sender's health in one transaction.
public struct LeadEventService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// An event, and how it says whom it is about.
  public struct Report: Hashable, Sendable {
    public var event: LeadEvent
    /// Nil: whoever is known by the address.
    public var leadID: ID<Lead>?
    /// Nil: whoever had the lead then.
    public var clientID: ID<Client>?
    /// What it was sent from.
    public var sender: SenderHealthStore.Reference?

    public init(
      _ event: LeadEvent, leadID: ID<Lead>? = nil, clientID: ID<Client>? = nil,
      sender: SenderHealthStore.Reference? = nil
    ) {
      precondition(leadID != nil || event.address != nil, "an event about nobody")
      self.event = event
      self.leadID = leadID
      self.clientID = clientID
      self.sender = sender
    }
  }

  public enum Verdict: Hashable, Sendable {
    case applied(LeadEventStore.Record)
    /// It was told before: the answer is the same, and nothing changed.
    case repeated(LeadEventStore.Record)
    /// Nobody is known by this, or not by this caller.
    case unknownLead
    case unknownClient
    case unknownSender
    /// Another event was told under the same provider's id.
    case eventIDReused
    /// It has not happened yet.
    case inFuture
  }

  /// The most events of one call.
  public static let most = 1_000

  /// A verdict for each event, in order. Events are judged in the order of their times.
  ///
  /// - Parameter client: the one whose key tells: only of leads that are or were its own.
  public func take(
    _ reports: [Report], of client: ID<Client>? = nil, actor: Actor,
    idempotency: Idempotency<[Verdict]>? = nil
  ) async throws -> Answered<[Verdict]> {
    precondition(reports.count <= Self.most, "events are told part by part")
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "lead event", now: now, in: &transaction)
        SuppressionStore.holdOffErasures(in: &transaction)
        var round = try LeadEventRound(reports, of: client, now: now, in: &transaction)
        try round.run(in: &transaction)
        return round.verdicts.map { $0 ?? .unknownLead }
      }
    }
  }
}

/// Ends the days of senders that are past the rolling 30.
public struct SenderHealthJob: Job {
  public let name = "sender-health"
  public let interval: Duration
  private let database: Database

  public init(database: Database, interval: Duration = .hours(1)) {
    self.database = database
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let name = self.name
    let chunk = min(limit, 1_000)
    let first = TimeZoneName.utc.date(at: now).adding(days: -SenderHealthStore.window)
    let count = try await database.transaction { transaction in
      ActorStore.act(as: .job(name), because: "30 days are over", now: now, in: &transaction)
      let expired = try SenderHealthStore.expire(before: first, limit: chunk, in: &transaction)
      if !expired.senders.isEmpty {
        try CampaignLimits.settle(.resources(expired.senders), now: now, in: &transaction)
      }
      return expired.days
    }
    return JobReport(processed: count, hasMore: count >= chunk)
  }
}
