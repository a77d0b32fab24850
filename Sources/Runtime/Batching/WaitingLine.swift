/// One request with its caller.
///
/// `@unchecked Sendable`: `request` never changes, and `continuation` and `place` are touched only under the
/// lock of the one batcher that made the waiter.
final class Waiter<Request: Sendable, Answer: Sendable>: @unchecked Sendable {
  enum Place { case outside, inLine, inRound, gone }

  let request: Request
  fileprivate(set) var place = Place.outside
  fileprivate var continuation: CheckedContinuation<Answer, any Error>?

  init(_ request: Request) { self.request = request }

  /// The caller, for its answer; nil when it went away.
  func takeContinuation() -> CheckedContinuation<Answer, any Error>? {
    place = .gone
    return continuation.take()
  }
}

/// The state of a batcher: who waits, how many lanes are busy. Pure: it says what to do and does nothing.
struct WaitingLine<Request: Sendable, Answer: Sendable>: Sendable {
  typealias Member = Waiter<Request, Answer>

  enum Entry: Equatable {
    case waiting
    /// The request waits, and a lane must be started for it.
    case startsLane
    /// The caller went away before it came in.
    case left
    case stopped
    case full(retryAfter: Duration)
  }

  /// Those who left stay in the array until they are half of it; `head` is the first that may still wait.
  private var members: [Member] = []
  private var head = 0
  private(set) var count = 0
  private var busyLanes = 0
  /// The sizes of the rounds under way.
  private var underWay: [Int] = []
  private var isStopping = false
  private var drainers: [CheckedContinuation<Void, Never>] = []
  /// The recent time of a round, as a moving average, and the recent number of requests in it.
  private var roundTime = Duration.milliseconds(10)
  private var roundCount = 1.0

  mutating func enter(
    _ waiter: Member, _ continuation: CheckedContinuation<Answer, any Error>, lanes: Int, maxQueue: Int
  ) -> Entry {
    guard waiter.place == .outside else { return .left }
    guard !isStopping else { return .stopped }
    guard count < maxQueue else { return .full(retryAfter: timeToServe(count, lanes: lanes)) }
    waiter.place = .inLine
    waiter.continuation = continuation
    members.append(waiter)
    count += 1
    guard busyLanes < lanes, isWorthARound else { return .waiting }
    busyLanes += 1
    return .startsLane
  }

  /// The caller goes away; its continuation, if it has none of the answers yet.
  mutating func leave(_ waiter: Member) -> CheckedContinuation<Answer, any Error>? {
    if waiter.place == .inLine {
      count -= 1
      waiter.place = .gone
      let continuation = waiter.continuation.take()
      if members.count - head > 2 * count + 64 { compact() }
      return continuation
    }
    if waiter.place == .outside { waiter.place = .gone }
    return waiter.continuation.take()
  }

  /// What waits goes beside a round under way only if it makes another one as large; else it waits for that
  /// one's end. Smaller rounds would be dearer for all: what a round costs whatever its size is shared by
  /// fewer.
  private var isWorthARound: Bool { count > 0 && count >= underWay.max() ?? 0 }

  /// The next round of a lane, after one that is over; nil when the lane is not needed now. Then it is over,
  /// and those who wait for the end are told if it was the last.
  mutating func takeRound(
    of most: Int, after previous: Int?
  ) -> (round: [Member]?, drainers: [CheckedContinuation<Void, Never>]) {
    if let previous, let place = underWay.firstIndex(of: previous) { underWay.remove(at: place) }
    guard isWorthARound else {
      busyLanes -= 1
      if count == 0 {
        members.removeAll(keepingCapacity: true)
        head = 0
      }
      guard isStopping, busyLanes == 0 else { return (nil, []) }
      defer { drainers = [] }
      return (nil, drainers)
    }
    var round: [Member] = []
    round.reserveCapacity(min(most, count))
    while round.count < most, head < members.count {
      let member = members[head]
      head += 1
      guard member.place == .inLine else { continue }
      member.place = .inRound
      round.append(member)
    }
    count -= round.count
    underWay.append(round.count)
    roundCount = roundCount * 0.8 + Double(round.count) * 0.2
    if head * 2 > members.count { compact() }
    return (round, [])
  }

  mutating func noteRound(_ span: Duration) { roundTime = roundTime * 0.8 + span * 0.2 }

  /// Whether all is done already; otherwise the continuation is kept until it is.
  mutating func stop(_ drainer: CheckedContinuation<Void, Never>) -> Bool {
    isStopping = true
    if busyLanes == 0 { return true }
    drainers.append(drainer)
    return false
  }

  var isServing: Bool { !underWay.isEmpty }

  private mutating func compact() {
    members.removeSubrange(..<head)
    head = 0
    if members.count > count { members.removeAll { $0.place != .inLine } }
  }

  private func timeToServe(_ count: Int, lanes: Int) -> Duration {
    let rounds = Double(count) / max(roundCount, 1) / Double(lanes)
    return min(max(roundTime * rounds, Duration.milliseconds(100)), Duration.seconds(60))
  }
}
