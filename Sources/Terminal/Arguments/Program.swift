/// A tree of commands with a name and a version: reads a command line, runs it, and maps what happens to an
/// exit code: 0 done, 1 refused or failed, 2 a wrong command line.
public struct Program: Sendable {
  public let name: String
  public let version: String
  public let root: Command

  /// - Parameter root: its name is not used; its options are the global ones. `--no-color` is added.
  public init(_ name: String, version: String, root: Command) {
    self.name = name
    self.version = version
    self.root = Command(
      name, root.summary, discussion: root.discussion,
      options: root.options + [.flag("no-color", "Prints no colours, also on a terminal.")],
      examples: root.examples, subcommands: root.subcommands)
    Self.check(self.root, inherited: [])
  }

  /// What the command line asks for; nothing is run or printed.
  public func parse(_ arguments: [String]) throws(UsageError) -> Parsed {
    try Parser.parse(arguments, root: root)
  }

  /// The help of the command at `path`, as `console` would show it.
  public func help(_ path: [String], console: Console) -> String {
    Help(program: name, root: root, path: path, console: console).text
  }

  /// Runs a command line, given without the program's name.
  public func run(_ arguments: [String], console: Console) async -> ExitCode {
    let isPlain = arguments.prefix { $0 != "--" }.contains("--no-color")
    let console = isPlain ? console.withoutColour : console
    do {
      switch try parse(arguments) {
      case .help(let path):
        console.out.write(help(path, console: console))
      case .version:
        console.out.write("\(name) \(version)\n")
      case .run(let command, let invocation):
        guard let action = command.action else { preconditionFailure("a group was run") }
        return try await action(invocation, console)
      }
      return .success
    } catch let error as UsageError {
      console.fail(error.description)
      let help = ([name] + error.command + ["--help"]).joined(separator: " ")
      console.err.write("'\(help)' shows what is possible.\n")
      return .usage
    } catch {
      console.fail(String(describing: error))
      return .failure
    }
  }

  private static func check(_ command: Command, inherited: [Option]) {
    let options = inherited + command.options
    let names = options.map(\.name) + command.positionals.map(\.name)
    precondition(Set(names).count == names.count, "\(command.name): a name is declared twice: \(names)")
    precondition(!names.contains("help"), "\(command.name): --help is built in")
    let shorts = options.compactMap(\.short)
    precondition(Set(shorts).count == shorts.count, "\(command.name): a letter is declared twice")
    let passedOn = command.action == nil ? options : inherited
    for child in command.subcommands { check(child, inherited: passedOn) }
  }
}
