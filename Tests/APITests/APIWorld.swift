import Domain
import Engine
import HTTP
import JSON
import Postgres
import Runtime
import Testing
import TestSupport

@testable import API

/// The whole interface over a database of its own, asked through the router. Every answer is held against the
/// contract.
struct APIWorld: Sendable {
  static let operatorKey = "environment-key"
  static let webhookSecret = "whsec_for-tests"

  let pool: PoolFixture
  let clock: ManualClock
  let services: API.Services
  let router: Router
  let metrics = Metrics()

  init(clock: ManualClock = ManualClock(), poolSize: Int = 8) {
    self.init(PoolFixture(poolSize: poolSize), clock: clock)
  }

  init(
    _ pool: PoolFixture, clock: ManualClock, jobs: [any Job] = [CountingJob()], hasWebhook: Bool = true
  ) {
    self.pool = pool
    self.clock = clock
    let database = pool.database
    let scheduler = Scheduler(jobs, ledger: DatabaseJobLedger(database: database), time: clock)
    services = API.Services(
      leases: LeaseService(database: database, time: clock),
      numbers: NumberService(database: database, time: clock),
      pools: PoolService(database: database, time: clock),
      alerts: AlertService(database: database, time: clock),
      clients: ClientService(database: database, time: clock),
      leads: LeadService(database: database, time: clock),
      leadConflicts: LeadConflictService(database: database, time: clock),
      leadImports: LeadImportService(database: database, time: clock),
      keys: KeyService(database: database, time: clock, environmentKey: Self.operatorKey),
      jobs: JobService(scheduler: scheduler, database: database, time: clock),
      resources: ResourceService(database: database, time: clock),
      assignments: AssignmentService(database: database, time: clock),
      subscriptions: SubscriptionService(database: database, time: clock),
      tiers: TierService(database: database, time: clock),
      campaigns: CampaignService(database: database, time: clock),
      forecasts: ForecastService(database: database, time: clock),
      supply: SupplyService(database: database, time: clock),
      payments: PaymentService(
        database: database, time: clock,
        settings: PaymentSettings(secrets: hasWebhook ? [Secret(Self.webhookSecret)] : []), metrics: metrics),
      permits: PermitService(database: database, time: clock),
      profiles: ProfileService(database: database, time: clock),
      leadScores: LeadScoreService(database: database, time: clock),
      leadAssignments: LeadAssignmentService(database: database, time: clock),
      leadPlans: LeadPlanService(database: database, time: clock),
      suppressions: SuppressionService(database: database, time: clock),
      erasures: ErasureService(database: database, time: clock),
      leadEvents: LeadEventService(database: database, time: clock),
      leadSearch: LeadSearchService(database: database),
      templates: TemplateService(database: database, time: clock),
      leadFigures: LeadFiguresService(database: database, time: clock))
    router = API(services, database: database, metrics: metrics).router()
  }

  /// Another server on the same database.
  var otherServer: APIWorld { APIWorld(pool, clock: clock) }

  /// - Parameters:
  ///   - key: nil: none is sent.
  ///   - isChecked: whether the answer must be one that the contract documents.
  func send(
    _ method: String, _ target: String, _ body: JSONValue? = nil, key: String? = APIWorld.operatorKey,
    idempotencyKey: String? = nil, isChecked: Bool = true, _ location: SourceLocation = #_sourceLocation
  ) async -> Response {
    var headers: [(name: String, value: String)] = []
    if let key { headers.append(("Authorization", "Bearer \(key)")) }
    if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
    return await send(
      method, target, headers: headers, body: body?.bytes() ?? [], isChecked: isChecked, location)
  }

  func send(
    _ method: String, _ target: String, headers: [(name: String, value: String)], body: [UInt8],
    isChecked: Bool = true, _ location: SourceLocation = #_sourceLocation
  ) async -> Response {
    let type = body.isEmpty ? [] : [(name: "Content-Type", value: "application/json")]
    let isTyped = headers.contains { $0.name == "Content-Type" }
    let response = await router.respond(
      method, target, headers: headers + (isTyped ? [] : type), body: body)
    if isChecked { Contract.expect(response, to: method, target, location) }
    return response
  }

  /// A key with this role, bound to the client unless it is an operator's.
  func key(_ role: Role, of client: ID<Client>? = nil) async throws -> String {
    let scope: KeyScope =
      switch (role, client) {
      case (.operator, _): .operator
      case (.client, let client?): .client(client)
      case (.sender, let client?): .sender(client)
      case (_, nil): throw Unexpected(what: "a role without a client")
      }
    let answer = try await services.keys.create(name: "test", scope: scope, actor: .commandLine)
    guard case .fresh(.created(_, let secret)) = answer else { throw Unexpected(what: "no key") }
    return secret.text
  }

  /// The client's lease of a number to the lead, over the interface.
  func lease(
    _ company: String, _ lead: ID<Lead>, _ location: SourceLocation = #_sourceLocation
  ) async throws -> JSONValue {
    let response = await send(
      "POST", "/v1/leases", ["company": .string(company), "lead_id": .string("\(lead)")])
    #expect(response.status == .created, sourceLocation: location)
    return try response.json
  }

  struct Unexpected: Error { let what: String }
}

/// Counts its runs.
struct CountingJob: Job {
  var name = "counting"
  let interval = Duration.seconds(3_600)
  var failure: (any Error)?
  func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    if let failure { throw failure }
    return JobReport(processed: 3)
  }
}

extension Response {
  var json: JSONValue { get throws { try JSONValue(parsing: body) } }

  /// The last part of a problem's type.
  var problem: String? {
    guard contentType == ContentType.problem, let type = try? json["type"]?.string else { return nil }
    return type.hasPrefix(API.problemBase) ? String(type.dropFirst(API.problemBase.count)) : nil
  }

  /// Pointers, parameters and headers that a problem complains about.
  var faults: [String] {
    let errors = (try? json["errors"]?.array) ?? []
    return errors.compactMap { $0["pointer"]?.string ?? $0["parameter"]?.string ?? $0["header"]?.string }
  }

  var rows: [JSONValue] { get throws { try json["data"]?.array ?? [] } }
}
