/// Reads the objects of a JSON document one by one, however many there are: those of an array at its top, or
/// of the lists that an object at its top holds under one of `lists`; the object under `single`; or the
/// object at the top itself. Several documents may follow each other.
public struct JSONRecordsReader: RecordReader {
  private enum Mode: Int {
    /// Before a document.
    case outside
    /// In the array at the top.
    case list
    /// In a list of the object at the top.
    case innerList
    /// In the object at the top, which has had a list.
    case object
  }

  private let lists: Set<[UInt8]>
  private let single: [UInt8]
  private let limit: Int
  private var window: ByteWindow
  private var row: Int
  private var mode: Mode
  private var isFresh: Bool
  private var isOver = false

  public init(
    _ source: ByteSource, lists: [String], single: String, from place: RecordPlace = .start,
    limit: Int = RecordFormat.longestRecord
  ) {
    self.lists = Set(lists.map { Array($0.utf8) })
    self.single = Array(single.utf8)
    self.limit = limit
    window = ByteWindow(source, place)
    row = place.row
    mode = Mode(rawValue: place.mode) ?? .outside
    isFresh = place.offset == 0
  }

  public mutating func next() throws(RecordsError) -> Record? {
    if isFresh {
      try window.refuseUTF16()
      try window.skipMark()
    }
    while !isOver {
      try window.skipSpace()
      let found: Record?
      switch mode {
      case .outside: found = try outside()
      case .list, .innerList: found = try inList()
      case .object: found = try inObject(isBare: false)
      }
      isFresh = false
      if let found { return found }
    }
    return nil
  }

  private var place: RecordPlace {
    RecordPlace(offset: window.offset, row: row, line: window.line, mode: mode.rawValue)
  }

  private mutating func record(_ content: Record.Content, line: Int) -> Record {
    row += 1
    return Record(row: row, line: line, content: content, end: place)
  }

  private mutating func outside() throws(RecordsError) -> Record? {
    switch try window.byte() {
    case nil:
      guard !isFresh else { throw RecordsError(.malformed, "it is empty") }
      isOver = true
      return nil
    case UInt8(ascii: "["):
      window.consume(1)
      mode = .list
      return nil
    case UInt8(ascii: "{"): return try inObject(isBare: true)
    default:
      guard !isFresh else { throw RecordsError(.malformed, "it is no JSON") }
      isOver = true
      return record(.fault("something follows the document"), line: window.line)
    }
  }

  private mutating func inList() throws(RecordsError) -> Record? {
    let line = window.line
    switch try window.byte() {
    case nil:
      isOver = true
      return record(.fault("the file ends inside a list"), line: line)
    case UInt8(ascii: ","): window.consume(1)
    case UInt8(ascii: "]"):
      window.consume(1)
      mode = mode == .list ? .outside : .object
    case UInt8(ascii: "{"): return try element(line)
    default: return try stranger(line)
    }
    return nil
  }

  /// An object, from `{` to its `}`.
  private mutating func element(_ line: Int) throws(RecordsError) -> Record {
    switch try extent() {
    case .whole(let count):
      let bytes = window.copy(count)
      window.consume(count)
      return record(.object(bytes), line: line)
    case .tooLong:
      try skipValue()
      return record(.fault("the record has more than \(limit) bytes"), line: line)
    case .cut:
      window.consume(window.count)
      isOver = true
      return record(.fault("the file ends inside the record"), line: line)
    }
  }

  /// What is no object, among objects.
  private mutating func stranger(_ line: Int) throws(RecordsError) -> Record {
    let isNull = try window.byte() == UInt8(ascii: "n")
    try skipValue()
    return record(.fault(isNull ? "nobody was found" : "expected an object"), line: line)
  }

  /// The members of the object at the top, up to the next list. A bare one is a record itself, unless it
  /// turns out to hold records, or to be too long for one.
  private mutating func inObject(isBare: Bool) throws(RecordsError) -> Record? {
    let line = window.line
    let began = window.offset
    // What a bare object has used up so far is looked at, not consumed: it may be a record.
    var walker = MemberWalker(isInside: !isBare, holding: isBare ? limit : 0)
    while true {
      switch try walker.step(&window) {
      case .member(let key, let value):
        let isList = lists.contains(key) && value == UInt8(ascii: "[")
        let isSingle = key == single && (value == UInt8(ascii: "{") || value == UInt8(ascii: "n"))
        guard isList || isSingle else {
          try walker.skipValue(&window)
          continue
        }
        walker.settle(&window)
        if isList {
          window.consume(1)
          mode = .innerList
          return nil
        }
        mode = .object
        let line = window.line
        return value == UInt8(ascii: "n") ? try stranger(line) : try element(line)
      case .end:
        let isWhole = window.offset == began
        let bytes = isBare && isWhole ? window.copy(walker.ahead) : []
        walker.settle(&window)
        mode = .outside
        guard isBare else { return nil }
        return record(isWhole ? .object(bytes) : .fault("the object has no list of records"), line: line)
      case .broken:
        return try cut(line)
      }
    }
  }

  private mutating func cut(_ line: Int) throws(RecordsError) -> Record {
    guard row > 0 || !isFresh else { throw RecordsError(.malformed, "it is no JSON") }
    isOver = true
    return record(.fault("the file ends inside an object"), line: line)
  }

  private enum Extent {
    case whole(Int)
    case tooLong, cut
  }

  private mutating func extent() throws(RecordsError) -> Extent {
    var scan = ValueScan()
    while true {
      if let end = scan.end(window.bytes, from: window.start) {
        return end > limit ? .tooLong : .whole(end)
      }
      if window.count > limit { return .tooLong }
      guard try window.more() else { return .cut }
    }
  }

  /// Uses up a value of any length.
  private mutating func skipValue() throws(RecordsError) {
    var scan = ValueScan()
    while true {
      if let end = scan.end(window.bytes, from: window.start) { return window.consume(end) }
      window.consume(window.count)
      scan.letGo()
      guard try window.more() else { return }
    }
  }
}
