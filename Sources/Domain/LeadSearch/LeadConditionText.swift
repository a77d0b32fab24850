extension LeadCondition {
  /// What is wrong with a condition that somebody typed; it never repeats the value.
  public struct Fault: Error, Hashable, Sendable {
    public let detail: String

    public init(_ detail: String) { self.detail = detail }
  }

  /// A condition as people type it:
  ///
  /// | text | what is asked |
  /// |---|---|
  /// | `seniority=vp,director` | one of these |
  /// | `seniority!=intern` | none of these |
  /// | `company_employees>=5`, `company_employees<=50` | at least, at most |
  /// | `title~sales` | contains |
  /// | `title^chief` | begins with |
  /// | `company_technologies=salesforce,hubspot` | at least one of these |
  /// | `company_technologies*=salesforce,hubspot` | all of these |
  /// | `email?`, `email!?` | known, not known |
  /// | `company_is_hiring=yes` | a flag |
  public init(parsing text: String) throws(Fault) {
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let field = LeadField(named: String(name)) else {
      throw Fault(LeadField.unknown(String(name)))
    }
    let rest = text.dropFirst(name.count)
    let signs = ["!?", "?", "!=", ">=", "<=", "*=", "=", "~", "^"]
    guard let sign = signs.first(where: rest.hasPrefix) else {
      throw Fault("expected one of \(signs.joined(separator: " ")) after the field")
    }
    let value = String(rest.dropFirst(sign.count))
    let test = try Self.test(field, sign, value)
    guard let condition = LeadCondition(field, test) else {
      throw Fault("\(field.name) takes \(field.kind.operators), and a value that fits")
    }
    self = condition
  }

  private static func test(_ field: LeadField, _ sign: String, _ text: String) throws(Fault) -> Test {
    switch sign {
    case "?", "!?":
      guard text.isEmpty else { throw Fault("nothing follows ?") }
      return .known(sign == "?")
    case "~": return .contains(text)
    case "^": return .beginsWith(text)
    case ">=": return .between(try value(field, text), nil)
    case "<=": return .between(nil, try value(field, text))
    default:
      var values: [LeadValue] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: true) {
        values.append(try value(field, String(part).trimmed))
      }
      guard !values.isEmpty else { throw Fault("expected a value") }
      switch sign {
      case "!=": return .noneOf(values)
      case "*=": return .allOf(values.compactMap { if case .text(let text) = $0 { text } else { nil } })
      default: return .anyOf(values)
      }
    }
  }

  private static func value(_ field: LeadField, _ text: String) throws(Fault) -> LeadValue {
    let value: LeadValue? =
      switch field.kind {
      case .text, .texts: text.isEmpty || text.unicodeScalars.count > longestValue ? nil : .text(text)
      case .integer: Int(text).map { .integer($0) }
      case .number: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
      case .date: CivilDate(text).map { .date($0) }
      case .flag:
        ["yes", "true"].contains(text) ? .flag(true) : ["no", "false"].contains(text) ? .flag(false) : nil
      case .json: nil
      }
    guard let value else { throw Fault("expected \(field.kind.expected)") }
    return value
  }
}

extension LeadField.Kind {
  /// What a value of it looks like, to complete "expected …".
  public var expected: String {
    switch self {
    case .text, .texts: "1 to \(LeadCondition.longestValue) characters"
    case .integer: "a whole number"
    case .number: "a number"
    case .flag: "yes or no"
    case .date: "a date such as 2026-01-31"
    case .json: "no value: only whether it is known can be asked"
    }
  }
}

extension LeadField {
  /// Says that there is no such field, and which name is near.
  public static func unknown(_ name: String) -> String {
    guard let near = nearest(to: name) else { return "there is no such field" }
    return "there is no such field; did you mean \(near)?"
  }

  /// The name that differs least, by at most a third of its letters; nil when none is near.
  public static func nearest(to name: String) -> String? {
    nearest(to: name, among: all.map(\.name))
  }

  static func nearest(to name: String, among names: [String]) -> String? {
    guard (2...64).contains(name.utf8.count) else { return nil }
    let best = names.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
    guard let best, best.1 <= max(1, (name.utf8.count + 1) / 3) else { return nil }
    return best.0
  }

  /// Letters to insert, remove or replace.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let cost = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(cost, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
