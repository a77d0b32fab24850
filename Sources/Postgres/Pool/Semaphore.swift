import CPostgres
import Glibc

/// A counting semaphore for threads. Never to be waited for on a task.
///
/// Unchecked because of the pointer. Proof: `sem_t` is made for use from many threads at once; the pointer
/// never changes, and is freed when nobody refers to it any more.
final class Semaphore: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<sem_t>

  init() {
    pointer = .allocate(capacity: 1)
    precondition(sem_init(pointer, 0, 0) == 0, "a semaphore without special wishes can always be made")
  }

  deinit {
    sem_destroy(pointer)
    pointer.deallocate()
  }

  func signal() { sem_post(pointer) }

  func wait() {
    while sem_wait(pointer) != 0 {}
  }

  /// Waits until an instant; nil waits for ever.
  func wait(until deadline: MonotonicTime?) {
    guard let deadline else { return wait() }
    _ = shim_semaphore_wait_until(pointer, deadline.nanoseconds)
  }
}

/// An instant of CLOCK_MONOTONIC.
struct MonotonicTime: Comparable, Hashable, Sendable {
  var nanoseconds: Int64

  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }

  static func + (time: MonotonicTime, span: Duration) -> MonotonicTime {
    let (seconds, attoseconds) = span.components
    return MonotonicTime(
      nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

/// Starts a thread that belongs to nobody and ends with its body. False: the system refused.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
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
