import Domain
import Testing

private let ignition = PricingTier.defaults[0]
private let velocity = PricingTier.defaults[1]
private let dominance = PricingTier.defaults[2]

/// What a client of a tier has: domains 1, 2, …, each worse than the one before, with two mailboxes each.
private func owned(_ tier: PricingTier) -> [Resource] {
  let counts = tier.resources
  let email = (1...UInt64(counts.emailDomains)).flatMap {
    domainWithMailboxes($0, reputation: 90 - Int($0), clients: 1)
  }
  let numbers = (1...UInt64(counts.phoneNumbers)).map {
    resource(50_000 + $0, .phoneNumber, clients: 1, reputation: 50 + Int($0))
  }
  let seats = (1...UInt64(counts.linkedInSeats)).map { resource(60_000 + $0, .linkedInSeat, clients: 1) }
  return email + numbers + seats
}

@Suite struct `Changes of a subscription` {
  let month = BillingMonth(2, signedUpOn: day("2026-01-31"))
  let newYork = TimeZoneName("America/New_York")!

  func change(_ has: Entitlement, to tier: PricingTier) -> SubscriptionChange {
    .decide(has, to: tier, in: month, zone: newYork)
  }

  @Test("R8: an upgrade adds the difference at once")
  func upgrade() {
    #expect(
      change(Entitlement(owned: owned(ignition)), to: dominance)
        == .change(
          assignNow: ResourceCounts(emailDomains: 6, mailboxes: 12, phoneNumbers: 2, linkedInSeats: 10),
          release: nil))
  }

  @Test("R8: a downgrade takes effect at the end of the client's billing month")
  func downgrade() {
    #expect(
      change(Entitlement(owned: owned(velocity)), to: ignition)
        == .change(
          assignNow: .zero,
          release: SubscriptionChange.Release(
            counts: ResourceCounts(emailDomains: 2, mailboxes: 4, phoneNumbers: 1, linkedInSeats: 3),
            at: at("2026-03-31T04:00:00Z"))))
  }

  @Test("R8: the same tier changes nothing, and so does the way back before a downgrade was due")
  func nothing() {
    #expect(change(Entitlement(owned: owned(velocity)), to: velocity) == .nothing)
    var missing = owned(velocity)
    missing.removeLast(3)
    let waiting = Entitlement(owned: missing, backordered: ResourceCounts(linkedInSeats: 3))
    #expect(change(waiting, to: velocity) == .nothing)
  }

  @Test("R8: a tier with more of one kind and less of another does both")
  func both() {
    let other = PricingTier(
      name: PricingTierName("phones")!, priceInCents: 1, leadQuota: 1,
      resources: ResourceCounts(emailDomains: 3, mailboxes: 6, phoneNumbers: 9, linkedInSeats: 1))
    #expect(
      change(Entitlement(owned: owned(ignition)), to: other)
        == .change(
          assignNow: ResourceCounts(phoneNumbers: 8),
          release: SubscriptionChange.Release(
            counts: ResourceCounts(linkedInSeats: 3), at: month.endsAt(in: newYork))))
  }

  @Test("R8: a dearer tier counts at once, a cheaper one from the end of the month")
  func tier() {
    func time(_ a: PricingTier, _ b: PricingTier) -> Timestamp {
      SubscriptionChange.takesEffectAt(from: a, to: b, in: month, zone: newYork, now: noon)
    }
    #expect(time(ignition, velocity) == noon && time(velocity, velocity) == noon)
    #expect(time(velocity, ignition) == at("2026-03-31T04:00:00Z"))
  }

  @Test("R8: what is given up is the worst by R5's order, mailboxes with their domains")
  func worst() {
    let has = owned(velocity)
    let due = Downgrade.decide(Entitlement(owned: has), to: ignition)
    let ids = Set(due.gives.map(\.id.low))
    #expect(ids == [4, 5, 401, 402, 501, 502, 50_001, 60_005, 60_006, 60_007])
    #expect(due.backordered.isZero)
    #expect(Downgrade.decide(Entitlement(owned: has), to: velocity).gives == [])
  }

  @Test("R8: a backorder shrinks before anything is taken away")
  func backorder() {
    let has = owned(ignition).filter { $0.kind != .linkedInSeat }
    let waiting = Entitlement(owned: has, backordered: ResourceCounts(linkedInSeats: 7))
    let due = Downgrade.decide(waiting, to: ignition)
    #expect(due.gives == [] && due.backordered == ResourceCounts(linkedInSeats: 4))
  }

  @Test("R8: mailboxes that are lost with their domain beyond the tier are owed")
  func owed() {
    let has = [
      resource(1, clients: 1, reputation: 9), resource(2, clients: 1, reputation: 1),
      resource(101, .mailbox, on: 1, clients: 1), resource(201, .mailbox, on: 2, clients: 1),
      resource(202, .mailbox, on: 2, clients: 1),
    ]
    let tier = PricingTier(
      name: .ignition, priceInCents: 1, leadQuota: 1,
      resources: ResourceCounts(emailDomains: 1, mailboxes: 2))
    let due = Downgrade.decide(Entitlement(owned: has), to: tier)
    #expect(due.gives.map(\.id.low) == [2, 201, 202])
    #expect(due.backordered == ResourceCounts(mailboxes: 1))
  }
}

@Suite struct Holds {
  @Test("R7: a hold lasts 30 days, to the instant")
  func length() {
    let hold = Hold(startedAt: noon)
    #expect(hold.endsAt == at("2026-04-03T12:00:00Z"))
    #expect(!hold.isOver(at: noon) && !hold.isOver(at: hold.endsAt - .microseconds(1)))
    #expect(hold.isOver(at: hold.endsAt))
  }

  @Test("R7: a client that returns within the hold gets the same resources back")
  func same() {
    let held = owned(velocity)
    let now = noon + .days(30) - .microseconds(1)
    let back = Return.decide(held, hold: Hold(startedAt: noon), to: velocity, now: now)
    #expect(Set(back?.resumes ?? []) == Set(held))
    #expect(back?.gives == [] && back?.assignNow == .zero)
    #expect(
      Return.decide(held, hold: Hold(startedAt: noon), to: velocity, now: noon + .days(30)) == nil)
  }

  @Test("R7: to a greater tier with the difference, to a lesser one with the best of them")
  func other() {
    let hold = Hold(startedAt: noon)
    let more = Return.decide(owned(velocity), hold: hold, to: dominance, now: noon + .days(1))
    #expect(more?.resumes.count == 24 && more?.gives == [])
    #expect(
      more?.assignNow
        == ResourceCounts(emailDomains: 4, mailboxes: 8, phoneNumbers: 1, linkedInSeats: 7))
    let less = Return.decide(owned(velocity), hold: hold, to: ignition, now: noon + .days(1))
    #expect(less.map { ResourceCounts(of: $0.resumes) } == ignition.resources)
    #expect(less?.gives.count == 10 && less?.assignNow == .zero)
  }
}
