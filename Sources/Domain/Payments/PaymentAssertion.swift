/// What an event says about one contract (a subscription at the provider): kept, so that an event that
/// arrives late can be put in its place.
public struct PaymentAssertion: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// It exists and waits for its first payment.
    case priced(PricingTierName)
    /// It is paid, for this tier if that is known, whose period began at `from`.
    case paid(PricingTierName?, from: Timestamp)
    /// The provider goes on with it, for this tier.
    case active(PricingTierName)
    /// Nobody pays for it any more; it may come back.
    case stopped
    /// It is over for good.
    case ended
  }

  public let event: String
  public let contract: String
  public let at: Timestamp
  public let kind: Kind

  public init(event: String, contract: String, at: Timestamp, kind: Kind) {
    self.event = event
    self.contract = contract
    self.at = at
    self.kind = kind
  }

  /// Events carry whole seconds. Within one the usual course of things decides, then the id, so that the
  /// order is the same whatever arrives first.
  var rank: Int {
    switch kind {
    case .priced: 0
    case .paid: 1
    case .active: 2
    case .stopped: 3
    case .ended: 4
    }
  }
}

extension PaymentAssertion: Comparable {
  public static func < (a: PaymentAssertion, b: PaymentAssertion) -> Bool {
    if (a.at, a.rank) != (b.at, b.rank) { return (a.at, a.rank) < (b.at, b.rank) }
    return a.event.utf8.lexicographicallyPrecedes(b.event.utf8)
  }
}

/// What is to be so for a client, by all that it pays for.
public enum PaymentTarget: Hashable, Sendable {
  /// It has what this tier gives (R1, R8).
  case tier(PricingTierName)
  /// It pays for nothing: its resources are on hold (R7).
  case hold
}

/// What all events so far have said about one client's contracts, in the order in which they happened.
///
/// The state of a client is what its events say in the order of their happening, whatever the order of their
/// arrival. When one arrives late, what all of them say is gone through again in the right order: the
/// commands of a client's turn end where that order would have ended.
///
/// One thing is not undone before the billing month ends: what was given for a payment that did not say for
/// which tier (a checkout), when a cheaper price from before the payment is heard of only afterwards.
public struct PaymentHistory: Hashable, Sendable {
  private let assertions: [PaymentAssertion]
  private let prices: TierPrices

  /// - Parameter assertions: of one client, in any order.
  public init(_ assertions: [PaymentAssertion], prices: TierPrices) {
    self.assertions = assertions.sorted()
    self.prices = prices
  }

  public enum Change: Hashable, Sendable {
    /// The newest one: what is to be so now, if it says anything about that.
    case newest(PaymentTarget?)
    /// It came late, and everything is as it would be if it had come in time.
    case lateWithoutEffect
    /// It came late: to be made so one after the other.
    case late([PaymentTarget])
  }

  /// - Parameter monthStart: of the client's billing month; what happened before it no longer earns anything
  ///   of its own, only the outcome counts.
  public func adding(_ new: PaymentAssertion, monthStart: Timestamp?) -> Change {
    let others = assertions.filter { $0.event != new.event }
    let place = others.firstIndex { new < $0 } ?? others.endIndex
    var all = others
    all.insert(new, at: place)
    let targets = Self.targets(all, prices)
    if place == others.endIndex { return .newest(targets[place]) }
    let after = Self.course(targets[...])
    // What is known may hold it already, when it is processed again.
    if after == Self.course(Self.targets(assertions, prices)[...]) { return .lateWithoutEffect }
    if let monthStart, new.at < monthStart { return .late(after.suffix(1)) }
    // From its last hold before that on, since what it has is what it was given since then; but not from an
    // earlier billing month.
    let hold = targets[..<place].lastIndex(of: .hold) ?? 0
    let month = all[..<place].lastIndex { $0.at < monthStart ?? $0.at } ?? 0
    return .late(Self.course(targets[max(hold, month)...]))
  }

  /// The targets one after the other, without repetitions.
  private static func course(_ targets: ArraySlice<PaymentTarget?>) -> [PaymentTarget] {
    targets.reduce(into: []) { course, target in
      if let target, target != course.last { course.append(target) }
    }
  }

  /// What is to be so after each assertion; nil where it says nothing about that.
  private static func targets(_ assertions: [PaymentAssertion], _ prices: TierPrices) -> [PaymentTarget?] {
    var contracts: [String: Contract] = [:]
    return assertions.map { assertion in
      var contract = contracts[assertion.contract] ?? Contract()
      let mayEnd = contract.take(assertion)
      contracts[assertion.contract] = contract
      if let tier = prices.dearest(contracts.values.compactMap(\.givenTier)) { return .tier(tier) }
      return mayEnd ? .hold : nil
    }
  }

  /// One contract as its events tell it.
  private struct Contract {
    private var tier: PricingTierName?
    private var tierSince: Timestamp?
    private var isKnown = false
    private var hasPaid = false
    private var isStopped = false
    private var hasEnded = false

    /// The tier that it pays for now.
    var givenTier: PricingTierName? { hasPaid && !isStopped && !hasEnded ? tier : nil }

    /// Whether it can end a client's right to resources: not, when it was never paid.
    mutating func take(_ assertion: PaymentAssertion) -> Bool {
      let wasNeverPaid = isKnown && !hasPaid
      isKnown = true
      // What has ended stays so: a later payment settles an old debt.
      guard !hasEnded else { return false }
      switch assertion.kind {
      case .priced(let tier):
        if !hasPaid { set(tier, since: assertion.at) }
        return false
      case .paid(let tier, let from):
        hasPaid = true
        isStopped = false
        // The subscription's own word of a newer price counts more than an invoice of an older period.
        if let tier, self.tier == nil || from >= (tierSince ?? from) { set(tier, since: from) }
        return false
      case .active(let tier):
        isStopped = false
        set(tier, since: assertion.at)
        return false
      case .stopped: isStopped = true
      case .ended: hasEnded = true
      }
      return !wasNeverPaid
    }

    private mutating func set(_ tier: PricingTierName, since time: Timestamp) {
      self.tier = tier
      tierSince = time
    }
  }
}
