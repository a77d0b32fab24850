import Domain
import Testing

@Suite struct `Dates` {
  @Test func `read and print as yyyy-mm-dd`() {
    for text in ["2026-01-31", "1970-01-01", "0001-01-01", "9999-12-31", "2024-02-29", "1969-12-31"] {
      #expect(CivilDate(text)?.description == text)
    }
    for text in [
      "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "26-01-01", "2026-1-1", "2026-01-01Z",
    ] {
      #expect(CivilDate(text) == nil)
    }
    #expect(CivilDate(year: 2100, month: 2, day: 29) == nil)
    #expect(CivilDate(year: 2000, month: 2, day: 29)?.description == "2000-02-29")
  }

  @Test func `know their weekday and their distance`() {
    #expect(day("1970-01-01").weekday == .thursday)
    #expect(day("1969-12-28").weekday == .sunday)
    #expect(day("2026-03-04").weekday == .wednesday)
    #expect(day("2026-02-28").adding(days: 1) == day("2026-03-01"))
    #expect(day("2026-03-01").days(since: day("2025-03-01")) == 365)
    #expect(day("2026-03-01") > day("2026-02-28"))
    #expect(day("2026-03-04").month == 3 && day("2026-03-04").day == 4 && day("2026-03-04").year == 2026)
  }

  /// A zone, an instant, the date there, and the first instant of that day.
  @Test(
    "R12: begin and end with the clocks of their zone",
    arguments: [
      ("UTC", "2026-03-04T12:00:00Z", "2026-03-04", "2026-03-04T00:00:00Z"),
      ("UTC", "1969-12-31T23:59:59.999999Z", "1969-12-31", "1969-12-31T00:00:00Z"),
      ("America/New_York", "2026-03-09T03:59:59Z", "2026-03-08", "2026-03-08T05:00:00Z"),
      ("America/New_York", "2026-11-02T04:59:59Z", "2026-11-01", "2026-11-01T04:00:00Z"),
      ("Pacific/Kiritimati", "2026-03-04T10:00:00Z", "2026-03-05", "2026-03-04T10:00:00Z"),
      ("Etc/GMT+12", "2026-03-04T11:59:59Z", "2026-03-03", "2026-03-03T12:00:00Z"),
      ("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04", "2018-11-04T03:00:00Z"),
      ("America/Havana", "2025-11-02T05:30:00Z", "2025-11-02", "2025-11-02T04:00:00Z"),
      ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31", "2011-12-30T10:00:00Z"),
    ])
  func zones(zone: String, time: String, date: String, start: String) throws {
    let zone = try #require(TimeZoneName(zone))
    #expect(zone.date(at: at(time)) == day(date))
    #expect(zone.startOfDay(day(date)) == at(start))
  }

  @Test("R12: a day that the zone never had starts with the next one")
  func missing() {
    let apia = TimeZoneName("Pacific/Apia")!
    #expect(apia.startOfDay(day("2011-12-30")) == at("2011-12-30T10:00:00Z"))
  }
}
