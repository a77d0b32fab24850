import Glibc

/// A part of the source: what is being looked at, and what comes next. Indices count from the first byte that
/// is held; they move when bytes before `keep` are let go.
struct ByteWindow {
  /// The mark of the byte order of UTF-8.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let piece = 256 << 10

  private let source: ByteSource
  private(set) var bytes: [UInt8] = []
  /// The first byte that is not used up.
  private(set) var start = 0
  /// Bytes of the source before `bytes[0]`.
  private var base: Int
  /// The line in which `start` stands.
  private(set) var line: Int
  private var isAtEnd = false

  init(_ source: ByteSource, _ place: RecordPlace) {
    self.source = source
    base = place.offset
    line = place.line
  }

  /// Bytes of the source before `start`.
  var offset: Int { base + start }
  var count: Int { bytes.count - start }

  /// The byte `index` places after `start`; nil beyond the end of the source.
  mutating func byte(_ index: Int = 0) throws(RecordsError) -> UInt8? {
    while start + index >= bytes.count { guard try more() else { return nil } }
    return bytes[start + index]
  }

  /// Gets more bytes; false at the end of the source.
  mutating func more() throws(RecordsError) -> Bool {
    guard !isAtEnd else { return false }
    if start > 0 {
      bytes.removeSubrange(..<start)
      base += start
      start = 0
    }
    isAtEnd = try !source.read(Self.piece, into: &bytes)
    return !isAtEnd
  }

  /// Uses up so many bytes, and counts their lines.
  mutating func consume(_ count: Int) {
    line += lines(in: count)
    start += count
  }

  /// Line breaks among the next `count` bytes.
  private func lines(in count: Int) -> Int {
    bytes.withUnsafeBytes { buffer in
      var found = 0
      guard let base = buffer.baseAddress else { return 0 }
      var place = start
      while place < start + count, let hit = memchr(base + place, 10, start + count - place) {
        found += 1
        place = base.distance(to: UnsafeRawPointer(hit)) + 1
      }
      return found
    }
  }

  /// The next `count` bytes, without using them up.
  func copy(_ count: Int) -> [UInt8] { Array(bytes[start..<start + count]) }

  /// Where after `index` the first line feed stands; nil when the source ends without one, or none is within
  /// `limit` bytes.
  mutating func lineFeed(from index: Int = 0, limit: Int) throws(RecordsError) -> Int? {
    var index = index
    while true {
      let hit = bytes.withUnsafeBytes { buffer -> Int? in
        guard let base = buffer.baseAddress, start + index < bytes.count,
          let hit = memchr(base + start + index, 10, bytes.count - start - index)
        else { return nil }
        return base.distance(to: UnsafeRawPointer(hit)) - start
      }
      if let hit { return hit <= limit ? hit : nil }
      index = count
      guard index <= limit, try more() else { return nil }
    }
  }

  mutating func skipMark() throws(RecordsError) {
    for index in Self.mark.indices where try byte(index) != Self.mark[index] { return }
    start += Self.mark.count
  }

  mutating func skipSpace() throws(RecordsError) {
    while let next = try byte(), RecordFormat.isSpace(next) { consume(1) }
  }

  /// Text of another encoding would be read as something else.
  mutating func refuseUTF16() throws(RecordsError) {
    if let first = try byte(), let second = try byte(1), Set([first, second]) == [0xFE, 0xFF] {
      throw RecordsError(.malformed, "it is UTF-16; UTF-8 is expected")
    }
  }
}
