import Domain
import Testing

@Suite struct `Billing months` {
  @Test(
    "R9: a 29th, 30th or 31st clamps and returns to itself",
    arguments: [
      ("2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
      ("2026-01-30", ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"]),
      ("2026-01-29", ["2026-01-29", "2026-02-28", "2026-03-29"]),
      ("2024-01-31", ["2024-01-31", "2024-02-29", "2024-03-31"]),
      ("2024-02-29", ["2024-02-29", "2024-03-29", "2024-04-29"]),
      ("2026-01-05", ["2026-01-05", "2026-02-05"]),
      ("2025-11-30", ["2025-11-30", "2025-12-30", "2026-01-30"]),
    ])
  func starts(signup: String, starts: [String]) {
    var month = BillingMonth(1, signedUpOn: day(signup))
    for (index, start) in starts.enumerated() {
      #expect(month.startsOn == day(start) && month.number == index + 1)
      month = month.next
    }
  }

  @Test(
    "R9: the document's examples",
    arguments: [
      ("2026-01-05", "2026-02-04"), ("2026-01-22", "2026-02-21"),
    ])
  func document(signup: String, last: String) {
    let month = BillingMonth(1, signedUpOn: day(signup))
    #expect(month.lastDay == day(last))
    #expect(month.contains(day(signup)) && month.contains(day(last)))
    #expect(!month.contains(month.nextStartsOn) && month.previous == nil)
    #expect(BillingMonth(containing: day(signup).adding(days: -1), signedUpOn: day(signup)) == nil)
  }

  @Test("R9: the years around a leap day")
  func leapYears() {
    let leap = day("2024-02-29")
    #expect(BillingMonth(13, signedUpOn: leap).startsOn == day("2025-02-28"))
    #expect(BillingMonth(49, signedUpOn: leap).startsOn == day("2028-02-29"))
    #expect(BillingMonth(1 + 12 * 76, signedUpOn: leap).startsOn == day("2100-02-28"))
    #expect(BillingMonth(containing: day("2025-02-28"), signedUpOn: leap)?.number == 13)
    #expect(BillingMonth(containing: day("2025-02-27"), signedUpOn: leap)?.number == 12)
  }

  @Test("R9: the client's zone decides which day it is")
  func zones() throws {
    let newYork = try #require(TimeZoneName("America/New_York"))
    let signup = day("2026-02-08")
    func number(_ time: String) -> Int? {
      BillingMonth(containing: at(time), signedUpOn: signup, in: newYork)?.number
    }
    #expect(number("2026-02-08T04:59:59Z") == nil)
    #expect(number("2026-02-08T05:00:00Z") == 1)
    #expect(number("2026-03-08T04:59:59.999999Z") == 1)
    #expect(number("2026-03-08T05:00:00Z") == 2)
    #expect(number("2026-04-08T03:59:59Z") == 2)
    let second = BillingMonth(2, signedUpOn: signup)
    #expect(second.startsAt(in: newYork) == at("2026-03-08T05:00:00Z"))
    #expect(second.endsAt(in: newYork) == at("2026-04-08T04:00:00Z"))
  }

  @Test("R9: over decades every day is in exactly one month", arguments: 0..<8)
  func decades(round: Int) {
    let seed = UInt64(round) + 0xB111
    var generator = SeededGenerator(seed: seed)
    let signup = day("1999-01-01").adding(days: Int.random(in: 0..<1_500, using: &generator))
    let fixed = round == 0 ? day("2000-02-29") : round == 1 ? day("2001-01-31") : signup
    var month = BillingMonth(1, signedUpOn: fixed)
    var date = fixed
    // By hand: the signup's day, or the last day of a month that does not have it, opens a month.
    while date < day("2050-01-01") {
      let opens = date.day == min(fixed.day, CivilDate.days(inMonth: date.month, year: date.year))
      if opens, date != fixed {
        #expect(month.nextStartsOn == date, "seed \(seed)")
        #expect(month.next.previous == month, "seed \(seed)")
        month = month.next
      }
      if BillingMonth(containing: date, signedUpOn: fixed) != month {
        Issue.record("seed \(seed): \(date) is not in month \(month.number)")
        return
      }
      date = date.adding(days: 1)
    }
  }
}
