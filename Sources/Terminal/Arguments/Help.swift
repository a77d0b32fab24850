/// The help of one command: what it is, its usage, its parts, and examples.
struct Help {
  let program: String
  let chain: [Command]
  let console: Console

  init(program: String, root: Command, path: [String], console: Console) {
    self.program = program
    self.console = console
    var chain = [root]
    for name in path {
      guard let next = chain[chain.count - 1].subcommands.first(where: { $0.name == name }) else { break }
      chain.append(next)
    }
    self.chain = chain
  }

  var text: String {
    let command = chain[chain.count - 1]
    var sections = [command.summary]
    if !command.discussion.isEmpty { sections.append(command.discussion) }
    sections.append(section("USAGE", ["  " + usage]))
    let positionals = command.positionals.map {
      ("<\($0.name)>", $0.help + ($0.fallback.map { " (default: \($0))" } ?? ""))
    }
    sections.append(section("ARGUMENTS", columns(positionals)))
    sections.append(section("COMMANDS", columns(command.subcommands.map { ($0.name, $0.summary) })))
    if chain.count > 1 {
      sections.append(section("OPTIONS", columns(command.options.map(Self.describe))))
    }
    let inherited =
      chain.count > 1 ? chain.dropLast().filter { $0.action == nil }.flatMap(\.options) : command.options
    var global = inherited.map(Self.describe)
    global.append(("-h, --help", "Shows this help."))
    if chain.count == 1 { global.append(("    --version", "Shows the version.")) }
    sections.append(section(chain.count > 1 ? "GLOBAL OPTIONS" : "OPTIONS", columns(global)))
    let examples = command.examples.flatMap {
      [console.out.styled("  # \($0.meaning)", .dim), "  \($0.line)"]
    }
    sections.append(section("EXAMPLES", examples))
    if !command.subcommands.isEmpty {
      sections.append("'\(fullName) COMMAND --help' tells more about a command.")
    }
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var fullName: String { ([program] + chain.dropFirst().map(\.name)).joined(separator: " ") }

  private var usage: String {
    let command = chain[chain.count - 1]
    var parts = [fullName]
    if command.action == nil { parts.append("COMMAND") }
    for option in command.options where option.isRequired {
      parts.append("--\(option.name) \(option.placeholder ?? "")")
    }
    parts.append("[options]")
    for positional in command.positionals {
      let name = "<\(positional.name)>" + (positional.isRepeated ? "..." : "")
      parts.append(positional.isRequired ? name : "[\(name)]")
    }
    return parts.joined(separator: " ")
  }

  private static func describe(_ option: Option) -> (String, String) {
    let name = (option.short.map { "-\($0), " } ?? "    ") + "--\(option.name)"
    var notes: [String] = []
    if option.isRequired { notes.append("required") }
    if option.isRepeated { notes.append("may be repeated") }
    if let fallback = option.fallback { notes.append("default: \(fallback)") }
    let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
    return (name + (option.placeholder.map { " \($0)" } ?? ""), option.help + note)
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : ([console.out.styled(title, .bold)] + lines).joined(separator: "\n")
  }

  /// Two columns; the second is wrapped to the terminal's width.
  private func columns(_ rows: [(String, String)]) -> [String] {
    let left = min(rows.map { displayWidth($0.0) }.max() ?? 0, 32)
    let room = max((console.out.width ?? 100) - left - 4, 30)
    return rows.flatMap { name, help in
      var lines = wrap(help, width: room)
      let pad = String(repeating: " ", count: left + 4)
      let isLong = displayWidth(name) > left
      let first = "  " + padded(name, to: left) + "  "
      if isLong { return ["  " + name] + lines.map { pad + $0 } }
      let head = lines.isEmpty ? "" : lines.removeFirst()
      return [first + head] + lines.map { pad + $0 }
    }
  }
}
