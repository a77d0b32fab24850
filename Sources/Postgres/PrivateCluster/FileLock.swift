import Glibc

/// An advisory lock (flock) on an open file. It belongs to this opening of the file: two in one process
/// exclude each other, and the kernel drops it when the process dies in whatever way.
final class FileLock: Sendable {
  let file: Int32
  let path: String

  /// Opens the file, making it if needed, and takes no lock yet.
  init(_ path: String, owner: ClusterUser) throws(SystemCallError) {
    self.path = path
    let made = !Files.exists(path)
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw SystemCallError("open", path) }
    if made { try owner.takes(file: file, path: path) }
  }

  deinit { close(file) }

  /// Takes the lock shared, waiting as long as somebody holds it exclusively.
  func share() throws(SystemCallError) { try take(LOCK_SH) }

  /// Takes the lock exclusively if nobody else holds it.
  func tryExclusive() throws(SystemCallError) -> Bool {
    do {
      try take(LOCK_EX | LOCK_NB)
      return true
    } catch {
      if error.code == EWOULDBLOCK { return false }
      throw error
    }
  }

  /// Takes the lock exclusively; false if that was not possible until `deadline`.
  func exclusive(until deadline: ContinuousClock.Instant) throws(SystemCallError) -> Bool {
    while true {
      if try tryExclusive() { return true }
      if ContinuousClock.now >= deadline { return false }
      usleep(20_000)
    }
  }

  func release() { _ = flock(file, LOCK_UN) }

  private func take(_ operation: Int32) throws(SystemCallError) {
    while flock(file, operation) != 0 {
      if errno != EINTR { throw SystemCallError("lock", path) }
    }
  }
}
