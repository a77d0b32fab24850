/// An exact positive fraction, reduced: a plan must not lose a domain to rounding.
public struct Fraction: Hashable, Sendable, CustomStringConvertible {
  public let numerator: Int
  public let denominator: Int

  public init(_ numerator: Int, over denominator: Int = 1) {
    precondition(numerator >= 0 && denominator > 0, "a fraction is not negative")
    var (a, b) = (numerator, denominator)
    while b != 0 { (a, b) = (b, a % b) }
    self.numerator = numerator / a
    self.denominator = denominator / a
  }

  public static func * (a: Fraction, b: Fraction) -> Fraction {
    let left = Fraction(a.numerator, over: b.denominator)
    let right = Fraction(b.numerator, over: a.denominator)
    return Fraction(
      left.numerator * right.numerator, over: left.denominator * right.denominator)
  }

  public static func / (a: Fraction, b: Int) -> Fraction { a * Fraction(1, over: b) }

  public static func percent(_ count: Int) -> Fraction { Fraction(count, over: 100) }

  public var roundedUp: Int { (numerator + denominator - 1) / denominator }
  public var isWhole: Bool { denominator == 1 }

  /// At most three decimals, rounded down, without zeros at the end, thousands parted: `1,218.75`, `55.397`.
  public var description: String {
    let thousandths = numerator % denominator * 1_000 / denominator
    let whole = Self.grouped(numerator / denominator)
    guard thousandths > 0 else { return whole }
    var digits = String(1_000 + thousandths).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
