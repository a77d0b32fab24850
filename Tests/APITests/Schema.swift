import Domain
import JSON

/// The part of JSON Schema that the contract's answers use.
enum Schema {
  /// What is wrong with `value`, each with its pointer.
  static func faults(_ value: JSONValue, _ schema: JSONValue, at pointer: String = "") -> [String] {
    let schema = Contract.resolved(schema)
    var faults: [String] = []
    for part in schema["allOf"]?.array ?? [] { faults += Self.faults(value, part, at: pointer) }
    if let parts = schema["oneOf"]?.array {
      let fits = parts.filter { Self.faults(value, $0, at: pointer).isEmpty }.count
      if fits != 1 { faults.append("\(pointer): fits \(fits) of the alternatives") }
    }
    if let parts = schema["anyOf"]?.array, !parts.contains(where: { Self.faults(value, $0).isEmpty }) {
      faults.append("\(pointer): fits no alternative")
    }
    if let type = schema["type"] {
      let types = type.array?.compactMap(\.string) ?? [type.string].compactMap { $0 }
      if !types.contains(where: { isOf($0, value) }) { return faults + ["\(pointer): is not of \(types)"] }
    }
    if let allowed = schema["enum"]?.array, !allowed.contains(value) { faults.append("\(pointer): enum") }
    if let only = schema["const"], only != value { faults.append("\(pointer): const") }
    faults += scalarFaults(value, schema, pointer)
    if let object = value.object { faults += objectFaults(object, schema, pointer) }
    for (index, element) in (value.array ?? []).enumerated() {
      faults += Self.faults(element, schema["items"] ?? .null, at: "\(pointer)/\(index)")
    }
    return faults
  }

  private static func objectFaults(_ object: JSONMap, _ schema: JSONValue, _ pointer: String) -> [String] {
    var faults: [String] = []
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
      faults.append("\(pointer)/\(name): missing")
    }
    for (name, part) in schema["properties"]?.object ?? JSONMap() {
      if let member = object[name] { faults += Self.faults(member, part, at: "\(pointer)/\(name)") }
    }
    // An answer may grow, but not here unnoticed: what a plain schema does not name is not sent.
    if schema["allOf"] == nil, let known = schema["properties"]?.object, known["type"] == nil {
      for name in object.keys where known[name] == nil && !isOpen(schema, pointer) {
        faults.append("\(pointer)/\(name): not in the contract")
      }
    }
    return faults
  }

  /// Parts of `allOf` and the contract itself have more members than one schema names.
  private static func isOpen(_ schema: JSONValue, _ pointer: String) -> Bool {
    schema["properties"]?["openapi"] != nil || schema["properties"]?["errors"] != nil
      || schema["properties"]?["key"] != nil || schema["properties"]?["prefix"] != nil
  }

  private static func scalarFaults(_ value: JSONValue, _ schema: JSONValue, _ pointer: String) -> [String] {
    var faults: [String] = []
    if let number = value.double {
      if let least = schema["minimum"]?.double, number < least { faults.append("\(pointer): minimum") }
      if let most = schema["maximum"]?.double, number > most { faults.append("\(pointer): maximum") }
    }
    guard let text = value.string else { return faults }
    switch schema["format"]?.string {
    case "uuid" where ID<Lease>(text) == nil: faults.append("\(pointer): not a UUID")
    case "date-time" where Timestamp(text) == nil || !text.hasSuffix("Z"):
      faults.append("\(pointer): not a time in UTC")
    default: break
    }
    if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern),
      text.firstMatch(of: regex) == nil
    {
      faults.append("\(pointer): does not match \(pattern)")
    }
    return faults
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
      ("integer", .int), ("number", .int), ("number", .double):
      true
    default: false
    }
  }
}
