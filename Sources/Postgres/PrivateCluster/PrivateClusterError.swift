/// Why a private cluster cannot be used. The description says what to do about it.
public struct PrivateClusterError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    /// No PostgreSQL server of a usable version is on this machine.
    case notInstalled
    /// The directory holds something that this program did not make.
    case foreignDirectory
    /// The cluster was made by another major version of PostgreSQL.
    case otherVersion
    /// The user that PostgreSQL runs as cannot enter the directory.
    case notReachable
    /// The cluster belongs to another user, or the user to run it as does not exist.
    case wrongUser
    /// PostgreSQL, or another process that starts it, did not get ready in time, or ended.
    case notStarted
    /// A system call failed.
    case system
  }

  public let reason: Reason
  public let description: String

  init(_ reason: Reason, _ description: String) {
    self.reason = reason
    self.description = description
  }

  init(_ error: SystemCallError) { self.init(.system, "\(error)") }
}
