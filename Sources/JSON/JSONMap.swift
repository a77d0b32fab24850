/// The members of an object in the order of the document. Two maps are equal whatever their order.
public struct JSONMap: Sendable, Equatable, Sequence {
  public private(set) var keys: [String] = []
  private var values: [String: JSONValue] = [:]

  public init() {}

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }

  public subscript(_ key: String) -> JSONValue? {
    get { values[key] }
    set {
      if values.updateOrRemove(key, newValue) {
        if newValue == nil { keys.removeAll { $0 == key } }
      } else if newValue != nil {
        keys.append(key)
      }
    }
  }

  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSONValue)> {
    keys.lazy.map { (key: $0, value: values[$0] ?? .null) }.makeIterator()
  }

  public static func == (left: JSONMap, right: JSONMap) -> Bool { left.values == right.values }
}

extension [String: JSONValue] {
  /// Sets or removes; true when the key was there before.
  fileprivate mutating func updateOrRemove(_ key: String, _ value: JSONValue?) -> Bool {
    defer { self[key] = value }
    return self[key] != nil
  }
}

extension JSONMap: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { writer in
      for (key, value) in self { writer.field(named: key, value) }
    }
  }
}

extension JSONMap: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
