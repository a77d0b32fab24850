import Domain
import JSON

/// Facts as JSON by the names of fields: the form of the API, of flat files, and of what is kept for an undo.
public enum FlatRecord {
  /// What an object says.
  public struct Reading: Sendable {
    public var facts = LeadFacts()
    /// Members whose value is not of their field's kind.
    public var errors: [FieldError] = []
    /// Members that are no fields.
    public var unknown: [String] = []
  }

  /// Reads the members as they are; nothing is normalised.
  public static func read(_ object: JSONMap) -> Reading {
    var reading = Reading()
    for (name, value) in object {
      guard let field = LeadField(named: name) else {
        reading.unknown.append(name)
        continue
      }
      if isBlank(value) { continue }
      if let known = self.value(value, field.kind) {
        reading.facts[field] = known
      } else {
        reading.errors.append(FieldError(field: name, detail: "expected \(field.kind.expectation)"))
      }
    }
    return reading
  }

  /// A record whose members are named as fields are. Members that are no fields stay in the record and are
  /// counted.
  ///
  /// - Parameter region: the country (ISO 3166) of telephone numbers without a plus.
  /// - Returns: the record, or all that is wrong with it.
  public static func incoming(
    _ value: JSONValue, row: Int, receivedAt: Timestamp, source: String, region: String = "US"
  ) -> Result<IncomingLead, FieldErrors> {
    guard let object = value.object else {
      return .failure(FieldErrors([FieldError(field: "record", detail: "expected an object")]))
    }
    let reading = read(object)
    let (facts, errors) = reading.facts.normalised(region: region)
    let wrong = reading.errors + errors
    guard wrong.isEmpty else { return .failure(FieldErrors(wrong)) }
    if let missing = facts.missingIdentity { return .failure(FieldErrors([missing])) }
    return .success(
      IncomingLead(
        row: row, facts: facts, source: source, asOf: receivedAt, record: value.text(),
        unknownFields: reading.unknown))
  }

  /// Whether the value says nothing: null, or a text of white space.
  public static func isBlank(_ value: JSONValue) -> Bool {
    switch value {
    case .null: true
    case .string(let text): text.trimmed.isEmpty
    default: false
    }
  }

  /// The value as one of this kind; texts are read as a table's cells are. Nil when it is none.
  public static func value(_ value: JSONValue, _ kind: LeadField.Kind) -> LeadValue? {
    switch (kind, value) {
    case (.json, _): .json(value.text())
    case (_, .string(let text)): kind.value(fromText: text)
    case (.text, .int), (.text, .double): .text(value.text())
    case (.integer, .int(let number)): .integer(number)
    case (.integer, .double(let number)): Int(exactly: number).map { .integer($0) }
    case (.number, _): value.double.map { .number($0) }
    case (.flag, .bool(let flag)): .flag(flag)
    case (.texts, .array(let list)): texts(list)
    default: nil
    }
  }

  private static func texts(_ list: [JSONValue]) -> LeadValue? {
    var texts: [String] = []
    for member in list {
      switch member {
      case .string(let text): texts.append(text)
      case .int, .double: texts.append(member.text())
      default: return nil
      }
    }
    return .texts(texts)
  }
}
