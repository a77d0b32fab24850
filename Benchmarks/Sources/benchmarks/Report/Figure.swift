/// One line of the table: two sides, their ratio, and what is asked of it.
struct Figure: Encodable {
  enum Target {
    case atLeast(Double), atMost(Double), below(Double)
    /// Told for its own sake.
    case none

    var text: String {
      switch self {
      case .atLeast(let bound): "≥ \(bound) ×"
      case .atMost(let bound): "≤ \(bound) ×"
      case .below(let bound): "< \(bound) ×"
      case .none: "-"
      }
    }

    func isMet(by ratio: Double) -> Bool? {
      switch self {
      case .atLeast(let bound): ratio >= bound
      case .atMost(let bound): ratio <= bound
      case .below(let bound): ratio < bound
      case .none: nil
      }
    }
  }

  enum Unit: String, Encodable {
    case perSecond = "/s"
    case microseconds = "µs"
    case milliseconds = "ms"
    case seconds = "s"
    case megabytes = "MB"

    func text(_ value: Double) -> String {
      switch self {
      case .perSecond: "\(Text.whole(value)) /s"
      case .microseconds: "\(Text.whole(value)) µs"
      case .milliseconds, .seconds: "\(Text.decimal(value)) \(rawValue)"
      case .megabytes: "\(Text.decimal(value, 1)) MB"
      }
    }
  }

  let path: String
  let against: String
  let target: String
  let unit: Unit
  /// Of each round.
  var ours: [Double] = []
  var baseline: [Double] = []
  var ratio: Double?
  /// Nil where nothing is asked.
  var isMet: Bool?
  /// Why there is no figure.
  var failure: String?
  /// What a reader should know besides.
  var note: String?

  /// The ratio is that of the medians.
  init(
    _ path: String, against: String, _ target: Target, _ unit: Unit, ours: [Double], baseline: [Double],
    note: String? = nil
  ) {
    (self.path, self.against, self.target, self.unit) = (path, against, target.text, unit)
    (self.ours, self.baseline, self.note) = (ours, baseline, note)
    let ratio = Statistics.median(ours) / Statistics.median(baseline)
    self.ratio = ratio
    isMet = target.isMet(by: ratio)
  }

  /// A bound that is not a ratio.
  init(_ path: String, atMost bound: Double, _ unit: Unit, _ value: Double, note: String? = nil) {
    (self.path, against, target) = (path, "PostgreSQL not counted", "≤ \(unit.text(bound))")
    (self.unit, ours, self.note) = (unit, [value], note)
    isMet = value <= bound
  }

  /// A row that came to nothing counts as missed.
  init(failed path: String, _ reason: String) {
    (self.path, against, target, unit) = (path, "-", "-", .perSecond)
    (failure, isMet) = (reason, false)
  }

  var cells: [String] {
    func median(_ values: [Double]) -> String {
      values.isEmpty ? "-" : unit.text(Statistics.median(values))
    }
    let verdict = failure == nil ? isMet.map { $0 ? "yes" : "NO" } ?? "-" : "FAILED"
    return [
      path, against, target, median(ours), median(baseline), ratio.map { "\(Text.decimal($0)) ×" } ?? "-",
      verdict,
    ]
  }
}
