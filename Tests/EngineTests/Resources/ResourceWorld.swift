import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// An inventory with its services on a manual clock.
struct ResourceWorld: Sendable {
  let pool: PoolFixture
  let clock = ManualClock()
  let resources: ResourceService
  let assignments: AssignmentService
  let subscriptions: SubscriptionService

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    pool = PoolFixture(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
    resources = ResourceService(database: pool.database, time: clock)
    assignments = AssignmentService(database: pool.database, time: clock)
    subscriptions = SubscriptionService(database: pool.database, time: clock)
  }

  func client(_ name: String, zone: TimeZoneName = .utc) async throws -> ID<Client> {
    let service = ClientService(database: pool.database, time: clock)
    let new = NewClient(companyName: CompanyName(unchecked: name), timeZone: zone, lowWaterMark: 0)
    guard case .fresh(.created(let client)) = try await service.create(new, actor: .commandLine)
    else { throw Unexpected(what: "no client") }
    return client.id
  }

  /// Warmed domains with two mailboxes each, numbers and seats, named by `prefix`.
  func stock(_ counts: ResourceCounts, prefix: String = "a", isWarmed: Bool = true) async throws {
    var rows: [ResourceService.NewResource] = []
    func add(_ kind: ResourceKind, _ text: String) throws {
      rows.append(.init(kind: kind, value: try ResourceValue(text, kind: kind), isWarmed: isWarmed))
    }
    for n in 0..<counts.emailDomains {
      try add(.emailDomain, "\(prefix)\(n).example.com")
      for local in ["jo", "kim"] { try add(.mailbox, "\(local)@\(prefix)\(n).example.com") }
    }
    for n in 0..<counts.phoneNumbers { try add(.phoneNumber, "+1424485\(1_000 + n)") }
    for n in 0..<counts.linkedInSeats { try add(.linkedInSeat, "seat_\(prefix)\(n)") }
    guard case .fresh(let verdicts) = try await resources.add(rows, actor: .commandLine)
    else { throw Unexpected(what: "a replay") }
    for verdict in verdicts { guard case .added = verdict else { throw Unexpected(what: "\(verdict)") } }
  }

  @discardableResult
  func confirm(_ client: ID<Client>, _ tier: PricingTierName) async throws -> SubscriptionService.Standing {
    let answered = try await subscriptions.confirm(client, tier: tier, actor: .commandLine)
    guard case .fresh(.done(let standing)) = answered else { throw Unexpected(what: "\(answered)") }
    return standing
  }

  func end(_ client: ID<Client>) async throws {
    let answered = try await subscriptions.end(client, actor: .commandLine)
    guard case .fresh(.done) = answered else { throw Unexpected(what: "\(answered)") }
  }

  func owned(_ client: ID<Client>) async throws -> [Resource] {
    try await pool.database.transaction { try AssignmentStore.owned(by: client, in: &$0) }
  }

  func counts(_ client: ID<Client>) async throws -> ResourceCounts {
    ResourceCounts(of: try await owned(client))
  }

  /// Runs what is due, as the scheduler would.
  func runJobs() async throws {
    let jobs: [any Job] = [
      SubscriptionJob(subscriptions), BackorderJob(subscriptions), WarmupJob(resources),
    ]
    for job in jobs { _ = try await job.runOnce(now: clock.now, limit: 1_000) }
  }

  /// Every invariant, proved from the tables.
  func expectClean(_ location: SourceLocation = #_sourceLocation) async throws {
    for result in try await CheckService(database: pool.database, time: clock).run() {
      #expect(result.isClean, "\(result)", sourceLocation: location)
    }
  }

  struct Unexpected: Error { let what: String }
}
