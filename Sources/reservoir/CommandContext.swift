import Domain
import Engine
import JSON
import Postgres
import Runtime
import Terminal

/// What a command gets: its words, the settings in force, and where to write.
struct CommandContext: Sendable {
  let invocation: Invocation
  let console: Console
  let environment: [String: String]
  let configuration: Configuration

  init(_ invocation: Invocation, _ console: Console, environment: [String: String]) throws {
    self.invocation = invocation
    self.console = console
    self.environment = environment
    configuration = try Configuration(invocation, environment: environment)
    for (name, nearest) in configuration.unknownVariables {
      guard let nearest else { continue }
      console.warn("\(visible(name)) is not a setting; did you mean \(nearest)?")
    }
  }

  // MARK: Output

  var isJSON: Bool { invocation.flag("json") }

  /// Prints a document for programs.
  func print(json write: (inout JSONWriter) -> Void) {
    console.print(String(decoding: JSON.write(pretty: true, write), as: UTF8.self))
  }

  /// Prints the document with `--json`, else the text.
  func print(_ text: @autoclosure () -> String, json write: (inout JSONWriter) -> Void) {
    if isJSON { print(json: write) } else { console.print(text()) }
  }

  /// Prints an array of documents with `--json`, else a table.
  func print<Entry: JSONWritable>(
    _ entries: [Entry], _ columns: [Table.Column], empty: String, row: (Entry) -> [String]
  ) {
    if isJSON { return print { $0.value(entries) } }
    var table = Table(columns)
    for entry in entries { table.add(row(entry)) }
    console.out.write(table.text(for: console.out, empty: empty))
  }

  /// The wrong use of an option or positional of this command.
  func usage(_ message: String) -> UsageError { UsageError(message, command: invocation.path) }

  // MARK: The database

  /// Lends the engine's services to a command, and closes what was opened for it.
  func withServices<R: Sendable>(_ body: (Services) async throws -> R) async throws -> R {
    try await withDatabase { try await body(try Services(configuration, $0)) }
  }

  /// - Parameter requiresCurrent: a named database whose schema is not up to date is then an error; a private
  ///   one is brought up to date.
  func withDatabase<R: Sendable>(
    requiresCurrent: Bool = true, _ body: (Database) async throws -> R
  ) async throws -> R {
    let home = try await DatabaseHome.open(configuration, environment: environment, log: .off)
    let result: Result<R, any Error>
    do {
      if requiresCurrent { try await checkSchema(home) }
      result = .success(try await body(home.database))
    } catch {
      result = .failure(error)
    }
    await home.close()
    return try result.get()
  }

  private func checkSchema(_ home: DatabaseHome) async throws {
    if home.cluster != nil { return try await DatabaseHome.migrator.apply(to: home.database) }
    let pending = try await DatabaseHome.migrator.status(of: home.database).pending.count
    guard pending == 0 else {
      let count = HumanText.count(pending, "migration is", plural: "migrations are")
      throw CommandFailure("\(count) not applied to this database yet: run 'reservoir migrate' first")
    }
  }
}
