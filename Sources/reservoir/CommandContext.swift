import Domain
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

  var isJSON: Bool { invocation.flag("json") }

  /// Prints a document for programs.
  func print(json write: (inout JSONWriter) -> Void) {
    console.print(String(decoding: JSON.write(pretty: true, write), as: UTF8.self))
  }

  /// Prints the document with `--json`, else the text.
  func print(_ text: @autoclosure () -> String, json write: (inout JSONWriter) -> Void) {
    if isJSON { print(json: write) } else { console.print(text()) }
  }
}
