/// A template as literal text and tags, `{{…}}`.
struct TemplateLexer {
  enum Token: Hashable {
    case text(String)
    /// What stands between the braces, trimmed, and where the tag begins.
    case tag(String, TemplatePlace)
  }

  private let characters: [Character]
  private let part: TemplateError.Part
  private var index = 0
  private var place = TemplatePlace.start

  static func tokens(
    _ text: String, part: TemplateError.Part
  ) throws(TemplateError) -> [Token] {
    var lexer = TemplateLexer(characters: Array(text), part: part)
    return standingAlone(try lexer.all())
  }

  private init(characters: [Character], part: TemplateError.Part) {
    self.characters = characters
    self.part = part
  }

  private mutating func all() throws(TemplateError) -> [Token] {
    var tokens: [Token] = []
    var literal = ""
    while index < characters.count {
      guard begins("{{") else {
        literal.append(advance())
        continue
      }
      if !literal.isEmpty { tokens.append(.text(literal)) }
      literal = ""
      tokens.append(try tag())
    }
    if !literal.isEmpty { tokens.append(.text(literal)) }
    return tokens
  }

  /// Up to the braces that end it; those within quotes do not.
  private mutating func tag() throws(TemplateError) -> Token {
    let start = place
    _ = (advance(), advance())
    var content = ""
    var isQuoted = false
    while index < characters.count {
      if !isQuoted, begins("}}") {
        _ = (advance(), advance())
        return .tag(content.trimmed, start)
      }
      if isQuoted, characters[index] == "\\", index + 1 < characters.count {
        content.append(advance())
      } else if characters[index] == "\"", !content.hasPrefix("!") {
        isQuoted.toggle()
      }
      content.append(advance())
    }
    throw TemplateError(.syntax, part, at: start, "the tag is not closed with }}")
  }

  private func begins(_ pair: String) -> Bool {
    index + 1 < characters.count && characters[index] == pair.first && characters[index + 1] == pair.last
  }

  private mutating func advance() -> Character {
    let character = characters[index]
    index += 1
    if character.isNewline {
      place = TemplatePlace(line: place.line + 1, column: 1)
    } else {
      place.column += 1
    }
    return character
  }

  /// A line with nothing but a tag of a block or a comment leaves no empty line behind.
  private static func standingAlone(_ tokens: [Token]) -> [Token] {
    var kept = tokens
    for index in tokens.indices {
      guard case .tag(let content, _) = tokens[index], let sign = content.first,
        "#/!".contains(sign) || content == "else", let before = head(tokens, index),
        let after = tail(tokens, index)
      else { continue }
      // The same text may follow one such line and precede another.
      if index > 0, case .text(let text) = kept[index - 1] {
        kept[index - 1] = .text(String(text.dropLast(before)))
      }
      if index + 1 < kept.count, case .text(let text) = kept[index + 1] {
        kept[index + 1] = .text(String(text.dropFirst(after)))
      }
    }
    return kept
  }

  /// How many blanks of its line stand before a tag; nil when something else stands on the line.
  private static func head(_ tokens: [Token], _ index: Int) -> Int? {
    guard index > 0 else { return 0 }
    guard case .text(let text) = tokens[index - 1] else { return nil }
    let kept = text.reversed().drop { $0 == " " || $0 == "\t" }
    guard kept.first?.isNewline ?? (index == 1) else { return nil }
    return text.count - kept.count
  }

  /// How many characters of its line, its end with them, stand after a tag; nil when something else stands on
  /// the line.
  private static func tail(_ tokens: [Token], _ index: Int) -> Int? {
    guard index + 1 < tokens.count else { return 0 }
    guard case .text(let text) = tokens[index + 1] else { return nil }
    let kept = text.drop { $0 == " " || $0 == "\t" }
    guard let first = kept.first else { return index + 2 == tokens.count ? text.count : nil }
    return first.isNewline ? text.count - kept.count + 1 : nil
  }
}
