import JSON
import Postgres
import TestSupport
import Testing

/// A finished run of the built program.
struct CommandRun: CustomStringConvertible {
  let arguments: [String]
  let status: Postgres.ExitStatus
  /// Output and errors, mixed.
  let lines: [String]

  var text: String { lines.joined(separator: "\n") }

  var json: JSONValue {
    get throws { try JSONValue(parsing: text) }
  }

  var description: String { "reservoir \(arguments.joined(separator: " ")): \(status)\n\(text)" }
}

/// What a helper met that it cannot go on with.
struct Unexpected: Error, CustomStringConvertible {
  let description: String
}

/// Runs the program to its end.
func reservoir(
  _ arguments: [String], environment: [String: String] = [:], directory: String? = nil
) async throws -> CommandRun {
  let process = try ServerProcess(arguments, environment: environment, directory: directory)
  return try await finished(process, arguments)
}

/// As `reservoir`, with `input` on its standard input.
func reservoir(_ arguments: [String], input: String) async throws -> CommandRun {
  let words = arguments.map { "'\($0)'" }.joined(separator: " ")
  let process = try ServerProcess(
    ["-c", "printf '%s' \"$INPUT\" | '\(ServerProcess.executable)' \(words)"], environment: ["INPUT": input],
    executable: "/bin/sh")
  return try await finished(process, arguments)
}

private func finished(_ process: ServerProcess, _ arguments: [String]) async throws -> CommandRun {
  let status = try await process.ended()
  try await process.outputEnded()
  return CommandRun(arguments: arguments, status: status, lines: process.lines)
}

/// A command on this test's database.
func onDatabase(_ arguments: String...) async throws -> CommandRun {
  try await reservoir(arguments + ["--database-url", TestDatabase.conninfo])
}

/// A command that must succeed, on this test's database; returns what it printed.
@discardableResult
func done(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
  let run = try await reservoir(arguments + ["--database-url", TestDatabase.conninfo])
  #expect(run.status == .code(0), "\(run)", sourceLocation: sourceLocation)
  return run.text
}

/// A command that must succeed with `--json`, on this test's database.
func document(
  _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
) async throws -> JSONValue {
  let run = try await reservoir(arguments + ["--json", "--database-url", TestDatabase.conninfo])
  #expect(run.status == .code(0), "\(run)", sourceLocation: sourceLocation)
  return try run.json
}

/// The first value that a query gives on this test's database.
func value(_ sql: String) async throws -> String? {
  try await Admin.value(sql, on: TestDatabase.conninfo)
}

extension TestDatabase {
  /// A database with the schema, made by the program itself.
  static let migrated = template(named: "migrated") { conninfo in
    let run = try await reservoir(["migrate", "--database-url", conninfo])
    guard run.status == .code(0) else { throw Unexpected(description: run.text) }
  }
}

/// Makes a client with numbers that end in 0, 1, 2 …; returns the client's id.
@discardableResult
func makePool(_ company: String, numbers: Int) async throws -> String {
  let id = try await done("clients", "create", company)
  guard numbers > 0 else { return id }
  let rows = (0..<numbers).map {
    """
    {"vapi_phone_number_id": "pn-\($0)", "number": "+1424485154\($0)", "name": "N\($0)",
     "assigned_broker_company": "\(company)"}
    """
  }
  let run = try await reservoir(
    ["numbers", "import", "-", "--database-url", TestDatabase.conninfo],
    input: "[" + rows.joined(separator: ",") + "]")
  #expect(run.status == .code(0), "\(run)")
  return id
}
