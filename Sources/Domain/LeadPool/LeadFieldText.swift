extension LeadField.Kind {
  /// The value that a cell of a table or an argument writes, as people and spreadsheets write it.
  ///
  /// | kind | what is read |
  /// |---|---|
  /// | text | anything that is not blank, without white space at its ends |
  /// | integer, number | digits, also in groups: `1,250`, `1 250`; a sign, a point |
  /// | flag | yes, no, true, false, y, n, t, f, 1, 0 in any case |
  /// | date | `2026-01-31`, also with a time behind it |
  /// | texts | a list with `;` between its members, else with `,` |
  /// | json | as it is; whoever stores it has checked it |
  ///
  /// Nil for what is blank or no such value: `isBlank` tells which.
  public func value(fromText text: String) -> LeadValue? {
    let text = text.trimmed
    guard !text.isEmpty else { return nil }
    switch self {
    case .text: return .text(text)
    case .integer: return Self.number(text).flatMap { Int(exactly: $0) }.map { .integer($0) }
    case .number: return Self.number(text).map { .number($0) }
    case .flag: return Self.flag(text).map { .flag($0) }
    case .date: return Self.date(text).map { .date($0) }
    case .texts:
      let members = Self.members(text)
      return members.isEmpty ? nil : .texts(members)
    case .json: return .json(text)
    }
  }

  /// What `value(fromText:)` wants, for messages.
  public var expectation: String {
    switch self {
    case .text: "text"
    case .integer: "a whole number"
    case .number: "a number"
    case .flag: "yes or no"
    case .date: "a date such as 2026-01-31"
    case .texts: "a list with ; between its members"
    case .json: "JSON"
    }
  }

  /// Grouping marks only where groups of three digits follow them, so that `1,5` is no 15.
  private static func number(_ text: String) -> Double? {
    let groups = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = groups.first else { return nil }
    let parts = first.split(omittingEmptySubsequences: false) { $0 == "," || $0 == " " || $0 == "\u{A0}" }
    if parts.count > 1 {
      guard let head = parts.first?.drop(while: { $0 == "-" || $0 == "+" }), (1...3).contains(head.count),
        parts.dropFirst().allSatisfy({ $0.count == 3 })
      else { return nil }
    }
    let plain = parts.joined() + (groups.count == 2 ? "." + groups[1] : "")
    guard plain.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(plain),
      value.isFinite
    else { return nil }
    return value
  }

  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "yes", "true", "y", "t", "1": true
    case "no", "false", "n", "f", "0": false
    default: nil
    }
  }

  /// A day; what stands behind it after a `T` or a space is its time.
  static func date(_ text: String) -> CivilDate? {
    let rest = text.dropFirst(10)
    guard rest.isEmpty || rest.first == "T" || rest.first == " " else { return nil }
    return CivilDate(String(text.prefix(10)))
  }

  private static func members(_ text: String) -> [String] {
    let separator: Character = text.contains(";") ? ";" : ","
    return text.split(separator: separator).map { String($0).trimmed }.filter { !$0.isEmpty }
  }
}
