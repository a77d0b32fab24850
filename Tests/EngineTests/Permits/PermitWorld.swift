import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// A client with the resources of the ignition tier and leads that may be contacted, on a manual clock.
struct PermitWorld: Sendable {
  let world: ResourceWorld
  let permits: PermitService
  var pool: PoolFixture { world.pool }
  var clock: ManualClock { world.clock }

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    world = ResourceWorld(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
    permits = PermitService(database: world.pool.database, time: world.clock)
  }

  /// A client that has paid for ignition: 3 domains with 6 mailboxes, a number and 4 seats.
  func prepared(
    _ name: String = "Acme", zone: TimeZoneName = .utc, isWarmed: Bool = true, prefix: String = "a"
  ) async throws -> ID<Client> {
    let client = try await world.client(name, zone: zone)
    try await world.stock(CampaignWorld.ignition, prefix: prefix, isWarmed: isWarmed)
    try await world.confirm(client, .ignition)
    return client
  }

  /// Leads of the client with verified addresses.
  func leads(_ count: Int, of client: ID<Client>, prefix: String = "p") async throws -> [ID<Lead>] {
    try await pool.column(
      """
      WITH new AS (
        INSERT INTO lead_pool (id, email, email_status, email_domain)
        SELECT uuid_v7(), \(prefix) || i || '@' || substring(\(client)::text FROM 25) || '.example.com',
          'verified', substring(\(client)::text FROM 25) || '.example.com'
        FROM generate_series(1, \(count)) AS i RETURNING id)
      INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(client) FROM new RETURNING lead_id
      """)
  }

  func lead(of client: ID<Client>) async throws -> ID<Lead> { try await leads(1, of: client)[0] }

  func ask(
    _ client: ID<Client>, _ lead: ID<Lead>, _ channel: Channel = .email, from resource: ID<Resource>? = nil,
    campaign: ID<Campaign>? = nil
  ) async throws -> PermitOutcome {
    let request = PermitRequest(
      clientID: client, leadID: lead, channel: channel, resourceID: resource, campaignID: campaign)
    guard case .fresh(let outcome) = try await permits.request(.init(request, actor: .commandLine))
    else { throw ResourceWorld.Unexpected(what: "a replay") }
    return outcome
  }

  func permit(
    _ client: ID<Client>, _ lead: ID<Lead>, _ channel: Channel = .email, from resource: ID<Resource>? = nil
  ) async throws -> Permit {
    let outcome = try await ask(client, lead, channel, from: resource)
    guard case .granted(let permit) = outcome else {
      throw ResourceWorld.Unexpected(what: "\(outcome)")
    }
    return permit
  }

  /// The codes against it; empty when it was granted.
  func reasons(
    _ client: ID<Client>, _ lead: ID<Lead>, _ channel: Channel = .email
  ) async throws -> [GateCheck] {
    switch try await ask(client, lead, channel) {
    case .granted: return []
    case .refused(let verdict, _): return verdict.reasons.map(\.check)
    case let other: throw ResourceWorld.Unexpected(what: "\(other)")
    }
  }

  func sent(_ id: ID<Permit>, messageID: String?) async throws -> PermitReport {
    guard case .fresh(let report) = try await permits.sent(id, messageID: messageID, actor: .commandLine)
    else { throw ResourceWorld.Unexpected(what: "a replay") }
    return report
  }

  func failed(_ id: ID<Permit>) async throws -> PermitReport {
    guard case .fresh(let report) = try await permits.failed(id, actor: .commandLine)
    else { throw ResourceWorld.Unexpected(what: "a replay") }
    return report
  }

  /// As much of the client's day is used.
  func used(_ client: ID<Client>, _ channel: Channel, kind: ResourceKind) async throws -> Int {
    try await pool.value(
      """
      SELECT coalesce(sum(u.used), 0)::bigint FROM resource_usage u
      JOIN resource_pool r ON r.id = u.resource_id
      JOIN client_resources a ON a.resource_pool_id = r.id AND a.client_id = \(client)
      WHERE u.channel = \(channel) AND r.resource_type = \(kind)
      """) ?? 0
  }

  func resource(_ value: String) async throws -> ID<Resource> {
    try #require(try await pool.value("SELECT id FROM resource_pool WHERE resource_value = \(value)"))
  }

  @discardableResult
  func sql(_ statement: SQL) async throws -> Int { try await pool.execute(statement) }
}
