/// R2: what a tier with so many leads needs, with every step of the calculation.
///
/// R2's "15 % headroom" is read as 15 % more actions than planned; read as 15 % of the limit kept free it
/// gives R1's table too, and now and then one seat or number more.
public struct TierPlan: Hashable, Sendable {
  /// One line of the calculation. Later lines use the values of earlier ones.
  public struct Step: Hashable, Sendable {
    public enum Unit: String, CaseIterable, Hashable, Sendable {
      case leads
      case perMonth = "per_month"
      case perDay = "per_day"
      case resources
    }

    /// Such as `emails_per_day`; unique in a plan.
    public let name: String
    /// Exact; whole for resources.
    public let value: Fraction
    public let unit: Unit
    /// With the numbers in it: `2,750 ÷ 22 working days`.
    public let formula: String
  }

  public let leads: Int
  public let assumptions: TierAssumptions
  public let steps: [Step]
  public let resources: ResourceCounts

  public static let leadRange = 0...10_000_000

  /// The plan, or all that is wrong with the question.
  ///
  /// - Parameter leads: in a billing month, 0 to 10,000,000.
  public init(leads: Int, assumptions: TierAssumptions = TierAssumptions()) throws(FieldErrors) {
    var faults = assumptions.faults
    if !Self.leadRange.contains(leads) {
      faults.insert(FieldError(field: "leads", detail: "must be 0 to 10,000,000"), at: 0)
    }
    guard faults.isEmpty else { throw FieldErrors(faults) }
    var sheet = Sheet(leads: leads, assumptions: assumptions)
    self.leads = leads
    self.assumptions = assumptions
    let domains = sheet.domains()
    resources = ResourceCounts(
      emailDomains: domains, mailboxes: sheet.mailboxes(domains), phoneNumbers: sheet.numbers(),
      linkedInSeats: sheet.seats())
    steps = sheet.steps
  }

  /// Writes the steps down while it calculates.
  private struct Sheet {
    let leads: Int
    let assumptions: TierAssumptions
    private(set) var steps: [Step] = []

    init(leads: Int, assumptions: TierAssumptions) {
      self.leads = leads
      self.assumptions = assumptions
      note("leads", Fraction(leads), .leads, "given")
    }

    @discardableResult
    private mutating func note(_ name: String, _ value: Fraction, _ unit: Step.Unit, _ formula: String)
      -> Fraction
    {
      steps.append(Step(name: name, value: value, unit: unit, formula: formula))
      return value
    }

    private mutating func perDay(_ name: String, _ actions: Fraction) -> Fraction {
      note(
        name, actions / assumptions.workingDays, .perDay,
        "\(actions) ÷ \(assumptions.workingDays) working days")
    }

    private mutating func withHeadroom(_ name: String, _ actions: Fraction) -> Fraction {
      let percent = 100 + assumptions.headroomPercent
      return note(
        name, actions * .percent(percent), .perDay,
        "\(actions) × \(Fraction.percent(percent)) (\(assumptions.headroomPercent) % headroom)")
    }

    private mutating func resources(
      _ name: String, _ actions: Fraction, _ limit: Int, _ limited: String
    ) -> Int {
      let exact = actions / limit
      note(
        name, Fraction(exact.roundedUp), .resources,
        "\(actions) ÷ \(limit) a day per \(limited) = \(exact), rounded up")
      return exact.roundedUp
    }

    mutating func domains() -> Int {
      let a = assumptions
      let emails = note(
        "emails_per_month", Fraction(leads * a.emailsPerLead) * .percent(a.replyPercent), .perMonth,
        "\(Fraction(leads)) × \(a.emailsPerLead) emails × \(Fraction.percent(a.replyPercent)) with replies")
      return resources("email_domains", perDay("emails_per_day", emails), a.emailsPerDomain, "domain")
    }

    mutating func mailboxes(_ domains: Int) -> Int {
      let count = domains * assumptions.mailboxesPerDomain
      note(
        "mailboxes", Fraction(count), .resources,
        "\(Fraction(domains)) × \(assumptions.mailboxesPerDomain) mailboxes a domain")
      return count
    }

    mutating func seats() -> Int {
      let a = assumptions
      let open = a.hotPercent + a.warmPercent + a.coolPercent
      let perLead = Fraction.percent(a.linkedInActionsPercent)
      let actions = note(
        "linkedin_actions_per_month", Fraction(leads) * .percent(open) * perLead, .perMonth,
        "\(Fraction(leads)) × \(open) % cool or better × \(perLead) actions")
      let daily = perDay("linkedin_actions_per_day", actions)
      return resources(
        "linkedin_seats", withHeadroom("linkedin_actions_with_headroom", daily), a.actionsPerSeat, "seat")
    }

    mutating func numbers() -> Int {
      let a = assumptions
      let warm = a.hotPercent + a.warmPercent
      let share = Fraction.percent(warm * a.callsPerLead + a.hotPercent * a.textsPerHotLead)
      let actions = note(
        "phone_actions_per_month", Fraction(leads) * share, .perMonth,
        "\(Fraction(leads)) × (\(warm) % warm or better × \(a.callsPerLead) "
          + "+ \(a.hotPercent) % hot × \(a.textsPerHotLead)) actions")
      let daily = perDay("phone_actions_per_day", actions)
      return resources(
        "phone_numbers", withHeadroom("phone_actions_with_headroom", daily), a.actionsPerNumber, "number")
    }
  }
}
