import CJansson

/// A value of a document, looked at where the parser left it: nothing is copied that is not asked for. For
/// data of others, of which much may be unknown. Lives only inside the closure of `JSON.view`.
public struct JSONView {
  public enum Kind: String, Sendable {
    case null, bool, int, double, string, array, object
  }

  let node: JSONNode

  public var kind: Kind {
    switch node.pointee.type {
    case JSON_TRUE, JSON_FALSE: .bool
    case JSON_INTEGER: .int
    case JSON_REAL: .double
    case JSON_STRING: .string
    case JSON_ARRAY: .array
    case JSON_OBJECT: .object
    default: .null
    }
  }

  public var isNull: Bool { node.pointee.type == JSON_NULL }

  public var string: String? {
    guard node.pointee.type == JSON_STRING else { return nil }
    return String(
      decoding: UnsafeRawBufferPointer(start: json_string_value(node), count: json_string_length(node)),
      as: UTF8.self)
  }

  public var bool: Bool? {
    switch node.pointee.type {
    case JSON_TRUE: true
    case JSON_FALSE: false
    default: nil
    }
  }

  /// A whole number; `1.0` is one too.
  public var int: Int? {
    switch node.pointee.type {
    case JSON_INTEGER: Int(json_integer_value(node))
    case JSON_REAL: Int(exactly: json_real_value(node))
    default: nil
    }
  }

  public var double: Double? {
    switch node.pointee.type {
    case JSON_INTEGER: Double(json_integer_value(node))
    case JSON_REAL: json_real_value(node)
    default: nil
    }
  }

  /// Members of an object or elements of an array; 0 for all else.
  public var count: Int {
    switch node.pointee.type {
    case JSON_ARRAY: Int(json_array_size(node))
    case JSON_OBJECT: Int(json_object_size(node))
    default: 0
    }
  }

  /// A member of an object; nil when absent or not an object.
  public subscript(_ key: String) -> JSONView? {
    var key = key
    return key.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { json_object_getn(node, $0.baseAddress, $0.count) }
    }.map(JSONView.init)
  }

  /// The elements of an array; none when it is something else.
  public func forEachElement(_ body: (JSONView) -> Void) {
    guard node.pointee.type == JSON_ARRAY else { return }
    for index in 0..<json_array_size(node) {
      if let element = json_array_get(node, index) { body(JSONView(node: element)) }
    }
  }

  /// The members of an object in the order of the document; none when it is something else.
  public func forEachMember(_ body: (String, JSONView) -> Void) {
    guard node.pointee.type == JSON_OBJECT else { return }
    JSONMembers.forEach(node) { body($0, JSONView(node: $1)) }
  }

  /// The value as JSON without white space.
  public var text: String { String(decoding: JSON.write { write(to: &$0) }, as: UTF8.self) }
}

extension JSONView: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    switch node.pointee.type {
    case JSON_OBJECT:
      writer.object { writer in
        var iterator = json_object_iter(node)
        while let current = iterator {
          if let key = json_object_iter_key(current), let value = json_object_iter_value(current) {
            writer.name(dynamic: String(cString: key))
            JSONView(node: value).write(to: &writer)
          }
          iterator = json_object_iter_next(node, current)
        }
      }
    case JSON_ARRAY:
      writer.array { writer in
        for index in 0..<json_array_size(node) {
          if let element = json_array_get(node, index) { JSONView(node: element).write(to: &writer) }
        }
      }
    case JSON_STRING: writer.string(string ?? "")
    case JSON_INTEGER: writer.int(json_integer_value(node))
    case JSON_REAL: writer.double(json_real_value(node))
    case JSON_TRUE: writer.bool(true)
    case JSON_FALSE: writer.bool(false)
    default: writer.null()
    }
  }
}

extension JSON {
  /// Parses a document and shows it to the body.
  ///
  /// - Throws: `JSONSyntaxError` when the text is not JSON; whatever the body throws.
  public static func view<Value>(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits(), _ body: (JSONView) throws -> Value
  ) throws -> Value {
    let context = try JSONContext.parse(bytes, limits: limits)
    return try withExtendedLifetime(context) { try body(JSONView(node: context.root)) }
  }
}
