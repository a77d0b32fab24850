import CJansson

extension JSONShape {
  /// An array of so many elements, each of `shape`. The issues of all elements are recorded.
  public static func array<Element>(
    of shape: JSONShape<Element>, _ count: ClosedRange<Int> = 0...Int.max
  ) -> JSONShape where Value == [Element] {
    JSONShape { element in
      guard element.node.pointee.type == JSON_ARRAY else {
        element.expected("an array")
        return nil
      }
      let size = json_array_size(element.node)
      guard count.contains(size) else {
        element.expected(expectation(count, of: "elements", in: "an array"))
        return nil
      }
      let path = JSONPath(element.parent, element.step)
      var values: [Element] = []
      values.reserveCapacity(size)
      for index in 0..<size {
        guard let node = json_array_get(element.node, index) else { continue }
        let item = JSONElement(node: node, context: element.context, parent: path, step: .index(index))
        if let value = shape.read(item) { values.append(value) }
      }
      return values.count == size ? values : nil
    }
  }

  /// An object with keys of any name, each value of `shape`.
  public static func dictionary<Element>(
    of shape: JSONShape<Element>, _ count: ClosedRange<Int> = 0...Int.max
  ) -> JSONShape where Value == [String: Element] {
    JSONShape { element in
      guard element.node.pointee.type == JSON_OBJECT else {
        element.expected("an object")
        return nil
      }
      let size = json_object_size(element.node)
      guard count.contains(size) else {
        element.expected(expectation(count, of: "fields", in: "an object"))
        return nil
      }
      let path = JSONPath(element.parent, element.step)
      var values: [String: Element] = [:]
      JSONMembers.forEach(element.node) { key, node in
        let member = JSONElement(node: node, context: element.context, parent: path, step: .key(key))
        if let value = shape.read(member) { values[key] = value }
      }
      return values.count == size ? values : nil
    }
  }

  private static func expectation(_ count: ClosedRange<Int>, of items: String, in kind: String) -> String {
    if count.upperBound == Int.max { return "\(kind) of at least \(count.lowerBound) \(items)" }
    if count.lowerBound == 0 { return "\(kind) of at most \(count.upperBound) \(items)" }
    return "\(kind) of \(count.lowerBound) to \(count.upperBound) \(items)"
  }
}

/// The members of an object in the order of the document.
enum JSONMembers {
  static func forEach(_ object: JSONNode, _ body: (String, JSONNode) -> Void) {
    var iterator = json_object_iter(object)
    while let current = iterator {
      if let key = json_object_iter_key(current), let node = json_object_iter_value(current) {
        body(String(cString: key), node)
      }
      iterator = json_object_iter_next(object, current)
    }
  }
}
