import Domain
import Testing

@Suite struct `Pricing tiers` {
  @Test("R1: the three tiers of the document are what a database begins with")
  func defaults() {
    let rows = PricingTier.defaults.map { tier in
      [
        tier.name.text, "\(tier.priceInCents)", "\(tier.leadQuota)",
        ResourceKind.allCases.map { "\(tier.resources[$0])" }.joined(separator: " "),
      ]
    }
    #expect(
      rows == [
        ["ignition", "250000", "1250", "3 6 1 4"], ["velocity", "500000", "2250", "5 10 2 7"],
        ["dominance", "750000", "4500", "9 18 3 14"],
      ])
  }

  @Test("R2: the derivation gives R1's table", arguments: PricingTier.defaults)
  func derived(tier: PricingTier) throws {
    #expect(try TierPlan(leads: tier.leadQuota).resources == tier.resources)
  }

  /// Worked out from R2's formula with another program, in the order domains, mailboxes, numbers, seats.
  @Test(
    "R2: other numbers of leads",
    arguments: [
      (0, [0, 0, 0, 0]), (1, [1, 2, 1, 1]), (500, [1, 2, 1, 2]), (501, [2, 4, 1, 2]), (1_000, [2, 4, 1, 3]),
      (1_001, [3, 6, 1, 4]), (1_500, [3, 6, 1, 5]), (3_000, [6, 12, 2, 9]), (10_000, [20, 40, 5, 30]),
      (100_000, [200, 400, 48, 300]), (10_000_000, [20_000, 40_000, 4_705, 29_980]),
    ])
  func others(leads: Int, counts: [Int]) throws {
    let plan = try TierPlan(leads: leads)
    #expect(ResourceKind.allCases.map { plan.resources[$0] } == counts)
  }

  @Test("R2: every step is kept and can be shown")
  func steps() throws {
    let steps = try TierPlan(leads: 1_250).steps
    #expect(
      steps.map { "\($0.name) = \($0.value) \($0.unit.rawValue): \($0.formula)" } == [
        "leads = 1,250 leads: given",
        "emails_per_month = 2,750 per_month: 1,250 × 2 emails × 1.1 with replies",
        "emails_per_day = 125 per_day: 2,750 ÷ 22 working days",
        "email_domains = 3 resources: 125 ÷ 50 a day per domain = 2.5, rounded up",
        "mailboxes = 6 resources: 3 × 2 mailboxes a domain",
        "phone_actions_per_month = 562.5 per_month: 1,250 × (35 % warm or better × 1 + 10 % hot × 1) actions",
        "phone_actions_per_day = 25.568 per_day: 562.5 ÷ 22 working days",
        "phone_actions_with_headroom = 29.403 per_day: 25.568 × 1.15 (15 % headroom)",
        "phone_numbers = 1 resources: 29.403 ÷ 50 a day per number = 0.588, rounded up",
        "linkedin_actions_per_month = 1,218.75 per_month: 1,250 × 75 % cool or better × 1.3 actions",
        "linkedin_actions_per_day = 55.397 per_day: 1,218.75 ÷ 22 working days",
        "linkedin_actions_with_headroom = 63.707 per_day: 55.397 × 1.15 (15 % headroom)",
        "linkedin_seats = 4 resources: 63.707 ÷ 17 a day per seat = 3.747, rounded up",
      ])
  }

  @Test("R3: a seat bears 17 actions a day; with 20 Dominance would need 12 seats")
  func seats() throws {
    var older = TierAssumptions()
    #expect(older.actionsPerSeat == 17)
    older.actionsPerSeat = 20
    #expect(try TierPlan(leads: 4_500, assumptions: older).resources.linkedInSeats == 12)
  }

  @Test func `all that is wrong with a question is said at once`() {
    var wrong = TierAssumptions()
    wrong.hotPercent = 90
    wrong.workingDays = 0
    wrong.actionsPerSeat = 0
    wrong.headroomPercent = -1
    do {
      _ = try TierPlan(leads: -1, assumptions: wrong)
      Issue.record("a plan was made")
    } catch {
      #expect(
        error.errors.map(\.field)
          == ["leads", "score_distribution", "working_days", "actions_per_seat", "headroom_percent"])
    }
    #expect(throws: FieldErrors.self) { try TierPlan(leads: 10_000_001) }
  }

  @Test func `names are short and plain`() {
    #expect(PricingTierName("velocity-2_b")?.text == "velocity-2_b")
    for text in ["", "Velocity", "a b", "é", String(repeating: "a", count: 51)] {
      #expect(PricingTierName(text) == nil)
    }
  }

  @Test func `fractions are exact and print with three decimals`() {
    #expect(Fraction(6, over: 4) == Fraction(3, over: 2))
    #expect(Fraction(1, over: 3) * Fraction(3) == Fraction(1))
    #expect((Fraction(7) / 2).roundedUp == 4 && Fraction(8, over: 2).roundedUp == 4)
    #expect("\(Fraction(0))" == "0" && "\(Fraction(1, over: 3))" == "0.333")
    #expect("\(Fraction(1_234_567_050, over: 1_000))" == "1,234,567.05")
    #expect("\(Fraction(1, over: 10_000))" == "0")
    #expect(Fraction(8).isWhole && !Fraction(1, over: 2).isWhole)
  }
}
