/// How a text becomes a value: in JSON strings, in query parameters, and in path segments alike.
///
/// A module that has a type of its own adds its shape once:
///
///     extension TextShape where Value == Timestamp {
///       static var timestamp: TextShape { TextShape("an RFC 3339 time") { Timestamp(rfc3339: $0) } }
///     }
public struct TextShape<Value>: Sendable {
  /// Completes "expected …", e.g. `a UUID`.
  public let expected: String
  public let parse: @Sendable (String) -> Value?

  public init(_ expected: String, _ parse: @escaping @Sendable (String) -> Value?) {
    self.expected = expected
    self.parse = parse
  }
}

extension TextShape where Value == String {
  /// A text of so many characters (Unicode scalars, as JSON Schema counts).
  public static func string(_ length: ClosedRange<Int> = 0...Int.max) -> TextShape {
    TextShape(StringLength.expectation(length)) { StringLength.holds($0, length) ? $0 : nil }
  }
}

extension TextShape where Value == Int {
  /// A whole number in decimal digits, without a plus sign or leading zeros.
  public static func int(_ range: ClosedRange<Int> = Int.min...Int.max) -> TextShape {
    let expected =
      range == Int.min...Int.max
      ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return TextShape(expected) { text in
      guard let value = Int(text), String(value) == text, range.contains(value) else { return nil }
      return value
    }
  }
}

extension TextShape where Value == Bool {
  public static var bool: TextShape {
    TextShape("true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
  }
}

extension TextShape where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of the enum's raw values.
  public static var oneOf: TextShape {
    TextShape("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { Value(rawValue: $0) }
  }
}

enum StringLength {
  static func holds(_ text: String, _ length: ClosedRange<Int>) -> Bool {
    let bytes = text.utf8.count
    if bytes < length.lowerBound { return false }
    if bytes <= length.upperBound && length.lowerBound <= 1 { return true }
    return length.contains(text.unicodeScalars.count)
  }

  static func expectation(_ length: ClosedRange<Int>) -> String {
    switch (length.lowerBound, length.upperBound) {
    case (0, Int.max): "a string"
    case (let least, Int.max): "a string of at least \(least) characters"
    case (0, let most): "a string of at most \(most) characters"
    case (let least, let most) where least == most: "a string of \(least) characters"
    case (let least, let most): "a string of \(least) to \(most) characters"
    }
  }
}
