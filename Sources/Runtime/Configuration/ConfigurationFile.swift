/// The lines of a configuration file: `name = value`, comments from `#` at the start of a line, or after a
/// blank. A value in double quotes is taken as it is.
public struct ConfigurationFile: Sendable {
  struct Entry: Sendable {
    let name: String
    let value: String
    let line: Int
  }

  public let path: String
  let entries: [Entry]
  let problems: [String]

  /// - Parameter path: for messages; nothing is read from there.
  public init(path: String, text: String) {
    self.path = path
    var entries: [Entry] = []
    var problems: [String] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() {
      let content = line.drop(while: \.isWhitespace)
      if content.isEmpty || content.first == "#" { continue }
      guard let entry = Self.entry(content, line: index + 1) else {
        problems.append("\(path):\(index + 1): expected 'name = value'")
        continue
      }
      if let first = entries.first(where: { $0.name == entry.name }) {
        problems.append("\(path):\(entry.line): \(entry.name) is set already in line \(first.line)")
      }
      entries.append(entry)
    }
    self.entries = entries
    self.problems = problems
  }

  private static func entry(_ content: Substring, line: Int) -> Entry? {
    guard let equals = content.firstIndex(of: "=") else { return nil }
    let name = trimmed(content[..<equals]).replacing("_", with: "-")
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else { return nil }
    var value = trimmed(content[content.index(after: equals)...])
    if value.first == "\"" {
      guard let end = value.dropFirst().firstIndex(of: "\"") else { return nil }
      let rest = trimmed(value[value.index(after: end)...])
      guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
      value = String(value[value.index(after: value.startIndex)..<end])
    } else if let comment = value.firstRange(of: " #") {
      value = trimmed(value[..<comment.lowerBound])
    }
    return Entry(name: name, value: value, line: line)
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text).drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
