/// Strict JSON (RFC 8259): UTF-8 checked, no duplicate keys, no U+0000, whole numbers within Int64.
public enum JSON {
  /// Reads a document of `shape`.
  ///
  /// - Throws: `JSONSyntaxError` when the text is not JSON, `JSONIssues` with everything that is not as
  ///   `shape` wants it.
  public static func read<Value>(
    _ bytes: [UInt8], _ shape: JSONShape<Value>, limits: JSONLimits = JSONLimits()
  ) throws -> Value {
    let context = try JSONContext.parse(bytes, limits: limits)
    let top = JSONElement(node: context.root, context: context, parent: nil, step: .root)
    let value = shape.read(top)
    if let faults = context.faults { throw faults }
    guard let value else { throw JSONIssues([JSONIssue(pointer: "", detail: "not acceptable")]) }
    return value
  }

  /// Reads a document that is one object. Errors as `read`.
  public static func readObject<Value>(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits(), _ body: (JSONObjectReader) throws -> Value
  ) throws -> Value {
    try withoutActuallyEscaping(body) { try read(bytes, .object($0), limits: limits) }
  }

  /// Writes a document into fresh bytes.
  public static func write(
    pretty: Bool = false, capacity: Int = 512, _ body: (inout JSONWriter) throws -> Void
  ) rethrows -> [UInt8] {
    var writer = JSONWriter(pretty: pretty, capacity: capacity)
    try body(&writer)
    return writer.bytes
  }
}
