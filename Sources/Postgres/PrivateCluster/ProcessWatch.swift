import CProcess
import Dispatch
import Glibc

/// Waits for the end of any process, also one that is not a child, without polling and cancellably.
final class ProcessWatch: Sendable {
  private let pid: pid_t
  private let reader: Int32
  private let writer: Int32

  init(_ pid: pid_t) throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemCallError("pipe for", "a process watch") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.pid = pid
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    close(reader)
    close(writer)
  }

  /// Returns when the process has ended, the time is over, or the task is cancelled.
  func wait(atMost limit: Duration, on queue: DispatchQueue) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
        queue.async {
          self.block(Int32(clamping: limit.components.seconds * 1_000))
          done.resume()
        }
      }
    } onCancel: {
      var byte: UInt8 = 0
      _ = write(writer, &byte, 1)
    }
  }

  private func block(_ milliseconds: Int32) {
    let process = cprocess_pidfd(pid)
    defer { if process >= 0 { close(process) } }
    // Without pidfd: gone if the process is, else a kernel that lacks it, where we look again soon.
    if process < 0 && errno == ESRCH { return }
    var waits = [pollfd(fd: reader, events: Int16(POLLIN), revents: 0)]
    if process >= 0 { waits.append(pollfd(fd: process, events: Int16(POLLIN), revents: 0)) }
    let limit = process >= 0 ? milliseconds : min(milliseconds, 250)
    while poll(&waits, nfds_t(waits.count), limit) < 0 && errno == EINTR {}
  }
}
