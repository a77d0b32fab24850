import CMicroHTTPD
import Glibc

/// The bounds in time; called by the sweep, from outside the polling threads.
extension Connection {
  private enum Action {
    case none
    case cancel(Task<Void, Never>?)
    /// The handler did not heed its cancellation.
    case giveUp(UInt64)
  }

  func sweep(_ now: Monotonic) {
    let configuration = core.configuration
    let action: Action = exchange.withLock { exchange in
      let age = now.since(exchange.since)
      switch exchange.phase {
      case .fresh where hasEnded(&exchange), .idle where hasEnded(&exchange),
        .receiving where hasEnded(&exchange):
        exchange.enter(.closed)
        shutdown(socket, Int32(SHUT_RDWR))
      case .fresh where age > core.receiveTimeout, .idle where age > Nanoseconds(configuration.idleTimeout),
        .sending where age > Nanoseconds(configuration.sendTimeout):
        exchange.enter(.closed)
        shutdown(socket, Int32(SHUT_RDWR))
      case .receiving where age > core.receiveTimeout:
        exchange.enter(.closed)
        cutOff(Problem(.requestTimeout), RequestID.fresh().text)
      case .suspended:
        return sweepHandler(&exchange, age)
      default: break
      }
      return .none
    }
    switch action {
    case .none: break
    // Outside the lock: a cancellation handler may answer at once.
    case .cancel(let task): task?.cancel()
    case .giveUp(let generation): abandon(generation, .deadlineExceeded)
    }
  }

  /// Nothing can come any more. libmicrohttpd misses an end that arrives together with data. Seen twice, so
  /// that what was read a moment ago is not cut off.
  private func hasEnded(_ exchange: inout Exchange) -> Bool {
    guard mhd_is_at_end(socket) else { return false }
    defer { exchange.isAtEnd = true }
    return exchange.isAtEnd
  }

  private func sweepHandler(_ exchange: inout Exchange, _ age: Nanoseconds) -> Action {
    let grace = core.handlerTimeout.duration + core.configuration.cancellationGrace
    if age > Nanoseconds(grace) { return .giveUp(exchange.generation) }
    guard !exchange.isCancelled, age > core.handlerTimeout || isClientGone else { return .none }
    exchange.isCancelled = true
    return .cancel(exchange.task)
  }

  /// The client has closed its side. libmicrohttpd does not watch a suspended connection.
  private var isClientGone: Bool { mhd_peer_has_closed(socket) }

  /// Answers in place of the handler, whose own answer will be ignored.
  private func abandon(_ generation: UInt64, _ problem: Problem) {
    let id = exchange.withLock { $0.id }
    finish(generation, core.router.answer(problem, id))
  }

  /// Whether a request is arriving, at work or being answered.
  var isUnderWay: Bool { exchange.withLock { $0.isUnderWay } }

  /// The last step of stopping: nothing may stay suspended. Returns the route of the handler that was broken
  /// off.
  func release() -> String? {
    let (phase, task, generation, route) = exchange.withLock { ($0.phase, $0.task, $0.generation, $0.route) }
    guard phase == .suspended else { return nil }
    task?.cancel()
    abandon(generation, .shuttingDown)
    return route
  }
}
