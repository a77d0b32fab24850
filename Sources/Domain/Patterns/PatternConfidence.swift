/// How sure it is that the best of several choices (an hour, a day, a sequence) really converts better than
/// the client's touches on the whole: a probability (R20).
///
/// The best of many cells looks good by chance alone, so its rate is not compared as it stands. Before the
/// counts are looked at, the chance is one half that there is no pattern at all: every cell has the overall
/// rate. So the more cells there are, the less probable it is of each of them that it differs; if it does,
/// its rate lies around the overall rate by a Beta distribution of which it is not known how narrow it is.
/// What the cell's counts say of these possibilities (Bayes' rule) gives the probability that it differs and
/// is better. Where there is no pattern the confidence stays low, however many cells are compared.
public struct PatternConfidence: Hashable, Sendable {
  /// What was done, and what came of it.
  public struct Cell: Hashable, Sendable {
    public var touches: Int
    public var conversions: Int

    public init(touches: Int, conversions: Int) {
      precondition(conversions >= 0 && conversions <= touches, "more conversions than touches")
      self.touches = touches
      self.conversions = conversions
    }
  }

  /// Which of the cells is most probably better than the whole; nil when nothing can be said.
  public let best: Int?
  /// 0 to 1; 0 below 30 conversions.
  public let confidence: Double

  /// A pattern is used above this (`specs/allocator-engine.md`).
  public static let threshold = 0.6
  /// Fewer conversions than this say nothing (R20).
  public static let leastConversions = 30

  public var isUsed: Bool { confidence > Self.threshold }

  public init(_ cells: [Cell]) {
    let touches = cells.reduce(0) { $0 + $1.touches }
    let conversions = cells.reduce(0) { $0 + $1.conversions }
    guard conversions >= Self.leastConversions, conversions < touches else {
      (best, confidence) = (nil, 0)
      return
    }
    let rate = Double(conversions) / Double(touches)
    let differs = 1 - Special.exp(Special.log(0.5) / Double(cells.count))
    let chances = cells.map { Spread.chance(of: $0, above: rate, differs: differs) }
    let place = chances.indices.max { chances[$0] < chances[$1] }
    best = place
    confidence = place.map { chances[$0] } ?? 0
  }
}

/// How the rates of cells lie around the overall rate: as if each cell had been seen this many times before,
/// at the overall rate. The more, the narrower.
private struct Spread {
  let alpha: Double
  let beta: Double

  /// From cells that differ as much as they like to cells that hardly do.
  private static let weights: [Double] = [10, 30, 100, 300, 1_000, 3_000, 10_000]

  /// The probability that the cell differs and is better.
  ///
  /// - Parameter differs: the probability that it differs, before its counts are looked at.
  static func chance(of cell: PatternConfidence.Cell, above rate: Double, differs: Double) -> Double {
    let spreads = weights.map { Spread(alpha: $0 * rate, beta: $0 * (1 - rate)) }
    let same =
      Double(cell.conversions) * Special.log(rate)
      + Double(cell.touches - cell.conversions) * Special.log(1 - rate)
    // The evidence of each possibility as against that of no difference.
    let evidence = spreads.map {
      Special.exp($0.logEvidence(of: cell) - same) * differs / Double(spreads.count)
    }
    let better = zip(spreads, evidence).reduce(0.0) { $0 + $1.1 * $1.0.chance(of: cell, above: rate) }
    let total = evidence.reduce(1 - differs, +)
    return total.isFinite ? better / total : (Double(cell.conversions) > rate * Double(cell.touches) ? 1 : 0)
  }

  private func logEvidence(of cell: PatternConfidence.Cell) -> Double {
    let (hits, misses) = (Double(cell.conversions), Double(cell.touches - cell.conversions))
    return Special.logBeta(alpha + hits, beta + misses) - Special.logBeta(alpha, beta)
  }

  func chance(of cell: PatternConfidence.Cell, above rate: Double) -> Double {
    let (hits, misses) = (Double(cell.conversions), Double(cell.touches - cell.conversions))
    return 1 - Special.incompleteBeta(rate, alpha + hits, beta + misses)
  }
}
