import Domain
import Engine
import HTTPClient
import Postgres
import Providers
import Runtime
import Store
import Synchronization
import TestSupport
import Testing

/// Supply over a database of its own and a provider, on a manual clock.
struct SupplyWorld: Sendable {
  let pool: PoolFixture
  let clock: ManualClock
  let supply: SupplyService
  let resources: ResourceService
  let events = Notebook()

  final class Notebook: Sendable {
    private let content = Mutex<[SupplyEvent]>([])
    var all: [SupplyEvent] { content.withLock { $0 } }
    @Sendable func add(_ event: SupplyEvent) { content.withLock { $0.append(event) } }
  }

  init(
    _ provider: any ResourceProvider, pool: PoolFixture = PoolFixture(), clock: ManualClock = ManualClock()
  ) {
    self.pool = pool
    self.clock = clock
    supply = SupplyService(database: pool.database, time: clock, providers: [provider])
    resources = ResourceService(database: pool.database, time: clock)
  }

  /// - Parameter isImpatient: a purchase that gets no answer is waited for no longer than it must be, that a
  ///   slow machine is not taken for a silent one.
  init(_ fake: FakeInfraforge, isImpatient: Bool = false) throws {
    let timeout = Duration.seconds(isImpatient ? 3 : 20)
    self.init(Infraforge(try fake.settings(timeout: timeout), agent: HTTPAgent()))
  }

  var bufferJob: BufferJob { BufferJob(supply, onEvent: events.add) }
  var orderJob: OrderJob { OrderJob(supply, chance: { 0.5 }, onEvent: events.add) }

  func lookAtBuffer() async throws { _ = try await bufferJob.runOnce(now: clock.now, limit: 100) }
  func workOnOrders() async throws { _ = try await orderJob.runOnce(now: clock.now, limit: 100) }

  /// Domains are bought from Infraforge for $14 at most.
  func plan(
    monthly: Int? = nil, approvalAbove: Int? = nil, price: Int = 1_400, isAutomatic: Bool = true,
    stems: [String] = ["acme"], provider: ProviderName = .infraforge
  ) async throws {
    var plan = try await supply.purchasing().plan
    plan.budget = PurchaseBudget(monthlyInCents: monthly, approvalAboveInCents: approvalAbove)
    plan.kinds[.emailDomain] = PurchaseSettings(
      kind: .emailDomain, provider: provider, unitPriceInCents: price, ordersAutomatically: isAutomatic,
      names: NameParts(stems: stems, words: ["growth", "reach", "team"], endings: ["com", "net"]))
    guard case .saved = try await supply.save(plan, actor: .commandLine) else { throw Unexpected() }
  }

  /// `assigned` warmed domains that a client has, and `available` that nobody has.
  func stock(assigned: Int, available: Int = 0) async throws {
    let rows = try (0..<assigned + available).map {
      ResourceService.NewResource(
        kind: .emailDomain, value: try ResourceValue("stock\($0).example.com", kind: .emailDomain),
        isWarmed: true)
    }
    _ = try await resources.add(rows, actor: .commandLine)
    let client = try await pool.client("Acme")
    _ = try await AssignmentService(database: pool.database, time: clock).assign(
      ResourceCounts(emailDomains: assigned), to: client, actor: .commandLine)
  }

  func buffer() async throws -> Buffer { try await supply.buffers()[0] }

  func order(_ location: SourceLocation = #_sourceLocation) async throws -> SupplyService.Detail {
    let all = try await supply.orders(limit: 10)
    #expect(all.count == 1, "\(all)", sourceLocation: location)
    let id = try #require(all.first, sourceLocation: location).id
    return try #require(try await supply.find(id), sourceLocation: location)
  }

  @discardableResult
  func status(_ location: SourceLocation = #_sourceLocation) async throws -> OrderStatus {
    try await order(location).record.order.status
  }

  func expectClean(_ location: SourceLocation = #_sourceLocation) async throws {
    for result in try await CheckService(database: pool.database, time: clock).run() {
      #expect(result.isClean, "\(result)", sourceLocation: location)
    }
  }

  struct Unexpected: Error {}
}
