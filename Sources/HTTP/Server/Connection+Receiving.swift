import CMicroHTTPD
import Glibc

/// The request as it arrives; everything here runs on the polling thread.
extension Connection {
  /// libmicrohttpd's access handler: called with the header, with each piece of body, at the end of the body,
  /// and once more after each resumption.
  func proceed(
    _ method: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>, _ data: UnsafePointer<CChar>?,
    _ size: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    switch intake.stage {
    case .head:
      return head(method, version)
    case .body where size.pointee > 0:
      let count = size.pointee
      size.pointee = 0
      return take(UnsafeRawBufferPointer(start: data, count: count))
    case .body:
      return complete()
    case .parked:
      return proceedWithJobs()
    case .queued:
      size.pointee = 0
      return .YES
    }
  }

  private func head(_ method: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>) -> MHD_Result {
    intake.stage = .body
    intake.method = Method(rawValue: String(cString: method))?.rawValue ?? "OTHER"
    let head = mhd_read_head(handle, method)
    intake.id =
      RequestID(given: Self.bytes(head.request_id, head.request_id_length)) ?? RequestID.fresh()
    intake.media = MediaType(Self.bytes(head.content_type, head.content_type_length))
    if core.isRefusing { return refuse(Problem.shuttingDown) }
    if let fault = fault(head, method, version) { return refuse(Problem(.badRequest, fault)) }

    let admission = core.router.admit(method: String(cString: method), target: intake.target)
    intake.admission = admission
    if case .refused(let problem) = admission, head.expects_continue { return refuse(problem) }
    intake.bodyLimit = admission.match?.route.bodyLimit ?? core.configuration.bodyLimit
    guard !head.chunked else { return .YES }
    let length = Int(clamping: head.content_length)
    let isHopeless = length > intake.bodyLimit &+ Intake.excessLimit
    if isHopeless || (length > intake.bodyLimit && head.expects_continue) {
      return refuse(.payloadTooLarge(limit: intake.bodyLimit))
    }
    if length <= intake.bodyLimit { intake.body.reserveCapacity(length) }
    return .YES
  }

  /// Why the header cannot be trusted: what RFC 9112 forbids and libmicrohttpd lets pass.
  private func fault(
    _ head: mhd_head, _ method: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>
  ) -> String? {
    if !mhd_is_token(method, strlen(method)) { return "the method is no token" }
    if UInt(bitPattern: version) != intake.targetAddress &+ UInt(intake.target.count) &+ 1 {
      return "the target has a NUL"
    }
    if head.malformed { return "a header field is malformed" }
    if head.hosts > 1 { return "more than one Host" }
    if head.content_lengths > 1 { return "more than one Content-Length" }
    if head.transfer_encodings > 0 {
      if head.content_lengths > 0 { return "both Content-Length and Transfer-Encoding" }
      if head.transfer_encodings > 1 || !head.chunked {
        return "the only transfer coding accepted is chunked"
      }
    }
    return nil
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
    intake.take(bytes)
    guard intake.excess > Intake.excessLimit + intake.bodyLimit else { return .YES }
    // In the middle of a body libmicrohttpd takes no response; so it is written past it, and the connection
    // cut.
    cutOff(.payloadTooLarge(limit: intake.bodyLimit), intake.id?.text ?? "")
    return .NO
  }

  private func complete() -> MHD_Result {
    if intake.excess > 0 { return refuse(.payloadTooLarge(limit: intake.bodyLimit)) }
    guard let admission = intake.admission, let id = intake.id else { return .NO }
    guard case .route(let match, let method, let target) = admission else {
      guard let response = core.router.answer(admission, id.text) else { return .NO }
      return queue(response)
    }
    return run(match, method, target, id)
  }

  func refuse(_ problem: Problem) -> MHD_Result {
    guard let id = intake.id else { return .NO }
    return queue(core.router.answer(problem, id.text))
  }

  private static func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    let raw = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
    return raw.assumingMemoryBound(to: UInt8.self)
  }
}
