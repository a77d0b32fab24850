import CJansson
import Glibc

/// One value of a document, with its place in it. Lives only inside a reading closure.
public struct JSONElement {
  let node: JSONNode
  let context: JSONContext
  let parent: JSONPath?
  let step: JSONStep

  /// The RFC 6901 pointer of this value.
  public var pointer: String { JSONPath.pointer(parent, step) }

  public var isNull: Bool { node.pointee.type == JSON_NULL }

  /// Records an issue about this value, e.g. from a rule between two fields.
  public func refuse(_ detail: String) { context.record(pointer, detail) }

  /// Reads this value as `shape` says.
  public func read<Value>(_ shape: JSONShape<Value>) -> Checked<Value> { Checked(shape.read(self)) }

  func expected(_ what: String) { refuse("expected \(what)") }

  var text: String? {
    guard node.pointee.type == JSON_STRING, let bytes = json_string_value(node) else { return nil }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: json_string_length(node))
    return String(decoding: buffer, as: UTF8.self)
  }

  /// A whole number; `1.0` is one too, as in JSON Schema.
  var integer: Int? {
    switch node.pointee.type {
    case JSON_INTEGER: Int(json_integer_value(node))
    case JSON_REAL: Int(exactly: json_real_value(node))
    default: nil
    }
  }

  var number: Double? {
    switch node.pointee.type {
    case JSON_INTEGER: Double(json_integer_value(node))
    case JSON_REAL: json_real_value(node)
    default: nil
    }
  }
}
