/// A value that has one form in JSON. Types of other modules conform there.
public protocol JSONWritable {
  /// Writes exactly one JSON value.
  func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Int: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.int(self) }
}

extension Int32: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.int(self) }
}

extension Int64: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.int(self) }
}

extension UInt64: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.int(self) }
}

extension Double: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.double(self) }
}

extension Bool: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    guard let self else { return writer.null() }
    self.write(to: &writer)
  }
}

extension Array: JSONWritable where Element: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.array { writer in
      for element in self { element.write(to: &writer) }
    }
  }
}
