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

  /// Swift text with comments and the insides of one-line strings taken out, line by line.
  static func code(_ file: File) -> [String] { file.lines.map { code(String($0)) } }

  static func code(_ line: String) -> String {
    line.replacing(/"(?:\\.|[^"\\])*"/, with: "\"\"").replacing(/\/\/.*/, with: "")
  }
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
