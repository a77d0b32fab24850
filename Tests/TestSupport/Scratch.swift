import Glibc
import Postgres

/// An empty directory for one test, removed with all its content when the value goes away. The
/// database's user may pass through it.
public final class Scratch: Sendable {
  public let path: String

  public init() {
    var template = Array("/tmp/test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: errno \(errno)") }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    chmod(path, 0o755)
  }

  deinit { _ = try? ChildProcess.run("/bin/rm", ["-rf", "--", path]) }
}
