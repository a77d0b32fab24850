import CCSV

/// Reads CSV (RFC 4180) by libcsv: quoted fields may hold separators, quotes and line breaks. The separator
/// is the comma, or, where the heading has none, the semicolon or the tabulator.
///
/// A record that is not right costs its first line only: reading goes on with the next line.
public struct CSVRecordsReader: RecordReader {
  /// The names of the columns; empty when it is read without a heading.
  public let heading: [String]
  private let parser: CSVParser
  private var window: ByteWindow
  private var row: Int
  private let limit: Int

  /// Reads the heading. To go on at a later place, the heading is read first and then `resume` is called with
  /// a source that begins there.
  ///
  /// - Throws: `RecordsError` when there is none.
  public init(_ source: ByteSource, limit: Int = RecordFormat.longestRecord) throws(RecordsError) {
    window = ByteWindow(source, .start)
    row = 0
    self.limit = limit
    try window.refuseUTF16()
    try window.skipMark()
    parser = CSVParser(separator: try Self.separator(&window, limit))
    let first: CSVParser.Outcome
    do { first = try Self.record(&window, parser, limit) }
    switch first {
    case .end: throw RecordsError(.malformed, "it is empty")
    case .fault(let detail): throw RecordsError(.malformed, "its heading cannot be read: \(detail)")
    case .fields(let names):
      guard names.count > 1 || !(names.first ?? "").isEmpty else {
        throw RecordsError(.malformed, "it has no heading")
      }
      heading = names
    }
  }

  /// Reads without a heading: the first line is a record, and records may have any number of fields.
  ///
  /// - Throws: `RecordsError` for UTF-16, and when the source cannot be read.
  public init(
    withoutHeading source: ByteSource, limit: Int = RecordFormat.longestRecord
  ) throws(RecordsError) {
    window = ByteWindow(source, .start)
    row = 0
    self.limit = limit
    heading = []
    try window.refuseUTF16()
    try window.skipMark()
    parser = CSVParser(separator: UInt8(ascii: ","))
  }

  /// Goes on at a place where an earlier reader stopped.
  public mutating func resume(_ source: ByteSource, from place: RecordPlace) {
    window = ByteWindow(source, place)
    row = place.row
  }

  public mutating func next() throws(RecordsError) -> Record? {
    try Self.skipBlankLines(&window)
    let line = window.line
    let content: Record.Content
    switch try Self.record(&window, parser, limit) {
    case .end: return nil
    case .fault(let detail): content = .fault(detail)
    case .fields(let fields):
      content =
        heading.isEmpty || fields.count == heading.count
        ? .fields(fields) : .fault("expected \(heading.count) fields, found \(fields.count)")
    }
    row += 1
    return Record(
      row: row, line: line, content: content,
      end: RecordPlace(offset: window.offset, row: row, line: window.line))
  }

  private static func separator(
    _ window: inout ByteWindow, _ limit: Int
  ) throws(RecordsError) -> UInt8 {
    let end = try window.lineFeed(limit: limit) ?? min(window.count, limit)
    let line = window.copy(end)
    guard !line.contains(0) else { throw RecordsError(.malformed, "it is no text") }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
    return candidates.first(where: line.contains) ?? candidates[0]
  }

  private static func skipBlankLines(_ window: inout ByteWindow) throws(RecordsError) {
    while let byte = try window.byte(), byte == 10 || byte == 13 { window.consume(1) }
  }

  /// The next record, fed to the parser line by line, because libcsv does not tell where it is.
  private static func record(
    _ window: inout ByteWindow, _ parser: CSVParser, _ limit: Int
  ) throws(RecordsError) -> CSVParser.Outcome {
    try skipBlankLines(&window)
    guard try window.byte() != nil else { return .end }
    var used = 0
    while true {
      guard let end = try lineEnd(&window, from: used, limit: limit) else {
        parser.reset()
        try skipLine(&window)
        return tooLong(limit)
      }
      let isLast = try window.byte(end) == nil
      let outcome = window.bytes.withUnsafeBytes {
        parser.parse(.init(rebasing: $0[window.start + used..<window.start + end]), isLast: isLast)
      }
      used = end
      if case .fields = outcome { window.consume(used) }
      if let outcome, case .fault = outcome { try skipLine(&window) }
      if let outcome { return outcome }
      guard used <= limit, !isLast else {
        parser.reset()
        try skipLine(&window)
        return isLast ? .fault("a double quote is never closed") : tooLong(limit)
      }
    }
  }

  private static func tooLong(_ limit: Int) -> CSVParser.Outcome {
    .fault("the record has more than \(limit) bytes")
  }

  /// After the line break that follows: LF, CR LF, or a lone CR; or the end of the source. Nil when the break
  /// is not among the first `limit` bytes: a file without breaks is not held as a whole.
  private static func lineEnd(
    _ window: inout ByteWindow, from start: Int, limit: Int
  ) throws(RecordsError) -> Int? {
    var index = start
    while true {
      let rest = window.bytes[(window.start + index)...]
      if let hit = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
        let place = hit - window.start
        guard place <= limit else { return nil }
        if window.bytes[hit] == 10 { return place + 1 }
        return try window.byte(place + 1) == 10 ? place + 2 : place + 1
      }
      index = window.count
      guard index <= limit else { return nil }
      guard try window.more() else { return window.count }
    }
  }

  /// Goes to the next line, letting go of this one piece by piece.
  private static func skipLine(_ window: inout ByteWindow) throws(RecordsError) {
    let piece = 64 << 10
    while true {
      if let end = try lineEnd(&window, from: 0, limit: piece) { return window.consume(end) }
      window.consume(piece)
    }
  }
}

/// libcsv, a record at a time.
private final class CSVParser {
  enum Outcome {
    case fields([String])
    case fault(String)
    case end
  }

  private var parser = csv_parser()
  private let separator: UInt8
  fileprivate var fields: [String] = []
  fileprivate var isRecord = false
  fileprivate var isText = true

  init(separator: UInt8) {
    self.separator = separator
    start()
  }

  deinit { csv_free(&parser) }

  private func start() {
    // Fails only for a missing parser.
    precondition(csv_init(&parser, UInt8(CSV_STRICT | CSV_STRICT_FINI)) == 0, "libcsv starts")
    csv_set_delim(&parser, separator)
  }

  /// Forgets a record that was begun.
  func reset() {
    csv_free(&parser)
    parser = csv_parser()
    start()
    (fields, isRecord, isText) = ([], false, true)
  }

  /// Nil when the record goes on in the next line.
  func parse(_ line: UnsafeRawBufferPointer, isLast: Bool) -> Outcome? {
    let data = Unmanaged.passUnretained(self).toOpaque()
    let used = csv_parse(&parser, line.baseAddress, line.count, fieldEnded, recordEnded, data)
    let isWrong = used != line.count
    if isWrong || (isLast && csv_fini(&parser, fieldEnded, recordEnded, data) != 0) {
      reset()
      return .fault("a double quote stands where it may not" + (isWrong ? "" : ", or is never closed"))
    }
    guard isRecord else { return nil }
    defer { (fields, isRecord, isText) = ([], false, true) }
    return isText ? .fields(fields) : .fault("it is not UTF-8 text")
  }
}

private func fieldEnded(_ text: UnsafeMutableRawPointer?, _ count: Int, _ data: UnsafeMutableRawPointer?) {
  guard let data else { return }
  let parser = Unmanaged<CSVParser>.fromOpaque(data).takeUnretainedValue()
  let bytes = UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : count)
  if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
    parser.fields.append(text)
  } else {
    parser.isText = false
  }
}

private func recordEnded(_ terminator: Int32, _ data: UnsafeMutableRawPointer?) {
  guard let data else { return }
  Unmanaged<CSVParser>.fromOpaque(data).takeUnretainedValue().isRecord = true
}
