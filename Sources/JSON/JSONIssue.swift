/// One fault of a document that is well-formed JSON but not what was asked for.
public struct JSONIssue: Sendable, Equatable, CustomStringConvertible {
  /// RFC 6901 pointer to the value, `""` for the whole document, e.g. `/items/3/number`.
  public var pointer: String
  /// What is wrong, never with the value itself: `expected a string`.
  public var detail: String

  public init(pointer: String, detail: String) {
    self.pointer = pointer
    self.detail = detail
  }

  public var description: String { "\(pointer): \(detail)" }
}

/// Every fault of a document, in the order of reading.
public struct JSONIssues: Error, Sendable, Equatable, CustomStringConvertible {
  public var issues: [JSONIssue]
  /// How many more there were beyond `JSONLimits.issues`.
  public var omitted: Int

  public init(_ issues: [JSONIssue], omitted: Int = 0) {
    self.issues = issues
    self.omitted = omitted
  }

  public var description: String {
    let listed = issues.map(\.description).joined(separator: "; ")
    return omitted == 0 ? listed : "\(listed); and \(omitted) more"
  }
}

/// Why a text is not JSON, and where. The description never quotes the text.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: String, Sendable {
    case empty = "the document is empty"
    case truncated = "the document ends too early"
    case trailing = "something follows the document"
    case syntax = "invalid syntax"
    case encoding = "invalid UTF-8"
    case nul = "the character U+0000 is not allowed"
    case duplicateKey = "duplicate object key"
    case numberRange = "number out of range"
    case depth = "nested too deeply"
  }

  public var reason: Reason
  /// Counted from 1.
  public var line: Int
  /// Characters from the start of the line, counted from 1.
  public var column: Int

  public init(_ reason: Reason, line: Int = 1, column: Int = 1) {
    self.reason = reason
    self.line = line
    self.column = column
  }

  public var description: String { "\(reason.rawValue) at line \(line), column \(column)" }
}

/// Bounds of one reading.
public struct JSONLimits: Sendable {
  /// Arrays and objects within each other; a document that goes deeper is refused. At most 2048.
  public var depth: Int
  /// Issues that are listed; more are only counted.
  public var issues: Int

  public init(depth: Int = 32, issues: Int = 20) {
    precondition((1...2048).contains(depth) && issues >= 1)
    self.depth = depth
    self.issues = issues
  }
}
