import Foundation

@testable import Postgres

/// A directory below the system's temporary one, with servers of the test's own in it.
///
/// PostgreSQL and PgBouncer refuse to run as root; then they run as the user `postgres`.
struct ServerDirectory {
  let path: String
  private static let isRoot = geteuid() == 0

  static let binaries: String? = {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
      .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
  }()
  static let pgBouncer = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/pg-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard Self.isRoot, let user = getpwnam("postgres") else { return }
    chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  struct Failure: Error {
    let program: String
    let status: Int32
  }

  /// Starts a program as a user who is not root; its process id.
  ///
  /// Not by Foundation's `Process`: that takes a program for running as long as a daemon lives that it left.
  func start(_ program: String, _ arguments: [String]) throws -> pid_t {
    let setpriv = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    let user = Self.isRoot ? setpriv : []
    let words = user + [program] + arguments
    let strings = words.map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // The threads of tasks block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process: pid_t = 0
    let result = posix_spawn(&process, words[0], &actions, &attributes, strings, environ)
    guard result == 0 else { throw Failure(program: program, status: result) }
    return process
  }

  /// Starts a program that runs until it is told to stop, and collects it whenever it ends: what nobody
  /// collects would keep the testing library, which waits for any child, from ever seeing its exit tests end.
  func startDaemon(_ program: String, _ arguments: [String]) throws -> pid_t {
    let process = try start(program, arguments)
    precondition(startThread { Self.collect(process) }, "the system gives a thread")
    return process
  }

  private static func collect(_ process: pid_t) {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// Waits for the end of a process that was started here.
  static func end(of process: pid_t) async throws -> Int32 {
    try await offPool {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      return status
    }
  }

  /// Runs a program of PostgreSQL to its end.
  func run(_ program: String, _ arguments: [String]) async throws {
    let status = try await Self.end(of: try start((Self.binaries ?? "") + "/" + program, arguments))
    guard status == 0 else { throw Failure(program: program, status: status) }
  }
}

/// A PostgreSQL server that one test may stop, kill and start again.
struct OwnServer {
  let directory: ServerDirectory
  var conninfo: String { "host=\(directory.path) user=postgres dbname=postgres" }

  /// Lends a running server.
  static func lend(_ body: (OwnServer) async throws -> Void) async throws {
    let server = OwnServer(directory: try ServerDirectory())
    defer { server.directory.remove() }
    try await server.directory.run(
      "initdb", ["-D", server.data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"])
    try await server.start()
    do { try await body(server) } catch {
      try await server.stop()
      throw error
    }
    try await server.stop()
  }

  private var data: String { directory.path + "/data" }

  func start() async throws {
    let options = "-c fsync=off -c listen_addresses= -c unix_socket_directories=\(directory.path)"
    try await directory.run(
      "pg_ctl", ["-D", data, "-l", directory.path + "/log", "-o", options, "-w", "start"])
  }

  func stop() async throws {
    try await directory.run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"])
  }
}
