/// What a command line asks for.
public enum Parsed: Sendable {
  case run(Command, Invocation)
  /// The help of the command at this path.
  case help([String])
  case version
}

/// Reads a command line against a tree of commands.
///
/// Options may stand before or after subcommands and positionals; `--` ends them. `--help` and `-h` win over
/// every other demand. `help import` is `import --help`.
struct Parser {
  private var chain: [Command]
  private var path: [String] = []
  private var given: [String: [String]] = [:]
  private var words: [String] = []
  private var wantsHelp = false
  private var wantsVersion = false

  static func parse(_ arguments: [String], root: Command) throws(UsageError) -> Parsed {
    var parser = Parser(root: root)
    return try parser.parse(arguments)
  }

  private init(root: Command) {
    chain = [root]
  }

  private mutating func parse(_ arguments: [String]) throws(UsageError) -> Parsed {
    do {
      try read(arguments)
    } catch {
      // Who asks for help while unsure of an option's name gets the help.
      if arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        return .help(path)
      }
      throw error
    }
    if wantsHelp { return .help(path) }
    if wantsVersion { return .version }
    guard let command = chain.last, command.action != nil else {
      guard !path.isEmpty else { return .help([]) }
      let names = chain[chain.count - 1].subcommands.map(\.name).joined(separator: ", ")
      throw fail("'\(path.joined(separator: " "))' needs a command: \(names)")
    }
    return .run(command, try invocation(of: command))
  }

  private mutating func read(_ arguments: [String]) throws(UsageError) {
    // Options of deeper commands may stand before them, so the way down the tree is found first.
    var rest = arguments[...]
    var deferred: [(name: String, value: String?)] = []
    var isOpen = true
    while let argument = rest.popFirst() {
      if isOpen, argument == "--" {
        isOpen = false
      } else if isOpen, let (name, value) = Self.option(argument) {
        if let option = find(name), option.takesValue, value == nil {
          deferred.append((name, try Self.value(for: argument, from: &rest, fail: fail)))
        } else {
          deferred.append((name, value))
        }
      } else {
        try descend(argument, isOpen: isOpen)
      }
    }
    for (name, value) in deferred { try set(name, value) }
  }

  /// The name and the attached value of `--name`, `--name=value` or `-n`; nil for anything else: a lone `-`
  /// is standard input, and `-5` a number.
  private static func option(_ argument: String) -> (name: String, value: String?)? {
    guard argument.hasPrefix("-"), argument.count > 1, Double(argument) == nil else { return nil }
    guard argument.hasPrefix("--") else { return (argument, nil) }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func value(
    for name: String, from rest: inout ArraySlice<String>, fail: (String) -> UsageError
  ) throws(UsageError) -> String {
    guard let next = rest.first, next == "-" || option(next) == nil, next != "--" else {
      throw fail("\(name) needs a value")
    }
    rest.removeFirst()
    return next
  }

  private mutating func descend(_ word: String, isOpen: Bool) throws(UsageError) {
    let here = chain[chain.count - 1]
    if here.action != nil {
      if isOpen, words.isEmpty, let next = here.subcommands.first(where: { $0.name == word }) {
        chain.append(next)
        path.append(word)
      } else {
        words.append(word)
      }
      return
    }
    if isOpen, path.isEmpty, word == "help" {
      wantsHelp = true
      return
    }
    guard let next = here.subcommands.first(where: { $0.name == word }) else {
      throw fail("there is no command '\((path + [visible(word)]).joined(separator: " "))'")
        .suggesting(nearest(to: word, in: here.subcommands.map(\.name)))
    }
    chain.append(next)
    path.append(word)
  }

  /// Those whose options count: groups, and the last command.
  private var offering: [Command] { chain.dropLast().filter { $0.action == nil } + chain.suffix(1) }

  private func find(_ name: String) -> Option? {
    for command in offering.reversed() {
      for option in command.options
      where "--\(option.name)" == name || option.short.map({ "-\($0)" }) == name { return option }
    }
    return nil
  }

  private mutating func set(_ name: String, _ value: String?) throws(UsageError) {
    guard let option = find(name) else { return try setStandard(name, value) }
    var text = value
    if !option.takesValue {
      guard value == nil || value == "true" || value == "false" else {
        throw fail("\(name) is a switch and takes no value")
      }
      text = value ?? "true"
    }
    // An option that became known only after its command was read must carry its value by `=`.
    guard let text else { throw fail("write \(name)=VALUE, or put \(name) after the command") }
    guard option.isRepeated || given[option.name] == nil else { throw fail("\(name) is given twice") }
    given[option.name, default: []].append(text)
  }

  private mutating func setStandard(_ name: String, _ value: String?) throws(UsageError) {
    switch name {
    case "--help", "-h": wantsHelp = true
    case "--version" where path.isEmpty: wantsVersion = true
    default:
      let known = offering.flatMap(\.options).map { "--\($0.name)" } + ["--help"]
      throw fail("there is no option \(visible(name))").suggesting(nearest(to: name, in: known))
    }
  }

  private func invocation(of command: Command) throws(UsageError) -> Invocation {
    let options = offering.flatMap(\.options)
    var values = given
    for option in options where option.isRequired && values[option.name] == nil {
      throw fail("--\(option.name) \(option.placeholder ?? "") is missing")
    }
    var rest = words[...]
    for positional in command.positionals {
      if positional.isRepeated, !rest.isEmpty {
        values[positional.name] = Array(rest)
        rest = []
      } else if let word = rest.popFirst() {
        values[positional.name] = [word]
      } else if positional.isRequired {
        throw fail("<\(positional.name)> is missing")
      }
    }
    if let extra = rest.first { throw fail("'\(visible(extra))' is one argument too many") }
    let pairs =
      options.map { ($0.name, $0.fallback) } + command.positionals.map { ($0.name, $0.fallback) }
    return Invocation(
      path: path, given: values,
      defaults: Dictionary(pairs.compactMap { pair in pair.1.map { (pair.0, $0) } }) { _, last in last },
      declared: Set(pairs.map(\.0)), positionalNames: Set(command.positionals.map(\.name)))
  }

  private func fail(_ message: String) -> UsageError { UsageError(message, command: path) }
}

extension UsageError {
  fileprivate func suggesting(_ candidate: String?) -> UsageError {
    guard let candidate else { return self }
    return UsageError("\(description); did you mean '\(candidate)'?", command: command)
  }
}
