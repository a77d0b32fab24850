/// One value of a result, as the server sent it.
///
/// A cell refers into its result and keeps that alive; it stays on the task that decodes it.
public struct PostgresCell {
  public enum Format: Sendable { case text, binary }

  /// The value without a length; nil for NULL. Valid as long as the cell is.
  public let bytes: UnsafeRawBufferPointer?
  /// The number of the value's type.
  public let type: UInt32
  public let format: Format
  let result: ResultStorage
  let columnIndex: Int

  /// The name of the value's column.
  public var column: String { result.columnName(columnIndex) }

  /// An element of this array.
  func element(_ bytes: UnsafeRawBufferPointer?, type: UInt32) -> PostgresCell {
    PostgresCell(bytes: bytes, type: type, format: format, result: result, columnIndex: columnIndex)
  }

  /// The error that says what was expected here, and what was found instead.
  public func mismatch(expected: String) -> PostgresDecodingError {
    let found = bytes == nil ? "NULL" : PostgresType.name(of: type)
    return PostgresDecodingError(column: column, expected: expected, found: found)
  }

  /// The bytes of a value that is not NULL and comes in binary.
  public func binary(expected: String) throws(PostgresDecodingError) -> UnsafeRawBufferPointer {
    guard let bytes, format == .binary else { throw mismatch(expected: expected) }
    return bytes
  }

  /// The bytes of a binary value of exactly this type.
  public func binary(of wanted: PostgresType, expected: String) throws(PostgresDecodingError)
    -> UnsafeRawBufferPointer
  {
    let bytes = try binary(expected: expected)
    guard type == wanted.oid else { throw mismatch(expected: expected) }
    return bytes
  }

  /// A value of exactly this type that is one big-endian integer, as timestamps and dates are.
  public func integer<I: FixedWidthInteger>(
    _ kind: I.Type = I.self, of wanted: PostgresType, expected: String
  ) throws(PostgresDecodingError) -> I {
    let bytes = try binary(of: wanted, expected: expected)
    guard bytes.count == MemoryLayout<I>.size else { throw mismatch(expected: expected) }
    return I(bigEndian: bytes.loadUnaligned(as: I.self))
  }
}

/// A value that is not what the program took it for: a fault of the program or of the schema.
public struct PostgresDecodingError: Error, Equatable, CustomStringConvertible {
  public let column: String
  public let expected: String
  public let found: String

  public init(column: String, expected: String, found: String) {
    self.column = column
    self.expected = expected
    self.found = found
  }

  public var description: String { "column \"\(column)\": expected \(expected), found \(found)" }
}
