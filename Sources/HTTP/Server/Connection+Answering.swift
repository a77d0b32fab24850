import CMicroHTTPD
import Glibc

/// From the whole request to its answer; everything here runs on the polling thread.
extension Connection {
  /// Bodies up to here are handled on the polling thread until the handler's first suspension, which saves a
  /// change of threads; larger ones would keep others waiting.
  private static let inlineLimit = 16 << 10

  func run(_ match: RouteMatch, _ method: Method, _ target: Target, _ id: RequestID) -> MHD_Result {
    let now = Monotonic.now
    let generation: UInt64? = exchange.withLock { exchange in
      guard exchange.phase == .receiving else { return nil }
      exchange.enter(.running, at: now)
      exchange.id = id.text
      exchange.route = match.route.template
      return exchange.generation
    }
    guard let generation else { return .NO }
    let body = intake.body
    intake.body = []
    let request = Request(
      Request.Core(
        method: method, target: target, match: match, headers: .live(self, generation: generation),
        media: intake.media, body: body, id: id.text, deadline: now + core.handlerTimeout))
    let work: @Sendable () async -> Void = { [self] in
      finish(generation, await core.router.respond(request))
    }
    let task = body.count <= Self.inlineLimit ? Task.immediate { await work() } : Task { await work() }
    return park(task)
  }

  /// Queues the answer if it is there already, else suspends the connection until it is.
  private func park(_ task: Task<Void, Never>) -> MHD_Result {
    let isAnswered = exchange.withLock { exchange in
      if exchange.phase == .answered { return true }
      if core.isRefusing {
        exchange.response = core.router.answer(Problem.shuttingDown, exchange.id)
        exchange.enter(.answered)
        return true
      }
      exchange.task = task
      exchange.enter(.suspended, at: exchange.since)
      MHD_suspend_connection(handle)
      return false
    }
    if isAnswered { return deliver() }
    intake.stage = .parked
    return .YES
  }

  func deliver() -> MHD_Result {
    let response = exchange.withLock { exchange in
      exchange.task = nil
      return exchange.response.take()
    }
    guard let response else { return .NO }
    return queue(response)
  }

  func queue(_ response: Response) -> MHD_Result {
    let isCut = exchange.withLock { exchange in
      if exchange.phase == .closed { return true }
      exchange.enter(.sending)
      return false
    }
    if isCut { return .NO }
    intake.stage = .queued
    intake.status = response.status
    intake.sent = intake.method == "HEAD" ? 0 : response.body.count
    guard let answer = make(response) else { return .NO }
    defer { MHD_destroy_response(answer) }
    return MHD_queue_response(handle, UInt32(response.status.rawValue), answer)
  }

  private func make(_ response: Response) -> OpaquePointer? {
    guard let answer = response.body.withUnsafeBytes({ mhd_response($0.baseAddress, $0.count) }) else {
      return nil
    }
    if let type = response.contentType { MHD_add_response_header(answer, "Content-Type", type) }
    if let id = intake.id { MHD_add_response_header(answer, "X-Request-Id", id.text) }
    for field in response.headers { MHD_add_response_header(answer, field.name, field.value) }
    if core.isDraining { MHD_add_response_header(answer, "Connection", "close") }
    return answer
  }

  /// Writes an answer straight to the socket and ends the connection's traffic. Only where libmicrohttpd is not
  /// sending anything itself. From the polling thread, or under the lock.
  func cutOff(_ problem: Problem, _ id: String) {
    let response = core.router.answer(problem, id)
    var text = "HTTP/1.1 \(response.status) Refused\r\nConnection: close\r\n"
    text += "Content-Type: \(ContentType.problem)\r\nX-Request-Id: \(id)\r\n"
    text += "Content-Length: \(response.body.count)\r\n\r\n"
    let bytes = Array(text.utf8) + response.body
    send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    shutdown(socket, Int32(SHUT_RDWR))
  }
}
