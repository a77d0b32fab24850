import Domain
import JSON

extension LeadFacts {
  /// Facts as they were written by `write`: members by the names of fields. What is no field, or of another
  /// kind, is left out.
  init(members: JSONMap) {
    self.init()
    for (name, value) in members {
      guard let field = LeadField(named: name) else { continue }
      self[field] = LeadValue(value, field.kind)
    }
  }
}

extension LeadValue {
  /// Nil for null, and for what is of another kind.
  init?(_ value: JSONValue, _ kind: LeadField.Kind) {
    switch (kind, value) {
    case (_, .null): return nil
    case (.json, _): self = .json(value.text())
    case (.text, .string(let text)): self = .text(text)
    case (.integer, .int(let number)): self = .integer(number)
    case (.number, .int(let number)): self = .number(Double(number))
    case (.number, .double(let number)): self = .number(number)
    case (.flag, .bool(let flag)): self = .flag(flag)
    case (.date, .string(let text)):
      guard let date = CivilDate(text) else { return nil }
      self = .date(date)
    case (.texts, .array(let values)):
      let texts = values.compactMap(\.string)
      guard texts.count == values.count else { return nil }
      self = .texts(texts)
    default: return nil
    }
  }
}
