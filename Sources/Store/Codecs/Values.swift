import Domain
import Postgres

// How the values of the domain travel: instants as timestamptz, ids as uuid, names and numbers as text.

extension Timestamp: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .timestamptz }

  /// Microseconds from 1970 to 2000, where PostgreSQL's count begins.
  private static let epoch: Int64 = 946_684_800_000_000

  /// What PostgreSQL can store, years 1 to 9999; a caller's cursor may say anything else.
  private static let storable: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999

  public func encode(into bytes: inout [UInt8]) {
    let clamped = min(max(microseconds, Self.storable.lowerBound), Self.storable.upperBound)
    bytes.appendBigEndian(clamped - Self.epoch)
  }

  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    let value: Int64 = try cell.integer(of: .timestamptz, expected: "timestamptz")
    let (microseconds, overflows) = value.addingReportingOverflow(Self.epoch)
    // PostgreSQL's infinity stands at the ends of the range.
    guard !overflows, value != .min else { throw cell.mismatch(expected: "a finite timestamptz") }
    self.init(microseconds: microseconds)
  }
}

extension ID: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .uuid }

  public func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(high)
    bytes.appendBigEndian(low)
  }

  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    let bytes = try cell.binary(of: .uuid, expected: "uuid")
    guard bytes.count == 16 else { throw cell.mismatch(expected: "uuid") }
    self.init(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}

/// A value that is stored as its text, and was valid when it was stored.
protocol StoredAsText: PostgresEncodable, PostgresDecodable {
  var storedText: String { get }
  init(storedText: String)
}

extension StoredAsText {
  public static var postgresType: PostgresType { .text }
  public func encode(into bytes: inout [UInt8]) { storedText.encode(into: &bytes) }
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    self.init(storedText: try String(from: cell))
  }
}

extension PhoneNumber: StoredAsText {
  var storedText: String { e164 }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension ProviderNumberID: StoredAsText {
  var storedText: String { text }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension CompanyName: StoredAsText {
  var storedText: String { text }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension EmailAddress: StoredAsText {
  var storedText: String { text }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension TimeZoneName: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .text }
  public func encode(into bytes: inout [UInt8]) { identifier.encode(into: &bytes) }

  /// A zone that this machine does not know (an SQL user may write any text) counts as UTC.
  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    self = TimeZoneName(try String(from: cell)) ?? .utc
  }
}

extension PhoneNumberStatus: PostgresEncodable, PostgresDecodable {}
extension AssignmentStatus: PostgresEncodable, PostgresDecodable {}
extension EndReason: PostgresEncodable, PostgresDecodable {}
extension Role: PostgresEncodable, PostgresDecodable {}
extension PoolLevel: PostgresEncodable, PostgresDecodable {}
