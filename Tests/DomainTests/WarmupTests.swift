import Domain
import Testing

@Suite struct `Warm-up` {
  static let warning = SendCounts(sent: 1_000, bounces: 40, complaints: 0)
  static let critical = SendCounts(sent: 1_000, bounces: 100, complaints: 0)
  static let failing = DomainAuthentication(spf: .pass, dkim: .fail, dmarc: .pass)

  func limit(_ domain: Resource, _ policy: WarmupPolicy) -> DomainLimit {
    DomainLimit(of: domain, policy: policy, now: noon)
  }

  /// Full days, and an instant less than them.
  static let days: [(days: Int, limit: Int)] = [
    (0, 5), (3, 5), (4, 10), (7, 10), (8, 20), (14, 20), (15, 35), (21, 35), (22, 50), (90, 50),
  ]

  @Test("R11: the ramp is 5, 10, 20, 35, 50 a day by days warming", arguments: days)
  func byDays(days: Int, limit: Int) {
    let begun = resource(1, clients: 1, warmup: Warmup(startedAt: noon - .days(days)))
    #expect(self.limit(begun, .ramp).emails == limit)
    let last = resource(1, clients: 1, warmup: Warmup(startedAt: noon - .days(days + 1) + .microseconds(1)))
    #expect(self.limit(last, .ramp).emails == limit)
    #expect(self.limit(begun, .strict).emails == 0)
    #expect(self.limit(begun, .strict).reasons == [.warmupIncomplete])
  }

  @Test("R11: completed gives 50, not started 5 under ramp and nothing under strict")
  func stages() {
    let done = resource(1, clients: 1)
    let new = resource(1, clients: 1, warmup: Warmup())
    for policy in WarmupPolicy.allCases {
      #expect(limit(done, policy).emails == 50 && limit(done, policy).reasons == [])
    }
    #expect(limit(new, .ramp).emails == 5 && limit(new, .ramp).reasons == [.warmupRamp])
    #expect(limit(new, .strict).emails == 0)
    #expect(Warmup(startedAt: noon + .days(3)).stage(at: noon) == .warming(days: 0))
    #expect(Warmup().stage(at: noon) == .notStarted)
  }

  @Test("R11: health and warm-up together give the lesser of their limits")
  func minimum() {
    func domain(_ days: Int?, _ health: SendCounts) -> Resource {
      resource(
        1, clients: 1,
        warmup: days.map { Warmup(startedAt: noon - .days($0)) } ?? Warmup(completedAt: noon),
        health: health)
    }
    #expect(limit(domain(nil, Self.warning), .strict).emails == 35)
    #expect(limit(domain(nil, Self.critical), .strict).emails == 0)
    #expect(limit(domain(9, Self.warning), .ramp).emails == 20)
    #expect(limit(domain(9, Self.warning), .ramp).reasons == [.warmupRamp, .health])
    #expect(limit(domain(9, Self.critical), .ramp).emails == 0)
    #expect(limit(domain(30, Self.warning), .ramp).emails == 35)
  }

  @Test func `out of use, on hold or with failing DNS it sends nothing`() {
    #expect(limit(resource(1, status: .quarantined), .ramp).reasons == [.outOfUse])
    #expect(limit(resource(1, status: .retired), .ramp).emails == 0)
    #expect(limit(resource(1, clients: 1, status: .held), .ramp).reasons == [.held])
    let failing = limit(resource(1, clients: 1, authentication: Self.failing), .ramp)
    #expect(failing.emails == 0 && failing.reasons == [.authentication])
  }

  @Test("R12: a limit says when it counts anew, in the domain's own zone")
  func resets() {
    #expect(limit(resource(1, timeZone: "Asia/Kolkata"), .ramp).resetsAt == at("2026-03-04T18:30:00Z"))
    let domain = resource(1, timeZone: "America/New_York")
    let change = DomainLimit(of: domain, policy: .ramp, now: at("2026-03-08T05:00:00Z"))
    #expect(change.resetsAt == at("2026-03-09T04:00:00Z"))
  }

  @Test("R11: it completes after 21 days if healthy")
  func completion() {
    func decide(_ days: Int, _ health: SendCounts = .none, failing: Bool = false) -> WarmupCompletion {
      .decide(
        resource(
          1, warmup: Warmup(startedAt: noon - .days(days)), health: health,
          authentication: failing ? Self.failing : .unknown), now: noon)
    }
    #expect(decide(21) == .complete && decide(400) == .complete)
    #expect(decide(20) == .wait(until: noon + .days(1)))
    #expect(decide(20, Self.critical) == .wait(until: noon + .days(1)))
    #expect(decide(21, Self.warning) == .unhealthy(.warning))
    #expect(decide(21, Self.critical) == .unhealthy(.critical))
    #expect(decide(21, failing: true) == .unhealthy(.critical))
    #expect(WarmupCompletion.decide(resource(1), now: noon) == .alreadyCompleted)
    #expect(WarmupCompletion.decide(resource(1, warmup: Warmup()), now: noon) == .notStarted)
    let instant = resource(1, warmup: Warmup(startedAt: noon - .days(21) + .microseconds(1)))
    #expect(WarmupCompletion.decide(instant, now: noon) == .wait(until: noon + .microseconds(1)))
  }

  @Test(arguments: [
    (0, 20), (2, 20), (3, 30), (4, 30), (5, 40), (6, 40), (7, 50), (99, 50),
  ])
  func `voice numbers have a ramp`(days: Int, limit: Int) {
    #expect(Ramp.voiceNumber.limit(afterDays: days) == limit)
  }
}

@Suite struct `LinkedIn seats` {
  func limit(
    _ days: Int? = nil, _ weekday: Weekday = .monday, invited: Int = 0, accepted: Int = 0, thisWeek: Int = 0
  ) -> SeatLimit {
    SeatLimit(
      days: days, weekday: weekday, invited: invited, accepted: accepted, invitedThisWeek: thisWeek)
  }

  @Test(
    "R3: 17 a day, after a ramp of 5, 10, 15",
    arguments: [
      (0, 5), (2, 5), (3, 10), (6, 10), (7, 15), (10, 15), (11, 17), (99, 17),
    ])
  func ramp(days: Int, actions: Int) {
    #expect(limit(days).actions == actions && limit(days).invitations == actions)
    #expect(limit().actions == 17)
  }

  @Test func `Saturdays half, Sundays none`() {
    #expect(limit(nil, .saturday).actions == 8 && limit(0, .saturday).actions == 2)
    #expect(limit(nil, .sunday).actions == 0 && limit(nil, .friday).actions == 17)
  }

  @Test func `a quarter less where surely fewer than 30 in 100 accept`() {
    #expect(limit(invited: 10, accepted: 2).actions == 17)
    #expect(limit(invited: 100, accepted: 25).actions == 17)
    #expect(limit(invited: 100, accepted: 20).actions == 12)
    #expect(limit(nil, .saturday, invited: 100, accepted: 20).actions == 6)
  }

  @Test func `at most 80 invitations a week`() {
    #expect(limit(thisWeek: 63).invitations == 17 && limit(thisWeek: 70).invitations == 10)
    #expect(limit(thisWeek: 80).invitations == 0 && limit(thisWeek: 99).invitations == 0)
    #expect(limit(thisWeek: 80).actions == 17)
  }
}
