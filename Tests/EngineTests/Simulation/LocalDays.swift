import Foundation

/// A zone's calendar, by Foundation: the product has one of its own.
struct LocalDays {
  struct Day: Comparable, CustomStringConvertible {
    let year: Int
    let month: Int
    let day: Int

    static func < (a: Day, b: Day) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    var description: String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "\(year)-\(two(month))-\(two(day))"
    }
  }

  let name: String
  private let calendar: Calendar

  init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.name = name
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    self.calendar = calendar
  }

  func day(at instant: Int64) -> Day {
    let date = Date(timeIntervalSince1970: Double(instant / 1_000_000))
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    return Day(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
  }

  /// Its first instant: not always a midnight.
  func start(of day: Day) -> Int64 {
    let noon = DateComponents(year: day.year, month: day.month, day: day.day, hour: 12)
    guard let date = calendar.date(from: noon) else { return .min }
    return Int64(calendar.startOfDay(for: date).timeIntervalSince1970) * 1_000_000
  }

  /// R9: the first day of the billing month in which `instant` lies, and of the next.
  func month(of signup: Day, at instant: Int64) -> (start: Day, next: Day) {
    let today = day(at: instant)
    var start = signup
    for months in 1... {
      let next = Self.clamped(signup, after: months)
      if next > today { return (start, next) }
      start = next
    }
    return (start, start)
  }

  /// The same day of a later month, or the last of a month that is too short.
  private static func clamped(_ day: Day, after months: Int) -> Day {
    var (year, month) = (day.year, day.month)
    for _ in 0..<months { (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1) }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return Day(year: year, month: month, day: min(day.day, lengths[month - 1]))
  }
}
