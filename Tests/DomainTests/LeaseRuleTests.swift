import Domain
import Testing

let newYork = TimeZoneName("America/New_York")!

/// Applies an outcome in New York, where noon (UTC) is 7 in the morning and the day ends at 05:00Z.
func apply(
  _ outcome: CallOutcome, to lease: Lease, term: Int64? = nil, at now: Timestamp = noon + .hours(1)
) -> LeaseChange {
  LeaseRule.apply(outcome, to: lease, term: term, at: now, timeZone: newYork)
}

extension LeaseChange {
  var extended: Lease? { if case .extended(let lease) = self { lease } else { nil } }
  var ended: Lease? { if case .ended(let lease) = self { lease } else { nil } }
}

let endOfNoonsDay = at("2026-03-05T05:00:00Z")

@Suite struct `The one rule for free` {
  @Test(
    "R17: a number is free when it is available, or assigned and its time is over",
    arguments: [
      (false, nil, true), (false, noon + .hours(1), true), (true, nil, false),
      (true, noon + .microseconds(1), false), (true, noon, true), (true, noon - .microseconds(1), true),
    ] as [(Bool, Timestamp?, Bool)])
  func free(assigned: Bool, releaseAt: Timestamp?, isFree: Bool) {
    #expect(LeaseRule.isFree(releaseAt: releaseAt, assigned: assigned, now: noon) == isFree)
  }

  @Test("R17: a lease is live until its time is over or it has ended")
  func live() {
    #expect(lease().isLive(at: noon))
    #expect(lease().isLive(at: noon + .hours(18) - .microseconds(1)))
    #expect(!lease().isLive(at: noon + .hours(18)))
    #expect(!lease(endedAt: noon).isLive(at: noon))
  }

  @Test("R17: a claim is leased for 18 hours under the number's next term")
  func grant() {
    let claim = LeaseClaim(number: number("pn-9", usedAt: noon - .hours(50), term: 41))
    let granted = Lease(
      id: ID(high: 3, low: 9), granting: claim, of: someClient, company: company, to: lead(1),
      customerPhone: PhoneNumber(parsing: "650-530-0051"), at: noon)
    #expect(granted.term == 42)
    #expect(granted.leasedAt == noon)
    #expect(granted.releaseAt == noon + .hours(18))
    #expect(granted.providerNumberID.text == "pn-9")
    #expect(granted.missedCalls == 0 && granted.lastOutcome == nil && granted.endedAt == nil)
  }

  @Test func `only an active number can be leased`() {
    #expect(number("a").isLeasable(at: noon))
    #expect(!number("a", status: .maintenance).isLeasable(at: noon))
    #expect(!number("a", status: .inactive).isLeasable(at: noon))
    #expect(!number("a", leaseID: 1, releaseAt: noon + .hours(1)).isLeasable(at: noon))
    #expect(number("a", leaseID: 1, releaseAt: noon).isLeasable(at: noon))
  }
}

@Suite struct `Bookings` {
  @Test("R17: booked holds until 24 hours after the appointment")
  func booked() {
    let appointment = noon + .hours(72)
    let held = apply(.booked(appointmentAt: appointment), to: lease()).extended
    #expect(held?.releaseAt == appointment + .hours(24))
    #expect(held?.appointmentAt == appointment)
    #expect(held?.lastOutcome == .booked)
  }

  @Test("R17: a booking never shortens an earlier hold")
  func neverShorter() {
    let long = lease(releaseAt: noon + .hours(500))
    #expect(
      apply(.booked(appointmentAt: noon + .hours(2)), to: long).extended?.releaseAt == noon + .hours(500))
  }

  @Test("R17: a later booking replaces the appointment")
  func rebooked() {
    let first = apply(.booked(appointmentAt: noon + .hours(72)), to: lease()).extended!
    let sooner = apply(.booked(appointmentAt: noon + .hours(24)), to: first).extended
    #expect(sooner?.appointmentAt == noon + .hours(24))
    #expect(sooner?.releaseAt == noon + .hours(96))
    let later = apply(.booked(appointmentAt: noon + .hours(100)), to: first).extended
    #expect(later?.appointmentAt == noon + .hours(100))
    #expect(later?.releaseAt == noon + .hours(124))
  }

  @Test("R17: the same booking again changes nothing, even when the appointment is past")
  func repeated() {
    let outcome = CallOutcome.booked(appointmentAt: noon + .hours(2))
    let held = apply(outcome, to: lease()).extended!
    #expect(apply(outcome, to: held) == .unchanged(.repeated))
    #expect(apply(outcome, to: held, at: noon + .hours(3)) == .unchanged(.repeated))
  }

  @Test("R17: an appointment must lie ahead, by 366 days at most")
  func refused() {
    let now = noon + .hours(1)
    let days = Duration.hours(366 * 24)
    #expect(
      apply(.booked(appointmentAt: now - .microseconds(1)), to: lease()) == .refused(.appointmentInThePast))
    #expect(apply(.booked(appointmentAt: now), to: lease()).extended != nil)
    #expect(apply(.booked(appointmentAt: now + days), to: lease()).extended != nil)
    #expect(
      apply(.booked(appointmentAt: now + days + .microseconds(1)), to: lease())
        == .refused(.appointmentTooFarAhead))
    #expect(
      apply(.booked(appointmentAt: Timestamp(microseconds: .max)), to: lease())
        == .refused(.appointmentTooFarAhead))
  }

  @Test("R17: a booking forgives missed calls")
  func forgives() {
    let missed = apply(.noAnswer, to: lease()).extended!
    #expect(apply(.booked(appointmentAt: noon + .hours(4)), to: missed).extended?.missedCalls == 0)
  }

  @Test("R17: cancelled goes back to the base rule and forgets the appointment")
  func cancelled() {
    let booked = apply(.booked(appointmentAt: noon + .hours(72)), to: lease()).extended!
    let cancelled = apply(.cancelled, to: booked).extended
    #expect(cancelled?.releaseAt == noon + .hours(18))
    #expect(cancelled?.appointmentAt == nil)
    #expect(cancelled?.lastOutcome == .cancelled)
    #expect(apply(.cancelled, to: cancelled!) == .unchanged(.repeated))
  }

  @Test("R17: cancelled ends the lease when the base hold is over")
  func cancelledLate() {
    let booked = apply(.booked(appointmentAt: noon + .hours(72)), to: lease()).extended!
    #expect(apply(.cancelled, to: booked, at: noon + .hours(18) - .microseconds(1)).extended != nil)
    let ended = apply(.cancelled, to: booked, at: noon + .hours(18)).ended
    #expect(ended?.endReason == .cancelled)
    #expect(ended?.endedAt == noon + .hours(18))
    #expect(ended?.appointmentAt == nil)
  }

  @Test("R17: cancelled without an appointment is noted and changes no hold")
  func nothingToCancel() {
    let renewed = lease(releaseAt: noon + .hours(30))
    let noted = apply(.cancelled, to: renewed).extended
    #expect(noted?.releaseAt == noon + .hours(30))
    #expect(noted?.lastOutcome == .cancelled)
  }

  @Test("R17: booked, cancelled and booked again is a new booking")
  func bookedAgain() {
    let outcome = CallOutcome.booked(appointmentAt: noon + .hours(72))
    let booked = apply(outcome, to: lease()).extended!
    let cancelled = apply(.cancelled, to: booked).extended!
    #expect(apply(outcome, to: cancelled).extended?.releaseAt == noon + .hours(96))
  }

  @Test(
    "R17: a kept appointment or a no-show gives 24 hours more", arguments: [CallOutcome.completed, .noShow])
  func after(outcome: CallOutcome) {
    let now = noon + .hours(10)
    let held = apply(outcome, to: lease(), at: now).extended
    #expect(held?.releaseAt == now + .hours(24))
    #expect(held?.lastOutcome == outcome.kind)
    #expect(apply(outcome, to: held!, at: now + .hours(1)) == .unchanged(.repeated))
    let long = lease(releaseAt: noon + .hours(500))
    #expect(apply(outcome, to: long, at: now).extended?.releaseAt == noon + .hours(500))
  }
}

@Suite struct `Missed calls` {
  static let outcomes: [CallOutcome] = [.noAnswer, .busy, .voicemail]

  @Test(
    "R17: the first keeps the number until the end of the local day, sooner or later", arguments: outcomes)
  func first(outcome: CallOutcome) {
    let kept = apply(outcome, to: lease()).extended
    #expect(kept?.releaseAt == endOfNoonsDay)
    #expect(kept?.missedCalls == 1)
    #expect(kept?.lastOutcome == outcome.kind)
    let nearlyOver = lease(releaseAt: noon + .hours(2))
    #expect(apply(outcome, to: nearlyOver).extended?.releaseAt == endOfNoonsDay)
  }

  @Test("R17: the second releases it, of whatever kind", arguments: outcomes, outcomes)
  func second(first: CallOutcome, second: CallOutcome) {
    let kept = apply(first, to: lease()).extended!
    let ended = apply(second, to: kept, at: noon + .hours(3)).ended
    #expect(ended?.endReason == .noAnswer)
    #expect(ended?.endedAt == noon + .hours(3))
    #expect(ended?.missedCalls == 2)
    #expect(ended?.lastOutcome == second.kind)
  }

  /// The zone, the moment of the call and the end of that local day.
  @Test(
    "R17: the local day has 23 or 25 hours at a clock change",
    arguments: [
      ("America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
      ("America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
      ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
      ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
      ("America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"),
      ("Asia/Kolkata", "2026-03-04T18:29:59Z", "2026-03-04T18:30:00Z"),
    ])
  func localDay(zone: String, now: String, end: String) throws {
    let now = at(now)
    let change = LeaseRule.apply(
      .noAnswer, to: lease(leasedAt: now - .minutes(5)), at: now, timeZone: try #require(TimeZoneName(zone)))
    #expect(change.extended?.releaseAt == at(end))
  }

  @Test("R17: ahead of an appointment they neither shorten the hold nor count")
  func aheadOfAppointment() {
    var held = apply(.booked(appointmentAt: noon + .hours(72)), to: lease()).extended!
    for hour in 2...4 {
      held = apply(.noAnswer, to: held, at: noon + .hours(hour)).extended!
      #expect(held.releaseAt == noon + .hours(96))
      #expect(held.appointmentAt == noon + .hours(72))
      #expect(held.missedCalls == 0)
    }
  }

  @Test("R17: after the appointment they count again, and its longer hold stays for the first")
  func afterAppointment() {
    let booked = apply(.booked(appointmentAt: noon + .hours(72)), to: lease()).extended!
    let missed = apply(.noAnswer, to: booked, at: noon + .hours(72)).extended
    #expect(missed?.releaseAt == noon + .hours(96))
    #expect(missed?.missedCalls == 1)
    #expect(apply(.busy, to: missed!, at: noon + .hours(73)).ended?.endReason == .noAnswer)
  }

  @Test("R17: a conversation in between starts the count afresh")
  func conversation() {
    let missed = apply(.noAnswer, to: lease()).extended!
    let talked = apply(.completed, to: missed, at: noon + .hours(2)).extended!
    #expect(apply(.noAnswer, to: talked, at: noon + .hours(3)).extended?.missedCalls == 1)
  }
}

@Suite struct `Late and wrong calls` {
  static let outcomes: [CallOutcome] = [
    .booked(appointmentAt: noon + .hours(48)), .completed, .noShow, .cancelled, .noAnswer, .busy, .voicemail,
  ]

  @Test("R17: about a lease that has ended they change nothing", arguments: outcomes)
  func ended(outcome: CallOutcome) {
    let over = lease(endedAt: noon)
    #expect(apply(outcome, to: over) == .unchanged(.alreadyEnded))
    #expect(apply(outcome, to: over, term: 3) == .unchanged(.alreadyEnded))
    #expect(LeaseRule.renew(over, at: noon) == .unchanged(.alreadyEnded))
    #expect(LeaseRule.release(over, at: noon) == .unchanged(.alreadyEnded))
  }

  @Test("R17: that quote another term change nothing", arguments: outcomes, [2, 4] as [Int64])
  func stale(outcome: CallOutcome, term: Int64) {
    #expect(apply(outcome, to: lease(), term: term) == .unchanged(.staleTerm))
    #expect(LeaseRule.renew(lease(), term: term, at: noon + .hours(1)) == .unchanged(.staleTerm))
    #expect(LeaseRule.release(lease(), term: term, at: noon) == .unchanged(.staleTerm))
    #expect(apply(outcome, to: lease(), term: 3) == apply(outcome, to: lease()))
  }

  @Test("R17: about a lease that is due but still held they count")
  func due() {
    let now = noon + .hours(20)
    #expect(!lease().isLive(at: now))
    #expect(apply(.completed, to: lease(), at: now).extended?.releaseAt == now + .hours(24))
    #expect(LeaseRule.renew(lease(), at: now).extended?.releaseAt == now + .hours(18))
    #expect(LeaseRule.release(lease(), at: now).ended?.endReason == .released)
  }

  @Test("R17: renewing gives 18 hours from now and never shortens")
  func renew() {
    #expect(LeaseRule.renew(lease(), at: noon + .hours(5)).extended?.releaseAt == noon + .hours(23))
    #expect(LeaseRule.renew(lease(), at: noon) == .unchanged(.alreadyLonger))
    #expect(LeaseRule.renew(lease(releaseAt: noon + .hours(90)), at: noon) == .unchanged(.alreadyLonger))
  }

  @Test func `a release ends the lease with its reason`() {
    let released = LeaseRule.release(lease(), term: 3, at: noon + .hours(1)).ended
    #expect(released?.endReason == .released)
    #expect(released?.endedAt == noon + .hours(1))
    #expect(LeaseRule.release(lease(), because: .forced, at: noon).ended?.endReason == .forced)
  }

  @Test func `a booking has an appointment and nothing else has one`() {
    for kind in CallOutcome.Kind.allCases {
      #expect((CallOutcome(kind, appointmentAt: noon) != nil) == (kind == .booked))
      #expect((CallOutcome(kind, appointmentAt: nil) != nil) == (kind != .booked))
      #expect(CallOutcome(kind, appointmentAt: kind == .booked ? noon : nil)?.kind == kind)
    }
    #expect(
      CallOutcome.Kind.allCases.map(\.rawValue)
        == ["booked", "completed", "no_show", "cancelled", "no_answer", "busy", "voicemail"])
  }

  @Test("R17: no sequence of outcomes breaks a lease")
  func sequences() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      var current = lease()
      var now = noon
      for _ in 0..<20 where current.endedAt == nil {
        now += .minutes(Int.random(in: 0...600, using: &generator))
        var outcome = Self.outcomes.randomElement(using: &generator)!
        if outcome.kind == .booked {
          outcome = .booked(appointmentAt: now + .minutes(Int.random(in: -60...10_000, using: &generator)))
        }
        let before = current
        switch apply(outcome, to: current, at: now) {
        case .extended(let next):
          #expect(next.endedAt == nil && next.lastOutcome == outcome.kind && next.missedCalls < 2)
          if outcome.kind == .booked { #expect(next.releaseAt >= before.releaseAt) }
          current = next
        case .ended(let next):
          #expect(next.endedAt == now && next.endReason != nil)
          current = next
        case .unchanged(let reason): #expect(reason == .repeated)
        case .refused(let reason): #expect(reason == .appointmentInThePast)
        }
      }
    }
  }
}
