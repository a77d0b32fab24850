import Synchronization

/// The registry: makes instruments and shows them all in Prometheus' text form.
///
/// ```swift
/// let leases = metrics.counters("reservoir_leases_total", "Leases by outcome.", labels: ["outcome"])
/// let granted = leases["granted"]  // kept by the caller; adding is one atomic instruction
/// granted.add()
/// ```
///
/// Asking again for a name gives the same instruments. Label values come from fixed sets in the program,
/// never from requests or data; a family that grows beyond its limit puts the rest under `other`.
public final class Metrics: Sendable {
  private let families = Mutex<[String: any AnyFamily]>([:])

  public init() {}

  public func counter(_ name: String, _ help: String) -> Counter { counters(name, help, labels: [])[[]] }

  public func counters(_ name: String, _ help: String, labels: [String]) -> Family<Counter> {
    precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
    return family(name, help, labels, shape: ())
  }

  public func gauge(_ name: String, _ help: String) -> Gauge { gauges(name, help, labels: [])[[]] }

  /// A gauge whose value is read at each scrape.
  public func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
    gauge(name, help).read(read)
  }

  public func gauges(_ name: String, _ help: String, labels: [String]) -> Family<Gauge> {
    family(name, help, labels, shape: ())
  }

  public func histogram(_ name: String, _ help: String, buckets: Buckets = .seconds) -> Histogram {
    histograms(name, help, labels: [], buckets: buckets)[[]]
  }

  public func histograms(
    _ name: String, _ help: String, labels: [String], buckets: Buckets = .seconds
  ) -> Family<Histogram> {
    precondition(!labels.contains("le"), "the label le belongs to the buckets")
    return family(name, help, labels, shape: buckets)
  }

  /// Everything, sorted by name and label values; the content type is `Exposition.contentType`.
  public var exposition: String {
    let all = families.withLock { $0 }.sorted { $0.key < $1.key }
    var exposition = Exposition()
    for (_, family) in all { family.append(to: &exposition) }
    return exposition.text
  }

  private func family<I: Instrument>(
    _ name: String, _ help: String, _ labels: [String], shape: I.Shape
  ) -> Family<I> {
    precondition(Self.isName(name) && labels.allSatisfy(Self.isName), "not a metric's name: \(name)")
    return families.withLock { families in
      if let existing = families[name] {
        guard let same = existing as? Family<I>, same.labels == labels else {
          preconditionFailure("\(name) is registered already as something else")
        }
        return same
      }
      let new = Family<I>(name: name, help: help, labels: labels, shape: shape)
      families[name] = new
      return new
    }
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
  }
}

protocol AnyFamily: Sendable {
  func append(to text: inout Exposition)
}

/// The instruments of one name, one for each combination of label values.
public final class Family<I: Instrument>: AnyFamily {
  public let name: String
  public let labels: [String]
  private let help: String
  private let shape: I.Shape
  private let limit = 500
  private let series = Mutex<[[String]: I]>([:])

  init(name: String, help: String, labels: [String], shape: I.Shape) {
    self.name = name
    self.help = help
    self.labels = labels
    self.shape = shape
  }

  /// The instrument of these label values, in the order of the label names. Keep it where it is used often.
  public subscript(_ values: String...) -> I { self[values] }

  public subscript(_ values: [String]) -> I {
    precondition(values.count == labels.count, "\(name) has the labels \(labels)")
    return series.withLock { series in
      if let existing = series[values] { return existing }
      let key = series.count < limit ? values : labels.map { _ in "other" }
      if let other = series[key] { return other }
      let new = I(shape: shape)
      series[key] = new
      return new
    }
  }

  func append(to text: inout Exposition) {
    let all = series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    text.head(name, I.kind, help: help)
    for (values, instrument) in all {
      instrument.append(name, labels: LabelSet(pairs: zip(labels, values).map { ($0, $1) }), to: &text)
    }
  }
}
