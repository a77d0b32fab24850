/// Whom to look for at a provider of leads (`facts/providers/apollo.md` §2). An empty list asks for nothing.
public struct ScoutFilters: Hashable, Sendable {
  public var titles: [String] = []
  /// Of `knownSeniorities`.
  public var seniorities: [String] = []
  /// Of persons: cities, states, countries.
  public var locations: [String] = []
  public var companyLocations: [String] = []
  /// Of companies, without `www.`.
  public var domains: [String] = []
  /// Numbers of employees, such as `11,50`.
  public var employees: [String] = []
  /// `verified`, `unverified`, `likely to engage`, `unavailable`.
  public var emailStatuses: [String] = []
  public var keywords: String?

  public init() {}

  public static let knownSeniorities = [
    "owner", "founder", "c_suite", "partner", "vp", "head", "director", "manager", "senior", "entry",
    "intern",
  ]

  public var isEmpty: Bool { self == ScoutFilters() }
}

/// How many credits a scout may still spend.
public struct ScoutBudget: Hashable, Sendable {
  /// Of the run; nil: as many as it takes.
  public var run: Double?
  /// Of the month; nil: as many as it takes.
  public var month: Double?
  public var spentByRun: Double
  public var spentInMonth: Double

  public init(run: Double?, month: Double?, spentByRun: Double, spentInMonth: Double) {
    self.run = run
    self.month = month
    self.spentByRun = spentByRun
    self.spentInMonth = spentInMonth
  }

  public enum Bound: String, Hashable, Sendable {
    case run = "the credits of the run are spent"
    case month = "the credits of the month are spent"
  }

  /// How many people may be asked for now, each at one credit, so that no bound is passed whatever the answer
  /// costs; and the bound that keeps it from being more.
  public func allowance(of wanted: Int) -> (people: Int, bound: Bound?) {
    let left: [(Bound, Double)] = [
      run.map { (.run, $0 - spentByRun) }, month.map { (.month, $0 - spentInMonth) },
    ].compactMap { $0 }
    guard let (bound, least) = left.min(by: { $0.1 < $1.1 }), least < Double(wanted) else {
      return (wanted, nil)
    }
    return (max(0, Int(least.rounded(.down))), bound)
  }
}
