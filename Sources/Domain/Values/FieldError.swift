/// What is wrong with one field of an input; several of them tell a caller everything at once.
///
/// The detail says what was expected and never repeats the value, which may be personal.
public struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field's name as the caller wrote it, in snake case.
  public let field: String
  public let detail: String

  public init(field: String, detail: String) {
    self.field = field
    self.detail = detail
  }

  public var description: String { "\(field): \(detail)" }
}

/// All that is wrong with an input, in the order of its fields. Never empty.
public struct FieldErrors: Error, Hashable, Sendable, CustomStringConvertible {
  public let errors: [FieldError]

  public init(_ errors: [FieldError]) {
    precondition(!errors.isEmpty, "an input without errors was refused")
    self.errors = errors
  }

  public var description: String { errors.map(\.description).joined(separator: "; ") }
}
