import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// A pool of leads with clients that want them, on a manual clock.
struct LeadWorld: Sendable {
  let world: ResourceWorld
  let assignments: LeadAssignmentService
  let plans: LeadPlanService
  let profiles: ProfileService
  let scores: LeadScoreService
  var pool: PoolFixture { world.pool }
  var clock: ManualClock { world.clock }

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    world = ResourceWorld(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
    let (database, clock) = (world.pool.database, world.clock)
    assignments = LeadAssignmentService(database: database, time: clock)
    plans = LeadPlanService(database: database, time: clock)
    profiles = ProfileService(database: database, time: clock)
    scores = LeadScoreService(database: database, time: clock)
  }

  /// A client that pays for a tier with this quota, and wants any lead.
  func client(
    _ name: String, quota: Int = 1_000, _ change: (inout IdealProfile) -> Void = { _ in }
  ) async throws -> ID<Client> {
    let client = try await world.client(name)
    try await tier("quota_\(quota)", quota: quota)
    try await world.confirm(client, PricingTierName(unchecked: "quota_\(quota)"))
    try await want(client, change)
    return client
  }

  func tier(_ name: String, quota: Int, price: Int? = nil) async throws {
    try await pool.execute(
      """
      INSERT INTO pricing_tiers (name, price_cents, lead_quota, email_domains, mailboxes, phone_numbers,
        linkedin_seats, created_at)
      VALUES (\(name), \(Int32(price ?? quota)), \(Int32(quota)), 0, 0, 0, 0, \(clock.now))
      ON CONFLICT (name) DO NOTHING
      """)
  }

  /// Makes the client want any lead, with this change.
  func want(_ client: ID<Client>, _ change: (inout IdealProfile) -> Void = { _ in }) async throws {
    var profile = IdealProfile()
    profile.employees = nil
    change(&profile)
    _ = try await profiles.save(profile, for: client, actor: .commandLine)
  }

  /// Leads with these columns of `lead_pool` in SQL, which may use their number `i`.
  @discardableResult
  func leads(
    _ count: Int, prefix: String = "p", _ columns: String = "title", _ values: String = "'CEO'"
  ) async throws -> [ID<Lead>] {
    let rows = try await Admin.execute(
      """
      SET reservoir.now = '\(clock.now)';
      INSERT INTO lead_pool (apollo_id, email, email_status, \(columns))
      SELECT '\(prefix)' || i, '\(prefix)' || i || '@example.com', 'verified', \(values)
      FROM generate_series(1, \(count)) AS i RETURNING id
      """, on: TestDatabase.conninfo)
    return rows.compactMap { $0[0].flatMap { ID<Lead>($0) } }
  }

  func assign(
    _ leads: [ID<Lead>], to client: ID<Client>, campaign: ID<Campaign>? = nil, isOverQuota: Bool = false
  ) async throws -> [LeadVerdict] {
    let answer = try await assignments.assign(
      leads, to: client, campaign: campaign, isOverQuota: isOverQuota, actor: .commandLine)
    guard case .fresh(.done(let report)) = answer else { throw Unexpected(what: "\(answer)") }
    return report.verdicts.map(\.verdict)
  }

  func plan(_ wish: LeadPlanService.Wish) async throws -> LeadPlan {
    let answer = try await plans.plan(wish, actor: .commandLine)
    guard case .fresh(.planned(let plan)) = answer else { throw Unexpected(what: "\(answer)") }
    return plan
  }

  func apply(_ plan: LeadPlan) async throws -> LeadPlanService.Result {
    let answer = try await plans.apply(plan.id, actor: .commandLine)
    guard case .fresh(.applied(let result)) = answer else { throw Unexpected(what: "\(answer)") }
    return result
  }

  func release(_ lead: ID<Lead>) async throws {
    let reason = try #require(ReleaseReason("no fit"))
    let answer = try await assignments.release(lead, because: reason, actor: .commandLine)
    guard case .fresh(.done) = answer else { throw Unexpected(what: "\(answer)") }
  }

  /// The unreleased leads of each client.
  func owned() async throws -> [ID<Client>: Int] {
    let rows = try await Admin.execute(
      "SELECT client_id, count(*) FROM lead_assignments WHERE released_at IS NULL GROUP BY 1",
      on: TestDatabase.conninfo)
    var owned: [ID<Client>: Int] = [:]
    for row in rows {
      guard let client = row[0].flatMap({ ID<Client>($0) }), let count = row[1].flatMap({ Int($0) })
      else { throw Unexpected(what: "\(row)") }
      owned[client] = count
    }
    return owned
  }

  /// The kinds of the ledger's rows about a lead, in their order; those of one instant by their names.
  func history(_ lead: ID<Lead>) async throws -> [String] {
    try await pool.column("SELECT kind FROM lead_ledger WHERE lead_id = \(lead) ORDER BY at, kind")
  }

  /// The constraint that a statement violates; nil when it does not.
  func refusal(_ statement: SQL) async -> String? {
    do {
      _ = try await pool.execute(statement)
      return nil
    } catch { return (error as? PostgresError)?.constraint ?? "\(error)" }
  }

  func expectClean(_ location: SourceLocation = #_sourceLocation) async throws {
    try await world.expectClean(location)
  }

  struct Unexpected: Error { let what: String }
}
