/// One record, as it stands in what is read.
public struct Record: Equatable, Sendable {
  public enum Content: Equatable, Sendable {
    /// The fields of a line of CSV.
    case fields([String])
    /// The bytes of a JSON value that looks like an object; whether it is one is the parser's to say.
    case object([UInt8])
    /// Why this record cannot be read; the next one can.
    case fault(String)
  }

  /// Counted from 1; a heading is none.
  public let row: Int
  /// Where it begins, counted from 1.
  public let line: Int
  public let content: Content
  /// Where to go on after it.
  public let end: RecordPlace

  public init(row: Int, line: Int, content: Content, end: RecordPlace) {
    self.row = row
    self.line = line
    self.content = content
    self.end = end
  }
}

/// Between two records: from here reading can go on later, in another process.
public struct RecordPlace: Hashable, Sendable {
  /// Bytes before it.
  public var offset: Int
  /// Records before it.
  public var row: Int
  /// The line that it stands in, from 1.
  public var line: Int
  /// What surrounds it; the reader's own matter.
  public var mode: Int

  public init(offset: Int = 0, row: Int = 0, line: Int = 1, mode: Int = 0) {
    self.offset = offset
    self.row = row
    self.line = line
    self.mode = mode
  }

  public static let start = RecordPlace()
}

/// Reads record after record, holding no more than one of them.
public protocol RecordReader {
  /// The next record; nil after the last.
  ///
  /// - Throws: `RecordsError` when the whole is not of this form, or cannot be read any further.
  mutating func next() throws(RecordsError) -> Record?
}

/// How records are written down.
public enum RecordFormat: String, CaseIterable, Hashable, Sendable {
  /// RFC 4180, with a heading.
  case csv
  /// An array of objects, or an object that holds some.
  case json
  /// A line for each object.
  case jsonl

  /// No record may have more bytes.
  public static let longestRecord = 4 << 20

  /// What the end of the name tells, else what the first bytes do.
  ///
  /// - Parameter head: some kilobytes from the start are enough.
  public init(name: String, head: [UInt8]) {
    let name = name.lowercased()
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") {
      self = .csv
    } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
      self = .jsonl
    } else if name.hasSuffix(".json") {
      self = Self.told(by: head[...]) == .jsonl ? .jsonl : .json
    } else {
      self = Self.told(by: head[(head.starts(with: ByteWindow.mark) ? 3 : 0)...])
    }
  }

  /// A line that is an object, and more after it that begins like one: lines of objects.
  private static func told(by head: ArraySlice<UInt8>) -> RecordFormat {
    let text = head.drop(while: isSpace)
    guard let first = text.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return .csv
    }
    guard first == UInt8(ascii: "{"), let end = text.firstIndex(of: UInt8(ascii: "\n")) else { return .json }
    let isClosed = text[..<end].last { !isSpace($0) } == UInt8(ascii: "}")
    return isClosed && text[end...].first { !isSpace($0) } == UInt8(ascii: "{") ? .jsonl : .json
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
