/// What a payment provider told, read: one event of its webhook.
///
/// Ids of the provider's things are texts of its own making: 1 to 255 visible ASCII characters.
public struct PaymentEvent: Hashable, Sendable {
  /// The provider's id of the event; the same for each delivery of it.
  public let id: String
  /// As the provider names it, such as `invoice.paid`.
  public let type: String
  /// When it happened, by the provider's clock: whole seconds.
  public let at: Timestamp
  /// False for events of the provider's test mode.
  public let isLive: Bool
  public var references: References
  /// What the payment is for.
  public var prices: [PriceHint]
  public var meaning: Meaning

  /// Who and what the event is about.
  public struct References: Hashable, Sendable {
    /// The id of what happened to change: an invoice, a subscription, a checkout.
    public var object: String?
    /// The provider's id of who pays.
    public var payer: String?
    public var subscription: String?
    /// The client that the platform named when it sold the subscription.
    public var client: ID<Client>?

    public init(
      object: String? = nil, payer: String? = nil, subscription: String? = nil, client: ID<Client>? = nil
    ) {
      self.object = object
      self.payer = payer
      self.subscription = subscription
      self.client = client
    }

    /// What a client's payments are told apart by: its subscription, else what was paid.
    public var contract: String { subscription ?? object ?? payer ?? "" }
  }

  public enum Meaning: Hashable, Sendable {
    /// A checkout is complete. Not paid: by a method that takes days.
    case checkout(isPaid: Bool)
    /// An invoice is settled. Its newest line's period began at `from`.
    case paid(from: Timestamp)
    /// The subscription as it is now. `endsAt`: it is cancelled, and runs until then.
    case subscription(Status, endsAt: Timestamp?)
    /// The subscription is over.
    case ended
    /// A payment did not work; the provider tries again.
    case paymentFailed
    /// A refund or a dispute.
    case moneyReturned
    /// Nothing is to be done, and why.
    case unconcerned(String)
  }

  /// A subscription's status as the provider has it.
  public enum Status: String, CaseIterable, Hashable, Sendable {
    case incomplete
    case incompleteExpired = "incomplete_expired"
    case trialing, active
    case pastDue = "past_due"
    case canceled, unpaid, paused
  }

  public init(
    id: String, type: String, at: Timestamp, isLive: Bool, references: References = References(),
    prices: [PriceHint] = [], meaning: Meaning
  ) {
    self.id = id
    self.type = type
    self.at = at
    self.isLive = isLive
    self.references = references
    self.prices = prices
    self.meaning = meaning
  }
}

/// What an invoice, subscription or checkout says about the tier that is paid for.
public struct PriceHint: Hashable, Sendable {
  /// Where it stands; what comes first counts before what comes later.
  public enum Place: Int, CaseIterable, Hashable, Sendable {
    /// A line for a whole period.
    case line
    /// A line for a part of one, after a change of the price.
    case proration
    /// A note with the whole of it, which may be older than its lines.
    case whole
  }

  /// The provider's id of the price.
  public var id: String?
  /// The name that the price has at the provider.
  public var lookupKey: String?
  /// A tier's name, as the platform noted it there.
  public var tier: String?
  public var place: Place

  public init(id: String? = nil, lookupKey: String? = nil, tier: String? = nil, place: Place = .line) {
    self.id = id
    self.lookupKey = lookupKey
    self.tier = tier
    self.place = place
  }

  /// What it is called in messages.
  public var name: String { id ?? lookupKey ?? tier ?? "" }
}

/// Which tier a price is for: rows that operators keep, and the tiers themselves.
public struct TierPrices: Hashable, Sendable {
  /// By id or lookup key of the price.
  public var byPrice: [String: PricingTierName]
  public var tiers: [PricingTier]

  public init(byPrice: [String: PricingTierName] = [:], tiers: [PricingTier]) {
    self.byPrice = byPrice
    self.tiers = tiers
  }

  /// By the price's id, else by its lookup key, else by the tier's name noted with it. Of several hints those
  /// of the first place that tells anything count, and among them the dearest tier. Nil when none is known.
  public func tier(of hints: [PriceHint]) -> PricingTierName? {
    for place in PriceHint.Place.allCases {
      if let tier = dearest(hints.filter { $0.place == place }.compactMap(tier(of:))) { return tier }
    }
    return nil
  }

  /// The one of the highest price; among equals the last by name.
  public func dearest(_ names: some Collection<PricingTierName>) -> PricingTierName? {
    tiers.filter { names.contains($0.name) }
      .max { ($0.priceInCents, $0.name) < ($1.priceInCents, $1.name) }?.name
  }

  private func tier(of hint: PriceHint) -> PricingTierName? {
    if let found = hint.id.flatMap({ byPrice[$0] }) ?? hint.lookupKey.flatMap({ byPrice[$0] }) {
      return found
    }
    guard let name = hint.tier.flatMap({ PricingTierName($0) }) else { return nil }
    return tiers.contains { $0.name == name } ? name : nil
  }
}
