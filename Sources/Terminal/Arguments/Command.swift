/// One node of the command tree: a group of subcommands, or something that runs.
///
/// ```swift
/// Command(
///   "import", "Loads numbers from a file.",
///   options: [.value("format", "csv|json", "The form of the file.", default: "csv")],
///   positionals: [.required("file", "What to read; - is standard input.")],
///   examples: [Example("reservoir numbers import pool.csv", "Adds or updates every number of the file.")]
/// ) { invocation, console in
///   try load(invocation.text("file"), into: console)
///   return .success
/// }
/// ```
public struct Command: Sendable {
  public typealias Action = @Sendable (Invocation, Console) async throws -> ExitCode

  public let name: String
  /// One sentence, shown in the list of commands.
  public let summary: String
  /// What else the help of this command says; may be empty.
  public let discussion: String
  public let options: [Option]
  public let positionals: [Positional]
  public let examples: [Example]
  public let subcommands: [Command]
  public let action: Action?

  /// A command that runs.
  public init(
    _ name: String, _ summary: String, discussion: String = "", options: [Option] = [],
    positionals: [Positional] = [], examples: [Example] = [], action: @escaping Action
  ) {
    precondition(
      positionals.dropLast().allSatisfy { !$0.isRepeated }, "only the last positional may be repeated")
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.options = options
    self.positionals = positionals
    self.examples = examples
    self.subcommands = []
    self.action = action
  }

  /// A group. Its options are accepted by every command in it.
  public init(
    _ name: String, _ summary: String, discussion: String = "", options: [Option] = [],
    examples: [Example] = [], subcommands: [Command]
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.options = options
    self.positionals = []
    self.examples = examples
    self.subcommands = subcommands
    self.action = nil
  }

  private init(_ command: Command, subcommands: [Command]) {
    name = command.name
    summary = command.summary
    discussion = command.discussion
    options = command.options
    positionals = command.positionals
    examples = command.examples
    self.subcommands = subcommands
    action = command.action
  }

  /// The same command with others below it: its first word is taken for one of theirs where it is their name.
  /// They do not accept its options.
  public func with(subcommands: [Command]) -> Command { Command(self, subcommands: subcommands) }
}

/// A line that can be pasted, and what it does.
public struct Example: Sendable {
  public let line: String
  public let meaning: String

  public init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}

/// What a process tells its caller.
public struct ExitCode: RawRepresentable, Hashable, Sendable {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let success = ExitCode(rawValue: 0)
  /// Refused or failed.
  public static let failure = ExitCode(rawValue: 1)
  /// The command line is wrong; nothing was done.
  public static let usage = ExitCode(rawValue: 2)
}
