import Domain
import Postgres

/// Which tier a price at the payment provider is for.
public enum TierPriceStore {
  /// Everything that the tier of an event is found by.
  public static func prices(
    of hints: [PriceHint], in transaction: inout Transaction
  ) throws -> TierPrices {
    let names = hints.flatMap { [$0.id, $0.lookupKey].compactMap { $0 } }
    var byPrice: [String: PricingTierName] = [:]
    for row in try transaction.query("SELECT price, tier FROM tier_prices WHERE price = ANY (\(names))") {
      byPrice[try row.decode(at: 0)] = PricingTierName(unchecked: try row.decode(at: 1))
    }
    return TierPrices(byPrice: byPrice, tiers: try TierStore.list(in: &transaction))
  }

  /// The prices of a tier, by name.
  public static func list(
    of tier: PricingTierName, in transaction: inout Transaction
  ) throws -> [String] {
    try transaction.query(
      "SELECT price FROM tier_prices WHERE tier = \(tier.text) ORDER BY price COLLATE \"C\""
    ).map { try $0.decode(at: 0) }
  }

  /// The price is for this tier from now on. True when it was for none before.
  public static func set(
    _ price: String, to tier: PricingTierName, now: Timestamp, in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.query(
      """
      INSERT INTO tier_prices (price, tier, created_at) VALUES (\(price), \(tier.text), \(now))
      ON CONFLICT ON CONSTRAINT tier_prices_pkey DO UPDATE SET tier = EXCLUDED.tier
      RETURNING xmax = 0
      """
    )[0].decode(at: 0)
  }

  /// False when the tier has no such price.
  public static func remove(
    _ price: String, from tier: PricingTierName, in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.execute("DELETE FROM tier_prices WHERE price = \(price) AND tier = \(tier.text)") == 1
  }
}
