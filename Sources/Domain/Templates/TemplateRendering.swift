/// One part of a template, being written for one lead.
struct TemplateRendering {
  let facts: LeadFacts
  let values: [String: String]
  let part: TemplateError.Part
  /// For HTML.
  let escapes: Bool
  private(set) var text = ""
  private(set) var errors: [TemplateError] = []

  init(facts: LeadFacts, values: [String: String], part: TemplateError.Part, escapes: Bool) {
    self.facts = facts
    self.values = values
    self.part = part
    self.escapes = escapes
  }

  mutating func write(_ nodes: [TemplateNode]) {
    for node in nodes {
      switch node {
      case .text(let literal): text += literal
      case .value(let subject, let filters, let fallback, let place):
        write(subject, filters, fallback, place)
      case .block(let condition, let then, let otherwise):
        write(holds(condition) ? then : otherwise)
      }
    }
  }

  private mutating func write(
    _ subject: TemplateSubject, _ filters: [TemplateFilter], _ fallback: String?, _ place: TemplatePlace
  ) {
    let entries = entries(of: subject)
    guard !entries.isEmpty else {
      guard let fallback else {
        let detail = "the lead does not have it, and there is no fallback"
        return errors.append(TemplateError(.emptyField, part, at: place, name: subject.name, detail))
      }
      text += fallback
      return
    }
    let written = filters.reduce(entries) { $1.apply(to: $0) }.joined(separator: ", ")
    text += escapes ? written.escapedForHTML : written
  }

  private func holds(_ condition: TemplateCondition) -> Bool {
    let entries = entries(of: condition.subject)
    let isTrue: Bool
    if let wanted = condition.equals {
      isTrue = entries.contains { $0.lowercased() == wanted.lowercased() }
    } else if case .field(let field) = condition.subject, case .flag(let flag) = facts[field] {
      isTrue = flag
    } else if case .field(let field) = condition.subject, field.kind == .json {
      isTrue = facts[field] != nil
    } else {
      isTrue = !entries.isEmpty
    }
    return isTrue != condition.isNegated
  }

  /// What is known, as texts; none when nothing is, or only blanks.
  private func entries(of subject: TemplateSubject) -> [String] {
    let found: [String] =
      switch subject {
      case .variable(let name): values[name].map { [$0] } ?? []
      case .field(let field): facts[field]?.written ?? []
      }
    return found.map(\.trimmed).filter { !$0.isEmpty }
  }
}

extension LeadValue {
  /// As content says it.
  fileprivate var written: [String] {
    switch self {
    case .text(let text): [text]
    case .integer(let number): ["\(number)"]
    case .number(let number): [Int(exactly: number).map { "\($0)" } ?? "\(number)"]
    case .flag(let flag): [flag ? "yes" : "no"]
    case .date(let date): [date.description]
    case .texts(let texts): texts
    case .json: []
    }
  }
}

extension TemplateFilter {
  func apply(to entries: [String]) -> [String] {
    switch self {
    case .lower: entries.map { $0.lowercased() }
    case .upper: entries.map { $0.uppercased() }
    case .first: Array(entries.prefix(1))
    case .capitalize: entries.map(\.capitalizedWords)
    }
  }
}

extension String {
  fileprivate var capitalizedWords: String {
    var result = ""
    var isInside = false
    for character in self {
      result += isInside ? character.lowercased() : character.uppercased()
      isInside = character.isLetter || character.isNumber || (isInside && "'’".contains(character))
    }
    return result
  }

  fileprivate var escapedForHTML: String {
    var result = ""
    for character in self {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }
}
