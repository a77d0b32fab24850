import Foundation

/// A database of the run's cluster, asked through psql.
struct Database {
  let cluster: Cluster
  let name: String

  var conninfo: String { "host=\(cluster.socket) port=5432 user=postgres dbname=\(name)" }

  /// Runs statements one by one, each a transaction of its own.
  /// - Returns: what they gave, unaligned.
  @discardableResult
  func run(_ sql: String) throws -> String {
    let script = try cluster.scratch.write(sql, "\(name).sql")
    defer { try? FileManager.default.removeItem(atPath: script) }
    let text = try Program.run(
      cluster.psql, Self.options + ["-d", conninfo, "-f", script], in: cluster.scratch)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static let options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]

  func count(_ sql: String) throws -> Int {
    let text = try run(sql)
    guard let count = Int(text) else { throw Failure("\(name): expected a number, got '\(text)'") }
    return count
  }

  func number(_ sql: String) throws -> Double {
    let text = try run(sql)
    guard let number = Double(text) else { throw Failure("\(name): expected a number, got '\(text)'") }
    return number
  }

  /// How long one statement takes with its commit, in seconds, as psql's timing tells.
  func time(_ sql: String) throws -> Double {
    let text = try run("\\timing on\n\(sql)")
    let found = text.split(separator: "\n").last { $0.hasPrefix("Time: ") }
    guard let word = found?.split(separator: " ").dropFirst().first, let milliseconds = Double(word) else {
      throw Failure("\(name): psql told no time: '\(text)'")
    }
    return milliseconds / 1_000
  }
}

/// A transaction that stays open and keeps its snapshot, as a forgotten session or a long report does.
final class HeldTransaction {
  private let program: Program
  private let input = Pipe()

  init(in database: Database) throws {
    let cluster = database.cluster
    program = try Program(
      cluster.psql, Database.options + ["-d", database.conninfo], in: cluster.scratch, input: input)
    try input.fileHandleForWriting.write(
      contentsOf: Data(
        """
        BEGIN ISOLATION LEVEL REPEATABLE READ;
        SELECT txid_current();
        SELECT count(*) FROM interactions;
        \\echo held

        """.utf8))
    while !program.written.contains("held") {
      guard program.isRunning else { throw Failure("the held transaction ended: \(program.complaint)") }
      usleep(20_000)
    }
  }

  /// Ends it.
  /// - Throws: if it had ended before.
  func release() throws {
    guard program.isRunning else { throw Failure("the held transaction ended early: \(program.complaint)") }
    try input.fileHandleForWriting.write(contentsOf: Data("ROLLBACK;\n".utf8))
    try input.fileHandleForWriting.close()
    try program.wait()
  }
}
