import Domain
import Testing

struct PatternTests {
  typealias Cell = PatternConfidence.Cell

  /// Touches spread over cells, each converting at its cell's rate.
  static func cells(touches: Int, rates: [Double], seed: UInt64) -> [Cell] {
    var random = SeededGenerator(seed: seed)
    var cells = Array(repeating: Cell(touches: 0, conversions: 0), count: rates.count)
    for _ in 0..<touches {
      let place = Int.random(in: rates.indices, using: &random)
      cells[place].touches += 1
      if Double.random(in: 0..<1, using: &random) < rates[place] { cells[place].conversions += 1 }
    }
    return cells
  }

  @Test(arguments: [7, 40, 120])
  func `R20: from data without a pattern none is found more often than 0.6 allows`(count: Int) {
    let found = (0..<200).count { seed in
      PatternConfidence(
        Self.cells(touches: 4_000, rates: Array(repeating: 0.03, count: count), seed: UInt64(seed))
      ).isUsed
    }
    #expect(found <= 80, "\(found) of 200")
  }

  @Test func `R20: a planted pattern is found`() {
    var rates = Array(repeating: 0.02, count: 40)
    rates[17] = 0.10
    let right = (0..<100).count { seed in
      let pattern = PatternConfidence(Self.cells(touches: 12_000, rates: rates, seed: UInt64(seed)))
      return pattern.isUsed && pattern.best == 17
    }
    #expect(right >= 95, "\(right) of 100")
  }

  @Test func `R20: with fewer than 30 conversions the confidence is 0`() {
    let few = [Cell(touches: 1_000, conversions: 0), Cell(touches: 100, conversions: 29)]
    #expect(PatternConfidence(few) == PatternConfidence([]))
    #expect(PatternConfidence(few).best == nil && PatternConfidence(few).confidence == 0)
    let enough = [Cell(touches: 1_000, conversions: 0), Cell(touches: 100, conversions: 30)]
    #expect(PatternConfidence(enough).best == 1 && PatternConfidence(enough).confidence > 0.99)
  }

  @Test func `R20: a large sample alone is no confidence`() {
    let equal = Array(repeating: Cell(touches: 100_000, conversions: 3_000), count: 5)
    #expect(PatternConfidence(equal).confidence < 0.6)
    #expect(PatternConfidence([Cell(touches: 1_000, conversions: 300)]).confidence < 0.6)
    #expect(PatternConfidence([Cell(touches: 40, conversions: 40)]).confidence == 0)
  }
}
