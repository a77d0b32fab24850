import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// A client with the resources of the ignition tier and a campaign.
struct CampaignWorld: Sendable {
  let world: ResourceWorld
  let campaigns: CampaignService
  var pool: PoolFixture { world.pool }

  init(failsFirstAttempt: Bool = false) {
    world = ResourceWorld(failsFirstAttempt: failsFirstAttempt)
    campaigns = CampaignService(database: world.pool.database, time: world.clock)
  }

  /// The client has paid for ignition, and gets what `stock` says of it.
  func prepared(
    isWarmed: Bool = true, stock: ResourceCounts = CampaignWorld.ignition
  ) async throws -> (client: ID<Client>, campaign: ID<Campaign>) {
    let client = try await world.client("Acme")
    try await world.stock(stock, isWarmed: isWarmed)
    try await world.confirm(client, .ignition)
    return (client, try await create("Spring", for: client).id)
  }

  static let ignition = ResourceCounts(emailDomains: 3, mailboxes: 6, phoneNumbers: 1, linkedInSeats: 4)

  func create(
    _ name: String, for client: ID<Client>, _ selection: CampaignSelection = .all
  ) async throws -> Campaign {
    let answer = try await campaigns.create(
      CampaignName(unchecked: name), for: client, selection: selection, actor: .commandLine)
    guard case .fresh(.done(let campaign)) = answer else { throw Unexpected(what: "\(answer)") }
    return campaign
  }

  /// A row as it stands in the table.
  struct Stored: Hashable, CustomStringConvertible {
    var channel: Channel
    var value: String
    var limit: Int?
    var isWarmed: Bool
    var reasons: [String]
    var description: String { "\(channel) \(value) \(limit.map(String.init) ?? "-") \(isWarmed) \(reasons)" }
  }

  func stored(_ campaign: ID<Campaign>) async throws -> [Stored] {
    try await pool.database.transaction { transaction in
      try transaction.query(
        """
        SELECT channel, resource_id, daily_limit, is_warmed, array_to_string(limited_by, ',') AS reasons
        FROM campaign_resources WHERE campaign_id = \(campaign)
        ORDER BY channel COLLATE "C", resource_id COLLATE "C"
        """
      ).map { row in
        Stored(
          channel: try row.decode("channel"), value: try row.decode("resource_id"),
          limit: try row.decode("daily_limit", as: Int32?.self).map { Int($0) },
          isWarmed: try row.decode("is_warmed"),
          reasons: try row.decode("reasons", as: String.self).split(separator: ",").map(String.init))
      }
    }
  }

  /// The row of one value and channel.
  func stored(_ campaign: ID<Campaign>, _ value: String, _ channel: Channel = .email) async throws -> Stored?
  {
    try await stored(campaign).first { $0.value == value && $0.channel == channel }
  }

  /// The table says exactly what Domain decides now of what the client has now, and every check is clean.
  func expectInStep(
    _ campaign: ID<Campaign>, of client: ID<Client>, _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let listed = try #require(try await campaigns.resources(of: campaign, limit: 1_000))
    let decided = listed.map { entry in
      Stored(
        channel: entry.channel, value: entry.resource.value.text, limit: entry.limit.actions,
        isWarmed: entry.limit.isWarmed, reasons: entry.limit.reasons.map(\.rawValue))
    }
    #expect(
      Set(decided) == Set(try await stored(campaign)), "stored and decided", sourceLocation: location)
    let owned = try await world.owned(client).flatMap { resource in
      resource.kind.channels.map { "\($0) \(resource.value.text)" }
    }
    #expect(
      Set(owned) == Set(decided.map { "\($0.channel) \($0.value)" }), "owned and inherited",
      sourceLocation: location)
    #expect(owned.count == decided.count, sourceLocation: location)
    try await world.expectClean(location)
  }

  func resource(_ value: String) async throws -> ID<Resource> {
    try #require(try await pool.value("SELECT id FROM resource_pool WHERE resource_value = \(value)"))
  }

  func act(_ action: ResourceAction, on value: String) async throws {
    let answer = try await world.resources.perform(
      action, on: try await resource(value), actor: .commandLine)
    guard case .fresh(.done) = answer else { throw Unexpected(what: "\(answer)") }
  }

  /// What an SQL user does at the time of the world.
  func sql(_ statement: SQL) async throws {
    let now = world.clock.now
    try await pool.database.transaction { transaction in
      transaction.enqueue("SELECT set_config('reservoir.now', \(now.description), true)")
      _ = try transaction.execute(statement)
    }
  }

  /// Runs the job until nothing is due; how many rows it decided.
  @discardableResult
  func decide(limit: Int = 1_000) async throws -> Int {
    let job = CampaignLimitsJob(database: pool.database)
    var sum = 0
    while true {
      let report = try await job.runOnce(now: world.clock.now, limit: limit)
      sum += report.processed
      if !report.hasMore { return sum }
    }
  }

  struct Unexpected: Error { let what: String }
}
