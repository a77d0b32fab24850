import Testing

/// The layers stand once, in Package.swift, bottom first; here they are held against the imports.
struct LayeringTests {
  struct Target: Sendable {
    let name: String
    let dependencies: [String]
  }

  static let targets: [Target] = {
    guard let manifest = Repository.files.first(where: { $0.path == "Package.swift" }) else { return [] }
    let call = /(?:layer|\.systemLibrary|\.target|\.executableTarget)\(\s*(?:name:\s*)?"(\w+)"/
    let list = /,\s*(?:dependencies:\s*)?\[([^\]]*)\]/
    return manifest.text.matches(of: call).map { match in
      let rest = manifest.text[match.range.upperBound...]
      let names = rest.prefixMatch(of: list).map { String($0.1) } ?? ""
      return Target(
        name: String(match.1), dependencies: names.matches(of: /"(\w+)"/).map { String($0.1) })
    }.filter { $0.name != "TestSupport" }
  }()

  @Test func `the manifest was understood`() {
    #expect(Self.targets.first { $0.name == "Store" }?.dependencies == ["Domain", "JSON", "Postgres"])
    #expect(Self.targets.last?.name == "reservoir")
    #expect(Self.targets.last?.dependencies.contains("Engine") == true)
  }

  @Test func `a layer depends only on layers below it`() {
    var below: Set<String> = []
    for target in Self.targets {
      let upward = target.dependencies.filter { !below.contains($0) }
      #expect(upward == [], "\(target.name) points up")
      below.insert(target.name)
    }
  }

  @Test func `a file imports only what its layer declares`() {
    let own = Set(Self.targets.map(\.name))
    let statement = Pattern(#"^[ \t]*(?:@\w+\s+|public\s+|package\s+|internal\s+)*import\s+(?:\w+\s+)?(\w+)"#)
    var findings: [Finding] = []
    for target in Self.targets {
      for file in Repository.swift where file.isBelow(["Sources/\(target.name)"]) {
        for (line, name) in statement.matches(in: file.text)
        where own.contains(name) && !target.dependencies.contains(name) {
          findings.append(Finding(file, line: line, "import \(name)"))
        }
      }
    }
    #expect(findings == [])
  }

  @Test func `tools know no product`() {
    let product: Set = ["Domain", "Runtime", "HTTP", "Store", "Engine", "API", "Admin"]
    let tools = ["JSON", "Crypto", "Terminal", "Postgres", "HTTPClient", "Records"]
    for target in Self.targets where tools.contains(target.name) {
      #expect(product.isDisjoint(with: target.dependencies), "\(target.name)")
    }
  }

  @Test func `every folder of Sources is a declared layer`() {
    let folders = Set(
      Repository.files.filter { $0.isBelow(["Sources"]) }.compactMap { file -> String? in
        file.path.split(separator: "/").dropFirst().first.map(String.init)
      })
    #expect(folders.subtracting(Self.targets.map(\.name)) == [])
  }
}
