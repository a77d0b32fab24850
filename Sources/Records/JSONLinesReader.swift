/// Reads JSON Lines: each line that is not blank is a record, whatever the others are.
public struct JSONLinesReader: RecordReader {
  private var window: ByteWindow
  private var row: Int
  private var isFresh: Bool
  private let limit: Int

  public init(_ source: ByteSource, from place: RecordPlace = .start, limit: Int = RecordFormat.longestRecord)
  {
    window = ByteWindow(source, place)
    row = place.row
    isFresh = place.offset == 0
    self.limit = limit
  }

  public mutating func next() throws(RecordsError) -> Record? {
    if isFresh { try begin() }
    try window.skipSpace()
    guard try window.byte() != nil else { return nil }
    let line = window.line
    row += 1
    if let end = try window.lineFeed(limit: limit) {
      return take(end, line)
    }
    // The last line needs no line feed.
    guard window.count > limit else { return take(window.count, line) }
    try skipLine()
    return Record(
      row: row, line: line, content: .fault("the line has more than \(limit) bytes"), end: place)
  }

  private var place: RecordPlace { RecordPlace(offset: window.offset, row: row, line: window.line) }

  private mutating func begin() throws(RecordsError) {
    isFresh = false
    try window.refuseUTF16()
    try window.skipMark()
    try window.skipSpace()
    guard let first = try window.byte() else { throw RecordsError(.malformed, "it is empty") }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      throw RecordsError(.malformed, "its first line is no JSON object")
    }
  }

  private mutating func take(_ count: Int, _ line: Int) -> Record {
    var bytes = window.copy(count)
    while let last = bytes.last, RecordFormat.isSpace(last) { bytes.removeLast() }
    window.consume(count)
    let isObject = bytes.first == UInt8(ascii: "{")
    return Record(
      row: row, line: line, content: isObject ? .object(bytes) : .fault("expected an object"), end: place)
  }

  private mutating func skipLine() throws(RecordsError) {
    while true {
      if let end = try window.lineFeed(limit: window.count) { return window.consume(end) }
      window.consume(window.count)
      guard try window.more() else { return }
    }
  }
}
