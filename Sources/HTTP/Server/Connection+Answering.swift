import CMicroHTTPD
import Glibc

/// From the handler's answer to libmicrohttpd's response; everything here runs on the polling thread.
extension Connection {
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

  /// Writes an answer straight to the socket and ends the connection's traffic. Only where libmicrohttpd is
  /// not sending anything itself. From the polling thread, or under the lock.
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
