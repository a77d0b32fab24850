import Domain
import Engine
import HTTP
import Postgres
import Runtime

/// The HTTP interface: the operations of `openapi.yaml` over the engine's services.
///
///     let api = API(services, database: database, metrics: metrics)
///     let server = try HTTPServer(configuration, api.router(observer: observation))
public struct API: Sendable {
  /// What the operations are made of.
  public struct Services: Sendable {
    public var leases: LeaseService
    public var numbers: NumberService
    public var pools: PoolService
    public var alerts: AlertService
    public var clients: ClientService
    public var leads: LeadService
    public var leadConflicts: LeadConflictService
    public var leadImports: LeadImportService
    public var keys: KeyService
    public var jobs: JobService
    public var resources: ResourceService
    public var assignments: AssignmentService
    public var subscriptions: SubscriptionService
    public var tiers: TierService
    public var campaigns: CampaignService
    public var forecasts: ForecastService
    public var supply: SupplyService
    public var payments: PaymentService
    public var permits: PermitService
    public var profiles: ProfileService
    public var leadScores: LeadScoreService
    public var leadAssignments: LeadAssignmentService
    public var leadPlans: LeadPlanService
    public var suppressions: SuppressionService
    public var erasures: ErasureService
    public var leadEvents: LeadEventService
    public var leadSearch: LeadSearchService
    public var templates: TemplateService
    public var leadFigures: LeadFiguresService

    public init(
      leases: LeaseService, numbers: NumberService, pools: PoolService, alerts: AlertService,
      clients: ClientService, leads: LeadService, leadConflicts: LeadConflictService,
      leadImports: LeadImportService, keys: KeyService, jobs: JobService,
      resources: ResourceService, assignments: AssignmentService, subscriptions: SubscriptionService,
      tiers: TierService, campaigns: CampaignService, forecasts: ForecastService, supply: SupplyService,
      payments: PaymentService, permits: PermitService,
      profiles: ProfileService, leadScores: LeadScoreService,
      leadAssignments: LeadAssignmentService, leadPlans: LeadPlanService,
      suppressions: SuppressionService, erasures: ErasureService, leadEvents: LeadEventService,
      leadSearch: LeadSearchService, templates: TemplateService,
      leadFigures: LeadFiguresService
    ) {
      self.leases = leases
      self.numbers = numbers
      self.pools = pools
      self.alerts = alerts
      self.clients = clients
      self.leads = leads
      self.leadConflicts = leadConflicts
      self.leadImports = leadImports
      self.keys = keys
      self.jobs = jobs
      self.resources = resources
      self.assignments = assignments
      self.subscriptions = subscriptions
      self.tiers = tiers
      self.campaigns = campaigns
      self.forecasts = forecasts
      self.supply = supply
      self.payments = payments
      self.permits = permits
      self.profiles = profiles
      self.leadScores = leadScores
      self.leadAssignments = leadAssignments
      self.leadPlans = leadPlans
      self.suppressions = suppressions
      self.erasures = erasures
      self.leadEvents = leadEvents
      self.leadSearch = leadSearch
      self.templates = templates
      self.leadFigures = leadFigures
    }
  }

  /// `openapi.yaml` as JSON, UTF-8.
  public static let contract = Array(OpenAPIDocument.json.utf8)

  /// What the `type` of every problem begins with.
  public static let problemBase = "urn:reservoir:problem:"

  private let operations: Operations

  /// - Parameters:
  ///   - database: asked by `/readyz`.
  ///   - metrics: shown by `/metrics`.
  public init(_ services: Services, database: Database, metrics: Metrics) {
    let keys = services.keys
    var operations = Operations(Authentication { try await keys.authenticate($0) })
    let leases = LeaseRoutes(leases: services.leases, alerts: services.alerts)
    leases.add(to: &operations)
    NumberRoutes(numbers: services.numbers, leases: leases).add(to: &operations)
    PoolRoutes(pools: services.pools, alerts: services.alerts).add(to: &operations)
    ClientRoutes(clients: services.clients).add(to: &operations)
    LeadConflictRoutes(conflicts: services.leadConflicts).add(to: &operations)
    SuppressionRoutes(suppressions: services.suppressions).add(to: &operations)
    ErasureRoutes(erasures: services.erasures).add(to: &operations)
    LeadEventRoutes(events: services.leadEvents).add(to: &operations)
    LeadImportRoutes(imports: services.leadImports).add(to: &operations)
    LeadRoutes(leads: services.leads, search: services.leadSearch).add(to: &operations)
    LeadSearchRoutes(search: services.leadSearch).add(to: &operations)
    TemplateRoutes(templates: services.templates).add(to: &operations)
    LeadAnalyticsRoutes(figures: services.leadFigures).add(to: &operations)
    KeyRoutes(keys: services.keys).add(to: &operations)
    JobRoutes(jobs: services.jobs).add(to: &operations)
    TierRoutes(tiers: services.tiers).add(to: &operations)
    ResourceRoutes(resources: services.resources).add(to: &operations)
    ResourceActionRoutes(resources: services.resources).add(to: &operations)
    AssignmentRoutes(assignments: services.assignments).add(to: &operations)
    SubscriptionRoutes(subscriptions: services.subscriptions).add(to: &operations)
    CampaignRoutes(campaigns: services.campaigns).add(to: &operations)
    ForecastRoutes(forecasts: services.forecasts).add(to: &operations)
    SupplyRoutes(supply: services.supply).add(to: &operations)
    OrderRoutes(supply: services.supply).add(to: &operations)
    PaymentRoutes(payments: services.payments).add(to: &operations)
    WebhookRoutes(payments: services.payments).add(to: &operations)
    PermitRoutes(permits: services.permits).add(to: &operations)
    ProfileRoutes(profiles: services.profiles, scores: services.leadScores).add(to: &operations)
    LeadAssignmentRoutes(assignments: services.leadAssignments).add(to: &operations)
    LeadPlanRoutes(plans: services.leadPlans).add(to: &operations)
    ServerRoutes(readiness: Readiness(database: database), metrics: metrics).add(to: &operations)
    self.operations = operations
  }

  public func router(observer: any RequestObserver = SilentObserver()) -> Router {
    Router(operations.routes, problemBase: Self.problemBase, observer: observer)
  }

  /// Which permission an operation needs, by method and template: `POST /v1/leases`. Those that need no key
  /// are not among them.
  public var permissions: [String: Permission] { operations.permissions }
}
