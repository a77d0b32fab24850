/// What the documents say should become of clients and resources, in plain Swift: an auditor that shares no
/// rule with the product. Instants are microseconds, counts are by `Kind`, resources and clients are places
/// in arrays.
struct PoolModel {
  enum Kind: Int, CaseIterable {
    case domain, mailbox, number, seat
    /// As the database calls it.
    var name: String { ["email_domain", "mailbox", "phone_number", "linkedin_seat"][rawValue] }
  }

  enum State: String {
    case active, ended
    case onHold = "on_hold"
  }

  struct Thing {
    let id: String
    let kind: Kind
    /// A mailbox's domain.
    let domain: Int?
    let places: Int
    let createdAt: Int64
    var warmStart: Int64?
    var warmEnd: Int64?
    var reputation: Int
    /// In the pool, to be given to nobody until its warm-up is over.
    var isWarming = false
    var isQuarantined = false
    var isRetired = false
    var owners: [Int] = []
    var held: Set<Int> = []

    var isInUse: Bool { !isWarming && !isQuarantined && !isRetired }

    var status: String {
      if isQuarantined { return "quarantined" }
      if isRetired { return "retired" }
      if isWarming { return "warming" }
      if owners.count < places { return "available" }
      return held.count == owners.count ? "held" : "assigned"
    }
  }

  /// What a client waits for of one kind, since when.
  struct Waiting {
    var missing: Int
    var given = 0
    let since: Int64
    /// Among those of the same instant.
    var rank = 0
  }

  struct Tenant {
    let name: String
    let zone: LocalDays
    var tier: String?
    var state = State.ended
    var signedUp = LocalDays.Day(year: 0, month: 0, day: 0)
    var next: (tier: String, at: Int64)?
    var heldUntil: Int64?
    var owned: Set<Int> = []
    var waiting: [Kind: Waiting] = [:]
  }

  struct Given: Hashable {
    let id: String
    let sendsFrom: Int64
  }

  static let day: Int64 = 86_400_000_000

  let tiers: [String: [Int]]
  private(set) var things: [Thing] = []
  private(set) var tenants: [Tenant] = []
  private(set) var byKind: [[Int]] = [[], [], [], []]
  /// Each assignment, hold and release: what the ledger must tell.
  private(set) var history: [String] = []
  /// What changed since it was last written down.
  var changedThings: Set<Int> = []
  var changedTenants: Set<Int> = []

  init(tiers: [String: [Int]]) { self.tiers = tiers }

  // MARK: What is there

  mutating func add(_ tenant: Tenant) { tenants.append(tenant) }

  mutating func add(_ thing: Thing) {
    byKind[thing.kind.rawValue].append(things.count)
    changedThings.insert(things.count)
    things.append(thing)
  }

  mutating func change(_ thing: Int, _ body: (inout Thing) -> Void) {
    body(&things[thing])
    changedThings.insert(thing)
  }

  func owned(_ tenant: Int, _ kind: Kind) -> [Int] {
    tenants[tenant].owned.filter { things[$0].kind == kind }.sorted(by: isBetter)
  }

  func missing(_ tenant: Int, _ kind: Kind) -> Int { tenants[tenant].waiting[kind]?.missing ?? 0 }

  /// R5: warmed, reputation, load, age, id.
  func isBetter(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (things[a], things[b])
    if (x.warmEnd == nil) != (y.warmEnd == nil) { return x.warmEnd != nil }
    if x.reputation != y.reputation { return x.reputation > y.reputation }
    if x.owners.count != y.owners.count { return x.owners.count < y.owners.count }
    if x.createdAt != y.createdAt { return x.createdAt < y.createdAt }
    return x.id < y.id
  }

  // MARK: What clients do

  mutating func confirm(_ tenant: Int, _ tier: String, now: Int64) -> [Given] {
    settle(tenant, now: now)
    changedTenants.insert(tenant)
    let gives = tiers[tier] ?? []
    switch tenants[tenant].state {
    case .active:
      let has = Kind.allCases.map { owned(tenant, $0).count + missing(tenant, $0) }
      let more = zip(gives, has).map { max(0, $0 - $1) }
      let isLess = zip(gives, has).contains { $0 < $1 }
      if isLess {
        let month = tenants[tenant].zone.month(of: tenants[tenant].signedUp, at: now)
        tenants[tenant].next = (tier, tenants[tenant].zone.start(of: month.next))
      } else {
        tenants[tenant].next = nil
        tenants[tenant].tier = tier
      }
      if !isLess && more.allSatisfy({ $0 == 0 }) { return [] }
      return serve(tenant, adding: more, now: now)
    case .onHold:
      for thing in tenants[tenant].owned.sorted() {
        things[thing].held.remove(tenant)
        changedThings.insert(thing)
        note("assignment_changed", thing, tenant, now)
      }
      tenants[tenant].heldUntil = nil
      keepBest(tenant, gives, now: now)
    case .ended:
      tenants[tenant].signedUp = tenants[tenant].zone.day(at: now)
    }
    tenants[tenant].state = .active
    tenants[tenant].tier = tier
    let has = Kind.allCases.map { owned(tenant, $0).count }
    return serve(tenant, adding: zip(gives, has).map { max(0, $0 - $1) }, now: now)
  }

  mutating func end(_ tenant: Int, now: Int64) {
    settle(tenant, now: now)
    guard tenants[tenant].state == .active else { return }
    changedTenants.insert(tenant)
    tenants[tenant].state = .onHold
    tenants[tenant].heldUntil = now + 30 * Self.day
    tenants[tenant].next = nil
    tenants[tenant].waiting = [:]
    for thing in tenants[tenant].owned.sorted() {
      things[thing].held.insert(tenant)
      changedThings.insert(thing)
      note("assignment_changed", thing, tenant, now)
    }
  }

  // MARK: What jobs do

  /// Clients with something due, longest due first, then by id.
  func due(now: Int64) -> [Int] {
    func at(_ tenant: Int) -> Int64 {
      min(tenants[tenant].next?.at ?? .max, tenants[tenant].heldUntil ?? .max)
    }
    return tenants.indices.filter { at($0) <= now }.sorted { (at($0), $0) < (at($1), $1) }
  }

  mutating func settle(_ tenant: Int, now: Int64) {
    if let next = tenants[tenant].next, next.at <= now {
      changedTenants.insert(tenant)
      tenants[tenant].next = nil
      tenants[tenant].tier = next.tier
      let gives = tiers[next.tier] ?? []
      keepBest(tenant, gives, now: now)
      for kind in Kind.allCases {
        setMissing(tenant, kind, max(0, gives[kind.rawValue] - owned(tenant, kind).count), given: 0, now: now)
      }
    }
    if let end = tenants[tenant].heldUntil, end <= now {
      changedTenants.insert(tenant)
      tenants[tenant].heldUntil = nil
      tenants[tenant].state = .ended
      for thing in tenants[tenant].owned.sorted() { release(thing, tenant, now) }
    }
  }

  /// Who waits for something of the kind, those who wait longest first.
  func queue(_ kind: Kind) -> [Int] {
    tenants.indices.filter { tenants[$0].waiting[kind] != nil }.sorted { a, b in
      guard let x = tenants[a].waiting[kind], let y = tenants[b].waiting[kind] else { return false }
      return (x.since, x.rank) < (y.since, y.rank)
    }
  }

  mutating func rank(_ tenant: Int, _ kind: Kind, _ rank: Int) { tenants[tenant].waiting[kind]?.rank = rank }

  mutating func fill(_ tenant: Int, _ kind: Kind, now: Int64) {
    _ = serve(tenant, adding: [0, 0, 0, 0], only: kind, now: now)
  }

  mutating func completeWarmups(now: Int64) {
    for thing in things.indices where things[thing].warmEnd == nil && !things[thing].isRetired {
      guard let start = things[thing].warmStart, start + 21 * Self.day <= now else { continue }
      change(thing) {
        $0.warmEnd = now
        $0.isWarming = false
      }
    }
  }

  // MARK: Steps

  /// Of each kind the best, mailboxes only on domains that stay; the rest goes back to the pool.
  private mutating func keepBest(_ tenant: Int, _ most: [Int], now: Int64) {
    let domains = owned(tenant, .domain).prefix(most[0])
    let mailboxes = owned(tenant, .mailbox).filter { domains.contains(things[$0].domain ?? -1) }
    var keeps = Set(domains)
    keeps.formUnion(mailboxes.prefix(most[1]))
    keeps.formUnion(owned(tenant, .number).prefix(most[2]))
    keeps.formUnion(owned(tenant, .seat).prefix(most[3]))
    for thing in tenants[tenant].owned.subtracting(keeps).sorted() { release(thing, tenant, now) }
  }

  private mutating func serve(
    _ tenant: Int, adding more: [Int], only: Kind? = nil, now: Int64
  ) -> [Given] {
    let missing = Kind.allCases.map { self.missing(tenant, $0) + more[$0.rawValue] }
    var chosen: [[Int]] = [[], [], [], []]
    for kind in [Kind.domain, .number, .seat] where only == nil || only == kind {
      let free = byKind[kind.rawValue].filter {
        things[$0].isInUse && things[$0].owners.count < things[$0].places
          && !things[$0].owners.contains(tenant)
      }
      chosen[kind.rawValue] = Array(free.sorted(by: isBetter).prefix(missing[kind.rawValue]))
    }
    if only == nil || only == .mailbox {
      chosen[1] = chooseMailboxes(
        missing[1], for: tenant, on: owned(tenant, .domain) + chosen[0],
        claim: (0...1).map { owned(tenant, Kind.allCases[$0]).count + missing[$0] })
    }
    let given = chosen.joined().map { Given(id: things[$0].id, sendsFrom: sendsFrom($0, now)) }
    for kind in Kind.allCases {
      let left = missing[kind.rawValue] - chosen[kind.rawValue].count
      setMissing(tenant, kind, left, given: chosen[kind.rawValue].count, now: now)
    }
    for thing in chosen.joined() { assign(thing, tenant, now) }
    return given
  }

  /// One by one to the domain of the client with the fewest; none gets more than its share.
  private func chooseMailboxes(_ count: Int, for tenant: Int, on domains: [Int], claim: [Int]) -> [Int] {
    guard claim[0] > 0, count > 0 else { return [] }
    let share = (claim[1] + claim[0] - 1) / claim[0]
    var mine = domains.map { domain in owned(tenant, .mailbox).filter { things[$0].domain == domain }.count }
    var free = domains.map { domain in
      !things[domain].isInUse
        ? []
        : byKind[1].filter {
          things[$0].domain == domain && things[$0].isInUse && things[$0].owners.count < things[$0].places
            && !things[$0].owners.contains(tenant)
        }.sorted(by: isBetter)
    }
    var chosen: [Int] = []
    while chosen.count < count {
      let open = domains.indices.filter { !free[$0].isEmpty && mine[$0] < share }
      guard let least = open.map({ mine[$0] }).min(), let site = open.first(where: { mine[$0] == least })
      else { break }
      chosen.append(free[site].removeFirst())
      mine[site] += 1
    }
    return chosen
  }

  /// Those of the client's domains on which a new mailbox would go to it.
  func domainsWithTooFewMailboxes(of tenant: Int) -> [Int] {
    let claim = [Kind.domain, .mailbox].map { owned(tenant, $0).count + missing(tenant, $0) }
    let mailboxes = owned(tenant, .mailbox)
    return owned(tenant, .domain).filter { domain in
      things[domain].isInUse
        && mailboxes.count { things[$0].domain == domain } < (claim[1] + claim[0] - 1) / claim[0]
    }
  }

  private func sendsFrom(_ thing: Int, _ now: Int64) -> Int64 {
    let sender = things[things[thing].domain ?? thing]
    guard sender.kind == .domain, sender.warmEnd == nil else { return now }
    return max(now, (sender.warmStart ?? now) + 21 * Self.day)
  }

  private mutating func setMissing(_ tenant: Int, _ kind: Kind, _ count: Int, given: Int, now: Int64) {
    guard var waiting = tenants[tenant].waiting[kind] else {
      if count > 0 { tenants[tenant].waiting[kind] = Waiting(missing: count, since: now) }
      if count > 0 { changedTenants.insert(tenant) }
      return
    }
    changedTenants.insert(tenant)
    waiting.missing = count
    waiting.given += given
    tenants[tenant].waiting[kind] = count > 0 ? waiting : nil
  }

  private mutating func assign(_ thing: Int, _ tenant: Int, _ now: Int64) {
    change(thing) {
      $0.owners.append(tenant)
      if $0.kind == .domain, $0.warmStart == nil, $0.warmEnd == nil { $0.warmStart = now }
    }
    tenants[tenant].owned.insert(thing)
    changedTenants.insert(tenant)
    note("assigned", thing, tenant, now)
  }

  private mutating func release(_ thing: Int, _ tenant: Int, _ now: Int64) {
    change(thing) {
      $0.owners.removeAll { $0 == tenant }
      $0.held.remove(tenant)
    }
    tenants[tenant].owned.remove(thing)
    changedTenants.insert(tenant)
    note("released", thing, tenant, now)
  }

  private mutating func note(_ what: String, _ thing: Int, _ tenant: Int, _ now: Int64) {
    history.append("\(now)|\(what)|\(things[thing].id)|\(tenants[tenant].name)")
  }
}
