import Domain
import Testing

struct LeadQuotaTests {
  /// A client that signed up on 1 June 2026, a Monday; June has 22 working days.
  func quota(
    _ day: String, used: Int = 0, today: Int = 0, monthly: Int = 1_250, daily: Int? = nil,
    signedUp: String = "2026-06-01"
  ) throws -> LeadQuota {
    let date = try #require(CivilDate(day))
    let first = try #require(CivilDate(signedUp))
    let month = try #require(BillingMonth(containing: date, signedUpOn: first))
    return LeadQuota(
      monthly: monthly, used: LeadUse(month: used, today: today), in: month, on: date, daily: daily)
  }

  @Test func `on the first day the quota is spread over 22 working days, rounded up`() throws {
    let first = try quota("2026-06-01")
    #expect(first.pace == 57 && first.left == 1_250 && first.leftToday == 57)
    #expect(first.renewsOn == CivilDate("2026-07-01"))
  }

  @Test func `what is left is spread over the working days that are left`() throws {
    // 30 June, the last working day: everything.
    #expect(try quota("2026-06-30", used: 1_000).pace == 250)
    // 29 and 30 June.
    #expect(try quota("2026-06-29", used: 1_000).pace == 125)
    // What was assigned today already counts as left at dawn.
    let later = try quota("2026-06-29", used: 1_100, today: 100)
    #expect(later.pace == 125 && later.leftToday == 25)
  }

  @Test func `a month with 23 working days is spread over 22`() throws {
    // 1 July to 31 July 2026 has 23.
    #expect(try quota("2026-07-01", monthly: 2_200).pace == 100)
  }

  @Test func `on a day off there is no pace, but a quota`() throws {
    let saturday = try quota("2026-06-06")
    #expect(saturday.pace == 0 && saturday.leftToday == 0 && saturday.left == 1_250)
    #expect(try quota("2026-06-07", daily: 40).pace == 0)
  }

  @Test func `a pace of one's own takes the place of the computed one, within the quota`() throws {
    #expect(try quota("2026-06-01", daily: 10).leftToday == 10)
    #expect(try quota("2026-06-01", used: 1_245, daily: 10).leftToday == 5)
  }

  @Test func `nothing is ever left below 0`() throws {
    let capped = try quota("2026-06-10", used: 1_300, today: 100)
    #expect(capped.left == 0 && capped.leftToday == 0)
    #expect(LeadQuota.none(used: LeadUse(month: 3, today: 1)).left == 0)
  }

  @Test func `a month without a working day left still has a pace on none`() throws {
    // From Saturday to Sunday, the last days of a month that began on the 1st of a month ending on a Sunday.
    #expect(try quota("2026-05-31", signedUp: "2026-05-01").pace == 0)
  }

  @Test func `the dearer of two tiers counts at once, the cheaper when its time comes`() {
    let tiers = PricingTier.defaults
    #expect(LeadQuota.monthly(of: tiers[0], next: nil) == 1_250)
    #expect(LeadQuota.monthly(of: tiers[0], next: tiers[1]) == 2_250)
    #expect(LeadQuota.monthly(of: tiers[2], next: tiers[0]) == 4_500)
  }
}
