import CPostgres
import CProcess
import Glibc

/// The main process of a running cluster, whoever started it.
struct Postmaster: Hashable, Sendable {
  let pid: pid_t

  /// The one that runs on this directory; nil if none does.
  ///
  /// `postmaster.pid` alone proves nothing: after SIGKILL it stays, and its number may by now be another
  /// process's, or a zombie that nobody collects. So the process itself is asked what it is.
  init?(runningIn directory: ClusterDirectory) {
    guard let text = Files.text(directory.postmasterFile),
      let first = text.split(separator: "\n").first, let pid = pid_t(first), pid > 1,
      Self.isPostmaster(pid, of: directory)
    else { return nil }
    self.pid = pid
  }

  init(pid: pid_t) { self.pid = pid }

  var isAlive: Bool { Self.state(of: pid).map { $0 != "Z" && $0 != "X" } ?? false }

  private static func isPostmaster(_ pid: pid_t, of directory: ClusterDirectory) -> Bool {
    guard let state = state(of: pid), state != "Z", state != "X",
      let raw = Files.read("/proc/\(pid)/cmdline")
    else { return false }
    let words = raw.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard let program = words.first, program.split(separator: "/").last == "postgres" else { return false }
    if let place = words.firstIndex(of: "-D"), place + 1 < words.count {
      if (try? Files.resolved(words[place + 1])) == directory.data { return true }
    }
    // Started by hand with a relative path: a postmaster's working directory is its data directory.
    // Where that may not be read, caution: it counts as ours and is not started a second time.
    guard let working = try? Files.resolved("/proc/\(pid)/cwd") else { return true }
    return working == directory.data
  }

  /// The state letter of a process, nil if there is none.
  private static func state(of pid: pid_t) -> Character? {
    guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].first { $0 != " " }
  }

  /// Server processes of this cluster whose postmaster is gone. Each ends by itself when it notices, but
  /// one that computes does not look for long, and until then no new postmaster can start.
  static func orphans(of directory: ClusterDirectory) -> [pid_t] {
    let title = "postgres: \(directory.clusterName): "
    let names = (try? Files.names(in: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { pid in
      guard let raw = Files.read("/proc/\(pid)/cmdline", last: 4_096), !raw.isEmpty else { return false }
      return String(decoding: raw, as: UTF8.self).hasPrefix(title)
    }
  }

  /// Waits until no process of a dead postmaster is left; those that stay too long are ended, which is
  /// safe without a postmaster: the next one recovers from the log.
  static func awaitOrphans(of directory: ClusterDirectory, patience: Duration) {
    let deadline = ContinuousClock.now + patience
    while true {
      let left = orphans(of: directory)
      if left.isEmpty { return }
      if ContinuousClock.now >= deadline { for pid in left { kill(pid, SIGKILL) } }
      usleep(20_000)
    }
  }

  /// Waits until it has ended; false if it has not until `deadline`.
  func awaitEnd(until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      if !isAlive { return true }
      if ContinuousClock.now >= deadline { return false }
      usleep(10_000)
    }
  }

  enum Readiness { case ready, notYet, ended }

  /// Whether it accepts connections by now.
  func readiness(_ conninfo: String) -> Readiness {
    if !isAlive { return .ended }
    return PQping(conninfo) == PQPING_OK ? .ready : .notYet
  }
}
