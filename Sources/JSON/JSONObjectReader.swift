import CJansson

/// What a change says about one field: RFC 7396's three cases.
public enum JSONChange<Value> {
  /// The field is absent.
  case keep
  /// The field is null.
  case clear
  case set(Value)
}

extension JSONChange: Sendable where Value: Sendable {}
extension JSONChange: Equatable where Value: Equatable {}

/// Reads the fields of one object, each once. Absent and null are different things:
///
/// | | absent | null | a value |
/// |---|---|---|---|
/// | `required` | issue | issue | the value |
/// | `optional` | nil | issue | the value |
/// | `nullable` | nil | nil | the value |
/// | `change` | keep | clear | set |
///
/// A field that was not asked for is an issue. Where a field is read only in some cases, say so with `knows`
/// before the first result is called.
public final class JSONObjectReader {
  private let element: JSONElement
  private var path: JSONPath?
  private var asked: [String] = []
  private var hits = 0

  private init(_ element: JSONElement) {
    self.element = element
    if case .root = element.step { path = nil } else { path = JSONPath(element.parent, element.step) }
  }

  @inlinable public func required<Value>(_ key: String, _ shape: JSONShape<Value>) -> Checked<Value> {
    guard let field = field(key) else {
      refuse(key, "required")
      return Checked(nil)
    }
    return Checked(shape.read(field))
  }

  @inlinable public func optional<Value>(_ key: String, _ shape: JSONShape<Value>) -> Checked<Value?> {
    guard let field = field(key) else { return Checked(.some(nil)) }
    return Checked(shape.read(field).map { .some($0) })
  }

  @inlinable public func optional<Value>(
    _ key: String, _ shape: JSONShape<Value>, default fallback: Value
  ) -> Checked<Value> {
    guard let field = field(key) else { return Checked(fallback) }
    return Checked(shape.read(field))
  }

  @inlinable public func nullable<Value>(_ key: String, _ shape: JSONShape<Value>) -> Checked<Value?> {
    guard let field = field(key), !field.isNull else { return Checked(.some(nil)) }
    return Checked(shape.read(field).map { .some($0) })
  }

  @inlinable public func change<Value>(_ key: String, _ shape: JSONShape<Value>) -> Checked<JSONChange<Value>>
  {
    guard let field = field(key) else { return Checked(.keep) }
    if field.isNull { return Checked(.clear) }
    return Checked(shape.read(field).map { .set($0) })
  }

  /// Whether the object has this field, be it null. Does not count as reading it.
  public func has(_ key: String) -> Bool { node(key) != nil }

  /// These fields are allowed though perhaps not read.
  public func knows(_ keys: String...) {
    for key in keys where node(key) != nil && !asked.contains(key) {
      asked.append(key)
      hits += 1
    }
  }

  /// Records an issue about one field, e.g. from a rule between two.
  public func refuse(_ key: String, _ detail: String) {
    element.context.record(JSONPath.pointer(path, .key(key)), detail)
  }

  /// Records an issue about the object itself.
  public func refuse(_ detail: String) { element.refuse(detail) }

  private func node(_ key: String) -> JSONNode? {
    var key = key
    return key.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { json_object_getn(element.node, $0.baseAddress, $0.count) }
    }
  }

  @usableFromInline func field(_ key: String) -> JSONElement? {
    guard let node = node(key) else { return nil }
    if !asked.contains(key) {
      if asked.isEmpty { asked.reserveCapacity(json_object_size(element.node)) }
      asked.append(key)
      hits += 1
    }
    return JSONElement(node: node, context: element.context, parent: path, step: .key(key))
  }

  private func refuseUnknown() {
    guard hits != json_object_size(element.node) else { return }
    JSONMembers.forEach(element.node) { key, _ in
      if !asked.contains(key) { refuse(key, "unknown field") }
    }
  }

  static func read<Value>(
    _ element: JSONElement, _ body: (JSONObjectReader) throws -> Value
  ) -> Value? {
    guard element.node.pointee.type == JSON_OBJECT else {
      element.expected("an object")
      return nil
    }
    let reader = JSONObjectReader(element)
    let before = element.context.issues.count + element.context.omitted
    var value: Value?
    do {
      value = try body(reader)
    } catch is JSONFault {
      value = nil
    } catch {
      element.refuse("not acceptable")
    }
    reader.refuseUnknown()
    return element.context.issues.count + element.context.omitted == before ? value : nil
  }
}
