import CJansson

/// Any JSON, for tests, command lines and open data. Typed reading is `JSONShape`'s work.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONMap)

  /// - Throws: `JSONSyntaxError`
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
    let context = try JSONContext.parse(bytes, limits: limits)
    self.init(context.root)
  }

  /// - Throws: `JSONSyntaxError`
  public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }

  /// Copies a node; depth is bounded, since the document was checked before it was parsed.
  init(_ node: JSONNode) {
    switch node.pointee.type {
    case JSON_TRUE: self = .bool(true)
    case JSON_FALSE: self = .bool(false)
    case JSON_INTEGER: self = .int(Int(json_integer_value(node)))
    case JSON_REAL: self = .double(json_real_value(node))
    case JSON_STRING:
      let utf8 = UnsafeRawBufferPointer(start: json_string_value(node), count: json_string_length(node))
      self = .string(String(decoding: utf8, as: UTF8.self))
    case JSON_ARRAY:
      self = .array(
        (0..<json_array_size(node)).compactMap { json_array_get(node, $0).map { JSONValue($0) } })
    case JSON_OBJECT:
      var map = JSONMap()
      JSONMembers.forEach(node) { map[$0] = JSONValue($1) }
      self = .object(map)
    default: self = .null
    }
  }
}

extension JSONValue {
  /// A member of an object; nil when absent or not an object.
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let map) = self { map[key] } else { nil }
  }

  /// An element of an array; nil beyond its end or when not an array.
  public subscript(_ index: Int) -> JSONValue? {
    if case .array(let values) = self, values.indices.contains(index) { values[index] } else { nil }
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONMap? { if case .object(let value) = self { value } else { nil } }
  public var double: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }
}

extension JSONValue: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .int(let value): writer.int(value)
    case .double(let value): writer.double(value)
    case .string(let value): writer.string(value)
    case .array(let values): values.write(to: &writer)
    case .object(let map): map.write(to: &writer)
    }
  }

  public func bytes(pretty: Bool = false) -> [UInt8] { JSON.write(pretty: pretty) { write(to: &$0) } }

  public func text(pretty: Bool = false) -> String { String(decoding: bytes(pretty: pretty), as: UTF8.self) }
}
