/// Reads the dialect of templates:
///
///     {{first_name}}                          the field; rendering fails when the lead does not have it
///     {{first_name | capitalize | "there"}}   filters, and what is written when the lead does not have it
///     {{sender.name}}                         a value that the sender gives: declared, with a dot
///     {{#if seniority = "vp"}}…{{else}}…{{/if}}   also !=, and without a comparison
///     {{#unless company_name}}…{{/unless}}
///     {{"{{"}}                                the text itself
///     {{! a remark }}
struct TemplateParser {
  static let deepest = 8

  private let part: TemplateError.Part
  private let variables: Set<String>
  private var tokens: ArraySlice<TemplateLexer.Token>
  private var errors: [TemplateError] = []

  /// - Throws: everything that is wrong; after a fault of the structure nothing further is looked for.
  static func nodes(
    _ text: String, part: TemplateError.Part, variables: Set<String>
  ) throws(TemplateErrors) -> [TemplateNode] {
    var parser = TemplateParser(part: part, variables: variables, tokens: [])
    do throws(TemplateError) {
      parser.tokens = try TemplateLexer.tokens(text, part: part)[...]
      let nodes = try parser.sequence(depth: 0, opened: nil).nodes
      if parser.errors.isEmpty { return nodes }
    } catch {
      parser.errors.append(error)
    }
    throw TemplateErrors(parser.errors)
  }

  /// A block that is open.
  private struct Opened {
    let name: String
    let place: TemplatePlace
    let allowsElse: Bool
  }

  private mutating func sequence(
    depth: Int, opened: Opened?
  ) throws(TemplateError) -> (nodes: [TemplateNode], endsWithElse: Bool) {
    var nodes: [TemplateNode] = []
    while let token = tokens.popFirst() {
      guard case .tag(let content, let place) = token else {
        if case .text(let text) = token { nodes.append(.text(text)) }
        continue
      }
      switch content.first {
      case "!": continue
      case "#": nodes.append(try block(content, place, depth: depth + 1))
      case "/":
        guard let opened else { throw fault(.unbalanced, place, "nothing is open here") }
        guard content.dropFirst() == opened.name else {
          throw fault(.unbalanced, place, "expected {{/\(opened.name)}}")
        }
        return (nodes, false)
      default:
        if content == "else" {
          guard let opened, opened.allowsElse else {
            throw fault(.unbalanced, place, "{{else}} stands in no block, or twice in one")
          }
          return (nodes, true)
        }
        if let node = try value(content, place) { nodes.append(node) }
      }
    }
    if let opened { throw fault(.unbalanced, opened.place, "expected {{/\(opened.name)}} before the end") }
    return (nodes, false)
  }

  private mutating func block(
    _ content: String, _ place: TemplatePlace, depth: Int
  ) throws(TemplateError) -> TemplateNode {
    guard depth <= Self.deepest else {
      throw fault(.tooDeep, place, "blocks may stand in each other \(Self.deepest) deep")
    }
    var scanner = TemplateScanner(content.dropFirst())
    guard let name = scanner.word(), ["if", "unless"].contains(name) else {
      throw fault(.syntax, place, "a block begins with #if or #unless")
    }
    guard let subject = scanner.word() else { throw fault(.syntax, place, "#\(name) needs a field") }
    let sign = scanner.sign(["!=", "="])
    let wanted = sign == nil ? nil : scanner.quoted()
    guard scanner.isAtEnd, (sign == nil) == (wanted == nil) else {
      throw fault(.syntax, place, "expected a field, and perhaps = or != and a text in double quotes")
    }
    let known = self.subject(subject, place)
    let first = try sequence(depth: depth, opened: Opened(name: name, place: place, allowsElse: true))
    let second =
      first.endsWithElse
      ? try sequence(depth: depth, opened: Opened(name: name, place: place, allowsElse: false)).nodes : []
    guard let known else { return .text("") }
    let condition = TemplateCondition(
      subject: known, equals: wanted, isNegated: (name == "unless") != (sign == "!="))
    return .block(condition, then: first.nodes, otherwise: second)
  }

  private mutating func value(
    _ content: String, _ place: TemplatePlace
  ) throws(TemplateError) -> TemplateNode? {
    var scanner = TemplateScanner(content[...])
    if let literal = scanner.quoted() {
      guard scanner.isAtEnd else { throw fault(.syntax, place, "nothing follows a text") }
      return .text(literal)
    }
    guard let name = scanner.word() else { throw fault(.syntax, place, "expected the name of a field") }
    var filters: [TemplateFilter] = []
    var fallback: String?
    while scanner.sign(["|"]) != nil {
      if fallback != nil { throw fault(.syntax, place, "the fallback stands last") }
      if let text = scanner.quoted() {
        fallback = text
      } else {
        guard let word = scanner.word(), let filter = TemplateFilter(rawValue: word) else {
          let names = TemplateFilter.allCases.map(\.rawValue).joined(separator: ", ")
          throw fault(.syntax, place, "expected \(names), or a fallback in double quotes")
        }
        filters.append(filter)
      }
    }
    guard scanner.isAtEnd else { throw fault(.syntax, place, "expected | or }} after the name") }
    guard let subject = subject(name, place) else { return nil }
    if case .field(let field) = subject, field.kind == .json {
      errors.append(
        TemplateError(.notText, part, at: place, name: name, "the field holds JSON: only #if can ask for it"))
      return nil
    }
    return .value(subject, filters, fallback: fallback, place)
  }

  /// Nil, and an error, when there is nothing of this name.
  private mutating func subject(_ name: String, _ place: TemplatePlace) -> TemplateSubject? {
    if variables.contains(name) { return .variable(name) }
    if let field = LeadField(named: name) { return .field(field) }
    let names = LeadField.all.map(\.name) + variables.sorted()
    let hint = LeadField.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    let what = name.contains(".") ? "no variable of this name is declared" : "there is no such field"
    errors.append(TemplateError(.unknownField, part, at: place, name: name, what + hint))
    return nil
  }

  private func fault(
    _ code: TemplateError.Code, _ place: TemplatePlace, _ detail: String
  ) -> TemplateError { TemplateError(code, part, at: place, detail) }
}

/// Reads the words of a tag.
struct TemplateScanner {
  private var rest: Substring

  init(_ text: Substring) {
    rest = text
    skip()
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Letters, digits, underscores and dots.
  mutating func word() -> String? {
    let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    guard !word.isEmpty else { return nil }
    take(word.count)
    return String(word)
  }

  mutating func sign(_ signs: [String]) -> String? {
    guard let sign = signs.first(where: rest.hasPrefix) else { return nil }
    take(sign.count)
    return sign
  }

  /// A text in double quotes; in it `\"` is a quote and `\\` a backslash.
  mutating func quoted() -> String? {
    guard rest.first == "\"" else { return nil }
    var text = ""
    var isEscaped = false
    for (count, character) in rest.dropFirst().enumerated() {
      if isEscaped || (character != "\"" && character != "\\") {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        take(count + 2)
        return text
      }
    }
    return nil
  }

  private mutating func take(_ count: Int) {
    rest = rest.dropFirst(count)
    skip()
  }

  private mutating func skip() { rest = rest.drop { $0.isWhitespace } }
}
