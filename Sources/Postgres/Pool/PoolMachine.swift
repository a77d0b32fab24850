/// The decisions of a connection pool, without a connection: an event goes in, actions come out.
///
/// A slot is the place of one connection. Requests wait in the order of their arrival.
struct PoolMachine {
  typealias RequestID = UInt64
  typealias Slot = Int

  enum Action: Equatable {
    case run(RequestID, on: Slot)
    case connect(Slot)
    case check(Slot)
    case close(Slot)
    case fail(RequestID, Failure)
    /// Ask the server to stop what runs for this request.
    case interrupt(RequestID, on: Slot)
  }

  enum Failure: Equatable {
    case closed, cancelled
    /// Nothing became free in time.
    case timeout
    /// No connection can be made; the driver knows the last reason.
    case unreachable
  }

  enum SlotState: Equatable {
    case empty, connecting, closing
    case checking(idleSince: MonotonicTime)
    case idle(since: MonotonicTime, checked: MonotonicTime)
    case busy(RequestID)
  }

  struct Settings {
    var size = 8
    var idleTimeout: Duration = .seconds(600)
    var healthCheckInterval: Duration = .seconds(30)
    /// The pause after the first failed attempt to connect; doubled up to the longest.
    var shortestBackoff: Duration = .milliseconds(50)
    var longestBackoff: Duration = .seconds(2)
  }

  let settings: Settings
  private(set) var slots: [SlotState]
  private(set) var waiting = WaitQueue()
  private(set) var isShutDown = false
  private(set) var timeouts = 0
  /// Failed attempts to connect since the last success.
  private var failures = 0
  private var hasConnected = false
  private var nextAttempt: MonotonicTime?
  /// Idle slots, the last one used at the end: what is rarely needed grows old and is closed.
  private var idle: [Slot] = []

  init(_ settings: Settings) {
    precondition(settings.size > 0, "a pool has at least one connection")
    self.settings = settings
    slots = Array(repeating: .empty, count: settings.size)
  }

  /// A caller wants a connection.
  mutating func submit(_ id: RequestID, deadline: MonotonicTime, now: MonotonicTime) -> [Action] {
    guard !isShutDown else { return [.fail(id, .closed)] }
    if waiting.isEmpty, let slot = idle.popLast() {
      slots[slot] = .busy(id)
      return [.run(id, on: slot)]
    }
    waiting.append(id, deadline: deadline)
    return connectIfNeeded(now: now)
  }

  /// A caller does not want it any more.
  mutating func cancel(_ id: RequestID) -> [Action] {
    if waiting.remove(id) { return [.fail(id, .cancelled)] }
    guard let slot = slots.firstIndex(of: .busy(id)) else { return [] }
    return [.interrupt(id, on: slot)]
  }

  /// A connection was made.
  mutating func connected(_ slot: Slot, now: MonotonicTime) -> [Action] {
    precondition(slots[slot] == .connecting, "only what connects becomes connected")
    failures = 0
    nextAttempt = nil
    hasConnected = true
    return offer(slot, now: now) + (isShutDown ? [] : connectIfNeeded(now: now))
  }

  /// A connection could not be made. Before there ever was one, callers hear of it at once: the address is
  /// likely to be wrong. Later they wait, because a server that was there comes back.
  mutating func connectFailed(_ slot: Slot, now: MonotonicTime) -> [Action] {
    precondition(slots[slot] == .connecting, "only what connects can fail to")
    slots[slot] = .empty
    failures += 1
    let pause = settings.shortestBackoff * (1 << min(failures - 1, 10))
    nextAttempt = now + min(pause, settings.longestBackoff)
    guard !hasConnected else { return [] }
    return waiting.removeAll().map { .fail($0, .unreachable) }
  }

  /// A transaction is over.
  mutating func finished(_ slot: Slot, isBroken: Bool, now: MonotonicTime) -> [Action] {
    guard isBroken else { return offer(slot, now: now) }
    slots[slot] = .closing
    return [.close(slot)]
  }

  /// The connection turned out to be gone before the request was begun: it keeps its place in the queue.
  mutating func returned(_ id: RequestID, from slot: Slot, deadline: MonotonicTime) -> [Action] {
    slots[slot] = .closing
    guard !isShutDown else { return [.fail(id, .closed), .close(slot)] }
    waiting.putBack(id, deadline: deadline)
    return [.close(slot)]
  }

  /// The health check of an idle connection is over.
  mutating func checked(_ slot: Slot, isBroken: Bool, now: MonotonicTime) -> [Action] {
    guard case .checking(let since) = slots[slot] else {
      preconditionFailure("only what is checked was checked")
    }
    let actions = finished(slot, isBroken: isBroken, now: now)
    // A health check is no use: the connection goes on growing old.
    if case .idle = slots[slot] { slots[slot] = .idle(since: since, checked: now) }
    return actions
  }

  /// A connection was closed.
  mutating func closed(_ slot: Slot, now: MonotonicTime) -> [Action] {
    slots[slot] = .empty
    return isShutDown ? [] : connectIfNeeded(now: now)
  }

  /// Time has passed.
  mutating func tick(now: MonotonicTime) -> [Action] {
    guard !isShutDown else { return [] }
    var actions: [Action] = []
    for id in waiting.removeExpired(now: now) {
      timeouts += 1
      actions.append(.fail(id, failures > 0 ? .unreachable : .timeout))
    }
    for slot in idle {
      guard case .idle(let since, let checked) = slots[slot] else { continue }
      if since + settings.idleTimeout <= now {
        slots[slot] = .closing
        actions.append(.close(slot))
      } else if checked + settings.healthCheckInterval <= now {
        slots[slot] = .checking(idleSince: since)
        actions.append(.check(slot))
      }
    }
    idle.removeAll { slot in
      if case .idle = slots[slot] { return false }
      return true
    }
    return actions + connectIfNeeded(now: now)
  }

  /// When `tick` is needed next.
  var nextTick: MonotonicTime? {
    guard !isShutDown else { return nil }
    var times: [MonotonicTime] = []
    if let deadline = waiting.firstDeadline { times.append(deadline) }
    if let nextAttempt, !waiting.isEmpty { times.append(nextAttempt) }
    for case .idle(let since, let checked) in slots {
      times.append(min(since + settings.idleTimeout, checked + settings.healthCheckInterval))
    }
    return times.min()
  }

  /// No more requests; what runs may end.
  mutating func shutDown() -> [Action] {
    guard !isShutDown else { return [] }
    isShutDown = true
    let unused = idle
    idle = []
    for slot in unused { slots[slot] = .closing }
    return waiting.removeAll().map { .fail($0, .closed) } + unused.map { .close($0) }
  }

  /// True when after a shutdown nothing is open any more. What still tries to connect is not waited for.
  var isDrained: Bool { isShutDown && slots.allSatisfy { $0 == .empty || $0 == .connecting } }

  private mutating func offer(_ slot: Slot, now: MonotonicTime) -> [Action] {
    if isShutDown {
      slots[slot] = .closing
      return [.close(slot)]
    }
    if let id = waiting.popFirst() {
      slots[slot] = .busy(id)
      return [.run(id, on: slot)]
    }
    slots[slot] = .idle(since: now, checked: now)
    idle.append(slot)
    return []
  }

  private mutating func connectIfNeeded(now: MonotonicTime) -> [Action] {
    if let nextAttempt, now < nextAttempt { return [] }
    let connecting = slots.count { $0 == .connecting }
    // While the server is away one attempt at a time is enough.
    let wanted = failures > 0 ? min(1, waiting.count) : waiting.count
    guard wanted > connecting, let slot = slots.firstIndex(of: .empty) else { return [] }
    slots[slot] = .connecting
    return [.connect(slot)]
  }
}
