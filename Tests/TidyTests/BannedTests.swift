import Testing

/// Words and calls that have no place in a part of the repository.
struct BannedTests {
  struct Rule: Sendable, CustomStringConvertible {
    let description: String
    let pattern: Pattern
    var folders = ["Sources"]
    var except: [String] = []
    var scope = Scope.code
    /// A line that breaks the rule and one that only looks like it: the rule must tell them apart.
    let guilty: String
    let innocent: String

    enum Scope {
      case code
      /// SQL stands in strings.
      case codeAndStrings
      case everything
    }

    /// The lines, counted from 0, that break the rule.
    func breaches(in text: String) -> [Int] {
      switch scope {
      case .code: pattern.matches(in: Repository.code(text)).map(\.line)
      case .codeAndStrings: pattern.matches(in: Self.comments.removed(from: text)).map(\.line)
      case .everything: pattern.matches(in: text).map(\.line)
      }
    }

    private static let comments = Pattern(#"(?:^|(?<=\s))//.*"#)
  }

  static let rules: [Rule] = [
    Rule(
      description: "product SQL takes its time as a parameter",
      pattern: Pattern(
        #"(?i)(?:^|[^.\w])(?:now\s*\(\s*\)|(?:current|clock|statement|transaction)_(?:time|date))"#),
      folders: ["Sources/Store", "Sources/Engine", "Sources/API", "Sources/Admin"], scope: .codeAndStrings,
      guilty: "  WHERE release_at <= now()", innocent: "let time = clock.now() // not now()"),
    Rule(
      description: "only the executable reads the environment",
      pattern: Pattern(#"\b(?:secure_)?getenv\b|\bProcessInfo\b|\benviron\b"#), except: ["Sources/reservoir"],
      guilty: "let path = getenv(name)", innocent: "let environment = options.environment"),
    Rule(
      description: "only the executable and the terminal print",
      pattern: Pattern(#"(?:^|[^.\w])(?:print|debugPrint|dump)\("#),
      except: ["Sources/reservoir", "Sources/Terminal"],
      guilty: "  print(row)", innocent: "  blueprint(row)"),
    Rule(
      description: "nothing is forced", pattern: Pattern(#"\btry!|\bas!"#),
      guilty: "let rows = try! load()", innocent: "let rows = try load() // try!"),
    Rule(
      description: "foreign protocols for foreign types get an own wrapper",
      pattern: Pattern(#"@retroactive"#),
      folders: ["Sources", "Tests"], except: ["Tests/TidyTests"],
      guilty: "extension A: @retroactive B {}", innocent: "let x = \"@retroactive\""),
    Rule(
      description: "the machine's zone and locale decide nothing",
      pattern: Pattern(#"\b(?:TimeZone|Calendar|Locale)\.(?:current|autoupdatingCurrent)\b"#),
      folders: ["Sources"], except: ["Sources/Runtime"],
      guilty: "let zone = TimeZone.current", innocent: "let zone = client.timeZone.currentOffset"),
    Rule(
      description: "nothing is left for later", pattern: Pattern(#"\b(?:TODO|FIXME|XXX|HACK)\b"#),
      folders: ["Sources", "Tests", "Scripts", "Benchmarks"], except: ["Tests/TidyTests"], scope: .everything,
      guilty: "let a = 1  // " + "TODO later", innocent: "let methodology = 1"),
  ]

  @Test(arguments: rules)
  func `no line breaks the rule`(rule: Rule) {
    #expect(rule.breaches(in: "let a = 1\n\(rule.guilty)\n") == [1])
    #expect(rule.breaches(in: rule.innocent) == [])
    var findings: [Finding] = []
    for file in Repository.swift where file.isBelow(rule.folders) && !file.isBelow(rule.except) {
      for line in rule.breaches(in: file.text) {
        findings.append(Finding(file, line: line, file.lines[line]))
      }
    }
    #expect(findings == [])
  }

  @Test func `every unchecked promise has its proof beside it`() {
    let promise = Pattern(#"@unchecked Sendable|nonisolated\(unsafe\)"#)
    var findings: [Finding] = []
    for file in Repository.swift where !file.isBelow(["Tests/TidyTests"]) {
      let lines = file.lines
      for (line, _) in promise.matches(in: Repository.code(file.text)) {
        let around = lines[max(0, line - 1)...min(lines.count - 1, line + 1)]
        if !around.contains(where: { $0.contains("//") }) {
          findings.append(Finding(file, line: line, lines[line]))
        }
      }
    }
    #expect(findings == [])
  }

  @Test func `no file names a machine's folders`() {
    // Put together here, so that this file is not a finding itself.
    let folders = ["/wo" + "rk/", "/tmp/" + "wt"]
    var findings: [Finding] = []
    for file in Repository.files where folders.contains(where: file.text.contains) {
      for (index, line) in file.lines.enumerated() where folders.contains(where: line.contains) {
        findings.append(Finding(file, line: index, line))
      }
    }
    #expect(findings == [])
  }
}
