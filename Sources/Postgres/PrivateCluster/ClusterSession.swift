import CPostgres
import Glibc
import Synchronization

/// One process's use of a cluster, from `begin` to `end`. It blocks: only the cluster's worker calls it.
final class ClusterSession: Sendable {
  let conninfo: String
  private let configuration: PrivateCluster.Configuration
  private let directory: ClusterDirectory
  private let startLock: FileLock
  /// Held shared for as long as this session lasts.
  private let users: FileLock
  private let running: Mutex<Postmaster>

  static func begin(_ configuration: PrivateCluster.Configuration) throws(PrivateClusterError)
    -> ClusterSession
  {
    let directory = try ClusterDirectory(preparing: configuration.directory, user: configuration.user)
    do {
      let startLock = try FileLock(directory.startLock, owner: directory.owner)
      let users = try FileLock(directory.marker, owner: directory.owner)
      try lockForStart(startLock, configuration)
      defer { startLock.release() }
      try users.share()
      let starter = ClusterStarter(
        configuration: configuration, directory: directory, startLock: startLock)
      // Should a step fail after PostgreSQL was started, it stays up, and the next start adopts it: a
      // recovery that takes longer than the caller waits then goes on.
      let postmaster = try starter.startOrAdopt()
      try starter.makeDatabase()
      return ClusterSession(
        configuration, directory, startLock: startLock, users: users, running: postmaster)
    } catch let error as SystemCallError {
      throw PrivateClusterError(error)
    } catch let error as PrivateClusterError {
      throw error
    } catch {
      preconditionFailure("only these two are thrown above")
    }
  }

  private init(
    _ configuration: PrivateCluster.Configuration, _ directory: ClusterDirectory, startLock: FileLock,
    users: FileLock, running: Postmaster
  ) {
    self.configuration = configuration
    self.directory = directory
    self.startLock = startLock
    self.users = users
    self.running = Mutex(running)
    conninfo = Self.conninfo(directory, database: configuration.database)
  }

  var postmaster: Postmaster { running.withLock { $0 } }
  var isAlive: Bool { postmaster.isAlive }

  /// Starts PostgreSQL again after it died, or takes over the one that another user of the cluster
  /// has started meanwhile.
  func resume() throws {
    configuration.onEvent?(.died(pid: postmaster.pid))
    try Self.lockForStart(startLock, configuration)
    defer { startLock.release() }
    let starter = ClusterStarter(
      configuration: configuration, directory: directory, startLock: startLock)
    let postmaster = try starter.startOrAdopt()
    running.withLock { $0 = postmaster }
  }

  func boundLog() throws {
    try ClusterLog(path: directory.log).cutIfFull(owner: directory.owner)
  }

  /// Gives up the shared lock, and stops PostgreSQL if that was the last one.
  func end() {
    let locked = (try? startLock.exclusive(until: .now + configuration.stopTimeout)) ?? false
    defer {
      users.release()
      startLock.release()
    }
    guard locked, (try? users.tryExclusive()) ?? false else {
      configuration.onEvent?(.leftRunning)
      return
    }
    guard let postmaster = Postmaster(runningIn: directory) else {
      configuration.onEvent?(.stopped)
      return
    }
    kill(postmaster.pid, SIGINT)
    if postmaster.awaitEnd(until: .now + configuration.stopTimeout) {
      configuration.onEvent?(.stopped)
      return
    }
    kill(postmaster.pid, SIGQUIT)
    if !postmaster.awaitEnd(until: .now + .seconds(10)) { kill(postmaster.pid, SIGKILL) }
    configuration.onEvent?(.stopForced)
  }

  private static func lockForStart(_ lock: FileLock, _ configuration: PrivateCluster.Configuration) throws {
    let limit = configuration.startTimeout + configuration.stopTimeout
    guard try lock.exclusive(until: .now + limit) else {
      throw PrivateClusterError(
        .notStarted, "another process has held \(lock.path) for longer than \(limit): is it stuck?")
    }
  }

  private static func conninfo(_ directory: ClusterDirectory, database: String) -> String {
    let escaped = database.reduce(into: "") { text, character in
      if character == "'" || character == "\\" { text.append("\\") }
      text.append(character)
    }
    return
      "host=\(directory.socketDirectory) port=5432 user=postgres dbname='\(escaped)' sslmode=disable"
      + " gssencmode=disable"
  }
}
