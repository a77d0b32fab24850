import Foundation
import TestSupport

/// `specs/phone-number-pool.md`, of which the copy in `Fixtures` is the test's input.
enum PoolDocument {
  /// The fenced blocks of SQL, in order.
  static let blocks = blocks(of: "phone-number-pool.md")

  /// The same of another document in `Fixtures`.
  static func blocks(of document: String) -> [String] {
    guard let text = try? Fixture.text("Tests/StoreTests/Fixtures/\(document)") else { return [] }
    var blocks: [String] = []
    var lines: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let content = line.drop { $0 == " " }
      if let open = lines {
        if content.hasPrefix("```") {
          blocks.append(open.joined(separator: "\n"))
          lines = nil
        } else {
          lines?.append(line)
        }
      } else if content == "```sql" {
        lines = []
      }
    }
    return blocks
  }

  /// Commands that stand in running text: `REINDEX …;`.
  static let commands: [String] = {
    guard let text = try? Fixture.text("Tests/StoreTests/Fixtures/phone-number-pool.md") else { return [] }
    let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
    return pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      .filter { $0.hasSuffix(";") || $0.hasPrefix("\\d") }
  }()

  /// The one block that holds the text, with placeholders replaced.
  static func block(with text: String, _ values: [String: String] = [:]) throws -> String {
    let found = blocks.filter { $0.contains(text) }
    guard found.count == 1 else { throw NotOnce(text: text, count: found.count) }
    return values.reduce(found[0]) { $0.replacing("<\($1.key)>", with: $1.value) }
  }

  struct NotOnce: Error {
    let text: String
    let count: Int
  }
}

/// psql as its users run it.
enum Psql {
  struct Failure: Error { let message: String }

  /// The rows of all statements with their headings, columns parted by `|`. Stops at the first error.
  @discardableResult
  static func run(_ sql: String) async throws -> [String] {
    let conninfo = TestDatabase.conninfo
    return try await onThread {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = [
        "psql", "-X", "-q", "-A", "-P", "footer=off", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-f", "-",
      ]
      let (input, output, errors) = (Pipe(), Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      input.fileHandleForWriting.write(Data((sql + "\n").utf8))
      try input.fileHandleForWriting.close()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { throw Failure(message: message) }
      return text.split(separator: "\n").map(String.init)
    }
  }
}
