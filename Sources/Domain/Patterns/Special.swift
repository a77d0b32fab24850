private import Glibc

/// Special functions that rules need; of the C library nothing else is used in the domain.
enum Special {
  static func log(_ x: Double) -> Double { Glibc.log(x) }
  static func exp(_ x: Double) -> Double { Glibc.exp(x) }

  /// The logarithm of the Beta function, for positive arguments.
  static func logBeta(_ a: Double, _ b: Double) -> Double { logGamma(a) + logGamma(b) - logGamma(a + b) }

  private static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }

  /// The regularised incomplete Beta function: the probability that a Beta(a, b) variable is at most `x`.
  ///
  /// By its continued fraction (DLMF 8.17.22), from the side on which it converges fast.
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(a * log(x) + b * log(1 - x) - logBeta(a, b)) / a
    return front / continuedFraction(x, a, b)
  }

  /// 1 + d1/(1 + d2/(1 + …)), by Lentz's method.
  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var (value, c, d) = (1.0, 1.0, 0.0)
    for term in 1...10_000 {
      let m = Double(term / 2)
      let numerator =
        term.isMultiple(of: 2)
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 + numerator * d
      c = 1 + numerator / c
      if abs(d) < tiny { d = tiny }
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      value *= c * d
      if abs(c * d - 1) < 1e-13 { break }
    }
    return value
  }
}
