import Domain
import Postgres

/// Pricing tiers: rows, not code (R1).
public enum TierStore {
  private static let columns = """
    name, price_cents, lead_quota, email_domains, mailboxes, phone_numbers, linkedin_seats
    """

  /// All of them, the cheapest first.
  public static func list(in transaction: inout Transaction) throws -> [PricingTier] {
    try transaction.query("SELECT \(unescaped: columns) FROM pricing_tiers ORDER BY price_cents, name").map(
      tier(_:))
  }

  public static func find(
    _ name: PricingTierName, in transaction: inout Transaction
  ) throws -> PricingTier? {
    try transaction.query("SELECT \(unescaped: columns) FROM pricing_tiers WHERE name = \(name.text)").first
      .map(tier(_:))
  }

  /// Adds the tier, or changes the one of this name. True when it is new.
  public static func save(
    _ tier: PricingTier, now: Timestamp, in transaction: inout Transaction
  ) throws -> Bool {
    let counts = ResourceKind.allCases.map { Int32(clamping: tier.resources[$0]) }
    return try transaction.query(
      """
      INSERT INTO pricing_tiers AS t (name, price_cents, lead_quota, email_domains, mailboxes, phone_numbers,
        linkedin_seats, created_at)
      VALUES (\(tier.name.text), \(Int32(clamping: tier.priceInCents)), \(Int32(clamping: tier.leadQuota)),
        \(counts[0]), \(counts[1]), \(counts[2]), \(counts[3]), \(now))
      ON CONFLICT ON CONSTRAINT pricing_tiers_pkey DO UPDATE
      SET price_cents = EXCLUDED.price_cents, lead_quota = EXCLUDED.lead_quota,
        email_domains = EXCLUDED.email_domains, mailboxes = EXCLUDED.mailboxes,
        phone_numbers = EXCLUDED.phone_numbers, linkedin_seats = EXCLUDED.linkedin_seats
      RETURNING xmax = 0
      """
    )[0].decode(at: 0)
  }

  private static func tier(_ row: Row) throws -> PricingTier {
    func count(_ place: Int) throws -> Int { Int(try row.decode(at: place, as: Int32.self)) }
    return PricingTier(
      name: PricingTierName(unchecked: try row.decode(at: 0)), priceInCents: try count(1),
      leadQuota: try count(2),
      resources: ResourceCounts(
        emailDomains: try count(3), mailboxes: try count(4), phoneNumbers: try count(5),
        linkedInSeats: try count(6)))
  }
}
