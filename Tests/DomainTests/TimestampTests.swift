import Domain
import Foundation
import Testing

@Suite struct `Timestamps as text` {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0),
      ("1969-12-31T23:59:59.999999Z", -1),
      ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
      ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
      ("2000-02-29T12:30:45.000001Z", 951_827_445_000_001),
      ("2026-11-21T01:23:45.678901Z", 1_795_224_225_678_901),
    ] as [(String, Int64)])
  func `are read and written the same`(text: String, microseconds: Int64) {
    #expect(Timestamp(text)?.microseconds == microseconds)
    #expect(Timestamp(microseconds: microseconds).description == text)
  }

  @Test(arguments: [
    ("2026-03-04T12:00:00+05:30", "2026-03-04T06:30:00Z"),
    ("2026-03-04T12:00:00-08:00", "2026-03-04T20:00:00Z"),
    ("2026-03-04t12:00:00z", "2026-03-04T12:00:00Z"),
    ("2026-03-04 12:00:00Z", "2026-03-04T12:00:00Z"),
    ("2026-03-04T12:00:00.5Z", "2026-03-04T12:00:00.500000Z"),
    ("2026-03-04T12:00:00.123456789Z", "2026-03-04T12:00:00.123456Z"),
    ("2024-12-31T23:59:59-00:01", "2025-01-01T00:00:59Z"),
  ])
  func `may have an offset and a fraction`(text: String, utc: String) {
    #expect(Timestamp(text)?.description == utc)
  }

  @Test(arguments: [
    "", "2026-03-04", "2026-03-04T12:00:00", "2026-03-04T12:00Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "12026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+0530", "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z", "2026-1-1T00:00:00Z",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "２026-01-01T00:00:00Z",
  ])
  func `that are not RFC 3339 are refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `agree with Foundation for any second of the years 1 to 9999`() throws {
    let formatter = ISO8601DateFormatter()
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = TimeZone(identifier: "GMT")!
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      // Foundation's calendar is Julian before 1582; the formatter of RFC 3339 is not asked about it.
      let second = Int64.random(in: -12_219_292_800..<253_402_300_800, using: &generator)
      let time = Timestamp(microseconds: second * 1_000_000)
      let text = formatter.string(from: Date(timeIntervalSince1970: Double(second)))
      #expect(time.description == text)
      #expect(Timestamp(text) == time)
    }
  }

  @Test func `come back from their text for any microsecond`() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<5_000 {
      let value = Int64.random(in: -62_135_596_800_000_000..<253_402_300_800_000_000, using: &generator)
      let time = Timestamp(microseconds: value)
      #expect(Timestamp(time.description) == time)
    }
  }

  @Test func `outside the years of RFC 3339 still have a text`() {
    #expect(Timestamp(microseconds: .max).description == "+294247-01-10T04:00:54.775807Z")
    #expect(Timestamp(microseconds: .min).description == "-290308-12-21T19:59:05.224192Z")
    #expect(Timestamp(microseconds: -62_135_596_800_000_001).description == "0000-12-31T23:59:59.999999Z")
    #expect(Timestamp(microseconds: 253_402_300_800_000_000).description == "+10000-01-01T00:00:00Z")
  }
}

@Suite struct `Timestamps and spans` {
  @Test func `add and subtract whole microseconds`() {
    #expect(noon + .hours(18) == at("2026-03-05T06:00:00Z"))
    #expect(noon - .minutes(1) == at("2026-03-04T11:59:00Z"))
    #expect(noon + .microseconds(3) - noon == .microseconds(3))
    #expect(noon + .nanoseconds(1_999) - noon == .microseconds(1))
    #expect(noon - .seconds(1) < noon)
  }

  @Test func `span before the epoch`() {
    #expect(at("1969-12-31T23:59:59.5Z") + .seconds(1) == at("1970-01-01T00:00:00.5Z"))
    #expect((at("1960-01-01T00:00:00Z") - at("1970-01-01T00:00:00Z")) == .seconds(-3_653 * 86_400))
  }
}
