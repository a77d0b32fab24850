import Domain
import Engine
import Postgres
import Runtime
import Store

/// The services of the engine over one database, for a server and for commands alike.
struct Services: Sendable {
  let time = WallClock()
  let leases: LeaseService
  let clients: ClientService
  let leads: LeadService
  let leadConflicts: LeadConflictService
  let leadImports: LeadImportService
  let numbers: NumberService
  let pools: PoolService
  let alerts: AlertService
  let keys: KeyService
  let resources: ResourceService
  let assignments: AssignmentService
  let subscriptions: SubscriptionService
  let tiers: TierService
  let campaigns: CampaignService
  let forecasts: ForecastService
  let supply: SupplyService
  let payments: PaymentService
  let permits: PermitService
  let profiles: ProfileService
  let leadScores: LeadScoreService
  let leadAssignments: LeadAssignmentService
  let leadPlans: LeadPlanService
  let suppressions: SuppressionService
  let erasures: ErasureService
  let leadEvents: LeadEventService
  let leadSearch: LeadSearchService
  let templates: TemplateService
  let leadFigures: LeadFiguresService
  let scheduler: Scheduler
  let jobs: JobService
  let check: CheckService

  init(
    _ configuration: Configuration, _ database: Database, log: Log = .off, metrics: Metrics = Metrics()
  ) throws {
    leases = LeaseService(
      database: database, time: time, lanes: configuration[Settings.leaseLanes],
      maxQueue: configuration[Settings.leaseQueue], metrics: metrics)
    clients = ClientService(database: database, time: time)
    leads = LeadService(database: database, time: time)
    leadConflicts = LeadConflictService(database: database, time: time)
    leadImports = LeadImportService(database: database, time: time)
    numbers = NumberService(database: database, time: time)
    pools = PoolService(database: database, time: time)
    alerts = AlertService(database: database, time: time) { note($0, in: log) }
    keys = KeyService(
      database: database, time: time, environmentKey: configuration[Settings.apiKey]?.revealed)
    resources = ResourceService(database: database, time: time)
    assignments = AssignmentService(database: database, time: time)
    subscriptions = SubscriptionService(database: database, time: time)
    tiers = TierService(database: database, time: time)
    campaigns = CampaignService(database: database, time: time)
    forecasts = ForecastService(database: database, time: time)
    supply = SupplyService(
      database: database, time: time, providers: try ProviderSettings.providers(configuration))
    let reporter = SupplyReporter(log: log, metrics: metrics)
    payments = PaymentService(
      database: database, time: time, settings: PaymentSettings(configuration), metrics: metrics
    ) { note($0, in: log) }
    permits = PermitService(
      database: database, time: time, lanes: configuration[Settings.leaseLanes],
      maxQueue: configuration[Settings.leaseQueue], metrics: metrics)
    profiles = ProfileService(database: database, time: time)
    leadScores = LeadScoreService(database: database, time: time)
    leadAssignments = LeadAssignmentService(database: database, time: time)
    leadPlans = LeadPlanService(database: database, time: time)
    let distributes: [any Job] =
      configuration[Settings.distributeLeads] ? [LeadDistributionJob(leadPlans)] : []
    suppressions = SuppressionService(database: database, time: time)
    erasures = ErasureService(database: database, time: time)
    leadEvents = LeadEventService(database: database, time: time)
    leadSearch = LeadSearchService(database: database)
    templates = TemplateService(database: database, time: time)
    leadFigures = LeadFiguresService(database: database, time: time)
    scheduler = Scheduler(
      [
        SweepJob(leases, interval: configuration[Settings.sweepInterval]),
        PoolAlertJob(alerts, interval: configuration[Settings.alertInterval]),
        SubscriptionJob(subscriptions), BackorderJob(subscriptions), WarmupJob(resources),
        BufferJob(supply, interval: configuration[Settings.bufferInterval], onEvent: reporter.report),
        OrderJob(supply, onEvent: reporter.report),
        LedgerPartitionsJob(database: database), IdempotencyKeysJob(database: database),
        CampaignLimitsJob(database: database),
        PaymentEventsJob(payments), PermitExpiryJob(database: database),
        LeadMatchingJob(LeadMatching(database: database)), LeadScoresJob(leadScores),
        SenderHealthJob(database: database),
        LeadFiguresJob(leadFigures),
      ] + distributes, ledger: DatabaseJobLedger(database: database), time: time, log: log, metrics: metrics)
    jobs = JobService(scheduler: scheduler, database: database, time: time)
    check = CheckService(database: database, time: time)
  }
}

private func note(_ event: PoolAlertEvent, in log: Log) {
  switch event {
  case .raised(let alert):
    log.warning(
      "pool alert raised",
      [
        "alert": .id(alert.id), "kind": .vouched(alert.kind.rawValue), "client": .id(alert.clientID),
        "available": .count(alert.available), "total": .count(alert.total),
      ])
  case .cleared(let alert):
    log.info("pool alert cleared", ["alert": .id(alert.id), "client": .id(alert.clientID)])
  }
}

private func note(_ notice: PaymentNotice, in log: Log) {
  func fields(_ record: PaymentEventStore.Record) -> LogFields {
    var fields: LogFields = [
      "event": .vouched(record.id), "type": .vouched(record.type),
      "what": .vouched(record.error ?? record.outcome ?? ""),
    ]
    if let client = record.clientID { fields.append("client", .id(client)) }
    if let next = record.nextAttemptAt { fields.append("next_attempt_at", .time(next)) }
    return fields
  }
  switch notice {
  case .processed(let record): log.info("payment event processed", fields(record))
  case .failed(let record): log.warning("payment event failed", fields(record))
  case .alert(let record): log.warning("payment event wants a look", fields(record))
  }
}

extension PaymentSettings {
  init(_ configuration: Configuration) {
    let secrets = configuration[Settings.stripeWebhookSecret]?.revealed.split(separator: ",") ?? []
    self.init(
      secrets: secrets.map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }.map { Secret($0) },
      tolerance: configuration[Settings.stripeTolerance], expectsLive: configuration[Settings.stripeLive])
  }
}
