import Domain
import Foundation
import Runtime
import Synchronization
import Testing

@Suite struct LogTests {
  private let sink = MemorySink()
  private let clock = ManualClock(Timestamp("2026-11-21T01:23:45.678901Z")!)

  private func object(_ line: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func `a line is one JSON object with time, level, message and fields`() throws {
    let log = Log(sink: sink, time: clock).with(["service": "http"])
    let id = ID<Log>(high: 0, low: 0)
    log.info("quoted \"text\"", ["a": 5, "b": 1.5, "c": true, "d": "x\ny\t\\\u{1}é", "e": .id(id)])
    let line = try #require(sink.lines.first)
    #expect(line.hasPrefix(#"{"time":"2026-11-21T01:23:45.678901Z","level":"info","message":"#))
    let object = try object(line)
    #expect(object["message"] as? String == "quoted \"text\"")
    #expect(object["service"] as? String == "http")
    #expect(object["a"] as? Int == 5)
    #expect(object["b"] as? Double == 1.5)
    #expect(object["c"] as? Bool == true)
    #expect(object["d"] as? String == "x\ny\t\\\u{1}é")
    #expect(object["e"] as? String == "00000000-0000-0000-0000-000000000000")
  }

  @Test func `lines below the level cost nothing, not even their fields`() {
    let log = Log(level: .warning, sink: sink)
    let made = Calls()
    func fields() -> LogFields {
      made.add()
      return ["x": 1]
    }
    log.info("no", fields())
    log.debug("no", fields())
    #expect(made.count == 0)
    log.warning("yes", fields())
    let copy = log.with(["y": 1])
    copy.level = .debug
    log.debug("yes", fields())
    #expect(sink.lines.count == 2)
  }

  @Test func `what is no number in JSON is text`() throws {
    Log(sink: sink).info("odd", ["a": .number(.infinity), "b": .number(.nan)])
    #expect(try object(sink.lines[0])["a"] as? String == "inf")
  }

  @Test func `the form for people is one line with the fields`() {
    let log = Log(format: .human(colours: false), sink: sink, time: clock)
    log.warning("pool is low", ["free": 2, "pool": "north west", "odd": "a\u{1b}[2Jb"])
    #expect(
      sink.lines == [
        "01:23:45.678 WARNING pool is low  free=2  pool=\"north west\"  odd=a\u{FFFD}[2Jb"
      ])
    Log(format: .human(colours: true), sink: sink, time: clock).error("x")
    #expect(sink.lines[1].contains("\u{1b}[31mERROR"))
  }

  @Test(
    "addresses, phone numbers and passwords do not pass through errors",
    arguments: [
      ("user jane.doe+x@mail.example.com not found", "user [address] not found"),
      ("call +1 (602) 555-0142 failed", "call [number] failed"),
      ("no 602-555-0142.", "no [number]."), ("key (+16025550142)", "key ([number])"),
      ("postgres://u:secret@h/d refused", "postgres://u:***@h/d refused"),
      ("id 0198a1b2-1234-7abc-8def-0123456789ab at 2026-11-21T01:23:45Z, 17 rows", nil),
    ] as [(String, String?)])
  func redaction(_ text: String, _ expected: String?) {
    #expect(Redaction.scrub(text) == expected ?? text)
    struct Fault: Error, CustomStringConvertible { let description: String }
    #expect(LogValue.error(Fault(description: text)) == .vouched(expected ?? text))
  }

  @Test func `masked text shows at most two characters`() {
    #expect(LogValue.masked("+16025550142") == .vouched("…42"))
    #expect(LogValue.masked("ab") == .vouched("…"))
  }

  @Test func `a writer loses nothing that was written by many threads before the flush`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "log-\(UInt64.random(in: 0 ... .max))")
    let descriptor = open(file.path, O_CREAT | O_RDWR, 0o600)
    defer {
      close(descriptor)
      unlink(file.path)
    }
    let writer = LogWriter(descriptor: descriptor)
    let log = Log(sink: writer)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<20 {
        group.addTask {
          for line in 0..<500 { log.info("line", ["task": .count(task), "line": .count(line)]) }
        }
      }
    }
    writer.flush()
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 10_000)
    #expect(Set(lines).count > 500)
    #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
  }

  @Test func `a reader that is too slow costs lines, not memory or time, and the loss is told`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    let writer = LogWriter(descriptor: ends[1], limit: 1_000)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 99) + [UInt8(ascii: "\n")]
    for _ in 0..<10_000 { writer.write(line) }
    let reader = Mutex(Data())
    let thread = Thread { [read = ends[0]] in
      reader.withLock { $0 = FileHandle(fileDescriptor: read).readDataToEndOfFile() }
      finished.signal()
    }
    thread.start()
    writer.flush()
    close(ends[1])
    finished.wait()
    let text = String(decoding: reader.withLock { $0 }, as: UTF8.self)
    let kept = text.split(separator: "\n").count { $0.hasPrefix("x") }
    let losses = text.split(separator: "\n").filter { $0.hasPrefix("{") }.compactMap {
      $0.firstMatch(of: /"count":([0-9]+)/).flatMap { Int($0.output.1) }
    }
    #expect(kept < 10_000)
    #expect(kept + losses.reduce(0, +) == 10_000)
  }
}

private let finished = DispatchSemaphore(value: 0)
