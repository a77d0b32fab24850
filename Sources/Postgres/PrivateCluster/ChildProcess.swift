import CProcess
import Glibc

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
  case code(Int32)
  case signal(Int32)
  /// Somebody else has collected the status.
  case unknown

  init(_ status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
  }
}

/// A program started by this process.
///
/// It inherits descriptors 0 to 2 as given and nothing else, so that no child keeps a listening socket
/// or a lock alive, and starts with default signal handling. All waiting here blocks its thread: call
/// it from a thread that may block.
package struct ChildProcess: Sendable {
  package let pid: pid_t

  package struct Options: Sendable {
    package var environment: [String] = ["PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"]
    package var directory: String?
    /// Descriptors for 0, 1 and 2; nil is `/dev/null`.
    package var input: Int32?
    package var output: Int32?
    package var errors: Int32?
    /// A further descriptor to keep open under its own number.
    package var inherited: Int32?
    /// A session of its own: the terminal's Ctrl-C does not reach it.
    package var newSession = true
    /// The user to change to; nil stays.
    package var user: ClusterUser?

    package init() {}
  }

  package init(_ path: String, _ arguments: [String], _ options: Options = Options())
    throws(SystemCallError)
  {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard null >= 0 else { throw SystemCallError("open", "/dev/null") }
    defer { close(null) }
    var child: pid_t = 0
    let groups = options.user?.groups ?? []
    let failure = withCStrings([path] + arguments) { arguments in
      withCStrings(options.environment) { environment in
        groups.withUnsafeBufferPointer { groups in
          withOptionalCString(options.directory) { directory in
            var raw = cprocess_options(
              directory: directory, input: options.input ?? null, output: options.output ?? null,
              errors: options.errors ?? null, inherited: options.inherited ?? -1,
              new_session: options.newSession ? 1 : 0, switch_user: options.user == nil ? 0 : 1,
              user: options.user?.id ?? 0, group: options.user?.group ?? 0, groups: groups.baseAddress,
              group_count: groups.count)
            return cprocess_spawn(path, arguments, environment, &raw, &child)
          }
        }
      }
    }
    guard failure == 0 else { throw SystemCallError("start", path, code: failure) }
    pid = child
  }

  /// Blocks until it has ended, and collects it.
  package func wait() -> ExitStatus {
    var status: Int32 = 0
    while true {
      let result = waitpid(pid, &status, 0)
      if result == pid { return ExitStatus(status) }
      if errno != EINTR { return .unknown }
    }
  }

  /// Collects it as soon as it ends, on a thread of its own, whoever forgets about it meanwhile: what is not
  /// collected stays behind as a zombie, and others that wait for any child meet it again and again.
  package func collectWhenEnded() { _ = startThread { _ = wait() } }

  /// Runs a program to its end and returns what it wrote to its output and errors, mixed.
  package static func run(_ path: String, _ arguments: [String], _ options: Options = Options())
    throws(SystemCallError) -> (status: ExitStatus, output: String)
  {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemCallError("pipe for", path) }
    for end in ends { _ = fcntlCloseOnExec(end) }
    defer { close(ends[0]) }
    var options = options
    options.output = ends[1]
    options.errors = ends[1]
    let child: ChildProcess
    do {
      defer { close(ends[1]) }
      child = try ChildProcess(path, arguments, options)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    return (child.wait(), String(decoding: bytes, as: UTF8.self))
  }
}

private func fcntlCloseOnExec(_ file: Int32) -> Int32 { fcntl(file, F_SETFD, FD_CLOEXEC) }

private func withOptionalCString<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}

private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
