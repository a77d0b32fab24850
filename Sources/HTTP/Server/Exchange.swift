/// Where a connection stands in its present request, and what passes between the polling thread and the
/// handler's task. A value under the connection's lock.
struct Exchange {
  enum Phase {
    /// Connected, no request line yet.
    case fresh
    /// Between requests.
    case idle
    /// The request line is there, the rest is arriving.
    case receiving
    /// The polling thread runs the handler, or is about to.
    case running
    /// The handler waits, the connection is parked.
    case suspended
    /// The answer is there, to be queued.
    case answered
    /// The answer is queued.
    case sending
    /// Cut off by the sweep, or gone.
    case closed
  }

  private(set) var phase = Phase.fresh
  private(set) var since = Monotonic.now
  /// The sweep has seen the client's end of sending in this phase.
  var isAtEnd = false
  /// Counts requests, so that nothing of an earlier one can touch a later one.
  private(set) var generation: UInt64 = 0
  /// Of the request that is being handled.
  var id = ""
  var route: String?
  var response: Response?
  var task: Task<Void, Never>?
  /// Of the handler's task, ready to run on the polling thread.
  var jobs: [UnownedJob] = []
  var isCancelled = false

  mutating func enter(_ next: Phase, at now: Monotonic = .now) {
    phase = next
    since = now
    isAtEnd = false
  }

  /// What a request leaves behind when it is over before its handler.
  struct Remains {
    var task: Task<Void, Never>?
    var jobs: [UnownedJob]
  }

  /// The request is over.
  mutating func reset(_ next: Phase) -> Remains {
    defer { clear(next) }
    return Remains(task: task, jobs: jobs)
  }

  private mutating func clear(_ next: Phase) {
    if phase != .closed { enter(next) }
    generation += 1
    id = ""
    route = nil
    response = nil
    task = nil
    jobs = []
    isCancelled = false
  }

  /// Whether the request's memory at libmicrohttpd is still there for its handler.
  func isHandling(_ generation: UInt64) -> Bool {
    generation == self.generation && (phase == .running || phase == .suspended)
  }

  var isUnderWay: Bool {
    switch phase {
    case .fresh, .idle, .closed: false
    case .receiving, .running, .suspended, .answered, .sending: true
    }
  }
}
