import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// Leads of the pool with only the fields that matter, and the services that are about reaching them.
struct LeadContactWorld {
  let base: World

  init(_ base: World) { self.base = base }

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    base = World(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
  }

  var pool: PoolFixture { base.pool }
  var now: Timestamp { base.clock.now }
  var suppressions: SuppressionService { SuppressionService(database: base.database, time: base.clock) }
  var erasures: ErasureService { ErasureService(database: base.database, time: base.clock) }
  var events: LeadEventService { LeadEventService(database: base.database, time: base.clock) }
  let actor = Actor.commandLine

  /// A person with these texts by column; texts with commas for lists.
  func lead(_ fields: [String: String] = [:], lists: [String: [String]] = [:]) async throws -> ID<Lead> {
    let id = ID<Lead>(at: now)
    let now = self.now
    try await base.at(now) { transaction in
      transaction.enqueue(
        "INSERT INTO lead_pool (id, created_at, updated_at) VALUES (\(id), \(now), \(now))")
      for (column, value) in fields {
        transaction.enqueue("UPDATE lead_pool SET \(identifier: column) = \(value) WHERE id = \(id)")
      }
      for (column, values) in lists {
        transaction.enqueue("UPDATE lead_pool SET \(identifier: column) = \(values) WHERE id = \(id)")
      }
    }
    return id
  }

  @discardableResult
  func assign(_ lead: ID<Lead>, to client: ID<Client>) async throws -> ID<LeadEventFacts.AssignmentState> {
    let (id, now) = (ID<LeadEventFacts.AssignmentState>(at: now), self.now)
    try await base.at(now) { transaction in
      transaction.enqueue(
        """
        INSERT INTO lead_assignments (id, lead_id, client_id, assigned_at)
        VALUES (\(id), \(lead), \(client), \(now))
        """)
    }
    return id
  }

  func release(_ assignment: ID<LeadEventFacts.AssignmentState>) async throws {
    try await pool.execute(
      """
      UPDATE lead_assignments SET status = 'released', released_at = \(now) WHERE id = \(assignment)
      """)
  }

  @discardableResult
  func suppress(
    _ text: String, for client: ID<Client>? = nil, _ reason: Suppression.Reason = .manual
  ) async throws -> SuppressionStore.Added {
    let address = try #require(ContactAddress(guessing: text))
    let answer = try await suppressions.add(
      [NewSuppression(address, for: client, because: reason)], actor: actor
    ).outcome
    guard case .done(let added) = answer else { throw World.Unexpected() }
    return added[0]
  }

  /// The reasons for which a client must not contact the lead, by the rule in SQL.
  func reasons(_ lead: ID<Lead>, for client: ID<Client>? = nil) async throws -> [String] {
    try await pool.column(
      """
      SELECT DISTINCT s.reason FROM lead_pool p CROSS JOIN LATERAL lead_suppressions(p, \(client)) s
      WHERE p.id = \(lead) ORDER BY 1
      """)
  }

  func event(
    _ kind: LeadEvent.Kind, _ id: String, on channel: Channel = .email, to address: String? = nil,
    at time: Timestamp? = nil
  ) -> LeadEvent {
    LeadEvent(
      kind, on: channel, provider: "resend", providerEventID: id, at: time ?? now,
      address: address.flatMap { ContactAddress(guessing: $0) })
  }

  func tell(
    _ event: LeadEvent, of lead: ID<Lead>? = nil, client: ID<Client>? = nil, by key: ID<Client>? = nil,
    from sender: String? = nil
  ) async throws -> LeadEventService.Verdict {
    let report = LeadEventService.Report(
      event, leadID: lead, clientID: client, sender: sender.map { .value($0) })
    return try await events.take([report], of: key, actor: actor).outcome[0]
  }

  /// The rows of `lead_ledger` about a lead that are of events and forgetting, oldest first.
  func history(_ lead: ID<Lead>) async throws -> [String] {
    try await pool.column(
      """
      SELECT kind FROM lead_ledger
      WHERE lead_id = \(lead) AND (kind LIKE 'event\\_%' OR kind IN ('erased', 'state_restored'))
      ORDER BY at, id
      """)
  }

  /// What `reservoir check` finds.
  func faults() async throws -> [String] {
    try await base.check.run().filter { !$0.isClean }.map { "\($0.check.name): \($0.violations)" }
  }
}
