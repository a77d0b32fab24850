/// A day of the Gregorian calendar without a time or a zone: what `date` stores, what ends in `_on`.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01, which is 0.
  public let daysSinceEpoch: Int

  public init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

  /// Nil for a day that the month does not have. `month` from 1 to 12.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, year: year) else { return nil }
    daysSinceEpoch = Int(Civil.daysSinceEpoch(year: Int64(year), month: Int64(month), day: Int64(day)))
  }

  public var year: Int { Int(Civil.date(daysSinceEpoch: Int64(daysSinceEpoch)).year) }
  /// 1 to 12.
  public var month: Int { Int(Civil.date(daysSinceEpoch: Int64(daysSinceEpoch)).month) }
  /// 1 to 31.
  public var day: Int { Int(Civil.date(daysSinceEpoch: Int64(daysSinceEpoch)).day) }

  public var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let index = (daysSinceEpoch + 3) % 7
    return Weekday.allCases[index < 0 ? index + 7 : index]
  }

  public static func days(inMonth month: Int, year: Int) -> Int {
    Int(Civil.days(inMonth: Int64(month), year: Int64(year)))
  }

  public static func < (a: CivilDate, b: CivilDate) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }

  public func adding(days: Int) -> CivilDate { CivilDate(daysSinceEpoch: daysSinceEpoch + days) }

  /// Days from `other` to this date; negative when this one is earlier.
  public func days(since other: CivilDate) -> Int { daysSinceEpoch - other.daysSinceEpoch }
}

/// A day of the week, Monday first (ISO 8601).
public enum Weekday: String, CaseIterable, Hashable, Sendable {
  case monday, tuesday, wednesday, thursday, friday, saturday, sunday
}

extension CivilDate: CustomStringConvertible, LosslessStringConvertible {
  /// `2026-01-31`.
  public var description: String {
    let (year, month, day) = Civil.date(daysSinceEpoch: Int64(daysSinceEpoch))
    var text: [UInt8] = []
    Civil.appendYear(year, to: &text)
    text.append(UInt8(ascii: "-"))
    Civil.append(month, width: 2, to: &text)
    text.append(UInt8(ascii: "-"))
    Civil.append(day, width: 2, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads `yyyy-mm-dd`, years 0001 to 9999. Nil for anything else.
  public init?(_ text: String) {
    var scanner = Civil.Scanner(text)
    guard let year = scanner.number(4), year >= 1, scanner.take("-"), let month = scanner.number(2),
      scanner.take("-"), let day = scanner.number(2), scanner.isAtEnd
    else { return nil }
    self.init(year: Int(year), month: Int(month), day: Int(day))
  }
}

// Local days (R12). No clock is asked and no zone of the machine.
extension TimeZoneName {
  /// The date that the zone's calendars show at `time`.
  public func date(at time: Timestamp) -> CivilDate {
    let second = Civil.floorDivide(time.microseconds, 1_000_000) + offset(at: time)
    return CivilDate(daysSinceEpoch: Int(Civil.floorDivide(second, 86_400)))
  }

  /// The first instant of a local day: midnight, or the end of the gap where the clock skips midnight. For a
  /// day that the zone never had (Samoa, 2011-12-30) the first instant of the next one.
  public func startOfDay(_ date: CivilDate) -> Timestamp {
    // No zone is more than 14 hours ahead of UTC or 12 behind: 36 hours earlier it is an earlier day.
    var time = Timestamp(microseconds: (Int64(date.daysSinceEpoch) * 86_400 - 129_600) * 1_000_000)
    while self.date(at: time) < date { time = endOfDay(containing: time) }
    return time
  }
}
