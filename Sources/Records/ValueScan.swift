/// Finds where a JSON value ends by its brackets and quotes; whether it is right is the parser's to say.
struct ValueScan {
  /// Bytes of the value that were looked at.
  private var seen = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var isScalar = false

  /// How many bytes the value has, which begins at `start`; nil when it goes on beyond `bytes`.
  mutating func end(_ bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { buffer in
      while start + seen < buffer.count {
        let byte = buffer[start + seen]
        if let isIncluded = ends(at: byte) { return seen + (isIncluded ? 1 : 0) }
        seen += 1
      }
      return nil
    }
  }

  /// What was seen is no longer there.
  mutating func letGo() { seen = 0 }

  /// Nil when the value goes on, else whether this byte belongs to it.
  private mutating func ends(at byte: UInt8) -> Bool? {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        return depth == 0 ? true : nil
      }
      return nil
    }
    switch byte {
    case UInt8(ascii: "\""):
      if isScalar { return false }
      isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if isScalar { return false }
      depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == 0 { return !isScalar && seen == 0 }
      depth -= 1
      return depth == 0 ? true : nil
    default:
      guard depth == 0 else { return nil }
      if byte == UInt8(ascii: ",") || RecordFormat.isSpace(byte) { return false }
      isScalar = true
    }
    return nil
  }
}

/// Walks over the members of an object without using bytes up, until they are settled.
struct MemberWalker {
  enum Step {
    /// A key, and the first byte of its value, at which the walker stands.
    case member([UInt8], UInt8)
    case end
    /// No object, or the source is over.
    case broken
  }

  /// Where it stands, after the window's start.
  private(set) var ahead = 0
  private var isInside: Bool
  /// So many bytes are kept back, in case that they are a record.
  private var limit: Int

  init(isInside: Bool, holding limit: Int) {
    self.isInside = isInside
    self.limit = limit
  }

  mutating func step(_ window: inout ByteWindow) throws(RecordsError) -> Step {
    if !isInside {
      isInside = true
      ahead += 1
    }
    while let byte = try window.byte(ahead), RecordFormat.isSpace(byte) || byte == UInt8(ascii: ",") {
      ahead += 1
    }
    switch try window.byte(ahead) {
    case UInt8(ascii: "}"):
      ahead += 1
      return .end
    case UInt8(ascii: "\""):
      guard let key = try key(&window) else { return .broken }
      try skipSpace(&window)
      guard try window.byte(ahead) == UInt8(ascii: ":") else { return .broken }
      ahead += 1
      try skipSpace(&window)
      guard let value = try window.byte(ahead) else { return .broken }
      return .member(key, value)
    default: return .broken
    }
  }

  mutating func skipValue(_ window: inout ByteWindow) throws(RecordsError) {
    var scan = ValueScan()
    while true {
      if let end = scan.end(window.bytes, from: window.start + ahead) {
        ahead += end
        if ahead > limit { settle(&window) }
        return
      }
      if window.count > limit {
        ahead = window.count
        settle(&window)
        scan.letGo()
      }
      guard try window.more() else {
        ahead = window.count
        return
      }
    }
  }

  /// Uses up what was walked over.
  mutating func settle(_ window: inout ByteWindow) {
    if ahead > limit { limit = 0 }
    window.consume(ahead)
    ahead = 0
  }

  /// The text up to the next quote; nil when the source ends, or it is longer than keys are.
  private mutating func key(_ window: inout ByteWindow) throws(RecordsError) -> [UInt8]? {
    var key: [UInt8] = []
    ahead += 1
    while let byte = try window.byte(ahead), key.count < 1_000 {
      ahead += 1
      if byte == UInt8(ascii: "\"") { return key }
      key.append(byte)
      if byte == UInt8(ascii: "\\"), let escaped = try window.byte(ahead) {
        key.append(escaped)
        ahead += 1
      }
    }
    return nil
  }

  private mutating func skipSpace(_ window: inout ByteWindow) throws(RecordsError) {
    while let byte = try window.byte(ahead), RecordFormat.isSpace(byte) { ahead += 1 }
  }
}
