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
    let spaced = String(name).replacing(/([a-z0-9])([A-Z])/) { "\($0.1)_\($0.2)" }
    return spaced.lowercased().split(separator: "_").map { word in
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

  static let declaration =
    "(?:struct|class|enum|actor|protocol|typealias|func|let|var|case|associatedtype)"
  static let type = "(?:struct|class|enum|actor|protocol|typealias)"
  static let sqlName =
    "(?:table|view|index|function|procedure|type|trigger|column|constraint|sequence)"
    + "\\s+(?:if\\s+not\\s+exists\\s+|concurrently\\s+)*"
  static let sqlColumn =
    "(?:uuid|text|integer|int|bigint|smallint|boolean|timestamptz|jsonb|numeric|date|interval)\\b"

  static func names(_ pattern: String, in text: String) throws -> [Substring] {
    try text.matches(of: Regex(pattern, as: (Substring, Substring).self).ignoresCase()).map(\.output.1)
  }

  @Test func `the check knows a fault from a name that only looks like one`() throws {
    #expect(Self.fault("customerCount", Self.forbidden) != nil)
    #expect(Self.fault("Accounts", Self.forbidden) != nil)
    #expect(Self.fault("lead_allocations", Self.forbidden) != nil)
    #expect(Self.fault("customerPhone", Self.forbidden) == nil)
    #expect(Self.fault("accountableUnit", Self.forbidden) == nil)
    #expect(Self.fault("NumberLock", Self.forbiddenThings) != nil)
    #expect(Self.fault("clockBlock", Self.forbiddenThings) == nil)
    #expect(try Self.names("\(Self.sqlName)(\\w+)", in: "CREATE TABLE IF NOT EXISTS town (") == ["town"])
    #expect(try Self.names("(?m)^\\s+(\\w+)\\s+\(Self.sqlColumn)", in: "(\n  river text,") == ["river"])
  }

  @Test func `declarations in Swift use the glossary`() throws {
    var findings: [Finding] = []
    for file in Repository.swift where !file.isBelow(["Tests/TidyTests"]) {
      let code = Repository.code(file).joined(separator: "\n")
      for name in try Self.names("\\b\(Self.declaration)\\s+`?(\\w+)", in: code) {
        if let fault = Self.fault(name, Self.forbidden) { findings.append(Finding(file, fault)) }
      }
      guard file.isBelow(Self.product) else { continue }
      for name in try Self.names("\\b\(Self.type)\\s+`?(\\w+)", in: code) {
        if let fault = Self.fault(name, Self.forbiddenThings) { findings.append(Finding(file, fault)) }
      }
    }
    #expect(findings == [])
  }

  @Test func `tables, columns and files use the glossary`() throws {
    let all = Self.forbidden.merging(Self.forbiddenThings) { one, _ in one }
    var findings: [Finding] = []
    for file in Repository.files where file.isBelow(["Sources", "Tests", "Scripts", "Benchmarks"]) {
      let stem = file.name.split(separator: ".").first ?? ""
      let words = file.isBelow(Self.product) ? all : Self.forbidden
      if let fault = Self.fault(stem, words) { findings.append(Finding(file, fault)) }
      guard file.hasExtension(["sql"]), file.isBelow(Self.product) else { continue }
      let code = file.text.replacing(/--.*/, with: "")
      let names =
        try Self.names("\\b\(Self.sqlName)(\\w+)", in: code)
        + Self.names("(?m)^\\s+(\\w+)\\s+\(Self.sqlColumn)", in: code)
      for name in names {
        if let fault = Self.fault(name, all) { findings.append(Finding(file, fault)) }
      }
    }
    #expect(findings == [])
  }
}
