/// How the daily limit of a young resource rises: a table of days, in actions a day.
public struct Ramp: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    /// It holds for fewer full days than this since the start.
    public let before: Int
    public let limit: Int
  }

  public let steps: [Step]
  /// After the last step.
  public let full: Int

  init(_ steps: [(before: Int, limit: Int)], then full: Int) {
    self.steps = steps.map { Step(before: $0.before, limit: $0.limit) }
    self.full = full
  }

  /// - Parameter days: full periods of 24 hours since the start; 0 on the first day.
  public func limit(afterDays days: Int) -> Int { steps.first { days < $0.before }?.limit ?? full }

  /// Specs/resource-pool.md, R11.
  public static let emailDomain = Ramp([(4, 5), (8, 10), (15, 20), (22, 35)], then: 50)
  /// Facts/outreach-defaults.md: days 0–2, 3–4, 5–6, then all.
  public static let voiceNumber = Ramp([(3, 20), (5, 30), (7, 40)], then: 50)
  /// Facts/outreach-defaults.md: days 1–3, 4–7, 8–11, counted from 1 there and from 0 here; then R3's 17.
  public static let linkedInSeat = Ramp([(3, 5), (7, 10), (11, 15)], then: 17)
}

/// What a LinkedIn seat may do on one day (facts/outreach-defaults.md).
public struct SeatLimit: Hashable, Sendable {
  public static let invitationsPerWeek = 80
  /// Share of invitations accepted below which a seat does a quarter less.
  public static let leastAcceptance = 0.3

  /// Actions of any kind.
  public let actions: Int
  /// Of those, invitations at most: what is left of the week's.
  public let invitations: Int

  /// Saturdays half, Sundays none; a quarter less where it is certain (95 %) that fewer than 30 % accept;
  /// each time rounded down.
  ///
  /// - Parameters:
  ///   - days: full days since the seat started; nil when it is long since up.
  ///   - weekday: of the seat's own day (R12).
  ///   - invited, accepted: its invitations of late that were answered or ignored, and those accepted.
  ///   - invitedThisWeek: since the last Monday of its zone.
  public init(days: Int?, weekday: Weekday, invited: Int, accepted: Int, invitedThisWeek: Int) {
    var limit = days.map(Ramp.linkedInSeat.limit(afterDays:)) ?? Ramp.linkedInSeat.full
    if weekday == .saturday { limit /= 2 }
    if weekday == .sunday { limit = 0 }
    if RateJudgement.interval(accepted, of: invited).upper < Self.leastAcceptance { limit = limit * 3 / 4 }
    actions = limit
    invitations = min(limit, max(0, Self.invitationsPerWeek - invitedThisWeek))
  }
}
