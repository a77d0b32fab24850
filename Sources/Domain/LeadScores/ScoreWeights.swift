/// What each component of a score counts for a client, in hundredths: 100 is its usual weight.
public struct ScoreWeights: Hashable, Sendable {
  public static let range = 0...1_000
  public static let usual = ScoreWeights()

  private var values: [Int]

  public init() { values = ScoreComponent.allCases.map { _ in 100 } }

  public subscript(component: ScoreComponent) -> Int {
    get { values[component.ordinal] }
    set {
      precondition(Self.range.contains(newValue), "a weight is 0 to 1,000 hundredths")
      values[component.ordinal] = newValue
    }
  }

  /// Whether any component counts at all; a score needs one.
  public var isUsable: Bool { values.contains { $0 > 0 } }

  /// The points of all components as a score. Normalised, so that a lead with all points of each component
  /// has 100 whatever the weights: the weighted points as a share of the weighted maxima, rounded to the
  /// nearest whole number, a half up. With equal weights it is their sum.
  public func total(_ points: (ScoreComponent) -> Int) -> Int {
    let most = ScoreComponent.allCases.reduce(0) { $0 + self[$1] * $1.most }
    guard most > 0 else { return 0 }
    let sum = ScoreComponent.allCases.reduce(0) { $0 + self[$1] * points($1) }
    return (200 * sum + most) / (2 * most)
  }
}

/// The five parts of a lead's score (`facts/outreach-defaults.md`).
public enum ScoreComponent: String, CaseIterable, Hashable, Sendable {
  case dataQuality = "data_quality"
  case authority
  case companyFit = "company_fit"
  case timing
  case risk

  /// The most points it gives.
  public var most: Int {
    switch self {
    case .dataQuality: 20
    case .authority, .companyFit: 25
    case .timing, .risk: 15
    }
  }

  var ordinal: Int {
    switch self {
    case .dataQuality: 0
    case .authority: 1
    case .companyFit: 2
    case .timing: 3
    case .risk: 4
    }
  }
}
