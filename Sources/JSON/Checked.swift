/// What reading one field gave: its value, or nothing, because the document's list of issues got an entry.
///
/// Reading never stops at the first fault. Read every field first, then call the results to build the value:
///
///     let number = object.required("number", .string(1...20))
///     let copies = object.required("copies", .int(1...9))
///     return try Order(number: number(), copies: copies())
///
/// so that all issues of a document are reported together.
public struct Checked<Value> {
  @usableFromInline let value: Value?

  @inlinable public init(_ value: Value?) { self.value = value }

  /// The value. Throws `JSONFault.recorded` when its issue is already in the list.
  @inlinable public func callAsFunction() throws(JSONFault) -> Value {
    guard let value else { throw .recorded }
    return value
  }

  /// True when the field was read without an issue.
  public var isValid: Bool { value != nil }
}

extension Checked: Sendable where Value: Sendable {}

/// Thrown by `Checked` inside a reading closure; the reader that called the closure turns it into
/// `JSONIssues`.
public enum JSONFault: Error, Sendable { case recorded }
