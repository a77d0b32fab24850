/// What a client pays for, since when, and what is to change: one row of `subscriptions`.
public struct Subscription: Hashable, Sendable {
  public enum State: String, CaseIterable, Hashable, Sendable {
    case active
    /// The client has left less than 30 days ago, and would get its resources back (R7).
    case onHold = "on_hold"
    case ended
  }

  public let clientID: ID<Client>
  public var tier: PricingTierName
  public var state: State
  /// In the client's zone: billing months are counted from it (R9).
  public var signedUpOn: CivilDate
  /// The tier that takes its place, and when (R8).
  public var next: Next?
  /// When the hold ends; only while it lasts.
  public var heldUntil: Timestamp?

  public struct Next: Hashable, Sendable {
    public var tier: PricingTierName
    public var at: Timestamp

    public init(tier: PricingTierName, at: Timestamp) {
      self.tier = tier
      self.at = at
    }
  }

  public init(
    clientID: ID<Client>, tier: PricingTierName, state: State = .active, signedUpOn: CivilDate,
    next: Next? = nil, heldUntil: Timestamp? = nil
  ) {
    self.clientID = clientID
    self.tier = tier
    self.state = state
    self.signedUpOn = signedUpOn
    self.next = next
    self.heldUntil = heldUntil
  }
}
