import CCurl
import Synchronization

/// One request under way: what libcurl needs, what has come so far, and who waits.
///
/// Unchecked because of the pointers and the buffers. Proof: after `submit` all but `answer` is touched only
/// by the thread of its `HTTPAgent`; `answer` is behind a mutex and is given once.
final class Transfer: @unchecked Sendable {
  typealias Answer = Result<IncomingResponse, OutgoingFailure>

  let request: OutgoingRequest
  private(set) var handle: OpaquePointer?
  private var list: UnsafeMutablePointer<curl_slist>?
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private var payload: UnsafeMutablePointer<CChar>?
  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private var isTooLarge = false
  private let waiting = Mutex<CheckedContinuation<Answer, Never>?>(nil)
  private let early = Mutex<Answer?>(nil)

  init(_ request: OutgoingRequest) { self.request = request }

  deinit { release() }

  // MARK: The waiting task

  var answer: Answer {
    get async {
      await withCheckedContinuation { continuation in
        let known = early.withLock { early -> Answer? in
          if early == nil { waiting.withLock { $0 = continuation } }
          return early
        }
        if let known { continuation.resume(returning: known) }
      }
    }
  }

  func finish(_ answer: Answer) {
    let continuation = early.withLock { early -> CheckedContinuation<Answer, Never>? in
      guard early == nil else { return nil }
      early = answer
      return waiting.withLock { $0.take() }
    }
    continuation?.resume(returning: answer)
  }

  // MARK: The thread

  /// Makes the handle. Nil: the request was cancelled already or is malformed, and has its answer.
  func prepare(certificates: String?) -> OpaquePointer? {
    guard early.withLock({ $0 == nil }) else { return nil }
    guard isWellFormed, let handle = curl_easy_init() else {
      finish(.failure(OutgoingFailure(.malformed, mayHaveArrived: false, detail: "not a request")))
      return nil
    }
    for (name, value) in request.headers { list = curl_slist_append(list, "\(name): \(value)") }
    // libcurl would wait for a 100 before it sends a body.
    list = curl_slist_append(list, "Expect:")
    var settings = ccurl_request()
    settings.method = UnsafePointer(copy(request.method))
    settings.url = UnsafePointer(copy(request.url))
    settings.headers = list
    if let bytes = request.body {
      let payload = UnsafeMutablePointer<CChar>.allocate(capacity: max(bytes.count, 1))
      for (index, byte) in bytes.enumerated() { payload[index] = CChar(bitPattern: byte) }
      self.payload = payload
      settings.body = UnsafePointer(payload)
      settings.body_size = bytes.count
    }
    settings.connect_timeout_ms = request.connectTimeout.milliseconds
    settings.timeout_ms = request.timeout.milliseconds
    settings.certificates = certificates.map { UnsafePointer(copy($0)) }
    settings.context = Unmanaged.passUnretained(self).toOpaque()
    settings.received_body = { bytes, size, count, context in
      transfer(context).receive(bytes, size * count)
    }
    settings.received_header = { bytes, size, count, context in
      transfer(context).receiveHeader(bytes, size * count)
    }
    guard ccurl_prepare(UnsafeMutableRawPointer(handle), &settings) == CURLE_OK else {
      curl_easy_cleanup(handle)
      finish(.failure(OutgoingFailure(.malformed, mayHaveArrived: false, detail: "not a request")))
      return nil
    }
    self.handle = OpaquePointer(handle)
    return self.handle
  }

  /// Ends with libcurl's result.
  func end(_ code: CURLcode) {
    guard let handle else { return }
    let easy = UnsafeMutableRawPointer(handle)
    if code == CURLE_OK {
      return finish(
        .success(IncomingResponse(status: Int(ccurl_status(easy)), headers: headers, body: body)))
    }
    let detail = String(cString: curl_easy_strerror(code))
    let kind: OutgoingFailure.Kind =
      switch code {
      case _ where isTooLarge: .tooLarge
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .malformed
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
        CURLE_PEER_FAILED_VERIFICATION:
        .unreachable
      default: .broken
      }
    finish(.failure(OutgoingFailure(kind, mayHaveArrived: ccurl_was_sent(easy), detail: detail)))
  }

  func cancel() {
    let wasSent = handle.map { ccurl_was_sent(UnsafeMutableRawPointer($0)) } ?? false
    finish(.failure(OutgoingFailure(.cancelled, mayHaveArrived: wasSent, detail: "cancelled")))
  }

  func release() {
    if let handle { curl_easy_cleanup(UnsafeMutableRawPointer(handle)) }
    handle = nil
    curl_slist_free_all(list)
    list = nil
    for text in texts { text.deallocate() }
    texts = []
    payload?.deallocate()
    payload = nil
  }

  private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard body.count + count <= request.bodyLimit else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    // A status line begins a new header: what came before was an interim answer.
    if line.hasPrefix("HTTP/") { headers = [] }
    guard let colon = line.firstIndex(of: ":"), headers.count < 200 else { return count }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    let trimmed = value.prefix { !$0.isNewline }
    headers.append((String(line[..<colon]), String(trimmed)))
    return count
  }

  /// No line break or NUL can smuggle in a field of its own.
  private var isWellFormed: Bool {
    let isPlain: (String) -> Bool = { text in
      text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
    return !request.method.isEmpty && request.method.utf8.allSatisfy { (65...90).contains($0) }
      && isPlain(request.url) && !request.url.contains(" ")
      && request.headers.allSatisfy { !$0.name.isEmpty && isPlain($0.name) && isPlain($0.value) }
  }

  private func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    texts.append(copy)
    return copy
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
  guard let context else { preconditionFailure("libcurl gives back the context that it got") }
  return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

extension Duration {
  fileprivate var milliseconds: Int {
    let (seconds, attoseconds) = components
    return max(1, Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
  }
}
