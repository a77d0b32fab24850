import Terminal
import TestSupport
import Testing

@testable import reservoir

@Suite struct `The help` {
  static let program = ReservoirProgram(environment: [:]).program

  static func paths(_ command: Command, _ path: [String] = []) -> [[String]] {
    [path] + command.subcommands.flatMap { paths($0, path + [$0.name]) }
  }

  @Test func `has every command of the contract`() {
    let paths = Set(Self.paths(Self.program.root).map { $0.joined(separator: " ") })
    for wanted in [
      "serve", "migrate", "check", "keys create", "keys list", "keys revoke", "numbers import",
      "numbers list",
      "numbers lease", "numbers release", "numbers holders", "clients create", "clients list", "leads create",
      "leads show", "leads conflicts", "leads merge", "leads unmerge",
      "jobs list", "jobs run", "config", "version",
    ] {
      #expect(paths.contains(wanted), "\(wanted)")
    }
  }

  @Test(arguments: paths(program.root))
  func `of a command shows its use and an example`(path: [String]) async {
    let console = Console(out: StringOutput(), err: StringOutput())
    let text = Self.program.help(path, console: console)
    #expect(text.contains("USAGE\n  reservoir"))
    #expect(text.contains("--json"))
    let node = path.reduce(Self.program.root) { node, name in
      node.subcommands.first { $0.name == name } ?? node
    }
    if node.action != nil { #expect(text.contains("EXAMPLES"), "\(path)") }
    for example in node.examples { #expect(Self.isUnderstood(example.line), "\(example.line)") }
  }

  /// Whether the words of an example after `reservoir` are a command line of the program; what a shell
  /// would do is left out.
  static func isUnderstood(_ line: String) -> Bool {
    var line = line
    if let pipe = line.firstRange(of: "| reservoir") {
      line = String(line[line.index(after: pipe.lowerBound)...])
    }
    guard let start = (" " + line).firstMatch(of: #/[ (]reservoir /#) else { return false }
    line = String((" " + line)[start.range.upperBound...]).replacing("$(reservoir leads create)", with: "id")
    var words: [String] = []
    for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
      if index.isMultiple(of: 2) {
        words += part.split(separator: " ").map { String($0).replacing(")", with: "") }
      } else {
        words.append(String(part))
      }
    }
    return (try? program.parse(words)) != nil
  }

  @Test(arguments: [["--help"], ["help", "numbers"], ["numbers", "import", "--help"], ["serve", "-h"]])
  func `is a success`(arguments: [String]) async throws {
    let run = try await reservoir(arguments)
    #expect(run.status == .code(0))
    #expect(run.text.contains("USAGE"))
    #expect(!run.text.contains("\u{1b}"), "colours are for terminals")
  }

  @Test(arguments: [
    (["nubmers"], "numbers"), (["numbers"], "needs a command"),
    (["numbers", "list", "--lmit", "3"], "--limit"),
    (["numbers", "import"], "<file> is missing"), (["numbers", "lease"], "--client"),
    (["serve", "--listen", "nowhere"], "an address such as"), (["serve", "--pool-size=0"], "from 1 to 200"),
    (["jobs", "run"], "<name> is missing"), (["keys", "create"], "--name"), (["migrate", "down"], "<what>"),
    (["version", "now"], "one argument too many"),
    (["keys", "create", "--name", "x", "--role", "king"], "one of"),
    (["keys", "create", "--name", "x", "--role", "sender"], "--client"),
    (["clients", "create", "x", "--time-zone", "EST"], "--time-zone"),
    (["clients", "create", " x"], "<name>"), (["leads", "create", "--email", "x"], "--email"),
    (["numbers", "list", "--status", "lost"], "--status"),
    (["numbers", "holders", "x", "--at", "noon"], "--at"),
    (["numbers", "import", "x", "--format", "xml"], "csv or json"),
    (["keys", "revoke", "7"], "the id of a key"), (["numbers", "release", "x", "--term", "0"], "--term"),
    (["numbers", "lease", "--client", "x", "--lead", "7"], "--lead"),
  ])
  func `is named where a command line is wrong`(arguments: [String], message: String) async throws {
    let run = try await reservoir(arguments)
    #expect(run.status == .code(2), "\(run)")
    #expect(run.text.contains("error:") && run.text.contains(message), "\(run)")
    #expect(run.text.contains("--help' shows what is possible"), "\(run)")
  }

  @Test func `tells the version`() async throws {
    #expect(try await reservoir(["version"]).text == "reservoir 1.0.0")
    #expect(try await reservoir(["--version"]).text == "reservoir 1.0.0")
    #expect(try await reservoir(["version", "--json"]).json["version"]?.string == "1.0.0")
  }
}
