/// When a channel may be used, by the recipient's clocks (R21).
public struct SendWindow: Hashable, Sendable {
  /// Minutes since midnight, local; the end does not belong to it.
  public typealias Hours = Range<Int>

  public var weekdays: Set<Weekday>
  /// In order, apart from each other. Never empty.
  public var hours: [Hours]

  /// - Parameter hours: minutes since midnight, 0 to 1440, in order and apart from each other.
  public init?(weekdays: Set<Weekday>, hours: [Hours]) {
    guard !weekdays.isEmpty, let first = hours.first, let last = hours.last, first.lowerBound >= 0,
      last.upperBound <= 1_440, hours.allSatisfy({ !$0.isEmpty }),
      zip(hours, hours.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound })
    else { return nil }
    self.weekdays = weekdays
    self.hours = hours
  }

  private init(_ hours: [Hours]) {
    weekdays = [.monday, .tuesday, .wednesday, .thursday, .friday]
    self.hours = hours
  }

  /// R21: Monday to Friday; email 9 to 11, LinkedIn and SMS 9 to 17, voice 9 to 12 and 13 to 17.
  public static func standard(_ channel: Channel) -> SendWindow {
    switch channel {
    case .email: SendWindow([540..<660])
    case .linkedin, .sms: SendWindow([540..<1_020])
    case .voice: SendWindow([540..<720, 780..<1_020])
    }
  }

  /// The first moment at or after `time` at which the window is open; nil when it is closed for ten years.
  ///
  /// A wall-clock time that a clock change skips counts as the first moment after the gap; of one that comes
  /// twice, the first counts, and the window stays open through the second if it does not close before.
  ///
  /// - Parameter holidays: days on which it stays closed.
  public func firstMoment(
    from time: Timestamp, in zone: TimeZoneName, holidays: Set<CivilDate> = []
  ) -> Timestamp? {
    let today = zone.date(at: time)
    for offset in 0...3_660 {
      let date = today.adding(days: offset)
      guard weekdays.contains(date.weekday), !holidays.contains(date) else { continue }
      for span in hours {
        let opens = zone.instant(on: date, minute: span.lowerBound)
        let closes = zone.instant(on: date, minute: span.upperBound)
        if max(opens, time) < closes { return max(opens, time) }
      }
    }
    return nil
  }

  public func isOpen(at time: Timestamp, in zone: TimeZoneName, holidays: Set<CivilDate> = []) -> Bool {
    firstMoment(from: time, in: zone, holidays: holidays) == time
  }
}

extension TimeZoneName {
  /// The instant at which the clocks of the zone show this minute of the day, 0 to 1440: the first one if
  /// they show it twice, the end of the gap if they skip it.
  public func instant(on date: CivilDate, minute: Int) -> Timestamp {
    let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(minute) * 60
    // The offset of the day before and of the day after: between them lies a change, if there is one.
    let before = offset(at: Timestamp(microseconds: (local - 93_600) * 1_000_000))
    let after = offset(at: Timestamp(microseconds: (local + 93_600) * 1_000_000))
    for offset in [before, after].sorted(by: >) {
      let second = local - offset
      if self.offset(at: Timestamp(microseconds: second * 1_000_000)) == offset {
        return Timestamp(microseconds: second * 1_000_000)
      }
    }
    return endOfGap(around: local, before: before, after: after)
  }

  /// The moment at which the clocks jump over `local`.
  private func endOfGap(around local: Int64, before: Int64, after: Int64) -> Timestamp {
    var (low, high) = (local - max(before, after), local - min(before, after))
    while low < high {
      let middle = low + (high - low) / 2
      if offset(at: Timestamp(microseconds: middle * 1_000_000)) == after {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return Timestamp(microseconds: low * 1_000_000)
  }
}
