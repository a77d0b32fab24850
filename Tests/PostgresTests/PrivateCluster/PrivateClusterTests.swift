import Glibc
import TestSupport
import Testing

@testable import Postgres

@Suite(.requiresPostgres, .timeLimit(.minutes(3)))
struct PrivateClusterTests {
  let fixture = ClusterFixture()

  @Test func `the first start makes a cluster and a database, the second finds the data`() async throws {
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    #expect(try await Admin.value("SELECT current_database()", on: conninfo) == "app")
    try await Admin.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)", on: conninfo)
    let pid = try fixture.pid()
    await cluster.stop()
    #expect(!fixture.isRunning(pid))
    #expect(!Files.exists(fixture.directory + "/data/postmaster.pid"))

    let second = fixture.cluster()
    let again = try await second.start()
    #expect(again == conninfo)
    #expect(try await Admin.value("SELECT n FROM kept", on: again) == "7")
    await second.stop()
    #expect(fixture.events.all.filter { $0 == .created(major: 15) }.count == 1)
  }

  @Test func `it is durable, listens to its socket alone and keeps data out of its log`() async throws {
    var configuration = fixture.configuration()
    configuration.settings = [:]
    let cluster = PrivateCluster(configuration)
    let conninfo = try await cluster.start()
    for (name, value) in [
      ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("listen_addresses", ""),
      ("data_checksums", "on"), ("jit", "off"), ("random_page_cost", "1.1"), ("TimeZone", "UTC"),
      ("wal_compression", "lz4"), ("max_connections", "100"), ("server_encoding", "UTF8"),
    ] {
      #expect(try await Admin.value("SHOW \(name)", on: conninfo) == value, "\(name)")
    }
    await #expect(throws: Admin.Failure.self) {
      try await Admin.execute("SELECT '+15550001111'::int", on: conninfo)
    }
    let socket = try #require(Files.facts(fixture.directory + "/run"))
    #expect(socket.permissions == 0o700)
    await cluster.stop()
    let log = try #require(Files.text(fixture.directory + "/postgres.log"))
    #expect(log.contains("ready to accept connections"))
    #expect(!log.contains("5550001111"))
  }

  @Test func `a PostgreSQL left by a killed process is taken over and then stopped`() async throws {
    let directory = fixture.directory
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
      var configuration = PrivateCluster.Configuration(directory: directory, database: "app")
      configuration.settings = ["fsync": "off", "shared_buffers": "16MB"]
      _ = try await PrivateCluster(configuration).start()
      kill(getpid(), SIGKILL)
    }
    let pid = try fixture.pid()
    try #require(fixture.isRunning(pid))
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    #expect(fixture.events.all == [.adopted(pid: pid)])
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    await cluster.stop()
    #expect(!fixture.isRunning(pid))
  }

  @Test(arguments: [true, false])
  func `a killed PostgreSQL is started again, and acknowledged data is there`(adopted: Bool) async throws {
    let starter = fixture.cluster()
    let conninfo = try await starter.start()
    let watched = adopted ? fixture.cluster() : starter
    #expect(try await watched.start() == conninfo)
    try await Admin.execute("CREATE TABLE kept (n int)", on: conninfo)
    let watch = Task { await watched.run() }
    for round in 1...3 {
      try await Admin.execute("INSERT INTO kept VALUES (\(round))", on: conninfo)
      let pid = try fixture.pid()
      kill(pid, SIGKILL)
      await fixture.events.starts(1 + round)
      #expect(try fixture.pid() != pid)
      #expect(try await Admin.value("SELECT count(*) FROM kept", on: conninfo) == "\(round)")
    }
    watch.cancel()
    await watch.value
    await watched.stop()
    if adopted { await starter.stop() }
    #expect(
      Postmaster.orphans(of: try ClusterDirectory(preparing: fixture.directory, user: "postgres")) == [])
  }

  @Test func `a PostgreSQL that dies is collected though nobody stops its cluster`() async throws {
    let cluster = fixture.cluster()
    _ = try await cluster.start()
    let pid = try fixture.pid()
    kill(pid, SIGQUIT)
    // A zombie would keep its entry.
    try await eventually("it is collected") { !Files.exists("/proc/\(pid)") }
    await cluster.stop()
  }

  @Test func `a busy backend of a killed PostgreSQL does not keep it down`() async throws {
    let cluster = fixture.cluster()
    let conninfo = try await cluster.start()
    let watch = Task { await cluster.run() }
    // Computes without looking whether its postmaster lives.
    let long = "SELECT count(*) FROM generate_series(1, 99999) a, generate_series(1, 99999) b"
    let busy = Task { try? await Admin.execute(long, on: conninfo) }
    let isBusy = "SELECT count(*) FROM pg_stat_activity WHERE query = '\(long)'"
    while try await Admin.value(isBusy, on: conninfo) != "1" { await Task.yield() }
    kill(try fixture.pid(), SIGKILL)
    await fixture.events.starts(2)
    #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
    _ = await busy.value
    watch.cancel()
    await watch.value
    await cluster.stop()
  }

  @Test func `the last of several users stops it`() async throws {
    let clusters = (0..<4).map { _ in fixture.cluster() }
    let conninfos = try await withThrowingTaskGroup(of: String.self) { group in
      for cluster in clusters { group.addTask { try await cluster.start() } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(conninfos.count == 1)
    let pid = try fixture.pid()
    #expect(fixture.events.all.filter { $0 == .started(pid: pid) }.count == 1)
    #expect(fixture.events.all.filter { $0 == .adopted(pid: pid) }.count == 3)
    for cluster in clusters.dropLast() {
      await cluster.stop()
      #expect(fixture.isRunning(pid))
    }
    await clusters[3].stop()
    #expect(!fixture.isRunning(pid))
    #expect(fixture.events.all.filter { $0 == .leftRunning }.count == 3)
  }

  @Test func `starts and stops of many users at once end with a stopped cluster`() async throws {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask { [fixture] in
          for _ in 0..<3 {
            let cluster = fixture.cluster()
            do {
              let conninfo = try await cluster.start()
              #expect(try await Admin.value("SELECT 1", on: conninfo) == "1")
            } catch {
              Issue.record(error)
            }
            await cluster.stop()
          }
        }
      }
    }
    #expect(!Files.exists(fixture.directory + "/data/postmaster.pid"))
  }
}
