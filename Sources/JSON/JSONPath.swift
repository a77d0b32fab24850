/// One step from a container to a value in it.
enum JSONStep {
  case root
  case key(String)
  case index(Int)
}

/// The way from the document's top to a container. Made only for nested containers, so a flat object costs
/// none.
final class JSONPath {
  private let parent: JSONPath?
  private let step: JSONStep

  init(_ parent: JSONPath?, _ step: JSONStep) {
    self.parent = parent
    self.step = step
  }

  /// The RFC 6901 pointer of `step` below `parent`.
  static func pointer(_ parent: JSONPath?, _ step: JSONStep) -> String {
    let prefix = parent.map { pointer($0.parent, $0.step) } ?? ""
    switch step {
    case .root: return prefix
    case .key(let key): return prefix + "/" + escaped(key)
    case .index(let index): return prefix + "/" + String(index)
    }
  }

  /// `~` and `/` escaped as RFC 6901 wants it; a very long key is cut, since a pointer goes into answers.
  static func escaped(_ key: String) -> String {
    var result = ""
    for scalar in key.unicodeScalars.prefix(64) {
      switch scalar {
      case "~": result += "~0"
      case "/": result += "~1"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
