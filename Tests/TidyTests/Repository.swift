import Foundation

/// The files of this repository, as its own test sees them.
enum Repository {
  struct File: Sendable, CustomStringConvertible {
    /// From the repository's root.
    let path: String
    let text: String

    var name: String { String(path.split(separator: "/").last ?? "") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var description: String { path }

    func isBelow(_ folders: [String]) -> Bool { folders.contains { path.hasPrefix($0 + "/") || path == $0 } }
    func hasExtension(_ extensions: Set<String>) -> Bool {
      extensions.contains((path as NSString).pathExtension)
    }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// All text that is kept: not what is built, fetched or run in hidden folders.
  static let files: [File] = {
    let keys: [URLResourceKey] = [.isDirectoryKey]
    var files: [File] = []
    let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: keys)
    while let url = walk?.nextObject() as? URL {
      let name = url.lastPathComponent
      let isDirectory = (try? url.resourceValues(forKeys: Set(keys)).isDirectory) ?? false
      if isDirectory {
        if (name.hasPrefix(".") && name != ".ci") || name == "node_modules" { walk?.skipDescendants() }
      } else if name != ".git", let text = try? String(contentsOf: url, encoding: .utf8) {
        files.append(File(path: String(url.path.dropFirst(root.path.count + 1)), text: text))
      }
    }
    return files
  }()

  static var swift: [File] { files.filter { $0.hasExtension(["swift"]) } }

  /// Swift text with comments and the insides of one-line strings taken out; the lines stay.
  static func code(_ text: String) -> String { insides.removed(from: text) }
  private static let insides = Pattern(#"(?<=")(?:\\.|[^"\\\n])*(?=")|//.*"#)
}

/// A regular expression. ICU's, since tests are built without optimisation, where Swift's own takes seconds
/// for a repository and would hold up the tests beside it.
struct Pattern: Sendable {
  private let expression: NSRegularExpression

  init(_ text: String) {
    do {
      expression = try NSRegularExpression(pattern: text, options: [.anchorsMatchLines])
    } catch {
      preconditionFailure("not a regular expression: \(text)")
    }
  }

  func isFound(in text: String) -> Bool { expression.firstMatch(in: text, range: range(of: text)) != nil }

  /// The first group of each match, with the index of its line.
  func matches(in text: String) -> [(line: Int, name: String)] {
    let source = text as NSString
    var line = 0
    var position = 0
    return expression.matches(in: text, range: range(of: text)).map { match in
      let end = match.range.location
      let between = source.substring(with: NSRange(location: position, length: end - position))
      line += between.count { $0 == "\n" }
      position = end
      let group = match.range(at: match.numberOfRanges > 1 ? 1 : 0)
      return (line, group.location == NSNotFound ? "" : source.substring(with: group))
    }
  }

  func removed(from text: String) -> String {
    expression.stringByReplacingMatches(in: text, range: range(of: text), withTemplate: "")
  }

  private func range(of text: String) -> NSRange { NSRange(location: 0, length: (text as NSString).length) }
}

/// A place where a rule is broken.
struct Finding: CustomStringConvertible, Hashable {
  let place: String
  let what: String
  var description: String { "\(place): \(what)" }

  init(_ file: Repository.File, line index: Int? = nil, _ what: some StringProtocol) {
    place = file.path + (index.map { ":\($0 + 1)" } ?? "")
    self.what = what.trimmingCharacters(in: .whitespaces)
  }
}
