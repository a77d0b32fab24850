/// What a tier's plan assumes about leads, sequences and limits; R2's by default, each can be changed.
public struct TierAssumptions: Hashable, Sendable {
  /// Share of leads in each lead tier, in percent. Dead ones are not bought.
  public var hotPercent = 10
  public var warmPercent = 25
  public var coolPercent = 40
  public var coldPercent = 25

  /// Steps of the sequence that are emails; every lead gets them.
  public var emailsPerLead = 2
  /// Emails in all, replies included, in percent of those of the sequence.
  public var replyPercent = 110
  /// Actions for each lead that LinkedIn is open to (cool and better): a connection, and a message where it
  /// is accepted; in percent, so 1.3. With 75 % of leads this is R2's 0.975.
  public var linkedInActionsPercent = 130
  /// Calls for each warm or hot lead, and text messages for each hot one. 35 % and 10 % are R2's 0.45.
  public var callsPerLead = 1
  public var textsPerHotLead = 1
  public var workingDays = 22

  public var emailsPerDomain = 50
  /// R3.
  public var actionsPerSeat = 17
  public var actionsPerNumber = 50
  /// More than the plan's actions that seats and numbers are to bear. Domains have none: replies are counted.
  public var headroomPercent = 15
  public var mailboxesPerDomain = 2

  public init() {}

  /// What is wrong with them, in a fixed order; empty when a plan can be made.
  public var faults: [FieldError] {
    var faults: [FieldError] = []
    func require(_ isRight: Bool, _ field: String, _ detail: String) {
      if !isRight { faults.append(FieldError(field: field, detail: detail)) }
    }
    let shares = [hotPercent, warmPercent, coolPercent, coldPercent]
    require(
      shares.allSatisfy { (0...100).contains($0) } && shares.reduce(0, +) <= 100, "score_distribution",
      "must be shares from 0 to 100 percent, together 100 at most")
    require((0...100).contains(emailsPerLead), "emails_per_lead", "must be 0 to 100")
    require((100...1_000).contains(replyPercent), "reply_percent", "must be 100 to 1,000")
    require(
      (0...1_000).contains(linkedInActionsPercent), "linkedin_actions_percent", "must be 0 to 1,000")
    require((0...100).contains(callsPerLead), "calls_per_lead", "must be 0 to 100")
    require((0...100).contains(textsPerHotLead), "texts_per_hot_lead", "must be 0 to 100")
    require((1...31).contains(workingDays), "working_days", "must be 1 to 31")
    for (limit, field) in [
      (emailsPerDomain, "emails_per_domain"), (actionsPerSeat, "actions_per_seat"),
      (actionsPerNumber, "actions_per_number"),
    ] {
      require((1...10_000).contains(limit), field, "must be 1 to 10,000 a day")
    }
    require((0...500).contains(headroomPercent), "headroom_percent", "must be 0 to 500")
    require((0...100).contains(mailboxesPerDomain), "mailboxes_per_domain", "must be 0 to 100")
    return faults
  }
}
