import Domain
import Engine
import Glibc
import TestSupport
import Testing

/// R6 to R9 over years, against an independent model. Another world: `RESERVOIR_TEST_SEED=7`.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct YearsTests {
  @Test("three years of sign-ups, changes, churn and returns: every day is as the model has it")
  func years() async throws {
    let seed = getenv("RESERVOIR_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_230_701
    var life = try await Life(seed: seed)
    do {
      try await life.live(days: 1_096)
    } catch {
      Issue.record("seed \(seed), day \(life.today): \(error)")
      return
    }
    let world = life.world
    for result in try await world.check.run() { #expect(result.isClean, "seed \(seed): \(result)") }
    print(
      "seed \(seed): \(world.ids.count) clients, \(world.model.things.count) resources,",
      "\(world.commands) commands, \(life.deaf) days without jobs, \(life.waited) kinds waited for on",
      "\(life.scarce) days, \(world.model.history.count) changes of owners")
    // It happened at all.
    #expect(world.ids.count == Life.clients && world.commands > 1_000 && life.deaf > 30)
    #expect(life.scarce > 100 && life.scarce < 1_000 && life.leaplings > 0)
  }
}

/// A random world that lives day by day.
private struct Life {
  static let clients = 200
  static let zones = [
    "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago",
    "Africa/Cairo", "Pacific/Kiritimati", "Asia/Kathmandu",
  ]
  static let tiers = ["ignition", "velocity", "dominance", "scout"]

  private enum Act {
    case signUp, jobs, observe, quarantine, review
    case confirm(Int, String)
    case end(Int)
    case deliver([YearsWorld.Delivery])
  }

  var world: YearsWorld
  private var random: Seeded
  /// Midnight of 2023-07-01 in UTC; 2024 has a leap day.
  private let start: Int64 = 1_688_169_600_000_000
  private(set) var today = 0
  /// Appointments, by their instants.
  private var planned: [(at: Int64, act: Act)] = []
  private let signUps: [Int]
  private var silentUntil = 0
  private var isDeliveryDue = false
  private(set) var deaf = 0
  private(set) var waited = 0
  private(set) var scarce = 0
  private(set) var leaplings = 0

  init(seed: UInt64) async throws {
    random = Seeded(seed)
    world = try await YearsWorld(start: Timestamp(microseconds: start))
    // Days on which clients sign up: two of five on a 28th to 31st, some on the leap day (the 243rd).
    let first = Int(start / PoolModel.day)
    let ends = (0..<1_000).filter { day in
      let date = CivilDate(daysSinceEpoch: first + day)
      return date.day >= 28
    }
    var days: [Int] = []
    for number in 0..<Self.clients {
      switch number % 10 {
      case 0 where number % 20 == 0: days.append(243)
      case 0..<4: days.append(ends[random.below(ends.count)])
      default: days.append(random.below(1_000))
      }
    }
    signUps = days
  }

  mutating func live(days: Int) async throws {
    try await world.deliver(stock(domains: 60, numbers: 24, seats: 70))
    for day in 0..<days {
      today = day
      planDay()
      let end = start + Int64(day + 1) * PoolModel.day - 1
      // What happens may make appointments for later the same day.
      while let index = next(before: end) {
        let (at, act) = planned.remove(at: index)
        world.clock.advance(to: Timestamp(microseconds: at))
        try await perform(act)
      }
      world.clock.advance(to: Timestamp(microseconds: end))
      try await world.compare()
      if !world.ids.isEmpty { try await world.expectMonth(of: random.below(world.ids.count)) }
      if day % 365 == 364 { try await world.expectHistory() }
      let waiting = world.model.tenants.reduce(0) { $0 + $1.waiting.count }
      waited += waiting
      if waiting > 0 { scarce += 1 }
    }
    try await world.expectHistory()
  }

  private func next(before end: Int64) -> Int? {
    planned.indices.filter { planned[$0].at <= end }.min { planned[$0].at < planned[$1].at }
  }

  // MARK: What a day brings

  private mutating func planDay() {
    let first = start + Int64(today) * PoolModel.day
    func plan(_ act: Act, _ random: inout Seeded) {
      planned.append((first + 1 + Int64(random.below(86_399_000)) * 1_000, act))
    }
    for _ in signUps.filter({ $0 == today }) { plan(.signUp, &random) }
    for (index, tenant) in world.model.tenants.enumerated() {
      switch tenant.state {
      case .active where random.chance(0.006): plan(.confirm(index, anyTier()), &random)
      case .active where random.chance(0.002): plan(.confirm(index, tenant.tier ?? "scout"), &random)
      case .active where random.chance(0.006): plan(.end(index), &random)
      case .onHold where random.chance(0.02): plan(.confirm(index, anyTier()), &random)
      case .onHold where random.chance(0.005): plan(.end(index), &random)
      case .ended where random.chance(0.002): plan(.confirm(index, anyTier()), &random)
      default: break
      }
    }
    if random.chance(0.15) { plan(.observe, &random) }
    if random.chance(0.05) { plan(.quarantine, &random) }
    if random.chance(0.2) { plan(.review, &random) }
    if silentUntil < today, random.chance(0.02) { silentUntil = today + 1 + random.below(9) }
    if today < silentUntil { deaf += 1 } else { planJobs(from: first) }
    if !isDeliveryDue, world.model.tenants.contains(where: { !$0.waiting.isEmpty }) {
      isDeliveryDue = true
      planned.append((first + Int64(random.below(3)) * PoolModel.day + 11, .deliver([])))
    }
  }

  /// Once a day; now and then at the very instant at which something is due, or just before it.
  private mutating func planJobs(from first: Int64) {
    let due = world.model.tenants.flatMap { [$0.next?.at, $0.heldUntil].compactMap { $0 } }
      .filter { (first + 1..<first + PoolModel.day).contains($0) }
    if let instant = due.first, random.chance(0.5) {
      planned.append((instant - 1, .jobs))
      if random.chance(0.7) { planned.append((instant, .jobs)) }
    } else {
      planned.append((first + 1 + Int64(random.below(86_399_000)) * 1_000, .jobs))
    }
  }

  private mutating func anyTier() -> String { Self.tiers[random.below(Self.tiers.count)] }

  // MARK: What happens

  private mutating func perform(_ act: Act) async throws {
    switch act {
    case .signUp:
      let number = world.ids.count
      try await world.addClient(zone: Self.zones[random.below(Self.zones.count)])
      try await world.confirm(number, anyTier())
      let day = world.model.tenants[number].signedUp
      if day.month == 2 && day.day == 29 { leaplings += 1 }
    case .confirm(let tenant, let tier):
      try await world.confirm(tenant, tier)
      // Some change their mind at the very instant at which the change is due.
      if let next = world.model.tenants[tenant].next, random.chance(0.1) {
        planned.append((next.at - Int64(random.below(2)), .confirm(tenant, anyTier())))
      }
    case .end(let tenant):
      try await world.end(tenant)
      // Some return in the last microsecond of the hold, and some when it is just over.
      if let end = world.model.tenants[tenant].heldUntil, random.chance(0.15) {
        planned.append((end - Int64(random.below(2)), .confirm(tenant, anyTier())))
      }
    case .deliver:
      isDeliveryDue = false
      try await world.deliver(supply())
    case .jobs: try await world.runJobs()
    case .observe:
      guard let thing = anyThing({ !$0.isRetired }) else { return }
      var seen = ResourceObservation()
      let score = random.below(101)
      seen.reputationScore = score
      try await world.perform(.observe(seen), on: thing) { thing, _ in thing.reputation = score }
    case .quarantine:
      guard let thing = anyThing({ $0.isInUse || $0.isWarming }) else { return }
      try await world.perform(.quarantine(.manual, evidence: "seen"), on: thing) { thing, _ in
        thing.isQuarantined = true
        thing.isWarming = false
      }
    case .review: try await review()
    }
  }

  private mutating func review() async throws {
    guard let thing = anyThing({ $0.isQuarantined }) else { return }
    if world.model.things[thing].owners.isEmpty, random.chance(0.3) {
      try await world.perform(.retire, on: thing) { thing, _ in
        thing.isQuarantined = false
        thing.isRetired = true
      }
      return
    }
    try await world.perform(.requalify(evidence: "gone", rewarming: false), on: thing) { thing, _ in
      thing.isQuarantined = false
    }
  }

  private mutating func anyThing(_ condition: (PoolModel.Thing) -> Bool) -> Int? {
    let found = world.model.things.indices.filter { condition(world.model.things[$0]) }
    return found.isEmpty ? nil : found[random.below(found.count)]
  }

  // MARK: Supply

  /// What is waited for and a little more, often too little; and mailboxes on domains that have too few.
  private mutating func supply() -> [YearsWorld.Delivery] {
    let model = world.model
    let missing = PoolModel.Kind.allCases.map { kind in
      model.tenants.indices.reduce(0) { $0 + model.missing($1, kind) }
    }
    func amount(_ count: Int, _ random: inout Seeded) -> Int {
      count == 0 ? 0 : count + random.below(8) - (random.chance(0.2) ? count / 2 : 0)
    }
    var deliveries = stock(
      domains: amount(missing[0], &random), numbers: amount(missing[2], &random),
      seats: amount(missing[3], &random))
    for tenant in model.tenants.indices where model.missing(tenant, .mailbox) > 0 {
      for domain in model.domainsWithTooFewMailboxes(of: tenant) {
        deliveries.append(.init(kind: .mailbox, reputation: random.below(101), mailboxOn: domain))
      }
    }
    return deliveries
  }

  /// Most are warmed and for one client; domains have one to four mailboxes.
  private mutating func stock(domains: Int, numbers: Int, seats: Int) -> [YearsWorld.Delivery] {
    var deliveries: [YearsWorld.Delivery] = []
    func add(_ kind: PoolModel.Kind, sharing: Double, _ random: inout Seeded) {
      let warmth: YearsWorld.Warmth =
        random.chance(0.75) ? .warmed : kind == .domain && random.chance(0.5) ? .warming : .cold
      deliveries.append(
        .init(
          kind: kind, warmth: warmth, places: random.chance(sharing) ? 2 : 1,
          // Few values, so that load, age and id often decide.
          reputation: random.below(4) * 25))
    }
    for _ in 0..<domains {
      add(.domain, sharing: 0.15, &random)
      let isShared = deliveries.last?.places == 2
      for _ in 0..<(isShared ? 4 : [1, 2, 2, 2, 3, 3][random.below(6)]) {
        add(.mailbox, sharing: 0, &random)
      }
    }
    for _ in 0..<numbers { add(.number, sharing: 0, &random) }
    for _ in 0..<seats { add(.seat, sharing: 0.15, &random) }
    return deliveries
  }
}

/// SplitMix64.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func chance(_ probability: Double) -> Bool {
    Double(next() >> 11) / 9_007_199_254_740_992 < probability
  }
}
