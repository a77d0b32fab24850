/// Writes JSON as bytes, in one pass. The caller gives structure by nesting closures:
///
///     writer.object { object in
///       object.field("id", id)
///       object.array("items") { for item in items { $0.value(item) } }
///     }
public struct JSONWriter {
  public private(set) var bytes: [UInt8]
  private let pretty: Bool
  private var depth = 0
  private var needsComma = false
  private var afterKey = false

  public init(pretty: Bool = false, capacity: Int = 512) {
    bytes = []
    bytes.reserveCapacity(capacity)
    self.pretty = pretty
  }

  // MARK: Structure

  public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    try nest(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
    try nest(UInt8(ascii: "["), UInt8(ascii: "]"), body)
  }

  public mutating func object(_ key: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
    name(key)
    try object(body)
  }

  public mutating func array(_ key: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
    name(key)
    try array(body)
  }

  /// A field; nil is written as null.
  public mutating func field(_ key: StaticString, _ value: some JSONWritable) {
    name(key)
    value.write(to: &self)
  }

  public mutating func field(_ key: StaticString, _ value: String) {
    name(key)
    string(value)
  }

  /// A field whose name is known only at run time.
  public mutating func field(named key: String, _ value: some JSONWritable) {
    name(dynamic: key)
    value.write(to: &self)
  }

  /// An element of an array, or the whole document.
  public mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

  /// The next thing written is the value of this key.
  public mutating func name(_ key: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    closeName()
  }

  /// As `name`, for a key known only at run time.
  public mutating func name(dynamic key: String) {
    separate()
    quote(key)
    bytes.removeLast()
    closeName()
  }

  // MARK: Scalars

  public mutating func null() { literal("null") }

  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  public mutating func string(_ value: String) {
    separate()
    quote(value)
    needsComma = true
  }

  public mutating func int(_ value: some FixedWidthInteger) {
    separate()
    appendDigits(value)
    needsComma = true
  }

  /// The shortest text that reads back as the same number. JSON has no infinity and no NaN: both become null.
  public mutating func double(_ value: Double) {
    guard value.isFinite else { return null() }
    separate()
    if let whole = Int(exactly: value), whole.magnitude < 1 << 53, value.sign == .plus || whole != 0 {
      appendDigits(whole)
    } else {
      bytes.append(contentsOf: value.description.utf8)
    }
    needsComma = true
  }

  /// A value that is JSON already. Not checked.
  public mutating func raw(_ json: [UInt8]) {
    separate()
    bytes.append(contentsOf: json)
    needsComma = true
  }

  // MARK: Parts

  private mutating func literal(_ text: StaticString) {
    separate()
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    needsComma = true
  }

  private mutating func closeName() {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    if pretty { bytes.append(UInt8(ascii: " ")) }
    needsComma = false
    afterKey = true
  }

  private mutating func nest(
    _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    bytes.append(open)
    needsComma = false
    depth += 1
    try body(&self)
    depth -= 1
    if pretty && needsComma { newline() }
    bytes.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if afterKey {
      afterKey = false
      return
    }
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    if pretty && depth > 0 { newline() }
  }

  private mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<depth * 2 { bytes.append(UInt8(ascii: " ")) }
  }

  mutating func append(_ buffer: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: buffer) }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }
}
