/// What a client has used of its leads.
public struct LeadUse: Hashable, Sendable {
  /// Assigned in this billing month, also those that were released since.
  public var month: Int
  /// Of these, assigned today, in the client's zone.
  public var today: Int

  public init(month: Int, today: Int) {
    self.month = month
    self.today = today
  }
}

/// How many leads a client may get: in its billing month (R9) and, so that they are spread over it, today.
///
/// What is not used does not roll over. A dearer tier counts at once, a cheaper one from the next billing
/// month; where the quota falls below what was used, nothing is left.
public struct LeadQuota: Hashable, Sendable {
  /// Working days that a month's leads are spread over, at most.
  public static let workingDays = 22

  /// The tier's leads a billing month; 0 for a client that pays for nothing.
  public let monthly: Int
  public let used: LeadUse
  /// The first day of the next billing month; nil for a client that pays for nothing.
  public let renewsOn: CivilDate?
  /// What the client may get today by its pace, all in all; 0 on a day off.
  public let pace: Int

  public var left: Int { max(0, monthly - used.month) }
  public var leftToday: Int { max(0, min(left, pace - used.today)) }

  /// Of a client that pays for nothing.
  public static func none(used: LeadUse) -> LeadQuota {
    LeadQuota(monthly: 0, used: used, renewsOn: nil, pace: 0)
  }

  private init(monthly: Int, used: LeadUse, renewsOn: CivilDate?, pace: Int) {
    self.monthly = monthly
    self.used = used
    self.renewsOn = renewsOn
    self.pace = pace
  }

  /// - Parameters:
  ///   - month: the client's billing month that has `today`.
  ///   - today: in the client's zone.
  ///   - daily: the pace that the client's profile sets in place of the computed one.
  public init(monthly: Int, used: LeadUse, in month: BillingMonth, on today: CivilDate, daily: Int? = nil) {
    let days = Self.workingDays(from: today, until: month.nextStartsOn)
    let atDawn = max(0, monthly - (used.month - used.today))
    let pace: Int
    if !today.isWorkingDay {
      pace = 0
    } else if let daily {
      pace = daily
    } else {
      let share = min(max(days, 1), Self.workingDays)
      pace = (atDawn + share - 1) / share
    }
    self.init(monthly: monthly, used: used, renewsOn: month.nextStartsOn, pace: pace)
  }

  /// The quota of two tiers of which the second is to follow: the dearer one counts already (R8).
  public static func monthly(of tier: PricingTier, next: PricingTier?) -> Int {
    guard let next, next.priceInCents >= tier.priceInCents else { return tier.leadQuota }
    return next.leadQuota
  }

  /// Mondays to Fridays from the first day to the one before the last.
  static func workingDays(from first: CivilDate, until last: CivilDate) -> Int {
    (0..<max(0, last.days(since: first))).count { first.adding(days: $0).isWorkingDay }
  }
}

extension CivilDate {
  /// Monday to Friday.
  public var isWorkingDay: Bool { weekday != .saturday && weekday != .sunday }
}
