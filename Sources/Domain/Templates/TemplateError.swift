/// What is wrong with a template, or with rendering it for one lead, and where. Values are never repeated.
public struct TemplateError: Error, Hashable, Sendable {
  public enum Part: String, CaseIterable, Hashable, Sendable {
    case subject, body
  }

  public enum Code: String, CaseIterable, Hashable, Sendable {
    case syntax
    /// Neither a field of leads nor a declared variable.
    case unknownField = "unknown_field"
    /// A field that holds JSON cannot be written, only asked for.
    case notText = "not_text"
    /// A block that is not closed, or closed and never opened.
    case unbalanced
    /// Blocks within blocks within blocks.
    case tooDeep = "too_deep"
    /// A part that is too long, or missing, or not allowed on the channel.
    case part
    /// The lead does not have the field, and there is no fallback.
    case emptyField = "empty_field"
    /// More than one segment of an SMS.
    case tooLong = "too_long"
  }

  public let code: Code
  public let part: Part
  /// From 1, in characters.
  public let line: Int
  public let column: Int
  /// The field or variable that is meant.
  public let name: String?
  public let detail: String

  public init(_ code: Code, _ part: Part, at place: TemplatePlace, name: String? = nil, _ detail: String) {
    self.code = code
    self.part = part
    line = place.line
    column = place.column
    self.name = name
    self.detail = detail
  }
}

/// All that is wrong, in the order of the text. Never empty.
public struct TemplateErrors: Error, Hashable, Sendable {
  public let errors: [TemplateError]

  public init(_ errors: [TemplateError]) {
    precondition(!errors.isEmpty, "a template without errors was refused")
    self.errors = errors
  }
}

/// A place in a text: line and column from 1.
public struct TemplatePlace: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public static let start = TemplatePlace(line: 1, column: 1)
}
