/// The name of a pricing tier: 1 to 50 lower-case letters, digits, `-` and `_`, such as `velocity`.
public struct PricingTierName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  public init?(_ text: String) {
    let bytes = text.utf8
    guard (1...50).contains(bytes.count),
      bytes.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 })
    else { return nil }
    self.text = text
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public static let ignition = PricingTierName(unchecked: "ignition")
  public static let velocity = PricingTierName(unchecked: "velocity")
  public static let dominance = PricingTierName(unchecked: "dominance")

  public var description: String { text }

  public static func < (a: PricingTierName, b: PricingTierName) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }
}

/// What a client pays for, and what it gets for that: a row, not code (R1).
public struct PricingTier: Hashable, Sendable {
  public let name: PricingTierName
  /// A billing month's, in cents.
  public var priceInCents: Int
  /// Leads in a billing month; unused ones do not roll over.
  public var leadQuota: Int
  public var resources: ResourceCounts

  public init(name: PricingTierName, priceInCents: Int, leadQuota: Int, resources: ResourceCounts) {
    precondition(priceInCents >= 0 && leadQuota >= 0, "a price or quota below zero")
    precondition(ResourceKind.allCases.allSatisfy { resources[$0] >= 0 }, "fewer than no resources")
    self.name = name
    self.priceInCents = priceInCents
    self.leadQuota = leadQuota
    self.resources = resources
  }

  /// R1's table: what a new database begins with.
  public static let defaults = [
    PricingTier(
      name: .ignition, priceInCents: 250_000, leadQuota: 1_250,
      resources: ResourceCounts(emailDomains: 3, mailboxes: 6, phoneNumbers: 1, linkedInSeats: 4)),
    PricingTier(
      name: .velocity, priceInCents: 500_000, leadQuota: 2_250,
      resources: ResourceCounts(emailDomains: 5, mailboxes: 10, phoneNumbers: 2, linkedInSeats: 7)),
    PricingTier(
      name: .dominance, priceInCents: 750_000, leadQuota: 4_500,
      resources: ResourceCounts(emailDomains: 9, mailboxes: 18, phoneNumbers: 3, linkedInSeats: 14)),
  ]
}
