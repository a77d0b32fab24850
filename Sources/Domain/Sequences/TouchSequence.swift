/// A plan of touches: on which day after the beginning, on which channel, and what if that one is closed.
public struct TouchSequence: Hashable, Sendable {
  /// What happens to a step whose channel the lead's tier, or its resources, do not allow.
  public enum Fallback: Hashable, Sendable {
    /// The step is left out.
    case skip
    case channel(Channel)
  }

  public struct Step: Hashable, Sendable {
    /// Days after the first day, which is 0.
    public var day: Int
    public var channel: Channel
    public var fallback: Fallback

    public init(day: Int, channel: Channel, fallback: Fallback = .skip) {
      self.day = day
      self.channel = channel
      self.fallback = fallback
    }

    /// On what it runs; nil when it is left out.
    public func channel(among allowed: Set<Channel>) -> Channel? {
      if allowed.contains(channel) { return channel }
      guard case .channel(let other) = fallback, allowed.contains(other) else { return nil }
      return other
    }
  }

  /// 1 to 50, by their days; steps of one day keep their order.
  public let steps: [Step]

  public static let mostSteps = 50
  public static let lastDay = 365

  /// Nil without steps, with more than 50, with days that go back, below 0 or beyond 365, or with a step
  /// that falls back to itself.
  public init?(_ steps: [Step]) {
    guard (1...Self.mostSteps).contains(steps.count),
      steps.allSatisfy({ (0...Self.lastDay).contains($0.day) && $0.fallback != .channel($0.channel) }),
      zip(steps, steps.dropFirst()).allSatisfy({ $0.day <= $1.day })
    else { return nil }
    self.steps = steps
  }

  private init(standard steps: [Step]) { self.steps = steps }

  /// `specs/distribution-index.md`, Default Sequence.
  public static let standard = TouchSequence(standard: [
    Step(day: 0, channel: .email),
    Step(day: 3, channel: .voice, fallback: .channel(.email)),
    Step(day: 5, channel: .linkedin),
    Step(day: 8, channel: .email),
    Step(day: 12, channel: .sms, fallback: .channel(.email)),
  ])
}

/// On which days the steps of a sequence really run: a refusal that is only about time defers a step to its
/// first legal day and keeps the order; it never drops it (R13).
public struct SequenceOutlook: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public enum Delay: String, Hashable, Sendable {
      /// 72 hours since any touch have not passed (R14).
      case touchGap = "contacted_recently"
      /// 168 hours since the last touch on the channel have not passed (R14).
      case channelGap = "channel_cooling"
    }

    /// The step's place in the sequence, from 0.
    public let index: Int
    public let plannedDay: Int
    /// Nil when it never runs: neither its channel nor its fallback is allowed.
    public let run: Run?

    public struct Run: Hashable, Sendable {
      public let day: Int
      public let channel: Channel
      public let isFallback: Bool
      /// What holds it back, when it runs later than planned; the one that ends last.
      public let delay: Delay?
    }
  }

  public let steps: [Step]

  /// - Parameter allowed: the channels of the lead's tier.
  public init(_ sequence: TouchSequence, allowed: Set<Channel>) {
    var lastTouch: Int?
    var lastOnChannel: [Channel: Int] = [:]
    steps = sequence.steps.enumerated().map { index, step in
      guard let channel = step.channel(among: allowed) else {
        return Step(index: index, plannedDay: step.day, run: nil)
      }
      let afterTouch = lastTouch.map { $0 + Self.days(GateVerdict.touchGap) } ?? 0
      let afterChannel = lastOnChannel[channel].map { $0 + Self.days(GateVerdict.channelGap) } ?? 0
      let day = max(step.day, afterTouch, afterChannel)
      lastTouch = day
      lastOnChannel[channel] = day
      let delay: Step.Delay? =
        day == step.day ? nil : afterChannel > afterTouch ? .channelGap : .touchGap
      return Step(
        index: index, plannedDay: step.day,
        run: .init(day: day, channel: channel, isFallback: channel != step.channel, delay: delay))
    }
  }

  private static func days(_ gap: Duration) -> Int {
    Int((gap.wholeMicroseconds + Civil.microsecondsPerDay - 1) / Civil.microsecondsPerDay)
  }
}
