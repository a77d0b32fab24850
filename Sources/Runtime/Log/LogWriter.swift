import Dispatch
import Glibc
import Synchronization

/// Writes lines to a descriptor on a thread of its own. Callers only append to a buffer.
///
/// When the reader is slower than the log, the buffer grows to its limit; then new lines are dropped and
/// counted, and a line tells how many, because a server must not stop for its log.
public final class LogWriter: LogSink {
  private struct State {
    var buffer: [UInt8] = []
    var isScheduled = false
    var dropped = 0
  }

  private let descriptor: Int32
  private let limit: Int
  private let queue = DispatchQueue(label: "log")
  private let state = Mutex(State())

  /// - Parameters:
  ///   - descriptor: standard error, or any open file; it stays the caller's.
  ///   - limit: the most bytes that wait.
  public init(descriptor: Int32 = 2, limit: Int = 8 << 20) {
    self.descriptor = descriptor
    self.limit = limit
  }

  public func write(_ line: [UInt8]) {
    let mustSchedule = state.withLock { state in
      guard state.buffer.count + line.count <= limit else {
        state.dropped += 1
        return false
      }
      state.buffer += line
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if mustSchedule { queue.async { self.drain() } }
  }

  /// Blocks until every line that was written before has reached the descriptor: the last act of a process.
  public func flush() { queue.sync { drain() } }

  private func drain() {
    while true {
      let (bytes, dropped) = state.withLock { state in
        let taken = (state.buffer, state.dropped)
        state.buffer = []
        state.dropped = 0
        state.isScheduled = !taken.0.isEmpty
        return taken
      }
      if dropped > 0 {
        put(Array("{\"level\":\"warning\",\"message\":\"log lines dropped\",\"count\":\(dropped)}\n".utf8))
      }
      guard !bytes.isEmpty else { return }
      put(bytes)
    }
  }

  /// Nothing can be told about a descriptor that fails: the log is where it would be told.
  private func put(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, 1_000)
      } else if count < 0, errno == EINTR {
        continue
      } else {
        return
      }
    }
  }
}
