import CJansson

typealias JSONNode = UnsafeMutablePointer<json_t>

/// Owns one parsed document and gathers its issues. Every element and reader holds it, so that no node of the
/// tree can be read after it was freed.
final class JSONContext {
  let root: JSONNode
  let limits: JSONLimits
  private(set) var issues: [JSONIssue] = []
  private(set) var omitted = 0

  static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONSyntaxError) -> JSONContext {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
      try JSONContext(parsing: UnsafeRawBufferPointer(buffer), limits: limits)
    }
  }

  private init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONSyntaxError) {
    try JSONDepth.check(bytes, limit: limits.depth)
    var error = json_error_t()
    let parsed = json_loadb(
      bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, parsingFlags, &error)
    guard let parsed else { throw JSONSyntaxError(error, length: bytes.count) }
    self.root = parsed
    self.limits = limits
  }

  deinit { json_decref(root) }

  func record(_ pointer: String, _ detail: String) {
    guard issues.count < limits.issues else {
      omitted += 1
      return
    }
    issues.append(JSONIssue(pointer: pointer, detail: detail))
  }

  var faults: JSONIssues? { issues.isEmpty ? nil : JSONIssues(issues, omitted: omitted) }
}

/// `JSON_REJECT_DUPLICATES` and `JSON_DECODE_ANY`, so that a lone string or number is a document too.
private let parsingFlags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

extension JSONSyntaxError {
  init(_ error: json_error_t, length: Int) {
    var error = error
    let reason: Reason
    switch json_error_code(&error) {
    case json_error_invalid_utf8: reason = .encoding
    case json_error_premature_end_of_input: reason = length == 0 ? .empty : .truncated
    case json_error_end_of_input_expected: reason = .trailing
    case json_error_null_character, json_error_null_byte_in_key: reason = .nul
    case json_error_duplicate_key: reason = .duplicateKey
    case json_error_numeric_overflow: reason = .numberRange
    case json_error_stack_overflow: reason = .depth
    default: reason = length == 0 ? .empty : .syntax
    }
    self.init(reason, line: max(1, Int(error.line)), column: max(1, Int(error.column)))
  }
}
