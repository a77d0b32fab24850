/// How well a sender does, by what came back of its mail.
public enum HealthBand: String, CaseIterable, Hashable, Comparable, Sendable {
  case good
  /// Fewer sends a day, and an alert.
  case warning
  /// No sends, and an alert; a domain that stays so for 7 days may be worth retiring.
  case critical

  /// Better is less.
  public static func < (a: HealthBand, b: HealthBand) -> Bool { a.rank < b.rank }

  /// The daily limit of an email domain (facts/outreach-defaults.md).
  public var dailyLimit: Int {
    switch self {
    case .good: 50
    case .warning: 35
    case .critical: 0
    }
  }

  private var rank: Int {
    switch self {
    case .good: 0
    case .warning: 1
    case .critical: 2
    }
  }
}

/// What a domain sent in the last 30 days, and what came back.
public struct SendCounts: Hashable, Sendable {
  public var sent: Int
  public var bounces: Int
  public var complaints: Int

  public init(sent: Int, bounces: Int, complaints: Int) {
    precondition(sent >= 0 && bounces >= 0 && complaints >= 0, "a count below zero")
    self.sent = sent
    self.bounces = bounces
    self.complaints = complaints
  }

  public static let none = SendCounts(sent: 0, bounces: 0, complaints: 0)

  public var bounceRate: RateJudgement { RateJudgement(bounces, of: sent, .bounces) }
  public var complaintRate: RateJudgement { RateJudgement(complaints, of: sent, .complaints) }

  /// The worse of the two decides. Without sends: good.
  public var band: HealthBand { max(bounceRate.band, complaintRate.band) }
}

/// A rate with the interval that it is judged by.
///
/// With few sends a quotient means little: one bounce in ten is not 10 %. A domain is in a band only when the
/// *lower* end of the interval is, so that it is the evidence, not one bad day, that slows it down. The
/// interval is Wilson's with 95 %, so that the chance to judge a domain too badly is about 2.5 %. With less
/// (90 %) one bounce in ten would be a warning, and three complaints in the month of a domain (1,100 sends,
/// 0.27 %) would stop it. With 95 % four do (0.36 %), and receivers bear 0.3 %.
///
/// Wilson's lower end is too high for one to three events (one bounce in one send would be 21 % at least).
/// There the bound of the Poisson distribution stands in for it, which is what Brown, Cai and DasGupta
/// recommend ("Interval Estimation for a Binomial Proportion", Statistical Science 16, 2001).
public struct RateJudgement: Hashable, Sendable {
  /// Where the bands begin (facts/outreach-defaults.md): warning at the first, critical above the second.
  public struct Limits: Hashable, Sendable {
    public let warning: Double
    public let critical: Double

    /// 2 % and 5 %.
    public static let bounces = Limits(warning: 0.02, critical: 0.05)
    /// 0.05 % and 0.1 %.
    public static let complaints = Limits(warning: 0.000_5, critical: 0.001)
  }

  /// The bare quotient, 0 to 1; 0 without sends.
  public let rate: Double
  /// The ends of the interval that holds the true rate in 95 of 100 cases.
  public let lower: Double
  public let upper: Double
  public let band: HealthBand

  /// The two-sided 95 % point of the normal distribution.
  static let z = 1.959_963_985
  /// Half the 2.5 % point of chi-squared with 2, 4 and 6 degrees of freedom: the least Poisson mean at which
  /// one, two or three events, or more of them, have a chance of 2.5 %.
  static let leastMeans = [0.025_317_808, 0.242_209_279, 0.618_672_123]

  /// More events than trials, as when bounces outlive the sends that they belong to, count as all of them.
  public init(_ events: Int, of trials: Int, _ limits: Limits) {
    let (lower, upper) = Self.interval(events, of: trials)
    rate = trials > 0 ? Double(min(events, trials)) / Double(trials) : 0
    self.lower = lower
    self.upper = upper
    band = lower > limits.critical ? .critical : lower >= limits.warning ? .warning : .good
  }

  /// Nothing is known without trials: 0 to 1.
  static func interval(_ events: Int, of trials: Int) -> (lower: Double, upper: Double) {
    guard trials > 0 else { return (0, 1) }
    let n = Double(trials)
    let p = Double(min(events, trials)) / n
    let shrink = 1 + z * z / n
    let centre = p + z * z / (2 * n)
    let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    var lower = events == 0 ? 0 : max(0, (centre - reach) / shrink)
    if (1...leastMeans.count).contains(events) { lower = min(lower, leastMeans[events - 1] / n) }
    return (lower, min(1, (centre + reach) / shrink))
  }
}
