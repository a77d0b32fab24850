import Domain
import Testing

struct LeadDistributionTests {
  typealias Candidate = LeadDistribution.Candidate

  static func client(_ n: Int) -> ID<Client> { ID(high: 1, low: UInt64(n)) }
  static func lead(_ n: Int) -> ID<Lead> { ID(high: 2, low: UInt64(n)) }

  static func candidates(_ numbers: some Sequence<Int>, domain: String? = nil) -> [Candidate] {
    numbers.map { Candidate(lead: lead($0), score: 100 - $0 % 50, companyDomain: domain) }
  }

  /// Everybody wants the same leads.
  static func turns(weights: [Int], leads: Int, seed: UInt64) -> [LeadDistribution.Turn] {
    var distribution = LeadDistribution(seed: seed)
    for (n, weight) in weights.enumerated() {
      distribution.enter(client(n), weight: weight, wanted: leads)
      distribution.add(candidates(0..<leads), for: client(n), isLast: true)
    }
    #expect(distribution.run() == .done)
    return distribution.turns
  }

  @Test(arguments: 1...40)
  func `nobody starves: between two turns of a client each other gets its share at most`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let weights = (0..<Int.random(in: 2...9, using: &generator)).map { _ in
      Int.random(in: 1...4_500, using: &generator)
    }
    let turns = Self.turns(weights: weights, leads: 3_000, seed: UInt64(seed))
    #expect(turns.count == 3_000)
    #expect(Set(turns.map(\.candidate.lead)).count == 3_000, "each lead once")
    for (n, weight) in weights.enumerated() {
      let bound = weights.enumerated().filter { $0.offset != n }
        .reduce(1) { $0 + $1.element / weight + 1 }
      var last = -1
      for (place, turn) in turns.enumerated() where turn.client == Self.client(n) {
        #expect(place - last <= bound, "weights \(weights), client \(n)")
        last = place
      }
      // The rest of the list may be shorter than the next gap.
      #expect(turns.count - last <= bound + 1, "weights \(weights), client \(n)")
    }
  }

  @Test func `turns go by weight`() {
    let turns = Self.turns(weights: [100, 200, 700], leads: 1_000, seed: 1)
    let counts = Dictionary(grouping: turns, by: \.client).mapValues(\.count)
    #expect(counts == [Self.client(0): 100, Self.client(1): 200, Self.client(2): 700])
  }

  @Test func `the same seed gives the same turns, another one others`() {
    let weights = [5, 5, 5, 5]
    let first = Self.turns(weights: weights, leads: 100, seed: 7)
    #expect(first == Self.turns(weights: weights, leads: 100, seed: 7))
    let orders = Set((0..<20).map { Self.turns(weights: weights, leads: 100, seed: $0).map(\.client) })
    #expect(orders.count > 10)
  }

  @Test func `equal clients come first equally often, over seeds`() {
    var firsts: [ID<Client>: Int] = [:]
    for seed in 0..<400 as Range<UInt64> {
      firsts[Self.turns(weights: [3, 3, 3, 3], leads: 1, seed: seed)[0].client, default: 0] += 1
    }
    for n in 0..<4 { #expect((60...140).contains(firsts[Self.client(n)] ?? 0)) }
  }

  @Test func `each gets its best that is still to be had`() {
    var distribution = LeadDistribution(seed: 1)
    distribution.enter(Self.client(1), weight: 10, wanted: 2)
    distribution.enter(Self.client(2), weight: 1, wanted: 2)
    distribution.add(Self.candidates([1, 2, 3]), for: Self.client(1), isLast: true)
    distribution.add(Self.candidates([2, 1, 4]), for: Self.client(2), isLast: true)
    #expect(distribution.run() == .done)
    let leads = distribution.turns.map { "\($0.client.low):\($0.candidate.lead.low)" }
    #expect(leads == ["1:1", "1:2", "2:4"], "the second list has nothing more")
  }

  @Test func `who needs more candidates is asked before anybody else's turn`() {
    var distribution = LeadDistribution(seed: 1)
    distribution.enter(Self.client(1), weight: 1, wanted: 3)
    distribution.enter(Self.client(2), weight: 1_000, wanted: 1)
    #expect(distribution.run() == .needs(Self.client(2)))
    distribution.add([], for: Self.client(2), isLast: true)
    #expect(distribution.run() == .needs(Self.client(1)))
    distribution.add(Self.candidates([1, 2]), for: Self.client(1), isLast: false)
    #expect(distribution.run() == .needs(Self.client(1)))
    distribution.add(Self.candidates([2, 3, 4]), for: Self.client(1), isLast: false)
    #expect(distribution.run() == .done)
    #expect(distribution.turns.map(\.candidate.lead) == [1, 2, 3].map(Self.lead))
  }

  @Test func `no more turns than allowed`() {
    var distribution = LeadDistribution(seed: 1, most: 2)
    distribution.enter(Self.client(1), weight: 1, wanted: 9)
    distribution.add(Self.candidates(0..<9), for: Self.client(1), isLast: true)
    #expect(distribution.run() == .done && distribution.turns.count == 2)
  }

  @Test func `a company that one of two claims goes to one of them only`() {
    for (claims, expected) in [
      ([false, false], 2), ([true, false], 1), ([false, true], 1), ([true, true], 1),
    ] {
      var distribution = LeadDistribution(seed: 3)
      for n in 0..<2 {
        distribution.enter(Self.client(n), weight: 1, wanted: 2, claimsCompanies: claims[n])
        distribution.add(Self.candidates(0..<4, domain: "acme.example"), for: Self.client(n), isLast: true)
      }
      #expect(distribution.run() == .done)
      #expect(Set(distribution.turns.map(\.client)).count == expected, "\(claims)")
    }
  }
}
