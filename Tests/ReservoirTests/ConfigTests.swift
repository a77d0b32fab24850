import Foundation
import JSON
import TestSupport
import Testing

@testable import reservoir

@Suite struct `The configuration` {
  @Test func `shows where each value came from, and no secret`() async throws {
    let scratch = Scratch()
    try "pool-size = 12\nlisten = :9000 # all\n".write(
      toFile: scratch.path + "/reservoir.conf", atomically: true, encoding: .utf8)
    let environment = [
      "RESERVOIR_API_KEY": "hidden-key", "RESERVOIR_POOL_SIZE": "5",
      "RESERVOIR_DATABASE_URL": "postgresql://app:hidden-word@db.example/pool",
    ]
    let run = try await reservoir(
      ["config", "--json", "--statement-timeout", "7s"], environment: environment, directory: scratch.path)
    #expect(run.status == .code(0))
    #expect(!run.text.contains("hidden"))
    var settings: [String: JSONValue] = [:]
    for setting in try #require(run.json.array) { settings[setting["name"]?.string ?? ""] = setting }
    #expect(settings["api-key"]?["value"]?.string == "***")
    #expect(settings["api-key"]?["source"]?.string == "environment RESERVOIR_API_KEY")
    #expect(settings["database-url"]?["value"]?.string == "postgresql://app:***@db.example/pool")
    #expect(settings["pool-size"]?["value"]?.string == "5")
    #expect(settings["listen"]?["value"]?.string == "[::]:9000")
    #expect(settings["listen"]?["source"]?.string == "reservoir.conf:2")
    #expect(settings["statement-timeout"]?["value"]?.string == "7 s")
    #expect(settings["statement-timeout"]?["source"]?.string == "flag --statement-timeout")
    #expect(settings["data-dir"]?["source"]?.string == "default")
    #expect(settings.count == Settings.all.count)
    let table = try await reservoir(["config"], environment: environment, directory: scratch.path)
    #expect(!table.text.contains("hidden") && table.text.contains("***"))
  }

  @Test func `that is wrong stops a command before it does anything`() async throws {
    let scratch = Scratch()
    try "pool-sise = 3\nlisten = nowhere\n".write(
      toFile: scratch.path + "/bad.conf", atomically: true, encoding: .utf8)
    let bad = try await reservoir(["config", "--config", "bad.conf"], directory: scratch.path)
    #expect(bad.status == .code(1))
    #expect(bad.text.contains("bad.conf:1: unknown setting 'pool-sise'; did you mean 'pool-size'?"))
    #expect(bad.text.contains("bad.conf:2: listen: expected an address"))
    let missing = try await reservoir(["config", "--config", "none.conf"], directory: scratch.path)
    #expect(missing.status == .code(1))
    #expect(missing.text.contains("there is no configuration file none.conf"))
    let variable = try await reservoir(["config"], environment: ["RESERVOIR_POOL_SIZE": "many"])
    #expect(variable.status == .code(1))
    #expect(variable.text.contains("environment RESERVOIR_POOL_SIZE"))
  }

  @Test func `warns of a variable that looks like a slip`() async throws {
    let run = try await reservoir(["version"], environment: ["RESERVOIR_DATABSE_URL": "x"])
    #expect(run.status == .code(0))
    #expect(run.text.contains("did you mean RESERVOIR_DATABASE_URL?"))
  }

  @Test func `is explained in docs, setting by setting`() throws {
    let root = #filePath.components(separatedBy: "Tests/ReservoirTests/")[0]
    let text = try String(contentsOfFile: root + "docs/operating.md", encoding: .utf8)
    let rows = text.matches(of: /\n\| `([a-z-]+)` \| (?:`([^`]*)`|–)/)
    var explained: [String: String?] = [:]
    for row in rows { explained.updateValue(row.output.2.map(String.init), forKey: String(row.output.1)) }
    for setting in Settings.all {
      #expect(explained.keys.contains(setting.name), "\(setting.name)")
      guard let shown = explained[setting.name] ?? nil, setting.shownDefault != nil else { continue }
      #expect(setting.parse(shown)?.shown == setting.shownDefault, "\(setting.name): \(shown)")
    }
  }

  @Test(arguments: [
    ("127.0.0.1:8080", "127.0.0.1", 8_080), ("8080", "127.0.0.1", 8_080), ("localhost:1", "127.0.0.1", 1),
    (":0", "::", 0), ("[::1]:80", "::1", 80), ("0.0.0.0:65535", "0.0.0.0", 65_535),
  ])
  func `takes an address`(text: String, host: String, port: Int) {
    let address = ListenAddress(text)
    #expect(address?.host == host)
    #expect(address?.port == port)
  }

  @Test(arguments: ["", ":", "x", "1.2.3.4", "1.2.3.4:", "::1:80", "h:65536", "h:-1", "h:1:2", "h:٣"])
  func `refuses what is no address`(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
