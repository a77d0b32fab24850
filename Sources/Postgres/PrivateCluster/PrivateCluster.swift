import Dispatch
import Synchronization

/// A PostgreSQL that this program makes and runs for itself, for those who have not set one up.
///
/// The first start makes the cluster; later ones reuse it. Any number of processes may use one directory
/// at the same time: the first starts PostgreSQL, the last to stop stops it. A process that is killed
/// leaves PostgreSQL running, and the next one takes it over.
///
///     let cluster = PrivateCluster(.init(directory: ".data", database: "app"))
///     let conninfo = try await cluster.start()
///     async let watch: Void = cluster.run()   // restarts PostgreSQL when it dies, until cancelled
///     …
///     await cluster.stop()
///
/// Limits: one machine, a local file system (locks and sockets), Linux.
public final class PrivateCluster: Sendable {
  public struct Configuration: Sendable {
    /// Where the cluster lives. Made if it does not exist; must be empty or a private cluster. What else
    /// belongs into it may be added after `start`, under names that `ClusterDirectory` does not use.
    public var directory: String
    /// The database to connect to; made if it does not exist.
    public var database = "postgres"
    /// The user to run PostgreSQL as when this process is root's, as PostgreSQL refuses to be root.
    public var user = "postgres"
    /// Directories to look for `postgres` and `initdb` in, the first that fits is taken.
    public var searchPath = PrivateCluster.searchPath(path: nil)
    /// The oldest major version to make a new cluster with.
    public var minimumMajor = 15
    /// Settings of PostgreSQL that replace those chosen here.
    public var settings: [String: String] = [:]
    /// How long to wait until PostgreSQL is ready. Recovery after a crash counts.
    public var startTimeout: Duration = .seconds(180)
    /// How long a fast shutdown may take before it is cut short (the next start then recovers).
    public var stopTimeout: Duration = .seconds(60)
    /// Told what happens; carries no data. Called on a thread of the cluster; must not block.
    public var onEvent: (@Sendable (Event) -> Void)?

    public init(directory: String, database: String = "postgres") {
      self.directory = directory
      self.database = database
    }
  }

  /// What happens to the cluster.
  public enum Event: Hashable, Sendable {
    case created(major: Int)
    case started(pid: Int32)
    /// It was running already, started by another process.
    case adopted(pid: Int32)
    case died(pid: Int32)
    case restartFailed(String)
    case stopped
    /// Not stopped, since another process uses it.
    case leftRunning
    /// It did not stop in time and was ended; the next start recovers.
    case stopForced
  }

  /// Where a server may be installed: the directories of `path` (the environment's `PATH`, which is for
  /// the program to read), then Debian's, newest version first.
  public static func searchPath(path: String?) -> [String] {
    let debian = "/usr/lib/postgresql"
    let versions = ((try? Files.names(in: debian)) ?? []).compactMap { Int($0) }.sorted(by: >)
    let given = (path ?? "").split(separator: ":").map(String.init)
    return given + versions.map { "\(debian)/\($0)/bin" } + ["/usr/local/pgsql/bin"]
  }

  private let configuration: Configuration
  /// Where starting and stopping block: never on the cooperative pool.
  private let worker = DispatchQueue(label: "private cluster")
  private let watcher = DispatchQueue(label: "private cluster watch")
  private let state = Mutex<ClusterSession?>(nil)

  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// Makes the cluster if needed, starts it if it is not running, and returns a libpq connection string.
  /// A second call returns the same.
  /// - Throws: `PrivateClusterError`, which says what to do.
  public func start() async throws -> String {
    try await blocking {
      if let session = self.current { return session.conninfo }
      let session = try ClusterSession.begin(self.configuration)
      self.state.withLock { $0 = session }
      return session.conninfo
    }
  }

  /// Keeps watch until cancelled: when PostgreSQL dies it is started again, as often as it takes.
  /// Does not stop it; call after `start`.
  public func run() async {
    var pause = Duration.milliseconds(100)
    while !Task.isCancelled, let session = current {
      await watch(session)
      guard !Task.isCancelled, current === session else { return }
      if session.isAlive { continue }
      do {
        try await blocking { try session.resume() }
        pause = .milliseconds(100)
      } catch {
        configuration.onEvent?(.restartFailed("\(error)"))
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(10))
      }
    }
  }

  /// Ends this process's use of the cluster, and stops PostgreSQL if no other process uses it.
  public func stop() async {
    try? await blocking {
      guard let session = self.state.withLock({ $0.take() }) else { return }
      session.end()
    }
  }

  private var current: ClusterSession? { state.withLock { $0 } }

  /// Returns when PostgreSQL has died; once a minute it looks after the log.
  private func watch(_ session: ClusterSession) async {
    guard let watch = try? ProcessWatch(session.postmaster.pid) else {
      try? await Task.sleep(for: .seconds(1))
      return
    }
    await watch.wait(atMost: .seconds(60), on: watcher)
    try? await blocking { try session.boundLog() }
  }

  private func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { done in
      worker.async { done.resume(with: Result(catching: body)) }
    }
  }
}
