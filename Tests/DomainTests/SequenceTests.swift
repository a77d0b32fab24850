import Domain
import Testing

struct SequenceTests {
  static func days(_ allowed: Set<Channel>) -> [String] {
    SequenceOutlook(.standard, allowed: allowed).steps.map { step in
      guard let run = step.run else { return "–" }
      return "\(run.day) \(run.channel.rawValue)\(run.isFallback ? " instead" : "")"
        + (run.delay.map { " (\($0.rawValue))" } ?? "")
    }
  }

  /// By the channels of each lead tier (`specs/allocator-engine.md`).
  @Test(arguments: [
    (
      "email linkedin voice sms",
      "0 email, 3 voice, 6 linkedin (contacted_recently), 9 email (contacted_recently), 12 sms"
    ),
    (
      "email linkedin voice",
      """
      0 email, 3 voice, 6 linkedin (contacted_recently), 9 email (contacted_recently), \
      16 email instead (channel_cooling)
      """
    ),
    (
      "email linkedin",
      """
      0 email, 7 email instead (channel_cooling), 10 linkedin (contacted_recently), \
      14 email (channel_cooling), 21 email instead (channel_cooling)
      """
    ),
    (
      "email",
      """
      0 email, 7 email instead (channel_cooling), –, 14 email (channel_cooling), \
      21 email instead (channel_cooling)
      """
    ),
    ("", "–, –, –, –, –"),
  ])
  func `R13: the default sequence really runs on these days`(channels: String, days: String) {
    let allowed = Channel.allCases.filter { channels.split(separator: " ").contains(Substring($0.rawValue)) }
    #expect(Self.days(Set(allowed)).joined(separator: ", ") == days)
  }

  @Test func `R13: what the outlook says passes the gate, and a day earlier would not`() throws {
    let start = at("2026-01-05T14:00:00Z")
    for bits in 0..<16 {
      let allowed = Set(zip(Channel.allCases, 0...).filter { bits & (1 << $0.1) != 0 }.map(\.0))
      var last: Timestamp?
      var lastOn: [Channel: Timestamp] = [:]
      for case let run? in SequenceOutlook(.standard, allowed: allowed).steps.map(\.run) {
        func isLegal(_ moment: Timestamp) -> Bool {
          let facts = GateFacts(
            emailStatus: .verified, isAssigned: true, lastTouchAt: last,
            lastTouchOnChannelAt: lastOn[run.channel], used: 0, dailyLimit: 1, resetsAt: moment)
          return GateVerdict.decide(facts, on: run.channel, now: moment).isPassed
        }
        let moment = start + .hours(run.day * 24)
        #expect(isLegal(moment))
        #expect(run.delay == nil || !isLegal(moment - .hours(24)))
        (last, lastOn[run.channel]) = (moment, moment)
      }
    }
  }

  @Test func `steps that go back, go nowhere or fall back to themselves are no sequence`() {
    typealias Step = TouchSequence.Step
    #expect(TouchSequence([]) == nil)
    #expect(TouchSequence([Step(day: 1, channel: .email), Step(day: 0, channel: .sms)]) == nil)
    #expect(TouchSequence([Step(day: -1, channel: .email)]) == nil)
    #expect(TouchSequence([Step(day: 366, channel: .email)]) == nil)
    #expect(TouchSequence([Step(day: 0, channel: .email, fallback: .channel(.email))]) == nil)
    #expect(TouchSequence(Array(repeating: Step(day: 0, channel: .email), count: 51)) == nil)
    #expect(TouchSequence(TouchSequence.standard.steps) == .standard)
  }
}
