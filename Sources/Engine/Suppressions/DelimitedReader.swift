/// Reads CSV (RFC 4180) piece by piece: what is fed in comes out as records, and no more is kept than the
/// record that is not complete yet.
///
///     var reader = DelimitedReader()
///     reader.feed(bytes) { record in … }
///     reader.finish { record in … }
public struct DelimitedReader: Sendable {
  public struct Record: Hashable, Sendable {
    /// Where it begins, from 1.
    public let line: Int
    public let fields: [String]
    /// What is wrong with it; then the fields are what was read before.
    public let fault: String?
  }

  /// A record that is longer is a fault, and is skipped to its end.
  public static let longestRecord = 65_536

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private enum State { case start, plain, quoted, quoteInQuoted }
  private var state = State.start
  private var field: [UInt8] = []
  private var fields: [[UInt8]] = []
  private var size = 0
  private var line = 1
  private var startLine = 1
  private var fault: String?
  private var isFirst = true
  private var endsWithCarriageReturn = false

  public init() {}

  public mutating func feed(_ bytes: some Sequence<UInt8>, _ take: (Record) throws -> Void) rethrows {
    for byte in bytes { try step(byte, take) }
  }

  /// The last record, when no line break ended it.
  public mutating func finish(_ take: (Record) throws -> Void) rethrows {
    if state == .quoted { fault = "a double quote is never closed" }
    if size > 0 { try end(take) }
  }

  private mutating func step(_ byte: UInt8, _ take: (Record) throws -> Void) rethrows {
    let (quote, newline, comma) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: ","))
    if byte == newline, state != .quoted {
      line += 1
      if size > 0 { try end(take) } else { startLine = line }
      return
    }
    if byte == newline { line += 1 }
    size += 1
    guard size <= Self.longestRecord else {
      fault = "the record is longer than \(Self.longestRecord) bytes"
      return
    }
    switch (state, byte) {
    case (.start, quote): state = .quoted
    // A mark of the byte order at the very start is none of the text.
    case (.plain, quote) where isFirst && fields.isEmpty && field == Self.byteOrderMark:
      field.removeAll()
      state = .quoted
    case (.quoted, quote): state = .quoteInQuoted
    case (.quoteInQuoted, quote):
      field.append(byte)
      state = .quoted
    case (.start, comma), (.plain, comma), (.quoteInQuoted, comma): endField()
    case (.quoted, _): field.append(byte)
    case (.quoteInQuoted, UInt8(ascii: "\r")): endsWithCarriageReturn = true
    case (.quoteInQuoted, _), (.plain, quote):
      fault = fault ?? "a double quote stands where it may not"
    case (.start, _), (.plain, _):
      field.append(byte)
      state = .plain
    }
  }

  private mutating func endField() {
    fields.append(field)
    field.removeAll(keepingCapacity: true)
    state = .start
  }

  private mutating func end(_ take: (Record) throws -> Void) rethrows {
    if field.last == UInt8(ascii: "\r"), !endsWithCarriageReturn { field.removeLast() }
    endField()
    if isFirst, fields[0].starts(with: Self.byteOrderMark) { fields[0].removeFirst(3) }
    let texts = fields.map { String(validating: $0, as: UTF8.self) }
    if texts.contains(nil) { fault = fault ?? "not UTF-8 text" }
    let record = Record(line: startLine, fields: texts.map { $0 ?? "" }, fault: fault)
    fields.removeAll(keepingCapacity: true)
    (size, fault, isFirst, endsWithCarriageReturn, startLine) = (0, nil, false, false, line)
    if record.fields == [""], record.fault == nil { return }
    try take(record)
  }
}
