private import Foundation

// The only file of the domain that knows Foundation: it has the time zones, nothing else is used.

/// A time zone of the IANA database, such as `America/New_York`.
public struct TimeZoneName: Hashable, Sendable, CustomStringConvertible {
  public let identifier: String
  private let zone: TimeZone

  /// Nil unless the database has a zone of exactly this name. Abbreviations ("EST") and offsets
  /// ("GMT+3") are refused: they do not know daylight saving time.
  public init?(_ identifier: String) {
    guard identifier == "UTC" || identifier == "GMT" || identifier.contains("/"),
      identifier.utf8.count <= 64, identifier.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      let zone = TimeZone(identifier: identifier)
    else { return nil }
    self.identifier = identifier
    self.zone = zone
  }

  public static let utc = TimeZoneName("UTC")!

  public var description: String { identifier }

  public static func == (a: TimeZoneName, b: TimeZoneName) -> Bool { a.identifier == b.identifier }

  public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }

  /// Seconds that local time is ahead of UTC at `time`.
  public func offset(at time: Timestamp) -> Int64 {
    offset(atSecond: Civil.floorDivide(time.microseconds, 1_000_000))
  }

  private func offset(atSecond second: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
  }
}

// Local days, from offsets alone (R12: a day with a clock change has 23 or 25 hours).
extension TimeZoneName {
  /// The instant at which the local day that contains `time` ends: the first moment of the next one.
  ///
  /// Always later than `time`. Where the clock skips midnight, the next day begins at the end of the gap;
  /// where midnight comes twice, the first one that is later than `time` counts.
  public func endOfDay(containing time: Timestamp) -> Timestamp {
    let second = Civil.floorDivide(time.microseconds, 1_000_000)
    let before = offset(atSecond: second)
    let midnight = (Civil.floorDivide(second + before, 86_400) + 1) * 86_400
    let after = offset(atSecond: midnight - before + 86_400)
    let candidates = [midnight - before, midnight - after].sorted()
    for candidate in candidates where candidate + offset(atSecond: candidate) == midnight {
      return Timestamp(microseconds: candidate * 1_000_000)
    }
    let end = endOfGap(over: midnight, from: candidates[0], through: candidates[1])
    return Timestamp(microseconds: end * 1_000_000)
  }

  /// The first second in `low...high` whose local time is at or after `midnight`, which no clock shows.
  private func endOfGap(over midnight: Int64, from low: Int64, through high: Int64) -> Int64 {
    var (low, high) = (low, high)
    while low < high {
      let middle = low + (high - low) / 2
      if middle + offset(atSecond: middle) >= midnight { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
