// RFC 3339 text of instants, without Foundation: it stands on every answer's path.

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
  /// RFC 3339 in UTC: `2026-11-21T01:23:45.678901Z`; a fraction only where there is one. Years outside 0000
  /// to 9999, which RFC 3339 does not have, get a sign and as many digits as they need (ISO 8601).
  public var description: String {
    let day = Civil.floorDivide(microseconds, Civil.microsecondsPerDay)
    let (year, month, dayOfMonth) = Civil.date(daysSinceEpoch: day)
    var rest = microseconds % Civil.microsecondsPerDay
    if rest < 0 { rest += Civil.microsecondsPerDay }
    let fraction = rest % 1_000_000
    rest /= 1_000_000
    var text: [UInt8] = []
    text.reserveCapacity(27)
    Civil.appendYear(year, to: &text)
    text.append(UInt8(ascii: "-"))
    Civil.append(month, width: 2, to: &text)
    text.append(UInt8(ascii: "-"))
    Civil.append(dayOfMonth, width: 2, to: &text)
    text.append(UInt8(ascii: "T"))
    Civil.append(rest / 3_600, width: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Civil.append(rest / 60 % 60, width: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Civil.append(rest % 60, width: 2, to: &text)
    if fraction != 0 {
      text.append(UInt8(ascii: "."))
      Civil.append(fraction, width: 6, to: &text)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads RFC 3339 with an offset (`Z` or `+hh:mm`), years 0001 to 9999. Nil for anything else:
  /// leap seconds, a missing offset, days that the month does not have, more than nine decimals, and an
  /// instant whose year in UTC is outside those years.
  public init?(_ text: String) {
    var scanner = Civil.Scanner(text)
    guard let year = scanner.number(4), year >= 1, scanner.take("-"),
      let month = scanner.number(2), (1...12).contains(month), scanner.take("-"),
      let day = scanner.number(2), day >= 1, day <= Civil.days(inMonth: month, year: year),
      scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(2), hour < 24, scanner.take(":"),
      let minute = scanner.number(2), minute < 60, scanner.take(":"),
      let second = scanner.number(2), second < 60
    else { return nil }
    var micros: Int64 = 0
    if scanner.take(".") {
      guard let fraction = scanner.fractionInMicroseconds() else { return nil }
      micros = fraction
    }
    guard let offset = scanner.offsetInSeconds(), scanner.isAtEnd else { return nil }
    let days = Civil.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    guard Civil.secondsOfFourDigitYears.contains(seconds) else { return nil }
    self.init(microseconds: seconds * 1_000_000 + micros)
  }
}

/// The proleptic Gregorian calendar in integers (algorithm: days from civil, era of 400 years).
enum Civil {
  static let microsecondsPerDay: Int64 = 86_400_000_000

  /// From 0001-01-01 to 9999-12-31, in seconds since the epoch.
  static let secondsOfFourDigitYears: Range<Int64> = -62_135_596_800..<253_402_300_800

  static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a / b - (a % b < 0 ? 1 : 0) }

  static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = floorDivide(y, 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func date(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = daysSinceEpoch + 719_468
    let era = floorDivide(z, 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
  }

  static func days(inMonth month: Int64, year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  static func append(_ value: Int64, width: Int, to text: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
      text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
      divisor /= 10
    }
  }

  static func appendYear(_ year: Int64, to text: inout [UInt8]) {
    guard !(0...9_999).contains(year) else { return append(year, width: 4, to: &text) }
    text.append(UInt8(ascii: year < 0 ? "-" : "+"))
    append(abs(year), width: max(4, String(abs(year)).utf8.count), to: &text)
  }

  struct Scanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func digit() -> Int64? {
      guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
      position += 1
      return Int64(bytes[position - 1] - 48)
    }

    mutating func number(_ width: Int) -> Int64? {
      var value: Int64 = 0
      for _ in 0..<width {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    mutating func fractionInMicroseconds() -> Int64? {
      var value: Int64 = 0
      var count = 0
      while let digit = digit() {
        count += 1
        if count <= 6 { value = value * 10 + digit }
      }
      guard (1...9).contains(count) else { return nil }
      for _ in 0..<max(0, 6 - count) { value *= 10 }
      return value
    }

    mutating func offsetInSeconds() -> Int64? {
      if take("Z") || take("z") { return 0 }
      let sign: Int64
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60
      else { return nil }
      return sign * (hour * 3_600 + minute * 60)
    }
  }
}
