import Synchronization

/// Something that a registry can make, one for each combination of label values.
public protocol Instrument: AnyObject, Sendable {
  associatedtype Shape: Sendable
  init(shape: Shape)
  static var kind: MetricKind { get }
  func append(_ name: String, labels: LabelSet, to text: inout Exposition)
}

public enum MetricKind: String, Sendable {
  case counter, gauge, histogram
}

/// Counts up. Lock-free.
public final class Counter: Instrument {
  public static var kind: MetricKind { .counter }
  private let total = Atomic<Int>(0)

  public init(shape: Void = ()) {}

  public func add(_ count: Int = 1) {
    precondition(count >= 0, "a counter never falls")
    total.wrappingAdd(count, ordering: .relaxed)
  }

  public var value: Int { total.load(ordering: .relaxed) }

  public func append(_ name: String, labels: LabelSet, to text: inout Exposition) {
    text.sample(name, labels, Double(value))
  }
}

/// A value that rises and falls, or one that is read when it is asked for. Lock-free.
public final class Gauge: Instrument {
  public static var kind: MetricKind { .gauge }
  private let bits = Atomic<UInt64>(0)
  private let reader = Mutex<(@Sendable () -> Double)?>(nil)

  public init(shape: Void = ()) {}

  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  public func set(_ value: Int) { set(Double(value)) }

  public func add(_ change: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + change).bitPattern
      let (isDone, found) = bits.compareExchange(expected: old, desired: new, ordering: .relaxed)
      if isDone { return }
      old = found
    }
  }

  /// From now on the value is what `read` returns at each scrape. It must be quick.
  public func read(_ read: @escaping @Sendable () -> Double) { reader.withLock { $0 = read } }

  public var value: Double {
    reader.withLock { $0 }?() ?? Double(bitPattern: bits.load(ordering: .relaxed))
  }

  public func append(_ name: String, labels: LabelSet, to text: inout Exposition) {
    text.sample(name, labels, value)
  }
}

/// The upper bounds of a histogram's buckets, rising; `+Inf` is added.
public struct Buckets: Sendable, Equatable {
  let bounds: [Double]

  public init(_ bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds rise")
    precondition(bounds.allSatisfy(\.isFinite), "+Inf is added")
    self.bounds = bounds
  }

  /// For requests, in seconds: the advice of OpenTelemetry's semantic conventions.
  public static let seconds = Buckets([
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ])

  /// The same with finer steps below 5 ms, for what is usually done in less.
  public static let shortSeconds = Buckets([0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5] + seconds.bounds)

  /// 1, 2, 4 … up to the first power of two that is not less than `most`.
  public static func powersOfTwo(upTo most: Int) -> Buckets {
    var bounds = [1.0]
    while bounds[bounds.count - 1] < Double(most) { bounds.append(bounds[bounds.count - 1] * 2) }
    return Buckets(bounds)
  }
}

/// Counts values by size. One short lock for each value.
public final class Histogram: Instrument {
  public static var kind: MetricKind { .histogram }

  private struct State {
    var counts: [Int]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Mutex<State>

  public init(shape: Buckets) {
    bounds = shape.bounds
    state = Mutex(State(counts: Array(repeating: 0, count: shape.bounds.count + 1)))
  }

  public func observe(_ value: Double) {
    guard !value.isNaN else { return }
    var index = 0
    while index < bounds.count, value > bounds[index] { index += 1 }
    state.withLock { state in
      state.counts[index] += 1
      state.sum += value
    }
  }

  /// In seconds.
  public func observe(_ span: Duration) { observe(span / .seconds(1)) }

  /// How many values there were, and their sum.
  public var total: (count: Int, sum: Double) {
    state.withLock { ($0.counts.reduce(0, +), $0.sum) }
  }

  public func append(_ name: String, labels: LabelSet, to text: inout Exposition) {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    var cumulative = 0
    for (index, count) in counts.enumerated() {
      cumulative += count
      let bound = index < bounds.count ? bounds[index] : .infinity
      text.sample(name + "_bucket", labels.adding("le", Exposition.number(bound)), Double(cumulative))
    }
    text.sample(name + "_sum", labels, sum)
    text.sample(name + "_count", labels, Double(cumulative))
  }
}
