/// What is known about who an event is about.
public struct PaymentFacts: Hashable, Sendable {
  /// Whether events of live mode are expected, or those of the test mode.
  public var expectsLive: Bool
  /// By its link, or as the event names it; nil when it is nobody's.
  public var client: ID<Client>?
  public var prices: TierPrices
  /// What the client's other events said.
  public var history: [PaymentAssertion]
  /// When the client's billing month began; nil without a subscription.
  public var monthStart: Timestamp?

  public init(
    expectsLive: Bool, client: ID<Client>?, prices: TierPrices, history: [PaymentAssertion] = [],
    monthStart: Timestamp? = nil
  ) {
    self.expectsLive = expectsLive
    self.client = client
    self.prices = prices
    self.history = history
    self.monthStart = monthStart
  }
}

/// Why an event could not be processed. It is kept and tried again.
public enum PaymentFailure: Hashable, Sendable {
  case unknownClient(PaymentEvent.References)
  /// No price of it is a tier's.
  case unknownPrice([String])
  /// It lacks what events of its type have.
  case unreadable(FieldErrors)

  /// Stable, for programs.
  public var name: String {
    switch self {
    case .unknownClient: "unknown_client"
    case .unknownPrice: "unknown_price"
    case .unreadable: "unreadable"
    }
  }

  /// Whether it may go away by itself, or by what an operator does.
  public var mayPass: Bool { if case .unreadable = self { false } else { true } }

  /// Says what to do. Ids of the provider's things only.
  public var detail: String {
    switch self {
    case .unknownClient(let references):
      let named = [
        references.subscription.map { "subscription \($0)" }, references.payer.map { "payer \($0)" },
        references.client.map { "client id \($0)" },
      ].compactMap { $0 }.joined(separator: ", ")
      return
        "no client is known for \(named.isEmpty ? "it" : named): link one by hand, or wait for its checkout"
    case .unknownPrice(let names):
      let listed = names.prefix(3).joined(separator: ", ")
      return listed.isEmpty
        ? "it names no price" : "no tier has the price \(listed): give it to a tier"
    case .unreadable(let errors): return "it cannot be read: \(errors)"
    }
  }
}

/// What is to be done about one event.
public enum PaymentDecision: Hashable, Sendable {
  /// To be kept as the client's history, and made so.
  case apply(PaymentAssertion, PaymentHistory.Change)
  /// Known and noted; nothing changes, and why. `isAlert`: somebody should look at it.
  case record(String, isAlert: Bool)
  /// Of no concern, and why.
  case ignore(String)
  case fail(PaymentFailure)

  /// Pure: the table of what each event means. Grace: a payment that failed takes nothing away; the provider
  /// tries for weeks and says when it has given up.
  public static func decide(_ event: PaymentEvent, _ facts: PaymentFacts) -> PaymentDecision {
    guard event.isLive == facts.expectsLive else {
      return .ignore(
        event.isLive
          ? "a live event, and this server expects those of test mode"
          : "an event of test mode, and this server expects live ones")
    }
    switch event.meaning {
    case .unconcerned(let why): return .ignore(why)
    case .moneyReturned:
      return .record("money went back; nothing is taken away until the subscription ends", isAlert: true)
    case .paymentFailed:
      return .record("a payment failed; the client keeps everything while it is tried again", isAlert: false)
    case .checkout(isPaid: false):
      return known(event, facts) { .record("linked; not paid yet", isAlert: false) }
    case .checkout(isPaid: true):
      return known(event, facts) {
        // Without a word about the tier the invoice or the subscription has it.
        guard !event.prices.isEmpty else { return assert(.paid(nil, from: event.at), event, facts) }
        return priced(event, facts) { .paid($0, from: event.at) }
      }
    case .paid(let from):
      guard !(event.prices.isEmpty && event.references.subscription == nil) else {
        return .ignore("an invoice of no subscription")
      }
      return known(event, facts) { priced(event, facts) { .paid($0, from: from) } }
    case .subscription(let status, _): return known(event, facts) { decide(status, event, facts) }
    case .ended: return known(event, facts) { assert(.ended, event, facts) }
    }
  }

  private static func decide(
    _ status: PaymentEvent.Status, _ event: PaymentEvent, _ facts: PaymentFacts
  ) -> PaymentDecision {
    switch status {
    case .active, .trialing: priced(event, facts) { .active($0) }
    case .incomplete:
      facts.prices.tier(of: event.prices).map { assert(.priced($0), event, facts) }
        ?? .record("not paid yet", isAlert: false)
    case .incompleteExpired: .record("the first payment never came", isAlert: false)
    case .pastDue: .record("a payment is overdue; the client keeps everything for now", isAlert: false)
    case .unpaid, .paused: assert(.stopped, event, facts)
    case .canceled: assert(.ended, event, facts)
    }
  }

  private static func known(
    _ event: PaymentEvent, _ facts: PaymentFacts, _ decide: () -> PaymentDecision
  ) -> PaymentDecision {
    facts.client == nil ? .fail(.unknownClient(event.references)) : decide()
  }

  private static func priced(
    _ event: PaymentEvent, _ facts: PaymentFacts, _ kind: (PricingTierName) -> PaymentAssertion.Kind
  ) -> PaymentDecision {
    guard let tier = facts.prices.tier(of: event.prices) else {
      return .fail(.unknownPrice(event.prices.map(\.name)))
    }
    return assert(kind(tier), event, facts)
  }

  private static func assert(
    _ kind: PaymentAssertion.Kind, _ event: PaymentEvent, _ facts: PaymentFacts
  ) -> PaymentDecision {
    let assertion = PaymentAssertion(
      event: event.id, contract: event.references.contract, at: event.at, kind: kind)
    let history = PaymentHistory(facts.history, prices: facts.prices)
    return .apply(assertion, history.adding(assertion, monthStart: facts.monthStart))
  }
}
