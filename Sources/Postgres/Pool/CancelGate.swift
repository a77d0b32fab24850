import Synchronization

/// Sees to it that a cancel request hits only the transaction that it is meant for.
///
/// The connection's thread opens the gate for a transaction and closes it at its end; closing waits for a
/// request that is just being sent.
final class CancelGate: Sendable {
  private struct State {
    var ticket: UInt64?
    var isSending = false
    var wasSent = false
  }

  private let state = Mutex(State())
  private let sent = Semaphore()

  func open(_ ticket: Ticket) {
    state.withLock { $0 = State(ticket: ticket.id) }
  }

  /// True if a request was sent since the gate was opened.
  func close() -> Bool {
    let (mustWait, wasSent) = state.withLock { state in
      defer { state.ticket = nil }
      return (state.isSending, state.wasSent)
    }
    if mustWait { sent.wait() }
    return wasSent
  }

  /// Called from another thread. Does nothing when the transaction is over.
  func send(for ticket: UInt64, _ handle: CancelHandle) {
    let isOpen = state.withLock { state in
      guard state.ticket == ticket else { return false }
      state.isSending = true
      state.wasSent = true
      return true
    }
    guard isOpen else { return }
    handle.cancel()
    let isAwaited = state.withLock { state in
      state.isSending = false
      return state.ticket == nil
    }
    if isAwaited { sent.signal() }
  }
}
