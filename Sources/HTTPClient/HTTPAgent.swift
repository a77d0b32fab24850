import CCurl
import Glibc
import Synchronization

/// Sends requests to servers elsewhere, over libcurl.
///
///     let agent = HTTPAgent()
///     let answer = try await agent.send(OutgoingRequest("GET", "https://api.example.com/things"))
///
/// All transfers run on one thread of its own, which starts with the first request and ends with the agent;
/// no task of the cooperative pool ever waits for a socket. A task that is cancelled breaks its transfer off.
/// Certificates are checked, redirects are not followed, proxies of the environment are ignored.
public final class HTTPAgent: Sendable {
  private let core: AgentCore

  /// - Parameter certificates: a PEM file to trust in the place of the system's.
  public init(certificates: String? = nil) { core = AgentCore(certificates: certificates) }

  deinit { core.stop() }

  /// - Throws: `OutgoingFailure` when there is no answer; an answer of any status is returned.
  public func send(_ request: OutgoingRequest) async throws(OutgoingFailure) -> IncomingResponse {
    let transfer = Transfer(request)
    let answer = await withTaskCancellationHandler {
      core.submit(transfer)
      return await transfer.answer
    } onCancel: {
      core.cancel(transfer)
    }
    return try answer.get()
  }
}

/// The thread and its mailbox.
private final class AgentCore: Sendable {
  private struct State {
    var added: [Transfer] = []
    var cancelled: [Transfer] = []
    var isStopped = false
    /// Set while the thread runs; waking is allowed from any thread.
    var multi: Handle?
  }

  /// Unchecked because of the pointer. Proof: other threads only call `curl_multi_wakeup`, which is made for
  /// that, and only under the mutex under which the thread takes the handle away before it frees it.
  private struct Handle: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private let certificates: String?
  private let state = Mutex(State())
  private static let library: Void = ccurl_start()

  init(certificates: String?) { self.certificates = certificates }

  func submit(_ transfer: Transfer) {
    let isTaken = state.withLock { state -> Bool in
      if state.multi == nil, !state.isStopped { state.multi = start() }
      guard let multi = state.multi else { return false }
      state.added.append(transfer)
      ccurl_wake(multi.pointer)
      return true
    }
    if !isTaken {
      transfer.finish(
        .failure(OutgoingFailure(.unreachable, mayHaveArrived: false, detail: "no thread to send it")))
    }
  }

  func cancel(_ transfer: Transfer) {
    state.withLock { state in
      state.cancelled.append(transfer)
      if let multi = state.multi { ccurl_wake(multi.pointer) }
    }
  }

  func stop() {
    state.withLock { state in
      state.isStopped = true
      if let multi = state.multi { ccurl_wake(multi.pointer) }
    }
  }

  /// Starts the thread; nil when the system refuses.
  private func start() -> Handle? {
    Self.library
    guard let multi = curl_multi_init() else { return nil }
    ccurl_limit(multi, 8)
    let handle = Handle(pointer: multi)
    if startThread({ self.live(handle) }) { return handle }
    curl_multi_cleanup(multi)
    return nil
  }

  /// The thread's whole life.
  private func live(_ handle: Handle) {
    let multi = handle.pointer
    var running: [OpaquePointer: Transfer] = [:]
    while takeOrders(multi, &running) {
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      var code = CURLE_OK
      while let ended = ccurl_next_ended(multi, &code) {
        guard let transfer = running.removeValue(forKey: OpaquePointer(ended)) else { continue }
        transfer.end(code)
        curl_multi_remove_handle(multi, ended)
        transfer.release()
      }
      if state.withLock({ $0.added.isEmpty && $0.cancelled.isEmpty }) { ccurl_wait(multi, 10_000) }
    }
    state.withLock { $0.multi = nil }
    curl_multi_cleanup(multi)
  }

  /// False when the agent is gone; then nothing is under way any more.
  private func takeOrders(
    _ multi: UnsafeMutableRawPointer, _ running: inout [OpaquePointer: Transfer]
  ) -> Bool {
    let (added, cancelled, isStopped) = state.withLock { state in
      defer { (state.added, state.cancelled) = ([], []) }
      return (state.added, state.cancelled, state.isStopped)
    }
    for transfer in added {
      guard let handle = transfer.prepare(certificates: certificates) else { continue }
      running[handle] = transfer
      curl_multi_add_handle(multi, UnsafeMutableRawPointer(handle))
    }
    for transfer in isStopped ? Array(running.values) : cancelled {
      transfer.cancel()
      guard let handle = transfer.handle, running.removeValue(forKey: handle) != nil else { continue }
      curl_multi_remove_handle(multi, UnsafeMutableRawPointer(handle))
      transfer.release()
    }
    return !isStopped
  }

  private func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Box(body))
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      context.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
