import CJansson

/// What a JSON value must be, and the Swift value that it becomes. Shapes are values and compose:
///
///     .array(of: .object { item in … }, 1...100)
public struct JSONShape<Value> {
  /// The value, or nil after recording an issue.
  @usableFromInline let read: (JSONElement) -> Value?

  init(_ read: @escaping (JSONElement) -> Value?) { self.read = read }

  /// Another value made from this one; nil records "expected …".
  public func map<Other>(
    _ expected: String, _ transform: @escaping (Value) -> Other?
  ) -> JSONShape<Other> {
    JSONShape<Other> { element in
      guard let value = read(element) else { return nil }
      guard let other = transform(value) else {
        element.expected(expected)
        return nil
      }
      return other
    }
  }

  /// Either this shape or null.
  public var nullable: JSONShape<Value?> {
    JSONShape<Value?> { element in
      if element.isNull { return .some(nil) }
      return read(element).map { .some($0) }
    }
  }
}

extension JSONShape {
  /// A string that `shape` turns into a value.
  public static func text(_ shape: TextShape<Value>) -> JSONShape {
    JSONShape { element in
      if let text = element.text, let value = shape.parse(text) { return value }
      element.expected(shape.expected)
      return nil
    }
  }

  /// A string turned into a value by `parse`; `expected` completes "expected …".
  public static func text(
    _ expected: String, _ parse: @escaping @Sendable (String) -> Value?
  ) -> JSONShape { text(TextShape(expected, parse)) }

  /// An object. Fields that `body` did not ask for are issues.
  public static func object(_ body: @escaping (JSONObjectReader) throws -> Value) -> JSONShape {
    JSONShape { element in JSONObjectReader.read(element, body) }
  }
}

extension JSONShape where Value == String {
  /// A string of so many characters (Unicode scalars, as JSON Schema counts).
  public static func string(_ length: ClosedRange<Int> = 0...Int.max) -> JSONShape {
    JSONShape { element in
      if let text = element.text, StringLength.holds(text, length) { return text }
      element.expected(StringLength.expectation(length))
      return nil
    }
  }
}

extension JSONShape where Value == Int {
  public static func int(_ range: ClosedRange<Int> = Int.min...Int.max) -> JSONShape {
    JSONShape { element in
      if let value = element.integer, range.contains(value) { return value }
      element.expected(TextShape<Int>.int(range).expected)
      return nil
    }
  }
}

extension JSONShape where Value == Double {
  public static func double(
    _ range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) -> JSONShape {
    JSONShape { element in
      if let value = element.number, range.contains(value) { return value }
      let bounded = range.upperBound < Double.greatestFiniteMagnitude
      element.expected(bounded ? "a number from \(range.lowerBound) to \(range.upperBound)" : "a number")
      return nil
    }
  }
}

extension JSONShape where Value == Bool {
  public static var bool: JSONShape {
    JSONShape { element in
      switch element.node.pointee.type {
      case JSON_TRUE: return true
      case JSON_FALSE: return false
      default:
        element.expected("true or false")
        return nil
      }
    }
  }
}

extension JSONShape where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of the enum's raw values; the issue lists them.
  public static var oneOf: JSONShape { .text(.oneOf) }
}

extension JSONShape where Value == JSONValue {
  /// Anything.
  public static var any: JSONShape { JSONShape { JSONValue($0.node) } }
}
