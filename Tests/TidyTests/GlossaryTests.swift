import Foundation
import Testing

/// DESIGN.md's table of terms, column "not to be called", held against the names in code.
struct GlossaryTests {
  /// Never part of a name, whatever it names.
  static let forbidden: [String: String] = [
    "customer": "client", "account": "client", "asset": "resource", "allocation": "assignment",
    "blacklist": "suppression", "whitelist": "suppression",
  ]
  /// Not the name of a type, table or column of the product. As words for other things, an element of a
  /// list or a mutex, they are free.
  static let forbiddenThings: [String: String] = ["item": "resource", "lock": "lease"]
  static let product = ["Domain", "Store", "Engine", "API", "Admin"].map { "Sources/" + $0 }

  /// Names that hold a forbidden word and stay, each with its reason.
  static let allowed: [(name: String, reason: String)] = [
    ("customer_phone", "a column of specs/phone-number-pool.md, and so a field of the API")
  ]

  /// `customerPhone`, `CustomerPhone` and `customer_phone` are all `customer phone`; plurals lose their s.
  static func words(_ name: some StringProtocol) -> [String] {
    var spaced = ""
    for character in name {
      if character.isUppercase { spaced += "_" }
      spaced += character.lowercased()
    }
    return spaced.split(separator: "_").map { word in
      word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : String(word)
    }
  }

  static func fault(_ name: some StringProtocol, _ forbidden: [String: String]) -> String? {
    var text = words(name).joined(separator: "_")
    for (name, _) in allowed { text = text.replacing(name, with: "") }
    guard let word = text.split(separator: "_").first(where: { forbidden[String($0)] != nil }) else {
      return nil
    }
    return "\(name): say \(forbidden[String(word)] ?? "")"
  }

  static let declared = Pattern(
    #"\b(?:struct|class|enum|actor|protocol|typealias|func|let|var|case|associatedtype)\s+`?(\w+)"#)
  static let type = Pattern(#"\b(?:struct|class|enum|actor|protocol|typealias)\s+`?(\w+)"#)
  static let sqlThing = Pattern(
    #"(?i)\b(?:table|view|index|function|procedure|type|trigger|column|constraint|sequence)\s+"#
      + #"(?:if\s+not\s+exists\s+|concurrently\s+)*(\w+)"#)
  static let sqlColumn = Pattern(
    #"(?i)^[ \t]+(\w+)\s+(?:uuid|text|integer|int|bigint|smallint|boolean|timestamptz|jsonb|numeric|date)\b"#)
  static let sqlComment = Pattern("--.*")

  static func findings(
    _ pattern: Pattern, _ forbidden: [String: String], in file: Repository.File, _ text: String
  ) -> [Finding] {
    pattern.matches(in: text).compactMap { line, name in
      fault(name, forbidden).map { Finding(file, line: line, $0) }
    }
  }

  @Test func `the check knows a fault from a name that only looks like one`() {
    #expect(Self.fault("customerCount", Self.forbidden) != nil)
    #expect(Self.fault("Accounts", Self.forbidden) != nil)
    #expect(Self.fault("lead_allocations", Self.forbidden) != nil)
    #expect(Self.fault("customerPhone", Self.forbidden) == nil)
    #expect(Self.fault("accountableUnit", Self.forbidden) == nil)
    #expect(Self.fault("NumberLock", Self.forbiddenThings) != nil)
    #expect(Self.fault("clockBlock", Self.forbiddenThings) == nil)
    #expect(Self.sqlThing.matches(in: "CREATE TABLE IF NOT EXISTS town (").map(\.name) == ["town"])
    #expect(Self.sqlColumn.matches(in: "(\n  river text,").map(\.name) == ["river"])
    #expect(Self.declared.matches(in: "public static func run(").map(\.name) == ["run"])
  }

  @Test func `declarations in Swift use the glossary`() {
    var findings: [Finding] = []
    for file in Repository.swift where !file.isBelow(["Tests/TidyTests"]) {
      let code = Repository.code(file.text)
      findings += Self.findings(Self.declared, Self.forbidden, in: file, code)
      if file.isBelow(Self.product) {
        findings += Self.findings(Self.type, Self.forbiddenThings, in: file, code)
      }
    }
    #expect(findings == [])
  }

  @Test func `tables, columns and files use the glossary`() {
    let all = Self.forbidden.merging(Self.forbiddenThings) { one, _ in one }
    var findings: [Finding] = []
    for file in Repository.files where file.isBelow(["Sources", "Tests", "Scripts", "Benchmarks"]) {
      let stem = file.name.split(separator: ".").first ?? ""
      let words = file.isBelow(Self.product) ? all : Self.forbidden
      if let fault = Self.fault(stem, words) { findings.append(Finding(file, fault)) }
      guard file.hasExtension(["sql"]), file.isBelow(Self.product) else { continue }
      let code = Self.sqlComment.removed(from: file.text)
      findings += Self.findings(Self.sqlThing, all, in: file, code)
      findings += Self.findings(Self.sqlColumn, all, in: file, code)
    }
    #expect(findings == [])
  }
}
