import Records
import Testing

/// What a reader gives, shortly: the text of objects, fields with bars between them, or `!` and the fault.
private func all(_ reader: some RecordReader) throws -> [String] {
  var reader = reader
  var found: [String] = []
  while let record = try reader.next() {
    #expect(record.row == found.count + 1)
    switch record.content {
    case .object(let bytes): found.append("\(record.line): \(String(decoding: bytes, as: UTF8.self))")
    case .fields(let fields): found.append("\(record.line): \(fields.joined(separator: "|"))")
    case .fault(let detail): found.append("\(record.line): !\(detail)")
    }
  }
  return found
}

private func source(_ text: String) -> ByteSource { ByteSource(Array(text.utf8)) }

@Suite struct `JSON Lines` {
  func read(_ text: String, limit: Int = 100) throws -> [String] {
    try all(JSONLinesReader(source(text), limit: limit))
  }

  @Test func `are read line by line, blank ones aside`() throws {
    #expect(
      try read("{\"a\":1}\n\n  {\"b\":2}\r\n{\"c\":3}") == ["1: {\"a\":1}", "3: {\"b\":2}", "4: {\"c\":3}"])
    #expect(try read("\u{FEFF}{\"a\":1}\n") == ["1: {\"a\":1}"])
  }

  @Test func `that are no objects or too long are told, and the next is read`() throws {
    let long = "{\"a\":\"" + String(repeating: "x", count: 200) + "\"}"
    #expect(
      try read("{}\n7\n\(long)\n{}\n") == [
        "1: {}", "2: !expected an object", "3: !the line has more than 100 bytes", "4: {}",
      ])
    #expect(try read("{}\n\(long)") == ["1: {}", "2: !the line has more than 100 bytes"])
  }

  @Test(arguments: ["", "  \n\n", "a,b\n1,2\n"])
  func `are not taken for what is something else`(text: String) {
    #expect { try read(text) } throws: { ($0 as? RecordsError)?.kind == .malformed }
  }
}

@Suite struct `JSON records` {
  static func reader(_ source: ByteSource, from place: RecordPlace = .start, limit: Int = 100)
    -> JSONRecordsReader
  {
    JSONRecordsReader(
      source, lists: ["people", "matches", "contacts"], single: "person", from: place, limit: limit)
  }

  func read(_ text: String, limit: Int = 100) throws -> [String] {
    try all(Self.reader(source(text), limit: limit))
  }

  @Test(arguments: [
    ("[{\"a\":1},\n{\"b\":[{}]}]", ["1: {\"a\":1}", "2: {\"b\":[{}]}"]),
    ("[]", []), ("[ ]\n", []),
    ("{\"total\":2,\"people\":[{\"a\":\"]}\\\"\"},{}],\"x\":[1]}", ["1: {\"a\":\"]}\\\"\"}", "1: {}"]),
    ("{\"contacts\":[{\"a\":1}],\n\"people\":[{\"b\":2}]}", ["1: {\"a\":1}", "2: {\"b\":2}"]),
    ("{\"request_id\":5,\"person\":{\"id\":\"x\"},\"z\":{}}", ["1: {\"id\":\"x\"}"]),
    ("{\"person\":null}", ["1: !nobody was found"]),
    (
      "{\"matches\":[{\"a\":1},null,7,\"x,]\",[{}],{\"b\":2}]}",
      [
        "1: {\"a\":1}", "1: !nobody was found", "1: !expected an object", "1: !expected an object",
        "1: !expected an object", "1: {\"b\":2}",
      ]
    ),
    ("{\"id\":\"x\",\"contact\":{\"people\":[{}]}}", ["1: {\"id\":\"x\",\"contact\":{\"people\":[{}]}}"]),
    ("{\"id\":1}\n{\"id\":2}{\"person\":{\"id\":3}}", ["1: {\"id\":1}", "2: {\"id\":2}", "2: {\"id\":3}"]),
    ("[{}{}]", ["1: {}", "1: {}"]),
    ("[{\"a\":1},{\"b\":", ["1: {\"a\":1}", "1: !the file ends inside the record"]),
    ("[{\"a\":1},", ["1: {\"a\":1}", "1: !the file ends inside a list"]),
    ("[{}]\nrest", ["1: {}", "2: !something follows the document"]),
    ("{\"people\":[{}],\"x\":", ["1: {}", "1: !the file ends inside an object"]),
  ])
  func `are found one by one wherever they stand`(text: String, expected: [String]) throws {
    #expect(try read(text) == expected)
  }

  @Test func `that are too long are told and passed over`() throws {
    let long = "{\"a\":\"" + String(repeating: "x", count: 200) + "\"}"
    #expect(try read("[\(long),{}]") == ["1: !the record has more than 100 bytes", "1: {}"])
    #expect(try read(long) == ["1: !the object has no list of records"])
    let wide = "{\"x\":[" + Array(repeating: "1", count: 200).joined(separator: ",") + "],\"people\":[{}]}"
    #expect(try read(wide) == ["1: {}"])
  }

  @Test(arguments: ["", "name,email\n", "{", "7"])
  func `are not found in what is no JSON`(text: String) {
    #expect { try read(text) } throws: { ($0 as? RecordsError)?.kind == .malformed }
  }

  @Test(arguments: [
    "[{\"a\":1},{\"b\":2},{\"c\":3}]", "{\"n\":3,\"people\":[{\"a\":1},{\"b\":2},{\"c\":3}]}",
    "{\"person\":{\"a\":1}}\n{\"person\":{\"b\":2},\"x\":1}\n{\"c\":3}",
    "{\"contacts\":[{\"a\":1}],\"people\":[{\"b\":2},{\"c\":3}]}",
  ])
  func `can be read on from any of them`(text: String) throws {
    let whole = try read(text)
    var reader = Self.reader(source(text))
    var count = 0
    while let record = try reader.next() {
      count += 1
      var rest = Self.reader(ByteSource(Array(text.utf8), from: record.end.offset), from: record.end)
      var found = count
      while let next = try rest.next() {
        found += 1
        #expect(next.row == found)
        if case .object(let bytes) = next.content {
          #expect("\(next.line): \(String(decoding: bytes, as: UTF8.self))" == whole[found - 1])
        }
      }
      #expect(found == whole.count)
    }
  }
}

@Suite struct `CSV records` {
  func read(_ text: String, limit: Int = 100) throws -> [String] {
    try all(try CSVRecordsReader(source(text), limit: limit))
  }

  @Test(arguments: [
    ("a,b\r\n\r\n\"x\ny\",\"say \"\"no\"\"\"\n\nlast,\"c,d\"", ["3: x\ny|say \"no\"", "6: last|c,d"]),
    ("\u{FEFF}a,b\n1,2\n", ["2: 1|2"]), ("a;b\n1;2,5\n", ["2: 1|2,5"]), ("a\tb\n1\t2", ["2: 1|2"]),
    ("a,b\r1,2\r3,4", ["1: 1|2", "1: 3|4"]), ("a,b\n", []),
    ("a,b\n1\n1,2,3\n1,2\n", ["2: !expected 2 fields, found 1", "3: !expected 2 fields, found 3", "4: 1|2"]),
    ("a,b\n1,\"x\"y\n3,4\n", ["2: !a double quote stands where it may not", "3: 3|4"]),
    ("a,b\n1,\"open\n3,4\n5,6", ["2: !a double quote is never closed", "3: 3|4", "4: 5|6"]),
  ])
  func `are read whatever stands in quotes, and a wrong one costs its line`(
    text: String, expected: [String]
  ) throws {
    let found = try read(text).map { $0.replacing(", or is never closed", with: "") }
    let wanted = expected.map { $0.replacing("!a double quote is never closed", with: "!a double quote") }
    for (one, other) in zip(found, wanted) { #expect(one.hasPrefix(other), "\(one)") }
    #expect(found.count == wanted.count)
  }

  @Test func `that are no UTF-8 or too long are told`() throws {
    let bytes = Array("a,b\n1,".utf8) + [0xFF, 10] + Array("3,4\n".utf8)
    #expect(try all(try CSVRecordsReader(ByteSource(bytes))) == ["2: !it is not UTF-8 text", "3: 3|4"])
    let long = "a,b\n1,\"" + String(repeating: "x\n", count: 100) + "\"\n"
    #expect(try read(long).first == "2: !the record has more than 100 bytes")
  }

  @Test(arguments: [Array("".utf8), Array("\n\n".utf8), [0xFF, 0xFE, 65, 0], [65, 0, 66, 10]])
  func `are not found in what is no text`(bytes: [UInt8]) {
    #expect { try CSVRecordsReader(ByteSource(bytes)) } throws: {
      ($0 as? RecordsError)?.kind == .malformed
    }
  }

  @Test func `can be read on from any of them`() throws {
    let text = "a,b\n1,\"x\ny\"\n\nbad\n3,4\n"
    var reader = try CSVRecordsReader(source(text))
    var ends: [RecordPlace] = []
    while let record = try reader.next() { ends.append(record.end) }
    #expect(ends.count == 3)
    for (index, place) in ends.enumerated() {
      var rest = try CSVRecordsReader(source(text))
      rest.resume(ByteSource(Array(text.utf8), from: place.offset), from: place)
      var count = index + 1
      while let record = try rest.next() {
        count += 1
        #expect(record.row == count && record.end == ends[count - 1])
      }
      #expect(count == 3)
    }
  }

  @Test(arguments: [
    ("x.csv", "{}", RecordFormat.csv), ("x.jsonl", "a", .jsonl), ("x.NDJSON", "", .jsonl),
    ("x.json", "{\"a\":1}\n{\"a\":2}\n", .jsonl), ("x.json", "{\"a\":1}\n", .json), ("x", "[{}]", .json),
    ("x", "{\n \"people\": [", .json), ("-", "a,b\n", .csv), ("x", "\u{FEFF}[", .json),
  ])
  func `are told from other forms by name or content`(name: String, head: String, format: RecordFormat) {
    #expect(RecordFormat(name: name, head: Array(head.utf8)) == format)
  }
}

@Suite struct `CSV without a heading` {
  @Test(arguments: [
    ("a,b\nc", ["1: a|b", "2: c"]), ("a\r\n\r\nb\r\n", ["1: a", "3: b"]),
    ("\u{FEFF}\"x\"\"y\",z\n", ["1: x\"y|z"]), ("\u{FEFF}x\n", ["1: x"]),
    ("\"a\nb\"\nc", ["1: a\nb", "3: c"]),
    ("a\"b\nc", ["1: !a double quote stands where it may not", "2: c"]),
    ("\"a\"b\nc", ["1: !a double quote stands where it may not", "2: c"]),
    ("a\n\"b", ["1: a", "2: !a double quote stands where it may not, or is never closed"]),
    ("a;b\nc,d", ["1: a;b", "2: c|d"]), ("", []), ("\n\n", []), (",\n", ["1: |"]),
  ])
  func `is read record by record, each with as many fields as it has`(
    text: String, wanted: [String]
  ) throws {
    #expect(try all(CSVRecordsReader(withoutHeading: source(text))) == wanted)
  }

  @Test(arguments: [200, 300_000])
  func `a record that is too long is told, and the next is read`(length: Int) throws {
    let long = String(repeating: "x", count: length)
    #expect(
      try all(CSVRecordsReader(withoutHeading: source("a\n\(long)\nb\n"), limit: 100))
        == ["1: a", "2: !the record has more than 100 bytes", "3: b"])
  }
}
