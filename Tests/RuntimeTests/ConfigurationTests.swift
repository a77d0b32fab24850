import Runtime
import Testing

private enum Mode: String, CaseIterable { case fast, safe }

private let port = Setting("port", .integer(1...65_535), default: 8_080, "The port.")
private let bind = Setting("bind", .text, default: "127.0.0.1", "The address.")
private let key = Setting("api-key", .secret, "A key.")
private let database = Setting("database-url", .connection, "The database.")
private let hook = Setting("hook-url", .url, "A hook.")
private let timeout = Setting("idle-timeout", .duration, default: .seconds(30), "Idle.")
private let body = Setting("body-limit", .size, default: 1 << 20, "Body.")
private let verbose = Setting("verbose", .boolean, default: false, "More.")
private let level = Setting("log-level", .logLevel, default: .info, "Level.")
private let mode = Setting("mode", .word, default: Mode.fast, "Mode.")

private let all: [any SettingDeclaration] = [
  port, bind, key, database, hook, timeout, body, verbose, level, mode,
]

private func file(_ text: String) -> ConfigurationFile {
  ConfigurationFile(path: "reservoir.conf", text: text)
}

@Suite struct ConfigurationTests {
  @Test func `flags win over the environment, that over the file, that over the default`() throws {
    let text = file("port = 1\nbind = file\nidle_timeout = 1s\n")
    let configuration = try Configuration(
      all, flags: ["port": "3"], environment: ["RESERVOIR_PORT": "2", "RESERVOIR_BIND": "env"], file: text)
    #expect(configuration[port] == 3)
    #expect(configuration[bind] == "env")
    #expect(configuration[timeout] == .seconds(1))
    #expect(configuration[body] == 1 << 20)
    #expect(configuration[key] == nil)
    let sources = configuration.resolved.prefix(6).map(\.source.description)
    #expect(
      sources == [
        "flag --port", "environment RESERVOIR_BIND", "default", "default", "default", "reservoir.conf:3",
      ])
  }

  @Test func `every kind is read`() throws {
    let configuration = try Configuration(
      all,
      file: file(
        """
        # All of them.
        api-key = "k # 1"   # quoted
        database-url = host=/run dbname=x   # words
          hook-url=https://example.com/a?b=c
        idle-timeout = 1m30s

        body-limit = 64kB
        verbose = yes
        log-level = debug
        mode = safe
        """))
    #expect(configuration[key]?.revealed == "k # 1")
    #expect(configuration[database] == "host=/run dbname=x")
    #expect(configuration[hook] == "https://example.com/a?b=c")
    #expect(configuration[timeout] == .seconds(90))
    #expect(configuration[body] == 65_536)
    #expect(configuration[verbose])
    #expect(configuration[level] == .debug)
    #expect(configuration[mode] == .safe)
  }

  @Test func `all problems are told at once, with source and line, and without values`() throws {
    let text = file("prot = 1\nport = none\nnonsense\nverbose = maybe\nbind = a\nbind = b")
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(
        all, flags: ["body-limit": "s3cret"], environment: ["RESERVOIR_MODE": "x"], file: text)
    }
    #expect(
      error?.problems == [
        "reservoir.conf:3: expected 'name = value'",
        "reservoir.conf:6: bind is set already in line 5",
        "reservoir.conf:1: unknown setting 'prot'; did you mean 'port'?",
        "reservoir.conf:2: port: expected a whole number from 1 to 65535",
        "flag --body-limit: body-limit: expected a size such as 1MB",
        "reservoir.conf:4: verbose: expected true or false",
        "environment RESERVOIR_MODE: mode: expected one of fast, safe",
      ])
  }

  @Test func `what is shown has no secret`() throws {
    let configuration = try Configuration(
      all,
      flags: [
        "api-key": "hunter2", "database-url": "postgresql://me:hunter2@db.example/x?sslpassword=hunter2&a=b",
        "hook-url": "https://u:hunter2@h.example/?token=hunter2",
      ])
    let shown = configuration.resolved.compactMap(\.shown)
    #expect(!shown.contains { $0.contains("hunter2") })
    #expect(shown.contains("postgresql://me:***@db.example/x?sslpassword=***&a=b"))
    #expect(shown.contains("https://u:***@h.example/?token=***"))
    #expect(!"\(configuration) \(String(reflecting: configuration))".contains("hunter2"))
    #expect("\(configuration[key] as Any) \(String(reflecting: configuration[key]))".contains("***"))
  }

  @Test(
    "passwords vanish from connection strings",
    arguments: [
      ("host=a password=x user=b", "host=a password=*** user=b"),
      ("password='x y\\'z' user=b", "password=*** user=b"),
      ("postgres://u:p@ss@h/d", "postgres://u:***@h/d"),
      ("postgres://u@h/d", "postgres://u@h/d"),
      ("PASSWORD = x", "PASSWORD=***"),
    ])
  func masking(_ text: String, _ masked: String) { #expect(Redaction.maskSecrets(text) == masked) }

  @Test func `a variable with a slip in its name is found, an empty one is not set`() throws {
    let configuration = try Configuration(
      all, environment: ["RESERVOIR_PROT": "1", "RESERVOIR_PORT": "", "HOME": "/"])
    #expect(configuration.unknownVariables.map(\.name) == ["RESERVOIR_PROT"])
    #expect(configuration.unknownVariables.first?.nearest == "RESERVOIR_PORT")
    #expect(configuration[port] == 8_080)
  }
}
