import Domain
import Postgres
import Store

/// One client in one transaction, locked, that is about to get leads: what it wants and how many it may have.
struct LeadTurn {
  let client: Client
  let profile: ClientProfile
  let quota: LeadQuota
  let now: Timestamp

  /// Nil when there is no such client.
  init?(_ id: ID<Client>, now: Timestamp, in transaction: inout Transaction) throws {
    guard let found = try SubscriptionStore.lock(id, in: &transaction),
      let profile = try ProfileStore.find(id, in: &transaction)
    else { return nil }
    client = found.client
    self.profile = profile
    self.now = now
    quota = try Self.quota(
      of: found.client, found.subscription, profile.profile, now: now, in: &transaction)
  }

  /// Exact for who has the client's turn; else as things stand.
  static func quota(
    of client: Client, _ subscription: Subscription?, _ profile: IdealProfile, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> LeadQuota {
    let zone = client.timeZone
    let today = zone.date(at: now)
    guard let subscription, subscription.state == .active,
      let tier = try TierStore.find(subscription.tier, in: &transaction),
      let month = BillingMonth(containing: today, signedUpOn: subscription.signedUpOn)
    else { return .none(used: LeadUse(month: 0, today: 0)) }
    let next = try subscription.next.flatMap { try TierStore.find($0.tier, in: &transaction) }
    let use = try LeadQuotaStore.use(
      of: client.id, monthFrom: month.startsAt(in: zone), todayFrom: zone.startOfDay(today),
      in: &transaction)
    return LeadQuota(
      monthly: LeadQuota.monthly(of: tier, next: next), used: use, in: month, on: today,
      daily: profile.dailyPace)
  }

  /// How leads are given.
  struct Manner {
    var campaign: ID<Campaign>?
    /// The most that the client may get; nil for no limit.
    var room: Int?
    /// Whether a lead must match the profile, and score well enough.
    var mustMatch = false
    /// Whether leads that somebody else is at are left alone.
    var skipsLocked = false
  }

  /// Gives the client leads, as far as nothing forbids it; a verdict for each, in their order.
  func assign(
    _ leads: [ID<Lead>], _ manner: Manner, in transaction: inout Transaction
  ) throws -> [LeadVerdict] {
    let claims = profile.profile.claimsCompanies
    LeadClaimStore.takeCompanies(alone: claims, in: &transaction)
    let found = try LeadClaimStore.lock(
      Array(Set(leads)), for: client.id, claimsCompanies: claims, skipsLocked: manner.skipsLocked,
      in: &transaction)
    let known = Dictionary(uniqueKeysWithValues: found.map { ($0.claim.id, $0) })
    var deciding = LeadAssigning(client: client.id, claimsCompanies: claims, room: manner.room)
    var scores: [ID<Lead>: LeadScore] = [:]
    var verdicts = leads.map { lead -> LeadVerdict in
      guard let claimed = known[lead] else { return manner.skipsLocked ? .busy : .unknown }
      let score = LeadScore.score(claimed.scored.facts, claimed.scored.state, profile.profile, now: now)
      if manner.mustMatch {
        if let obstacle = deciding.obstacle(claimed.claim) { return obstacle }
        scores[lead] = score
        if !ProfileMatch(claimed.scored.facts, profile.profile).isMatch { return .unfit }
        if score.total < LeadScore.leastUseful { return .dead }
      }
      let verdict = deciding.decide(claimed.claim)
      if verdict == .assigned { scores[lead] = score }
      return verdict
    }
    let chosen = zip(leads, verdicts).filter { $0.1 == .assigned }.compactMap { known[$0.0]?.claim }
    let got = try LeadClaimStore.assign(
      chosen, to: client.id, campaign: manner.campaign, claimsCompanies: claims, now: now, in: &transaction)
    if got.count < chosen.count {
      // Somebody gave it away without locking it.
      let lost = chosen.map(\.id).filter { !got.contains($0) }
      let owners = try LeadAssignmentStore.owners(of: lost, in: &transaction)
      for (index, lead) in leads.enumerated() where verdicts[index] == .assigned && !got.contains(lead) {
        verdicts[index] = owners[lead].map { $0 == client.id ? .alreadyOwn : .taken(by: $0) } ?? .busy
        scores[lead] = nil
      }
    }
    LeadScoreStore.save(
      scores.map { (client.id, $0.key, $0.value, profile.version) }, now: now, in: &transaction)
    return verdicts
  }
}
