import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// The product and its model side by side: everything is done to both.
struct YearsWorld {
  let pool: PoolFixture
  let clock: ManualClock
  let resources: ResourceService
  let subscriptions: SubscriptionService
  let check: CheckService
  var model: PoolModel
  var ids: [ID<Client>] = []
  private var thingIDs: [ID<Resource>] = []
  private var tenantLines: [String] = []
  private var thingLines: [String: String] = [:]
  private var thingOrder: [String] = []
  private var names = 0
  private(set) var commands = 0

  init(start: Timestamp) async throws {
    pool = PoolFixture(poolSize: 4)
    let clock = ManualClock(start)
    self.clock = clock
    resources = ResourceService(database: pool.database, time: clock)
    subscriptions = SubscriptionService(database: pool.database, time: clock)
    check = CheckService(database: pool.database, time: clock)
    // One with more of some kinds than another tier, and less of others.
    let scout = PricingTier(
      name: PricingTierName(unchecked: "scout"), priceInCents: 300_000, leadQuota: 1_500,
      resources: ResourceCounts(emailDomains: 4, mailboxes: 12, phoneNumbers: 3, linkedInSeats: 2))
    _ = try await pool.database.transaction { try TierStore.save(scout, now: start, in: &$0) }
    let tiers = try await pool.database.transaction { try TierStore.list(in: &$0) }
    model = PoolModel(
      tiers: Dictionary(
        uniqueKeysWithValues: tiers.map { tier in
          (tier.name.text, ResourceKind.allCases.map { tier.resources[$0] })
        }))
  }

  var now: Int64 { clock.now.microseconds }

  // MARK: Clients

  mutating func addClient(zone: String) async throws {
    let number = ids.count
    let name = "client \(number < 10 ? "00" : number < 100 ? "0" : "")\(number)"
    guard let days = LocalDays(zone), let timeZone = TimeZoneName(zone) else {
      throw Surprise("zone \(zone)")
    }
    let new = NewClient(companyName: CompanyName(unchecked: name), timeZone: timeZone, lowWaterMark: 0)
    let clients = ClientService(database: pool.database, time: clock)
    guard case .fresh(.created(let client)) = try await clients.create(new, actor: .commandLine)
    else { throw Surprise("no client") }
    ids.append(client.id)
    model.add(PoolModel.Tenant(name: name, zone: days))
    tenantLines.append("")
  }

  mutating func confirm(_ tenant: Int, _ tier: String) async throws {
    commands += 1
    let expected = model.confirm(tenant, tier, now: now)
    let answer = try await subscriptions.confirm(
      ids[tenant], tier: PricingTierName(unchecked: tier), actor: .commandLine)
    guard case .fresh(.done(let standing)) = answer else { throw Surprise("\(answer)") }
    let given = standing.assigned.map {
      PoolModel.Given(id: $0.resource.id.description, sendsFrom: $0.sendsFrom.microseconds)
    }
    try expect(Set(given), Set(expected), "what \(model.tenants[tenant].name) got for \(tier)")
  }

  mutating func end(_ tenant: Int) async throws {
    commands += 1
    let hasSubscription = model.tenants[tenant].tier != nil
    model.end(tenant, now: now)
    let answer = try await subscriptions.end(ids[tenant], actor: .commandLine)
    switch answer {
    case .fresh(.done) where hasSubscription: break
    case .fresh(.notSubscribed) where model.tenants[tenant].state == .ended: break
    default: throw Surprise("\(answer)")
    }
  }

  /// R9, as an answer tells it.
  func expectMonth(of tenant: Int) async throws {
    let client = model.tenants[tenant]
    guard client.tier != nil, let standing = try await subscriptions.standing(of: ids[tenant]) else { return }
    let month = client.zone.month(of: client.signedUp, at: now)
    try expect(
      [standing.month.startsOn.description, standing.month.nextStartsOn.description],
      [month.start.description, month.next.description], "the billing month of \(client.name)")
  }

  // MARK: Resources

  enum Warmth: CaseIterable { case warmed, warming, cold }

  /// One new resource to be.
  struct Delivery {
    var kind: PoolModel.Kind
    var warmth = Warmth.warmed
    var places = 1
    var reputation = 0
    /// The local part of a mailbox, on a domain that is there (`domain`) or is the last one before it.
    var mailboxOn: Int?
  }

  mutating func deliver(_ deliveries: [Delivery]) async throws {
    guard !deliveries.isEmpty else { return }
    var rows: [ResourceService.NewResource] = []
    var domains: [Int?] = []
    var lastDomain = ""
    for (index, delivery) in deliveries.enumerated() {
      names += 1
      let kind = ResourceKind.allCases[delivery.kind.rawValue]
      let text: String
      switch delivery.kind {
      case .domain:
        lastDomain = "d\(names).example.com"
        text = lastDomain
      case .mailbox:
        text = "m\(names)@\(delivery.mailboxOn.flatMap { values[$0] } ?? lastDomain)"
      case .number: text = "+142448\(10_000 + names)"
      case .seat: text = "seat_\(names)"
      }
      if delivery.kind == .domain { domains.append(nil) }
      if delivery.kind == .mailbox {
        domains.append(
          delivery.mailboxOn
            ?? rows.indices.last { rows[$0].kind == .emailDomain }.map { model.things.count + $0 })
      }
      if delivery.kind.rawValue > 1 { domains.append(nil) }
      rows.append(
        .init(
          kind: kind, value: try ResourceValue(text, kind: kind), maxClients: delivery.places,
          isWarmed: delivery.warmth == .warmed, reputationScore: delivery.reputation))
      values[model.things.count + index] = text
    }
    guard case .fresh(let verdicts) = try await resources.add(rows, actor: .commandLine)
    else { throw Surprise("a replay") }
    for (index, verdict) in verdicts.enumerated() {
      guard case .added(let id) = verdict else { throw Surprise("\(verdict)") }
      let delivery = deliveries[index]
      thingIDs.append(id)
      thingOrder.append(id.description)
      model.add(
        PoolModel.Thing(
          id: id.description, kind: delivery.kind, domain: domains[index], places: delivery.places,
          createdAt: now, warmEnd: delivery.warmth == .warmed ? now : nil, reputation: delivery.reputation))
    }
    thingOrder.sort()
    for (index, delivery) in deliveries.enumerated() where delivery.warmth == .warming {
      let thing = model.things.count - deliveries.count + index
      try await perform(.startWarmup, on: thing) {
        $0.warmStart = $1
        $0.isWarming = true
      }
    }
  }

  private var values: [Int: String] = [:]

  mutating func perform(
    _ action: ResourceAction, on thing: Int, _ change: (inout PoolModel.Thing, Int64) -> Void
  ) async throws {
    let answer = try await resources.perform(action, on: thingIDs[thing], actor: .commandLine)
    guard case .fresh(.done) = answer else { throw Surprise("\(answer)") }
    let now = self.now
    model.change(thing) { change(&$0, now) }
  }

  // MARK: Jobs

  mutating func runJobs() async throws {
    let instant = clock.now
    _ = try await SubscriptionJob(subscriptions).runOnce(now: instant, limit: 1_000)
    let due = model.due(now: now)
    for tenant in due { model.settle(tenant, now: now) }
    if due.count > 1 { try await rankNewBackorders() }
    _ = try await BackorderJob(subscriptions).runOnce(now: instant, limit: 1_000)
    for kind in PoolModel.Kind.allCases {
      for tenant in model.queue(kind) { model.fill(tenant, kind, now: now) }
    }
    _ = try await WarmupJob(resources).runOnce(now: instant, limit: 1_000)
    model.completeWarmups(now: now)
  }

  /// Of backorders that one run made at one instant any may be the first: that is the product's to choose.
  private mutating func rankNewBackorders() async throws {
    let instant = clock.now
    let rows = try await pool.column(
      """
      SELECT c.company_name || '|' || b.resource_type FROM backorders b JOIN clients c ON c.id = b.client_id
      WHERE b.closed_at IS NULL AND b.created_at = \(instant) ORDER BY b.id
      """, as: String.self)
    for (rank, row) in rows.enumerated() {
      let parts = row.split(separator: "|")
      guard let tenant = model.tenants.firstIndex(where: { $0.name == parts[0] }),
        let kind = PoolModel.Kind.allCases.first(where: { $0.name == parts[1] })
      else { throw Surprise(row) }
      model.rank(tenant, kind, rank)
    }
  }

  // MARK: Comparison

  struct Surprise: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  func expect<T: Equatable>(_ found: T, _ expected: T, _ what: String) throws {
    if found != expected { throw Surprise("\(clock.now): \(what)\nis       \(found)\nexpected \(expected)") }
  }

  /// Everything that the tables say of every client and every resource, against the model.
  mutating func compare() async throws {
    for tenant in model.changedTenants { tenantLines[tenant] = line(ofTenant: tenant) }
    for thing in model.changedThings { thingLines[model.things[thing].id] = line(ofThing: thing) }
    (model.changedTenants, model.changedThings) = ([], [])
    let texts = try await pool.column(Self.snapshot, as: String.self)
    try compare(texts[0], tenantLines.filter { !$0.isEmpty }.joined(separator: "\n"), "clients")
    try compare(texts[1], thingOrder.compactMap { thingLines[$0] }.joined(separator: "\n"), "resources")
  }

  func compare(_ found: String, _ expected: String, _ what: String) throws {
    guard found != expected else { return }
    let (a, b) = (found.split(separator: "\n"), expected.split(separator: "\n"))
    let (extra, absent) = (Set(a).subtracting(b).sorted(), Set(b).subtracting(a).sorted())
    let shown = extra.prefix(8).map { "is       \($0)" } + absent.prefix(8).map { "expected \($0)" }
    throw Surprise("\(clock.now): \(what) differ in \(extra.count) lines\n" + shown.joined(separator: "\n"))
  }

  private func line(ofTenant index: Int) -> String {
    let tenant = model.tenants[index]
    guard let tier = tenant.tier else { return "" }
    let counts = PoolModel.Kind.allCases.map { kind in
      "\(tenant.owned.count { model.things[$0].kind == kind })"
    }
    let waiting = tenant.waiting.map { "\($0.key.name):\($0.value.missing):\($0.value.given)" }.sorted()
    return [
      tenant.name, tier, tenant.state.rawValue, tenant.signedUp.description, tenant.next?.tier ?? "-",
      tenant.next.map { "\($0.at)" } ?? "-", tenant.heldUntil.map { "\($0)" } ?? "-",
      counts.joined(separator: ","), waiting.isEmpty ? "-" : waiting.joined(separator: ","),
    ].joined(separator: "|")
  }

  private func line(ofThing index: Int) -> String {
    let thing = model.things[index]
    let owners = thing.owners.sorted().map { model.tenants[$0].name + (thing.held.contains($0) ? "*" : "") }
    return [
      thing.id, thing.status, "\(thing.owners.count)", "\(thing.held.count)", "\(thing.reputation)",
      thing.warmStart.map { "\($0)" } ?? "-", thing.warmEnd.map { "\($0)" } ?? "-",
      owners.isEmpty ? "-" : owners.joined(separator: ","),
    ].joined(separator: "|")
  }

  /// The same lines, by the database.
  private static let snapshot: SQL = """
    WITH owner AS MATERIALIZED (
      SELECT a.client_id, a.resource_pool_id, r.resource_type,
        c.company_name || CASE WHEN a.held_until IS NULL THEN '' ELSE '*' END AS name
      FROM client_resources a JOIN clients c ON c.id = a.client_id
      JOIN resource_pool r ON r.id = a.resource_pool_id
      WHERE a.released_at IS NULL)
    SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM (
      SELECT concat_ws('|', c.company_name, s.tier, s.state, s.signed_up_on, coalesce(s.next_tier, '-'),
        coalesce((extract(epoch FROM s.next_tier_at) * 1000000)::bigint::text, '-'),
        coalesce((extract(epoch FROM s.held_until) * 1000000)::bigint::text, '-'),
        coalesce(o.counts, '0,0,0,0'), coalesce(b.missing, '-')) AS line
      FROM subscriptions s JOIN clients c ON c.id = s.client_id
      LEFT JOIN (
        SELECT client_id, concat_ws(',', count(*) FILTER (WHERE resource_type = 'email_domain'),
          count(*) FILTER (WHERE resource_type = 'mailbox'),
          count(*) FILTER (WHERE resource_type = 'phone_number'),
          count(*) FILTER (WHERE resource_type = 'linkedin_seat')) AS counts
        FROM owner GROUP BY 1) AS o ON o.client_id = s.client_id
      LEFT JOIN (
        SELECT client_id, string_agg(concat_ws(':', resource_type, wanted - filled, filled), ','
          ORDER BY resource_type) AS missing
        FROM backorders WHERE closed_at IS NULL GROUP BY 1) AS b ON b.client_id = s.client_id) AS clients
    UNION ALL
    SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM (
      SELECT concat_ws('|', r.id, r.status, r.current_clients, r.held_clients, r.reputation_score,
        coalesce((extract(epoch FROM r.warmup_started_at) * 1000000)::bigint::text, '-'),
        coalesce((extract(epoch FROM r.warmup_completed_at) * 1000000)::bigint::text, '-'),
        coalesce(o.names, '-')) AS line
      FROM resource_pool r
      LEFT JOIN (
        SELECT resource_pool_id, string_agg(name, ',' ORDER BY name) AS names FROM owner GROUP BY 1) AS o
        ON o.resource_pool_id = r.id) AS resources
    """

  // MARK: History

  /// The ledger of resources tells each assignment, hold and release of the model and no other; played from
  /// its beginning it ends with those who have the resources now.
  func expectHistory() async throws {
    let rows = try await pool.column(
      """
      SELECT concat_ws('|', (extract(epoch FROM l.at) * 1000000)::bigint, l.kind, l.resource_id,
        c.company_name)
      FROM resource_ledger l JOIN clients c ON c.id = l.client_id
      WHERE l.kind IN ('assigned', 'assignment_changed', 'released') ORDER BY l.at, l.change
      """, as: String.self)
    try compare(
      rows.sorted().joined(separator: "\n"), model.history.sorted().joined(separator: "\n"), "histories")
    var owners: [Substring: Set<Substring>] = [:]
    for row in rows {
      let parts = row.split(separator: "|")
      switch parts[1] {
      case "assigned":
        guard owners[parts[2], default: []].insert(parts[3]).inserted else { throw Surprise("twice: \(row)") }
      case "released":
        guard owners[parts[2]]?.remove(parts[3]) != nil else { throw Surprise("not assigned: \(row)") }
      default: break
      }
    }
    for thing in model.things {
      try expect(
        owners[Substring(thing.id)] ?? [], Set(thing.owners.map { Substring(model.tenants[$0].name) }),
        "the owners of \(thing.id) by the ledger")
    }
  }
}
