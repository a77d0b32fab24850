import Domain
import Testing

@Suite struct `Selection of resources` {
  func select(_ count: Int, _ pool: [Resource], policy: WarmupPolicy = .strict) -> [UInt64] {
    ResourceSelection.select(count, from: pool, policy: policy, now: noon).map(\.resource.id.low)
  }

  /// Each differs from the next in one criterion, and is worse in all the later ones.
  static let ranked = [
    resource(9, maxClients: 9, clients: 1, createdAt: noon + .days(2), reputation: 80),
    resource(8, maxClients: 9, clients: 0, createdAt: noon + .days(2), reputation: 70),
    resource(7, maxClients: 9, clients: 1, createdAt: noon - .days(2), reputation: 70),
    resource(6, maxClients: 9, clients: 1, createdAt: noon, reputation: 70),
    resource(5, maxClients: 9, clients: 1, createdAt: noon + .days(1), reputation: 70),
    resource(55, maxClients: 9, clients: 1, createdAt: noon + .days(1), reputation: 70),
    resource(4, maxClients: 9, createdAt: noon - .days(9), warmup: Warmup(), reputation: 100),
    resource(
      3, maxClients: 9, createdAt: noon - .days(9), warmup: Warmup(startedAt: noon - .days(20)),
      reputation: 90),
  ]

  @Test("R5: warmed, then reputation, then load, then age, then id")
  func order() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<50 {
      #expect(select(8, Self.ranked.shuffled(using: &generator)) == [9, 8, 7, 6, 5, 55, 4, 3])
    }
    #expect(select(2, Self.ranked) == [9, 8])
    #expect(select(0, Self.ranked) == [] && select(-1, Self.ranked) == [])
  }

  @Test(
    "R5: warming, retired, quarantined and held ones are never selected, however good",
    arguments: [ResourceStatus.warming, .retired, .quarantined, .held])
  func never(status: ResourceStatus) {
    let best = resource(1, maxClients: 2, status: status, reputation: 100)
    #expect(select(9, [best, resource(2, warmup: Warmup(), reputation: 1)]) == [2])
  }

  @Test("R5: one that was never warmed comes when no warmed one is left, with the time of its first send")
  func neverWarmed() {
    let chosen = ResourceSelection.select(
      2, from: [resource(1, warmup: Warmup(), reputation: 100), resource(2, reputation: 0)],
      policy: .strict, now: noon)
    #expect(chosen.map(\.resource.id.low) == [2, 1])
    #expect(chosen.map(\.sendsFrom) == [noon, noon + .days(21)])
  }

  @Test func `a shared one is selected while it has a place`() {
    let pool = [resource(1, maxClients: 2, clients: 1), resource(2, maxClients: 2, clients: 2)]
    #expect(select(9, pool) == [1])
  }

  static func random(_ number: UInt64, _ generator: inout SeededGenerator) -> Resource {
    let most = Int.random(in: 1...3, using: &generator)
    let warmups = [
      Warmup(), Warmup(startedAt: noon - .days(3)), Warmup(startedAt: noon - .days(30), completedAt: noon),
    ]
    return resource(
      number, maxClients: most, clients: Int.random(in: 0...most, using: &generator),
      status: ResourceStatus.allCases.randomElement(using: &generator)!,
      createdAt: noon + .days(Int.random(in: -2...2, using: &generator)),
      warmup: warmups.randomElement(using: &generator)!, reputation: Int.random(in: 0...3, using: &generator))
  }

  @Test("R5: any selection is the front of one strict order of what can be assigned", arguments: 0..<20)
  func property(round: Int) {
    let seed = UInt64(round) + 0x5EED
    var generator = SeededGenerator(seed: seed)
    let pool = (0..<80).map { Self.random(UInt64($0), &generator) }
    let count = Int.random(in: 0...90, using: &generator)
    let chosen = select(count, pool)
    #expect(chosen == select(count, pool.shuffled(using: &generator)), "seed \(seed)")
    let free = pool.filter {
      ($0.status == .available || $0.status == .assigned) && $0.currentClients < $0.maxClients
    }
    #expect(chosen.count == min(count, free.count), "seed \(seed)")
    /// An independent order: a key whose parts all ascend.
    func key(_ r: Resource) -> [Int64] {
      [
        r.warmup.completedAt == nil ? 1 : 0, Int64(-r.reputationScore), Int64(r.currentClients),
        r.createdAt.microseconds, Int64(r.id.low),
      ]
    }
    let expected = free.sorted { key($0).lexicographicallyPrecedes(key($1)) }.prefix(count)
    #expect(chosen == expected.map(\.id.low), "seed \(seed)")
    for (a, b) in zip(pool, pool.dropFirst()) {
      #expect(ResourceSelection.order(a, b) != ResourceSelection.order(b, a), "seed \(seed)")
      #expect(!ResourceSelection.order(a, a), "seed \(seed)")
    }
  }
}
