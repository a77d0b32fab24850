/// R9: a client's month, which starts on its signup day.
///
/// A 29th, 30th or 31st clamps to the last day of a shorter month and returns to itself afterwards, because
/// every month is counted from the signup, never from the month before.
public struct BillingMonth: Hashable, Sendable {
  /// The client's first day, in its own zone.
  public let signedUpOn: CivilDate
  /// 1 is the month that begins with the signup.
  public let number: Int

  /// - Parameter number: 1 or more.
  public init(_ number: Int, signedUpOn: CivilDate) {
    precondition(number >= 1, "billing months are counted from 1")
    self.number = number
    self.signedUpOn = signedUpOn
  }

  /// The month that `date` belongs to; nil before the signup.
  public init?(containing date: CivilDate, signedUpOn: CivilDate) {
    guard date >= signedUpOn else { return nil }
    let months = (date.year - signedUpOn.year) * 12 + date.month - signedUpOn.month
    // The start within the calendar month of `date` is still ahead of it, or it is not.
    let hasStarted = Self.start(months, signedUpOn) <= date
    self.init(hasStarted ? months + 1 : months, signedUpOn: signedUpOn)
  }

  /// The month at `now`; nil before the signup's day.
  public init?(containing now: Timestamp, signedUpOn: CivilDate, in zone: TimeZoneName) {
    self.init(containing: zone.date(at: now), signedUpOn: signedUpOn)
  }

  public var startsOn: CivilDate { Self.start(number - 1, signedUpOn) }
  /// The first day that no longer belongs to it: the next one's first.
  public var nextStartsOn: CivilDate { Self.start(number, signedUpOn) }
  public var lastDay: CivilDate { nextStartsOn.adding(days: -1) }

  public var next: BillingMonth { BillingMonth(number + 1, signedUpOn: signedUpOn) }
  /// Nil before the first.
  public var previous: BillingMonth? {
    number == 1 ? nil : BillingMonth(number - 1, signedUpOn: signedUpOn)
  }

  public func contains(_ date: CivilDate) -> Bool { startsOn <= date && date < nextStartsOn }

  public func startsAt(in zone: TimeZoneName) -> Timestamp { zone.startOfDay(startsOn) }
  /// When the next one starts; a downgrade takes effect at this instant (R8).
  public func endsAt(in zone: TimeZoneName) -> Timestamp { zone.startOfDay(nextStartsOn) }

  /// The start of the month `months` after the signup.
  private static func start(_ months: Int, _ signedUpOn: CivilDate) -> CivilDate {
    let index = signedUpOn.year * 12 + signedUpOn.month - 1 + months
    let (year, month) = (index / 12, index % 12 + 1)
    let day = min(signedUpOn.day, CivilDate.days(inMonth: month, year: year))
    guard let start = CivilDate(year: year, month: month, day: day)
    else { preconditionFailure("a clamped day is one of its month") }
    return start
  }
}
