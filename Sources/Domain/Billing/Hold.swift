/// R7: the 30 days after a client has left, in which nobody can use its resources, and it can have them back.
public struct Hold: Hashable, Sendable {
  /// 30 times 24 hours.
  public static let length: Duration = .hours(30 * 24)

  public let startedAt: Timestamp

  public init(startedAt: Timestamp) { self.startedAt = startedAt }

  public var endsAt: Timestamp { startedAt + Self.length }

  /// At the very instant of its end it is over: the resources go to the pool, and a client that returns then
  /// is a new one.
  public func isOver(at now: Timestamp) -> Bool { endsAt <= now }
}

/// R7: what a client that returns within the hold gets.
public struct Return: Hashable, Sendable {
  /// Off hold, the client's again.
  public let resumes: [Resource]
  /// To be assigned in addition, as far as the tier gives more than was on hold.
  public let assignNow: ResourceCounts
  /// Released to the pool at once: the worst by R5's order, beyond what the tier gives.
  public let gives: [Resource]

  /// Nil when the hold is over: the client is a new one, and what is still on hold is to be released.
  ///
  /// - Parameters:
  ///   - held: what the client has on hold; quarantined ones too, which stay in quarantine.
  ///   - tier: the one that it returns to, not necessarily its old one.
  public static func decide(
    _ held: [Resource], hold: Hold, to tier: PricingTier, now: Timestamp
  ) -> Return? {
    guard !hold.isOver(at: now) else { return nil }
    let keeping = Keeping(held, tier.resources)
    return Return(
      resumes: keeping.keeps,
      assignNow: tier.resources.excess(over: ResourceCounts(of: keeping.keeps)), gives: keeping.gives)
  }
}
