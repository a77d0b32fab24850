import Domain
import Testing

struct GateTests {
  static let now = Timestamp("2026-03-10T15:00:00Z")!

  /// Facts that fail exactly these checks.
  static func facts(failing failed: Set<GateCheck>) -> GateFacts {
    GateFacts(
      bouncedAt: failed.contains(.bounced) ? now - .hours(1) : nil,
      unsubscribedAt: failed.contains(.unsubscribed) ? now - .hours(1) : nil,
      emailStatus: failed.contains(.emailUnverified) ? .guessed : .verified,
      isAssigned: !failed.contains(.notAssigned),
      repliedAt: failed.contains(.replied) ? now - .hours(1) : nil,
      lastTouchAt: failed.contains(.contactedRecently) ? now - .hours(71) : now - .hours(72),
      lastTouchOnChannelAt: failed.contains(.channelCooling) ? now - .hours(167) : now - .hours(168),
      used: failed.contains(.limitReached) ? 50 : 49, dailyLimit: 50, resetsAt: now + .hours(9),
      warmupCompletesAt: failed.contains(.warmupIncomplete) ? now + .hours(240) : nil)
  }

  /// What the document, R14 and R15 say, written down a second time and in another way.
  static func oracle(_ failed: [Bool], isEmail: Bool) -> (codes: [String], hours: Int?) {
    let table: [(code: String, emailOnly: Bool, hours: Int?)] = [
      ("bounced", false, nil), ("unsubscribed", false, nil), ("email_unverified", true, nil),
      ("not_assigned", false, nil), ("replied", false, nil), ("contacted_recently", false, 1),
      ("channel_cooling", false, 1), ("limit_reached", false, 9), ("warmup_incomplete", true, 240),
    ]
    var codes: [String] = []
    var hours: [Int?] = []
    for (row, hasFailed) in zip(table, failed) where hasFailed && (isEmail || !row.emailOnly) {
      codes.append(row.code)
      hours.append(row.hours)
    }
    return (codes, hours.contains(nil) ? nil : hours.compactMap { $0 }.max())
  }

  @Test(arguments: Channel.allCases)
  func `the nine checks: all 512 combinations, in the document's order`(channel: Channel) {
    #expect(GateCheck.allCases.count == 9)
    for bits in 0..<512 {
      let failed = (0..<9).map { bits & (1 << $0) != 0 }
      let checks = zip(GateCheck.allCases, failed).filter(\.1).map(\.0)
      let verdict = GateVerdict.decide(Self.facts(failing: Set(checks)), on: channel, now: Self.now)
      let wanted = Self.oracle(failed, isEmail: channel == .email)
      #expect(verdict.reasons.map(\.check.rawValue) == wanted.codes)
      #expect(verdict.isPassed == wanted.codes.isEmpty)
      #expect(verdict.nextEligibleAt == wanted.hours.map { Self.now + .hours($0) })
    }
  }

  @Test func `R14: exactly 72 and 168 hours pass, a microsecond less does not`() {
    var facts = Self.facts(failing: [])
    #expect(GateVerdict.decide(facts, on: .sms, now: Self.now).isPassed)
    facts.lastTouchAt = Self.now - .hours(72) + .microseconds(1)
    facts.lastTouchOnChannelAt = Self.now - .hours(168) + .microseconds(1)
    let verdict = GateVerdict.decide(facts, on: .sms, now: Self.now)
    #expect(verdict.reasons.map(\.check) == [.contactedRecently, .channelCooling])
    #expect(verdict.nextEligibleAt == Self.now + .microseconds(1))
  }

  @Test(arguments: EmailStatus.allCases + [nil])
  func `R15: everything that is not verified stops email, and nothing else`(status: EmailStatus?) {
    var facts = Self.facts(failing: [])
    facts.emailStatus = status
    for channel in Channel.allCases {
      let reasons = GateVerdict.decide(facts, on: channel, now: Self.now).reasons.map(\.check)
      #expect(reasons == (channel == .email && status != .verified ? [.emailUnverified] : []))
    }
  }

  @Test func `a resource without a limit for the day refuses until its next day`() {
    var facts = Self.facts(failing: [])
    (facts.used, facts.dailyLimit) = (0, 0)
    let verdict = GateVerdict.decide(facts, on: .voice, now: Self.now)
    #expect(verdict.reasons == [.init(.limitReached, until: facts.resetsAt)])
  }
}

struct SendWindowTests {

  /// R21, at places of both hemispheres; times in UTC.
  @Test(arguments: [
    // A Tuesday, before, within and after email's hours in New York (UTC-4).
    (Channel.email, "America/New_York", "2026-06-02T10:00:00Z", "2026-06-02T13:00:00Z"),
    (.email, "America/New_York", "2026-06-02T13:30:00Z", "2026-06-02T13:30:00Z"),
    (.email, "America/New_York", "2026-06-02T15:00:00Z", "2026-06-03T13:00:00Z"),
    // Friday noon: voice rests from 12 to 13; Friday evening: Monday.
    (.voice, "America/New_York", "2026-06-05T16:00:00Z", "2026-06-05T17:00:00Z"),
    (.voice, "America/New_York", "2026-06-05T21:00:00Z", "2026-06-08T13:00:00Z"),
    // The clocks change in the night to Sunday: Monday's nine o'clock is an hour earlier, or later.
    (.sms, "America/New_York", "2026-03-07T12:00:00Z", "2026-03-09T13:00:00Z"),
    (.sms, "America/New_York", "2026-10-31T12:00:00Z", "2026-11-02T14:00:00Z"),
    (.sms, "Australia/Sydney", "2026-04-04T00:00:00Z", "2026-04-05T23:00:00Z"),
    (.sms, "Australia/Sydney", "2026-10-03T00:00:00Z", "2026-10-04T22:00:00Z"),
    // Half-hour zones.
    (.linkedin, "Asia/Kolkata", "2026-06-02T00:00:00Z", "2026-06-02T03:30:00Z"),
    (.linkedin, "Australia/Lord_Howe", "2026-06-02T12:00:00Z", "2026-06-02T22:30:00Z"),
  ])
  func `R21: the first moment by the recipient's clocks`(
    channel: Channel, zone: String, from: String, opens: String
  ) throws {
    let zone = try #require(TimeZoneName(zone))
    let window = SendWindow.standard(channel)
    let from = at(from)
    #expect(window.firstMoment(from: from, in: zone) == at(opens))
    #expect(window.isOpen(at: at(opens), in: zone))
    #expect(window.isOpen(at: from, in: zone) == (from == at(opens)))
  }

  @Test func `a holiday is passed over`() throws {
    let zone = try #require(TimeZoneName("Europe/Berlin"))
    let moment = SendWindow.standard(.email).firstMoment(
      from: at("2026-12-24T12:00:00Z"), in: zone, holidays: [CivilDate("2026-12-25")!])
    #expect(moment == at("2026-12-28T08:00:00Z"))
  }

  @Test func `hours that do not exist begin after the gap, hours that come twice with the first`() throws {
    let zone = try #require(TimeZoneName("America/New_York"))
    let night = try #require(SendWindow(weekdays: [.sunday], hours: [150..<180]))
    // 2:30 to 3:00 does not exist on 2026-03-08: the window is empty, and the next Sunday's counts.
    #expect(
      night.firstMoment(from: at("2026-03-08T00:00:00Z"), in: zone)
        == at("2026-03-15T06:30:00Z"))
    // 1:30 to 2:00 comes twice on 2026-11-01, from 5:30 UTC on.
    let twice = try #require(SendWindow(weekdays: [.sunday], hours: [90..<120]))
    #expect(
      twice.firstMoment(from: at("2026-11-01T00:00:00Z"), in: zone)
        == at("2026-11-01T05:30:00Z"))
    let across = try #require(SendWindow(weekdays: [.sunday], hours: [60..<240]))
    #expect(
      across.firstMoment(from: at("2026-03-08T00:00:00Z"), in: zone)
        == at("2026-03-08T06:00:00Z"))
    #expect(across.isOpen(at: at("2026-03-08T07:30:00Z"), in: zone))
    #expect(!across.isOpen(at: at("2026-03-08T08:00:00Z"), in: zone))
  }

  @Test func `a window that never opens is none`() {
    #expect(SendWindow(weekdays: [], hours: [540..<600]) == nil)
    #expect(SendWindow(weekdays: [.monday], hours: []) == nil)
    #expect(SendWindow(weekdays: [.monday], hours: [600..<600]) == nil)
    #expect(SendWindow(weekdays: [.monday], hours: [600..<700, 650..<800]) == nil)
    #expect(SendWindow(weekdays: [.monday], hours: [600..<1_441]) == nil)
    #expect(SendWindow(weekdays: [.monday], hours: [0..<1_440]) != nil)
  }
}
