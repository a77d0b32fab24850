import Foundation
import JSON
import Postgres
import TestSupport
import Testing

/// The way of a new user: no database, no settings, one command.
@Suite(.requiresPostgres) struct `The sample` {
  let scratch = Scratch()

  private func start() async throws -> (server: RunningServer, key: String, curl: String) {
    let server = try await RunningServer(["--sample-data", "--data-dir", scratch.path + "/data"])
    _ = try await server.process.line(containing: "Ctrl-C stops the server")
    let lines = server.process.lines
    let key = try #require(lines.first { $0.hasPrefix("  rsv_") }).dropFirst(2)
    let curl = try #require(lines.first { $0.contains("/v1/leases") })
    return (server, String(key), curl.trimmingPrefix(while: { $0 == " " }).description)
  }

  private func shell(_ line: String) async throws -> JSONValue {
    let process = try ServerProcess(["-c", line], executable: "/bin/sh")
    #expect(try await process.ended() == .code(0))
    try await process.outputEnded()
    return try JSONValue(parsing: process.lines.joined())
  }

  private func count(_ arguments: String..., file: StaticString = #file) async throws -> Int? {
    let run = try await reservoir(arguments + ["--json", "--data-dir", scratch.path + "/data"])
    #expect(run.status == .code(0), "\(run)")
    return try run.json.array?.count
  }

  @Test func `leases a number by the printed line, and a second start finds the same`() async throws {
    let first = try await start()
    let lease = try await shell(first.curl)
    #expect(lease["number"]?.string?.hasPrefix("+1") == true)
    #expect(lease["company"]?.string == "My Reverse Options")
    // Commands use the database that the server runs.
    #expect(try await count("numbers", "list") == 5)
    #expect(try await count("clients", "list") == 2)
    #expect(await first.server.process.stop() == .code(0))

    let second = try await start()
    #expect(second.key == first.key)
    #expect(try await shell(second.curl)["id"] == lease["id"])
    #expect(try await count("numbers", "list") == 5)
    #expect(try await count("clients", "list") == 2)
    #expect(try await count("keys", "list") == 1)
    let leads = try await second.server.client.send("GET", "/v1/leads")
    #expect(try JSONValue(parsing: leads.body)["data"]?.array?.count == 3)
    #expect(await second.server.process.stop() == .code(0))
    var facts = stat()
    #expect(stat(scratch.path + "/data/sample-key", &facts) == 0)
    #expect(facts.st_mode & 0o077 == 0)
  }

  @Test func `makes every line of the README work as it stands`() async throws {
    let server = try await RunningServer(["--sample-data", "--data-dir", scratch.path + "/.reservoir"])
    let readme = try String(contentsOfFile: Self.root + "README.md", encoding: .utf8)
    let section = try #require(
      readme.components(separatedBy: "\n## ").first { $0.hasPrefix("First requests") })
    let blocks = section.matches(of: #/```sh\n((?:.|\n)*?)```/#).map { String($0.output.1) }
    #expect(blocks.count == 2)
    let binaries = ServerProcess.executable.split(separator: "/").dropLast().joined(separator: "/")
    let script = blocks.joined(separator: "\n")
      .replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.port)")
      .replacing("$PWD/.build/release", with: "/" + binaries)
      .replacing("/tmp/pool.csv", with: scratch.path + "/pool.csv")
      .replacing("/tmp/resources.csv", with: scratch.path + "/resources.csv")
    let shell = try ServerProcess(
      ["-euo", "pipefail", "-c", script], executable: "/bin/bash", directory: scratch.path)
    #expect(try await shell.ended() == .code(0))
    try await shell.outputEnded()
    let text = shell.lines.joined(separator: "\n")
    let problems = text.matches(of: /urn:reservoir:problem:[a-z-]+/).map { String($0.output) }
    #expect(problems == ["urn:reservoir:problem:pool-exhausted"], "\(text)")
    #expect(text.matches(of: /"applied":true/).count == 2, "\(text)")
    #expect(text.contains("2 new, 0 updated, 0 unchanged"), "\(text)")
    #expect(text.contains("no violation"), "\(text)")
    #expect(await server.process.stop() == .code(0))
  }

  static let root = #filePath.components(separatedBy: "Tests/ReservoirTests/")[0]

  @Test(.database()) func `on a named database has a new key at each start`() async throws {
    var keys: Set<String> = []
    for _ in 0..<2 {
      let server = try await RunningServer(["--sample-data", "--database-url", TestDatabase.conninfo])
      _ = try await server.process.line(containing: "Ctrl-C stops the server")
      keys.insert(server.process.lines.first { $0.hasPrefix("  rsv_") } ?? "")
      #expect(await server.process.stop() == .code(0))
    }
    #expect(keys.count == 2)
    #expect(try await value("SELECT count(*) FROM signalwire_phone_numbers") == "5")
    #expect(try await value("SELECT count(*) FROM leads") == "3")
    #expect(try await value("SELECT count(*) FROM api_keys WHERE revoked_at IS NULL") == "1")
  }
}
