import Testing

struct SizeTests {
  static let source: Set = ["swift", "c", "cpp", "h", "sql", "sh"]

  @Test func `no file has more than 600 lines`() {
    let long = Repository.files.filter { $0.hasExtension(Self.source) && $0.lines.count > 601 }
    #expect(long.map { Finding($0, "\($0.lines.count - 1) lines") } == [])
  }

  @Test func `no line has more than 110 columns`() {
    var findings: [Finding] = []
    for file in Repository.files where file.hasExtension(Self.source) {
      for (index, line) in file.lines.enumerated() where line.count > 110 {
        findings.append(Finding(file, line: index, "\(line.count) columns"))
      }
    }
    #expect(findings == [])
  }

  @Test func `the README fits on 150 lines`() {
    let readme = Repository.files.first { $0.path == "README.md" }
    #expect(readme.map { $0.lines.count <= 151 } ?? true)
  }

  static let migrations = Repository.files.filter {
    $0.isBelow(["Sources/Store/Migrations"]) && $0.hasExtension(["sql"])
  }.map(\.name).sorted()

  @Test func `migrations are numbered without gaps`() {
    for (index, name) in Self.migrations.enumerated() {
      let digits = "\(index + 1)"
      let number = String(repeating: "0", count: 4 - digits.count) + digits
      #expect(
        name.wholeMatch(of: /m\d{4}_[a-z0-9_]+\.sql/) != nil && name.hasPrefix("m\(number)_"), "\(name)")
    }
  }

  /// The names under which Swift files of Store take migrations out of the resources, in order.
  static let manifest = Repository.swift.filter { $0.isBelow(["Sources/Store"]) }
    .flatMap { $0.text.matches(of: /PackageResources\.(m\d{4}_\w+)_sql/) }
    .map { String($0.1) + ".sql" }

  @Test(.disabled(if: manifest.isEmpty, "Store has no manifest of migrations yet"))
  func `the manifest names each migration of the folder once, in order`() {
    #expect(Self.manifest == Self.migrations)
  }
}
