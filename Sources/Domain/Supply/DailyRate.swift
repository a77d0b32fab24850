/// How often something happens in a day, from a history of days; how much of it a span of days will bring.
///
/// The model is the simplest that is honest about few figures: events come independently at a constant rate
/// (Poisson), the rate being the history's mean. Two things widen the spread: the rate is itself only
/// estimated (its own variance, rate ÷ days of history), and sign-ups that come in bursts spread more than
/// Poisson's (both are multiplied by the index of dispersion, variance ÷ mean of the days, if above 1). There
/// is no season and no trend: history of some weeks does not show them. What never happened is not forecast.
///
/// A test plays it: of Poisson sign-ups the high end of the band holds some 19 times in 20; of sign-ups
/// that come in groups of four some 9 times in 10.
public struct DailyRate: Hashable, Sendable {
  /// Events a day.
  public let mean: Double
  /// Variance ÷ mean of the daily counts; at least 1.
  public let dispersion: Double
  /// Days of history.
  public let days: Int

  /// - Parameter history: a count for each day; without any the rate is 0.
  public init(_ history: [Int]) {
    days = history.count
    let n = Double(history.count)
    let mean = n == 0 ? 0 : Double(history.reduce(0, +)) / n
    let squares = history.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    self.mean = mean
    dispersion = history.count > 1 && mean > 0 ? max(1, squares / (n - 1) / mean) : 1
  }

  /// What `span` days will bring.
  public func total(over span: Int) -> Moments {
    guard days > 0, span > 0 else { return .zero }
    let h = Double(span)
    return Moments(
      mean: mean * h, variance: dispersion * (mean * h + mean * h * h / Double(days)))
  }
}

/// Mean and variance of a sum of independent parts: they add, a factor counts in square.
public struct Moments: Hashable, Sendable {
  public var mean: Double
  public var variance: Double

  public static let zero = Moments(mean: 0, variance: 0)

  public init(mean: Double, variance: Double) {
    self.mean = mean
    self.variance = variance
  }

  public static func + (a: Moments, b: Moments) -> Moments {
    Moments(mean: a.mean + b.mean, variance: a.variance + b.variance)
  }

  public static func * (moments: Moments, factor: Int) -> Moments {
    let f = Double(factor)
    return Moments(mean: moments.mean * f, variance: moments.variance * f * f)
  }

  /// The 90 % band of the normal distribution with these moments, in whole things: 5 % lie below it and 5 %
  /// above. Never below zero.
  public var band: Band {
    let reach = Band.z * variance.squareRoot()
    return Band(
      low: max(0, Int((mean - reach).rounded(.down))), expected: mean,
      high: Int((mean + reach).rounded(.up)))
  }
}

/// A forecast of a count: what it will be in 19 of 20 cases at least and at most, and on average.
public struct Band: Hashable, Sendable {
  public var low: Int
  public var expected: Double
  public var high: Int

  /// The one-sided 95 % point of the normal distribution.
  static let z = 1.644_853_627

  public init(low: Int, expected: Double, high: Int) {
    precondition(Double(low) <= expected && expected <= Double(high), "a band's mean is within it")
    self.low = low
    self.expected = expected
    self.high = high
  }

  public static func exactly(_ count: Int) -> Band { Band(low: count, expected: Double(count), high: count) }

  public static func + (a: Band, b: Band) -> Band {
    Band(low: a.low + b.low, expected: a.expected + b.expected, high: a.high + b.high)
  }
}
