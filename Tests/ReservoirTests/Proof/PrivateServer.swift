import Glibc
import Synchronization
import TestSupport
import Testing

/// A server with a private cluster of its own, and ways to hurt both.
final class PrivateServer: Sendable {
  /// What is killed with SIGKILL.
  enum Blow: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case server = "the server"
    /// Which makes the postmaster end all others and recover.
    case backend = "a backend of PostgreSQL"
    case postmaster = "the postmaster, its children left"
    case cluster = "the postmaster with all its children"
    case everything = "the server and its whole cluster"

    var testDescription: String { rawValue }
    var isOfServer: Bool { self == .server || self == .everything }
  }

  private let scratch = Scratch()
  private let current: Mutex<LiveServer>
  private var directory: String { scratch.path + "/cluster" }

  init() async throws { current = Mutex(try await Self.start(in: scratch.path + "/cluster")) }

  private static func start(in directory: String) async throws -> LiveServer {
    try await LiveServer(["--data-dir", directory, "--log-level", "info", "--acquire-timeout", "3s"])
  }

  var server: LiveServer { current.withLock { $0 } }
  var conninfo: String { "host=\(directory)/run port=5432 user=postgres dbname=reservoir sslmode=disable" }

  /// Starts the server again after it was killed.
  func restart() async throws {
    let server = try await Self.start(in: directory)
    current.withLock { $0 = server }
  }

  func strike(_ blow: Blow) async throws {
    switch blow {
    case .server: try await killServer()
    case .backend:
      let backends = try await processes(
        "application_name = 'reservoir' AND datname = 'reservoir' ORDER BY random() LIMIT 1")
      for pid in backends { kill(pid, SIGKILL) }
    case .postmaster: kill(try await postmaster(), SIGKILL)
    case .cluster: try await killCluster()
    case .everything:
      try await killCluster()
      try await killServer()
    }
  }

  private func killServer() async throws {
    server.process.signal(SIGKILL)
    _ = try await server.process.ended()
  }

  private func killCluster() async throws {
    let children = try await processes("pid <> pg_backend_pid()")
    for pid in [try await postmaster()] + children { kill(pid, SIGKILL) }
  }

  private func postmaster() async throws -> pid_t {
    let text = try await Admin.value(
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", on: conninfo)
    return try #require(text.flatMap { pid_t($0) })
  }

  private func processes(_ condition: String) async throws -> [pid_t] {
    let rows = try await Admin.execute("SELECT pid FROM pg_stat_activity WHERE \(condition)", on: conninfo)
    return rows.compactMap { $0.first ?? nil }.compactMap { pid_t($0) }
  }
}
