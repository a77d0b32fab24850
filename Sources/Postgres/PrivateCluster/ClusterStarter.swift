import CPostgres
import Glibc

/// The steps that bring a cluster up. All of them run under the exclusive start lock.
struct ClusterStarter {
  let configuration: PrivateCluster.Configuration
  let directory: ClusterDirectory
  let startLock: FileLock

  private var log: ClusterLog { ClusterLog(path: directory.log) }
  /// The maintenance database, which always exists.
  private var maintenance: String {
    "host=\(directory.socketDirectory) port=5432 user=postgres dbname=postgres sslmode=disable"
  }

  func startOrAdopt() throws -> Postmaster {
    // One that somebody is shutting down is waited for, and started again.
    if let postmaster = Postmaster(runningIn: directory), try awaitReady(postmaster) {
      configuration.onEvent?(.adopted(pid: postmaster.pid))
      return postmaster
    }
    let binaries = try ServerBinaries.find(
      in: configuration.searchPath, minimum: configuration.minimumMajor,
      clusterMajor: directory.clusterMajor(), cluster: directory.data)
    if directory.clusterMajor() == nil { try create(binaries) }
    return try start(binaries)
  }

  // MARK: Making

  /// Runs initdb beside the final place and renames, so that a crash leaves no half-made cluster.
  private func create(_ binaries: ServerBinaries) throws {
    try Files.removeTree(directory.draft)
    guard mkdir(directory.draft, 0o700) == 0 else {
      throw SystemCallError("make directory", directory.draft)
    }
    try directory.owner.takes(directory.draft)
    try initialise(binaries)
    try Files.write(
      "local all all trust\n", to: directory.draft + "/pg_hba.conf", mode: 0o600, owner: directory.owner)
    let defaults = Files.text(directory.draft + "/postgresql.conf") ?? ""
    try Files.write(
      defaults + "\ninclude_if_exists = 'private.conf'\n", to: directory.draft + "/postgresql.conf",
      mode: 0o600, owner: directory.owner)
    try Files.write(
      "Made by initdb of PostgreSQL \(binaries.major).\n",
      to: directory.draft + "/" + ClusterDirectory.markerName, mode: 0o600, owner: directory.owner)
    try Files.syncDirectory(directory.draft)
    guard rename(directory.draft, directory.data) == 0 else {
      throw SystemCallError("rename", directory.draft)
    }
    try Files.syncDirectory(directory.path)
    configuration.onEvent?(.created(major: binaries.major))
  }

  private func initialise(_ binaries: ServerBinaries) throws {
    var options = ChildProcess.Options()
    options.user = directory.owner.switched
    options.directory = "/"
    // Should this process be killed now, initdb goes on for a moment; as long as it does it keeps the
    // start lock, so that nobody removes the draft under it.
    options.inherited = startLock.file
    var arguments = [
      "--pgdata=\(directory.draft)", "--username=postgres", "--auth=trust", "--encoding=UTF8",
      "--locale=C.UTF-8", "--lc-collate=C", "--data-checksums", "--no-instructions",
    ]
    if configuration.settings["fsync"] == "off" { arguments.append("--no-sync") }
    let (status, output) = try ChildProcess.run(binaries.initdb, arguments, options)
    guard status == .code(0) else {
      throw PrivateClusterError(.notStarted, "initdb failed (\(status)): \(output)")
    }
  }

  // MARK: Starting

  private func start(_ binaries: ServerBinaries) throws -> Postmaster {
    // What a killed postmaster left: its processes, its pid file, its socket. Nobody else can own them,
    // since no postmaster runs here and nobody else may start one.
    Postmaster.awaitOrphans(of: directory, patience: .seconds(5))
    unlink(directory.postmasterFile)
    try directory.prepareSocketDirectory()
    for name in try Files.names(in: directory.socketDirectory) where name.hasPrefix(".s.PGSQL.") {
      unlink(directory.socketDirectory + "/" + name)
    }
    let settings = ClusterSettings(
      directory: directory, memory: ClusterSettings.availableMemory(),
      compression: try compression(binaries), overrides: configuration.settings)
    try Files.write(settings.file, to: directory.settings, mode: 0o600, owner: directory.owner)

    let output = try log.open(owner: directory.owner)
    defer { close(output) }
    var options = ChildProcess.Options()
    options.user = directory.owner.switched
    options.directory = "/"
    options.output = output
    options.errors = output
    let child = try ChildProcess(binaries.postgres, ["-D", directory.data], options)
    child.collectWhenEnded()
    let postmaster = Postmaster(pid: child.pid)
    guard try awaitReady(postmaster) else {
      throw PrivateClusterError(
        .notStarted, "PostgreSQL ended while starting; \(directory.log) ends with:\n\(log.tail())")
    }
    configuration.onEvent?(.started(pid: child.pid))
    return postmaster
  }

  /// The best compression of full-page images that this build has.
  private func compression(_ binaries: ServerBinaries) throws(SystemCallError) -> String {
    var options = ChildProcess.Options()
    options.user = directory.owner.switched
    options.directory = "/"
    let (status, _) = try ChildProcess.run(
      binaries.postgres,
      ["-C", "wal_compression", "-D", directory.data, "-c", "wal_compression=lz4"], options)
    return status == .code(0) ? "lz4" : "on"
  }

  /// False when it has ended.
  private func awaitReady(_ postmaster: Postmaster) throws -> Bool {
    let deadline = ContinuousClock.now + configuration.startTimeout
    while true {
      switch postmaster.readiness(maintenance) {
      case .ready: return true
      case .ended: return false
      case .notYet:
        if ContinuousClock.now >= deadline {
          throw PrivateClusterError(
            .notStarted,
            "PostgreSQL (pid \(postmaster.pid)) is not ready after \(configuration.startTimeout); "
              + "\(directory.log) ends with:\n\(log.tail())")
        }
        usleep(10_000)
      }
    }
  }

  // MARK: The database

  func makeDatabase() throws(PrivateClusterError) {
    let name = configuration.database
    if name == "postgres" { return }
    let connection = PQconnectdb(maintenance)
    defer { PQfinish(connection) }
    guard PQstatus(connection) == CONNECTION_OK else {
      throw PrivateClusterError(.notStarted, "cannot connect to the cluster in \(directory.path)")
    }
    let quoted =
      "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    let result = PQexec(connection, "CREATE DATABASE \(quoted)")
    defer { PQclear(result) }
    if PQresultStatus(result) == PGRES_COMMAND_OK { return }
    let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
    // It exists, or another process makes it this very moment.
    if state == "42P04" || state == "23505" { return }
    throw PrivateClusterError(.notStarted, "cannot make the database \(name): SQLSTATE \(state)")
  }
}
