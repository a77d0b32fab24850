import CCSV

/// Reads CSV (RFC 4180) by libcsv: quoted fields may hold commas, quotes and line breaks.
enum CSVReader {
  struct Record: Equatable {
    /// Where it begins, from 1.
    let line: Int
    let fields: [String]
  }

  struct Malformed: Error {
    let line: Int
  }

  /// All records; lines without anything are none. A mark of the byte order at the start is skipped.
  ///
  /// - Throws: `Malformed` for a quote in the wrong place or one that is never closed.
  static func records(_ bytes: [UInt8]) throws(Malformed) -> [Record] {
    let sink = Sink()
    var parser = csv_parser()
    // Fails only for a missing parser.
    precondition(csv_init(&parser, UInt8(CSV_STRICT | CSV_STRICT_FINI)) == 0, "libcsv starts")
    defer { csv_free(&parser) }
    let data = Unmanaged.passUnretained(sink).toOpaque()
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    // Line by line, because libcsv does not tell where it is.
    for line in bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      sink.line += 1
      if sink.startLine == nil, !line.isEmpty, !line.elementsEqual([UInt8(ascii: "\r")]) {
        sink.startLine = sink.line
      }
      let end = line.endIndex < bytes.endIndex ? line.endIndex + 1 : line.endIndex
      let used = bytes[line.startIndex..<end].withUnsafeBytes {
        csv_parse(&parser, $0.baseAddress, $0.count, fieldEnded, recordEnded, data)
      }
      guard used == end - line.startIndex else { throw Malformed(line: sink.startLine ?? sink.line) }
    }
    guard csv_fini(&parser, fieldEnded, recordEnded, data) == 0 else {
      throw Malformed(line: sink.startLine ?? sink.line)
    }
    return sink.records
  }

  fileprivate final class Sink {
    var line = 0
    var startLine: Int?
    var fields: [String] = []
    var records: [Record] = []

    func end() {
      if !(fields.count == 1 && fields[0].isEmpty) {
        records.append(Record(line: startLine ?? line, fields: fields))
      }
      fields = []
      startLine = nil
    }
  }
}

private func fieldEnded(_ text: UnsafeMutableRawPointer?, _ count: Int, _ data: UnsafeMutableRawPointer?) {
  guard let data else { return }
  let bytes = UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : count)
  Unmanaged<CSVReader.Sink>.fromOpaque(data).takeUnretainedValue()
    .fields.append(String(decoding: bytes, as: UTF8.self))
}

private func recordEnded(_ terminator: Int32, _ data: UnsafeMutableRawPointer?) {
  guard let data else { return }
  Unmanaged<CSVReader.Sink>.fromOpaque(data).takeUnretainedValue().end()
}
