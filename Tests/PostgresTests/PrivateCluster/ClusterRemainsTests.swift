import CPostgres
import Glibc
import TestSupport
import Testing

@testable import Postgres

/// What is found at a start: remains of a crash, or things of others.
@Suite(.requiresPostgres, .timeLimit(.minutes(3)))
struct ClusterRemainsTests {
  let fixture = ClusterFixture()

  private func write(_ text: String, to path: String) throws {
    try Files.write(text, to: path, mode: 0o644, owner: .current)
  }

  @Test func `a pid file that names another living process is no obstacle`() async throws {
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    let pidFile = fixture.directory + "/data/postmaster.pid"
    let text = try #require(Files.text(pidFile))
    let pid = try fixture.pid()
    await cluster.stop()
    // The number now belongs to this test's process.
    try write(text.replacing("\(pid)\n", with: "\(getpid())\n", maxReplacements: 1), to: pidFile)
    try write("\(getpid())\n", to: fixture.directory + "/run/.s.PGSQL.5432.lock")
    let again = fixture.cluster()
    #expect(try await again.start() == conninfo)
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await again.stop()
  }

  @Test func `a PostgreSQL that is being shut down is waited for and started again`() async throws {
    let first = fixture.cluster()
    let conninfo = try await first.start()
    let old = try fixture.pid()
    let session = PQconnectdb(conninfo)
    // This way of shutting down waits for the session.
    kill(old, SIGTERM)
    while PQping(conninfo) == PQPING_OK { await Task.yield() }
    let refusals = refusalCount
    async let again = fixture.cluster().start()
    while refusalCount == refusals { await Task.yield() }
    PQfinish(session)
    #expect(try await again == conninfo)
    #expect(try fixture.pid() != old)
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await first.stop()
  }

  /// How often PostgreSQL has refused a connection because it shuts down.
  private var refusalCount: Int {
    (Files.text(fixture.directory + "/postgres.log") ?? "").matches(of: /is shutting down/).count
  }

  @Test func `a half-made cluster is thrown away and made anew`() async throws {
    let first = try ClusterDirectory(preparing: fixture.directory, user: "postgres")
    try Files.makeDirectories(first.draft + "/base/1", mode: 0o700)
    try write("15\n", to: first.draft + "/PG_VERSION")
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    #expect(!Files.exists(first.draft))
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await cluster.stop()
  }

  @Test func `a process killed during initdb leaves a directory that the next one can use`() async throws {
    let directory = fixture.directory
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
      let cluster = PrivateCluster(.init(directory: directory))
      Task { try await cluster.start() }
      while !Files.exists(directory + "/data.new/PG_VERSION") { await Task.yield() }
      kill(getpid(), SIGKILL)
    }
    #expect(!Files.exists(directory + "/data"))
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await cluster.stop()
  }

  @Test func `a directory with anything of others in it is refused and left alone`() async throws {
    try Files.makeDirectories(fixture.directory, mode: 0o755)
    try write("15\n", to: fixture.directory + "/PG_VERSION")
    let error = await #expect(throws: PrivateClusterError.self) { try await fixture.cluster().start() }
    #expect(error?.reason == .foreignDirectory)
    #expect(try Files.names(in: fixture.directory) == ["PG_VERSION"])
  }

  @Test func `a data directory without our marker is refused`() async throws {
    let directory = try ClusterDirectory(preparing: fixture.directory, user: "postgres")
    try Files.makeDirectories(directory.data, mode: 0o700)
    try write("15\n", to: directory.data + "/PG_VERSION")
    let error = await #expect(throws: PrivateClusterError.self) { try await fixture.cluster().start() }
    #expect(error?.reason == .foreignDirectory)
    #expect(try Files.names(in: directory.data) == ["PG_VERSION"])
  }

  @Test func `a cluster of another major version is refused by name`() async throws {
    let directory = try ClusterDirectory(preparing: fixture.directory, user: "postgres")
    try Files.makeDirectories(directory.data, mode: 0o700)
    try write("11\n", to: directory.data + "/PG_VERSION")
    try write("", to: directory.data + "/" + ClusterDirectory.markerName)
    let error = await #expect(throws: PrivateClusterError.self) { try await fixture.cluster().start() }
    #expect(error?.reason == .otherVersion)
    #expect(error?.description.contains("apt-get install postgresql-11") == true)
  }

  @Test func `without PostgreSQL the error says how to install it`() async throws {
    var configuration = fixture.configuration()
    configuration.searchPath = ["/nowhere", "/usr/bin"]
    let error = await #expect(throws: PrivateClusterError.self) {
      try await PrivateCluster(configuration).start()
    }
    #expect(error?.reason == .notInstalled)
    #expect(error?.description.contains("apt-get install postgresql-15") == true)
  }

  @Test func `a setting that PostgreSQL refuses is an error with its own words`() async throws {
    var configuration = fixture.configuration()
    configuration.settings["shared_buffers"] = "nonsense"
    let error = await #expect(throws: PrivateClusterError.self) {
      try await PrivateCluster(configuration).start()
    }
    #expect(error?.reason == .notStarted)
    #expect(error?.description.contains("shared_buffers") == true)
  }

  @Test(.enabled(if: geteuid() == 0, "only root changes the user"))
  func `a directory that PostgreSQL's user cannot enter is named`() async throws {
    try Files.makeDirectories(fixture.directory + "/closed", mode: 0o700)
    let closed = PrivateCluster(.init(directory: fixture.directory + "/closed/data"))
    let error = await #expect(throws: PrivateClusterError.self) { try await closed.start() }
    #expect(error?.reason == .notReachable)
    #expect(error?.description.contains("chmod o+x \(fixture.directory)/closed") == true)
  }

  @Test(arguments: [String(repeating: "long", count: 30), "with, comma"])
  func `a path that no socket address can hold gets a short one`(name: String) async throws {
    let directory = fixture.scratch.path + "/" + name
    var configuration = fixture.configuration()
    configuration.directory = directory
    let cluster = PrivateCluster(configuration)
    let conninfo = try await cluster.start()
    let place = try ClusterDirectory(preparing: directory, user: "postgres").socketDirectory
    #expect(place.hasPrefix("/tmp/private-"))
    #expect(Files.facts(place)?.permissions == 0o700)
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await cluster.stop()
    try Files.removeTree(place)
  }

  @Test func `a log that has grown too large is cut, its end kept beside it`() throws {
    let path = fixture.scratch.path + "/postgres.log"
    try write(String(repeating: "a line\n", count: 1_000) + "the end\n", to: path)
    let log = ClusterLog(path: path)
    try log.cutIfFull(limit: 100_000, owner: .current)
    #expect(Files.facts(path)?.size == 7_008)
    try log.cutIfFull(limit: 1_000, owner: .current)
    #expect(Files.facts(path)?.size == 0)
    #expect(Files.text(path + ".1")?.hasSuffix("a line\nthe end\n") == true)
  }
}
