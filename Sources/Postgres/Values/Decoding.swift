/// A value that can be read from a result.
///
/// NULL is an error for every type but optionals. A string enum needs only to declare the conformance.
public protocol PostgresDecodable {
  init(from cell: PostgresCell) throws(PostgresDecodingError)
  /// Reads an array of such values.
  static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingError) -> [Self]
}

extension PostgresDecodable {
  public static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingError) -> [Self] {
    var reader = ArrayReader(cell: cell, bytes: try cell.binary(expected: "an array"))
    let header = try reader.header()
    var values: [Self] = []
    values.reserveCapacity(header.count)
    for _ in 0..<header.count {
      values.append(try Self(from: cell.element(try reader.element(), type: header.type)))
    }
    return values
  }
}

/// Walks over the binary form of an array of one dimension.
private struct ArrayReader {
  let cell: PostgresCell
  let bytes: UnsafeRawBufferPointer
  var offset = 0

  init(cell: PostgresCell, bytes: UnsafeRawBufferPointer) {
    self.cell = cell
    self.bytes = bytes
  }

  mutating func header() throws(PostgresDecodingError) -> (count: Int, type: UInt32) {
    let dimensions = try int32()
    _ = try int32()
    let type = UInt32(bitPattern: try int32())
    guard dimensions == 0 || dimensions == 1 else { throw fault }
    guard dimensions == 1 else { return (0, type) }
    let count = try int32()
    _ = try int32()
    guard count >= 0 else { throw fault }
    return (Int(count), type)
  }

  mutating func element() throws(PostgresDecodingError) -> UnsafeRawBufferPointer? {
    let length = Int(try int32())
    guard length >= 0 else { return nil }
    guard offset + length <= bytes.count else { throw fault }
    defer { offset += length }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
  }

  private mutating func int32() throws(PostgresDecodingError) -> Int32 {
    guard offset + 4 <= bytes.count else { throw fault }
    defer { offset += 4 }
    return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }

  private var fault: PostgresDecodingError { cell.mismatch(expected: "an array of one dimension") }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    self = try Element.decodeArray(from: cell)
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    self = cell.bytes == nil ? nil : try Wrapped(from: cell)
  }
}

extension Bool: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    self = try cell.integer(UInt8.self, of: .bool, expected: "bool") != 0
  }
}

extension PostgresCell {
  /// Any of the integer types, if its value fits.
  fileprivate func anyInteger<I: FixedWidthInteger>(_ expected: String) throws(PostgresDecodingError) -> I {
    let wide: Int64
    switch type {
    case PostgresType.int2.oid: wide = Int64(try integer(Int16.self, of: .int2, expected: expected))
    case PostgresType.int4.oid: wide = Int64(try integer(Int32.self, of: .int4, expected: expected))
    default: wide = try integer(Int64.self, of: .int8, expected: expected)
    }
    guard let value = I(exactly: wide) else {
      throw PostgresDecodingError(column: column, expected: expected, found: "a value out of its range")
    }
    return value
  }
}

extension Int16: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) { self = try cell.anyInteger("int2") }
}

extension Int32: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) { self = try cell.anyInteger("int4") }
}

extension Int64: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) { self = try cell.anyInteger("int8") }
}

extension Int: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) { self = try cell.anyInteger("int8") }
}

/// A byte alone is a small integer; an array of bytes is `bytea`.
extension UInt8: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) { self = try cell.anyInteger("a byte") }

  public static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingError) -> [UInt8] {
    Array(try cell.binary(of: .bytea, expected: "bytea"))
  }
}

extension Double: PostgresDecodable {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    if cell.type == PostgresType.float4.oid {
      self = Double(Float(bitPattern: try cell.integer(UInt32.self, of: .float4, expected: "float8")))
    } else {
      self = Double(bitPattern: try cell.integer(UInt64.self, of: .float8, expected: "float8"))
    }
  }
}

extension String: PostgresDecodable {
  /// Reads text of every kind, enums and other types of users' making included.
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    let bytes = try cell.binary(expected: "text")
    guard PostgresType.textual.contains(cell.type) || cell.type >= PostgresType.firstUserOID else {
      throw cell.mismatch(expected: "text")
    }
    self = String(decoding: bytes, as: UTF8.self)
  }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue == String {
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    guard let value = Self(rawValue: try String(from: cell)) else {
      throw PostgresDecodingError(column: cell.column, expected: "\(Self.self)", found: "an unknown value")
    }
    self = value
  }
}
