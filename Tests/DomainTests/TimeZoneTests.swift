import Domain
import Foundation
import Testing

@Suite struct `Time zones` {
  @Test(arguments: [
    "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Etc/GMT+5", "UTC", "US/Pacific",
  ])
  func `have names of the IANA database`(name: String) {
    #expect(TimeZoneName(name)?.identifier == name)
  }

  @Test(arguments: [
    "", "EST", "PST", "GMT+3", "UTC+1", "+03:00", "Mars/Olympus", "america/new_york", "../etc/passwd",
    "America/", "America/New_York ", "America/New_York\0", "America/New_York\n",
  ])
  func `of other names are refused`(name: String) {
    #expect(TimeZoneName(name) == nil)
  }
}

/// A zone, an instant and the end of the local day around it.
struct LocalDay: Sendable, CustomTestStringConvertible {
  let zone: String
  let now: String
  let end: String

  init(_ zone: String, _ now: String, _ end: String) {
    self.zone = zone
    self.now = now
    self.end = end
  }

  var testDescription: String { "\(zone) at \(now)" }
}

@Suite struct `The end of the local day` {
  @Test(arguments: [
    LocalDay("UTC", "2026-03-04T12:00:00Z", "2026-03-05T00:00:00Z"),
    LocalDay("UTC", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"),
    LocalDay("UTC", "2026-03-04T23:59:59.999999Z", "2026-03-05T00:00:00Z"),
    LocalDay("America/New_York", "2026-03-04T12:00:00Z", "2026-03-05T05:00:00Z"),
    LocalDay("America/New_York", "2026-03-05T04:59:59Z", "2026-03-05T05:00:00Z"),
    LocalDay("Asia/Kolkata", "2026-03-04T18:29:59Z", "2026-03-04T18:30:00Z"),
    LocalDay("Asia/Kolkata", "2026-03-04T18:30:00Z", "2026-03-05T18:30:00Z"),
    LocalDay("Asia/Kathmandu", "2026-03-04T00:00:00Z", "2026-03-04T18:15:00Z"),
    LocalDay("Pacific/Kiritimati", "2026-03-04T09:59:59Z", "2026-03-04T10:00:00Z"),
    LocalDay("America/New_York", "1969-12-31T23:00:00Z", "1970-01-01T05:00:00Z"),
  ])
  func `is the next local midnight`(day: LocalDay) throws {
    let zone = try #require(TimeZoneName(day.zone))
    #expect(zone.endOfDay(containing: at(day.now)) == at(day.end))
  }

  @Test(
    "R12: it is right on days with a clock change",
    arguments: [
      // 23 hours: 2026-03-08 in New York, from 05:00Z to 04:00Z.
      LocalDay("America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
      LocalDay("America/New_York", "2026-03-08T06:59:59Z", "2026-03-09T04:00:00Z"),
      LocalDay("America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T04:00:00Z"),
      LocalDay("America/New_York", "2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z"),
      // 25 hours: 2026-11-01 in New York, from 04:00Z to 05:00Z.
      LocalDay("America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
      LocalDay("America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T05:00:00Z"),
      LocalDay("America/New_York", "2026-11-01T06:30:00Z", "2026-11-02T05:00:00Z"),
      LocalDay("America/New_York", "2026-10-31T20:00:00Z", "2026-11-01T04:00:00Z"),
      // Half an hour in the southern hemisphere: to +10:30 on 2026-04-05, to +11 on 2026-10-04.
      LocalDay("Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
      LocalDay("Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05T13:30:00Z"),
      LocalDay("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
      LocalDay("Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-04T13:00:00Z"),
      // No midnight: on 2018-11-04 São Paulo went from 24:00 to 01:00, at 03:00Z.
      LocalDay("America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"),
      LocalDay("America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
      // 23:00 to 24:00 twice: on 2018-02-18 at 02:00Z São Paulo went back to the 17th.
      LocalDay("America/Sao_Paulo", "2018-02-18T01:30:00Z", "2018-02-18T03:00:00Z"),
      LocalDay("America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-18T03:00:00Z"),
      // Midnight twice: until 2011 St. John's went from 00:01 back to 23:01.
      LocalDay("America/St_Johns", "2010-11-07T02:00:00Z", "2010-11-07T02:30:00Z"),
      LocalDay("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T03:30:00Z"),
      // Havana went from 01:00 back to 00:00: the first of the two midnights ends the day.
      LocalDay("America/Havana", "2025-11-02T03:30:00Z", "2025-11-02T04:00:00Z"),
      LocalDay("America/Havana", "2025-11-02T04:30:00Z", "2025-11-03T05:00:00Z"),
      LocalDay("America/Havana", "2025-11-02T05:30:00Z", "2025-11-03T05:00:00Z"),
      // Samoa has no 2011-12-30.
      LocalDay("Pacific/Apia", "2011-12-30T08:00:00Z", "2011-12-30T10:00:00Z"),
    ])
  func clockChange(day: LocalDay) throws {
    let zone = try #require(TimeZoneName(day.zone))
    #expect(zone.endOfDay(containing: at(day.now)) == at(day.end))
  }

  @Test(
    "R12: it agrees with Foundation's calendar at any time in any zone",
    arguments: [
      "America/New_York", "America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata",
      "Europe/London", "Asia/Tehran", "Africa/Cairo", "Pacific/Chatham", "America/Havana", "Asia/Beirut",
      "America/Santiago", "America/Asuncion",
    ])
  func foundation(name: String) throws {
    let zone = try #require(TimeZoneName(name))
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: name))
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<1_000 {
      let second = Int64.random(in: 946_684_800..<2_145_916_800, using: &generator)
      let day = try #require(
        calendar.dateInterval(of: .day, for: Date(timeIntervalSince1970: Double(second))))
      let end = zone.endOfDay(containing: Timestamp(microseconds: second * 1_000_000))
      #expect(end.microseconds == Int64(day.end.timeIntervalSince1970) * 1_000_000)
    }
  }
}
