import Synchronization

/// Gathers concurrent requests and serves each round of them with one call, such as one set-based
/// transaction.
///
/// A lone request starts at once: there is no timer and no waiting for a round to fill. While a round is
/// under way, what arrives is gathered, first come, first served, and goes into the next. Under load the
/// rounds grow by themselves, and the cost of a transaction is shared.
///
/// - A request that fails fails alone: `serve` answers each request with a `Result`. If the whole round
///   throws, nothing of it may have happened, and it is served again by halves, down to single requests.
/// - A caller that is cancelled before its round began is never served. After that its effect completes and
///   the answer is dropped. Either way it gets a `CancellationError` at once.
/// - Beyond `maxQueue` waiting requests `submit` throws `Overloaded` at once.
///
/// Rounds run in tasks of the batcher, not of a caller, so that nobody's cancellation reaches another's work.
public final class Batcher<Request: Sendable, Answer: Sendable>: Sendable {
  /// One round: as many results as requests, in their order. Throwing means that nothing was done.
  public typealias Serve = @Sendable ([Request]) async throws -> [Result<Answer, any Error>]

  public let name: String
  private let serve: Serve
  private let isSplit: @Sendable (any Error) -> Bool
  private let lanes: Int
  private let maxRound: Int
  private let maxQueue: Int
  private let metrics: BatcherMetrics?
  private let line: Mutex<WaitingLine<Request, Answer>>

  /// - Parameters:
  ///   - lanes: the most rounds at once. A further one begins only when as many wait as are under way in one.
  ///   - maxRound: the most requests of a round.
  ///   - maxQueue: the most requests that wait for a round.
  ///   - isSplit: whether a round that threw this error is served again by halves. Say no where the requests
  ///     cannot be the cause, such as a lost database: then all fail with the error.
  public init(
    _ name: String, lanes: Int = 1, maxRound: Int = 256, maxQueue: Int = 4_096, metrics: Metrics? = nil,
    isSplit: @escaping @Sendable (any Error) -> Bool = { _ in true }, serve: @escaping Serve
  ) {
    precondition(lanes >= 1 && maxRound >= 1 && maxQueue >= 1, "at least one of each")
    self.name = name
    self.serve = serve
    self.isSplit = isSplit
    self.lanes = lanes
    self.maxRound = maxRound
    self.maxQueue = maxQueue
    line = Mutex(WaitingLine())
    self.metrics = metrics.map { BatcherMetrics($0, batch: name, maxRound: maxRound) }
    self.metrics?.waiting.read { [weak self] in Double(self?.waiting ?? 0) }
  }

  /// How many requests wait for a round now.
  public var waiting: Int { line.withLock { $0.count } }

  /// Whether a round is under way now.
  public var isServing: Bool { line.withLock { $0.isServing } }

  /// The answer of the round that serves the request.
  ///
  /// - Throws: the request's own failure, `Overloaded`, `BatcherStopped`, or `CancellationError`.
  public func submit(_ request: Request) async throws -> Answer {
    let waiter = Waiter<Request, Answer>(request)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { enter(waiter, $0) }
    } onCancel: {
      line.withLock { $0.leave(waiter) }?.resume(throwing: CancellationError())
    }
  }

  private func enter(
    _ waiter: Waiter<Request, Answer>, _ continuation: CheckedContinuation<Answer, any Error>
  ) {
    let entry = line.withLock { $0.enter(waiter, continuation, lanes: lanes, maxQueue: maxQueue) }
    switch entry {
    case .waiting: return
    // Detached, since values of the first caller's task are not the others'.
    case .startsLane: Task.detached(executorPreference: InlineExecutor.shared) { await self.runLane() }
    case .left: continuation.resume(throwing: CancellationError())
    case .stopped: continuation.resume(throwing: BatcherStopped())
    case .full(let retryAfter):
      metrics?.overloaded.add()
      continuation.resume(throwing: Overloaded(retryAfter: retryAfter))
    }
  }

  /// Refuses new requests and returns when all that were accepted are answered.
  public func drain() async {
    await withCheckedContinuation { continuation in
      if line.withLock({ $0.stop(continuation) }) { continuation.resume() }
    }
  }

  private func runLane() async {
    var previous: Int?
    while true {
      let next = line.withLock { $0.takeRound(of: maxRound, after: previous) }
      guard let round = next.round else {
        for drainer in next.drainers { drainer.resume() }
        return
      }
      let start = ContinuousClock.now
      metrics?.roundSize.observe(Double(round.count))
      await serve(round[...])
      let span = start.duration(to: .now)
      metrics?.roundSeconds.observe(span)
      line.withLock { $0.noteRound(span) }
      previous = round.count
    }
  }

  private func serve(_ round: ArraySlice<Waiter<Request, Answer>>) async {
    do {
      let results = try await serve(round.map(\.request))
      precondition(results.count == round.count, "\(name): a round answers each of its requests")
      let continuations = line.withLock { _ in round.map { $0.takeContinuation() } }
      for (continuation, result) in zip(continuations, results) { continuation?.resume(with: result) }
    } catch  where round.count > 1 && isSplit(error) {
      metrics?.splits.add()
      let middle = round.startIndex + round.count / 2
      await serve(round[..<middle])
      await serve(round[middle...])
    } catch {
      let continuations = line.withLock { _ in round.map { $0.takeContinuation() } }
      for continuation in continuations { continuation?.resume(throwing: error) }
    }
  }
}

extension Batcher: Service {
  /// Serves until it is cancelled, then drains. Place it after what the rounds need.
  public func run() async throws {
    await untilCancelled()
    await drain()
  }
}

/// More requests wait than the server can serve soon.
public struct Overloaded: Error, Equatable, CustomStringConvertible {
  /// When a place is likely to be free.
  public let retryAfter: Duration

  public init(retryAfter: Duration) { self.retryAfter = retryAfter }

  public var description: String { "too many requests are waiting" }
}

/// The server is stopping and takes no more requests.
public struct BatcherStopped: Error, Equatable, CustomStringConvertible {
  public init() {}
  public var description: String { "the server is stopping" }
}

/// What a batcher tells about itself.
struct BatcherMetrics: Sendable {
  let waiting: Gauge
  let roundSize: Histogram
  let roundSeconds: Histogram
  let overloaded: Counter
  let splits: Counter

  init(_ metrics: Metrics, batch: String, maxRound: Int) {
    waiting =
      metrics.gauges(
        "reservoir_batch_waiting", "Requests that wait for a round.", labels: ["batch"])[batch]
    roundSize =
      metrics.histograms(
        "reservoir_batch_round_requests", "Requests of a round.", labels: ["batch"],
        buckets: .powersOfTwo(upTo: 1_024))[batch]
    roundSeconds =
      metrics.histograms(
        "reservoir_batch_round_duration_seconds", "Time of a round.", labels: ["batch"],
        buckets: .shortSeconds)[batch]
    overloaded =
      metrics.counters(
        "reservoir_batch_overloaded_total", "Requests refused because too many waited.", labels: ["batch"])[
        batch]
    splits =
      metrics.counters(
        "reservoir_batch_splits_total", "Rounds that failed and were served again by halves.",
        labels: ["batch"])[batch]
  }
}
