/// A value that can be bound to a parameter.
///
/// `encode` appends the binary form, without a length. A string enum needs only to declare the conformance.
public protocol PostgresEncodable {
  static var postgresType: PostgresType { get }
  /// True where the value stands for NULL; `encode` is then not called.
  var isNull: Bool { get }
  func encode(into bytes: inout [UInt8])
  /// The number of the type that an array of such values is bound as.
  static var postgresArrayOID: UInt32 { get }
  /// The binary form of an array of such values.
  static func encodeArray(_ values: [Self], into bytes: inout [UInt8])
}

extension PostgresEncodable {
  public var isNull: Bool { false }
  public static var postgresArrayOID: UInt32 { postgresType.arrayOID }

  public static func encodeArray(_ values: [Self], into bytes: inout [UInt8]) {
    precondition(postgresType.arrayOID != 0, "arrays of this type cannot be bound")
    let dimensions: Int32 = values.isEmpty ? 0 : 1
    bytes.appendBigEndian(dimensions)
    bytes.appendBigEndian(Int32(values.contains { $0.isNull } ? 1 : 0))
    bytes.appendBigEndian(postgresType.oid)
    guard !values.isEmpty else { return }
    bytes.appendBigEndian(Int32(values.count))
    bytes.appendBigEndian(Int32(1))
    for value in values {
      if value.isNull {
        bytes.appendBigEndian(Int32(-1))
        continue
      }
      let start = bytes.count
      bytes.appendBigEndian(Int32(0))
      value.encode(into: &bytes)
      bytes.setBigEndian(Int32(bytes.count - start - 4), at: start)
    }
  }
}

extension [UInt8] {
  /// Appends an integer in network order.
  public mutating func appendBigEndian<I: FixedWidthInteger>(_ value: I) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  mutating func setBigEndian(_ value: Int32, at offset: Int) {
    Swift.withUnsafeBytes(of: value.bigEndian) { source in
      for index in 0..<4 { self[offset + index] = source[index] }
    }
  }
}

extension Bool: PostgresEncodable {
  public static var postgresType: PostgresType { .bool }
  public func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension Int16: PostgresEncodable {
  public static var postgresType: PostgresType { .int2 }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Int32: PostgresEncodable {
  public static var postgresType: PostgresType { .int4 }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Int64: PostgresEncodable {
  public static var postgresType: PostgresType { .int8 }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

extension Int: PostgresEncodable {
  public static var postgresType: PostgresType { .int8 }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(Int64(self)) }
}

extension Double: PostgresEncodable {
  public static var postgresType: PostgresType { .float8 }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(bitPattern) }
}

extension String: PostgresEncodable {
  public static var postgresType: PostgresType { .text }
  public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

/// A byte alone is a small integer; an array of bytes is `bytea`.
extension UInt8: PostgresEncodable {
  public static var postgresType: PostgresType { .int2 }
  public static var postgresArrayOID: UInt32 { PostgresType.bytea.oid }
  public func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(Int16(self)) }
  public static func encodeArray(_ values: [UInt8], into bytes: inout [UInt8]) {
    bytes.append(contentsOf: values)
  }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  public static var postgresType: PostgresType { Wrapped.postgresType }
  public var isNull: Bool { self?.isNull ?? true }
  public func encode(into bytes: inout [UInt8]) { self?.encode(into: &bytes) }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
  public static var postgresType: PostgresType {
    PostgresType(
      oid: Element.postgresArrayOID, arrayOID: Element.self == UInt8.self ? PostgresType.bytea.arrayOID : 0)
  }
  public func encode(into bytes: inout [UInt8]) { Element.encodeArray(self, into: &bytes) }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue == String {
  public static var postgresType: PostgresType { .text }
  public func encode(into bytes: inout [UInt8]) { rawValue.encode(into: &bytes) }
}
