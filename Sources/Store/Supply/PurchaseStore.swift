import Domain
import Postgres

/// What may be spent on resources, and how each kind is bought.
public enum PurchaseStore {
  public static func plan(in transaction: inout Transaction) throws -> PurchasePlan {
    try plan("", in: &transaction)
  }

  /// Until the end of the transaction nobody else makes an order or changes the plan. To be the first lock
  /// and the first look of its transaction: what others ordered before must be seen.
  public static func lock(in transaction: inout Transaction) throws -> PurchasePlan {
    try plan("FOR NO KEY UPDATE", in: &transaction)
  }

  private static func plan(_ locking: String, in transaction: inout Transaction) throws -> PurchasePlan {
    guard
      let row = try transaction.query(
        """
        SELECT monthly_cents, approval_above_cents, time_zone FROM purchase_budget \(unescaped: locking)
        """
      ).first
    else { preconditionFailure("the budget is made by a migration and stays") }
    let budget = PurchaseBudget(
      monthlyInCents: try row.decode(at: 0), approvalAboveInCents: try row.decode(at: 1))
    let kinds = try transaction.query(
      """
      SELECT resource_type, provider, unit_price_cents, auto_order, name_stems, name_words, name_endings,
        beyond_budget
      FROM purchase_settings
      """
    ).map { row in
      PurchaseSettings(
        kind: try row.decode("resource_type"),
        provider: ProviderName(unchecked: try row.decode("provider")),
        unitPriceInCents: Int(try row.decode("unit_price_cents", as: Int32.self)),
        ordersAutomatically: try row.decode("auto_order"),
        names: NameParts(
          stems: try row.decode("name_stems"), words: try row.decode("name_words"),
          endings: try row.decode("name_endings")),
        beyondBudget: Int(try row.decode("beyond_budget", as: Int32.self)))
    }
    return PurchasePlan(
      budget: budget, timeZone: try row.decode(at: 2),
      kinds: Dictionary(uniqueKeysWithValues: kinds.map { ($0.kind, $0) }))
  }

  /// Writes the whole plan, but for what the last look left out.
  public static func save(_ plan: PurchasePlan, now: Timestamp, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE purchase_budget
      SET monthly_cents = \(plan.budget.monthlyInCents.map(Int64.init)),
        approval_above_cents = \(plan.budget.approvalAboveInCents.map(Int64.init)),
        time_zone = \(plan.timeZone), updated_at = \(now)
      """, expecting: 1)
    for settings in plan.kinds.values {
      transaction.enqueue(
        """
        UPDATE purchase_settings
        SET provider = \(settings.provider.text),
          unit_price_cents = \(Int32(clamping: settings.unitPriceInCents)),
          auto_order = \(settings.ordersAutomatically), name_stems = \(settings.names.stems),
          name_words = \(settings.names.words), name_endings = \(settings.names.endings),
          updated_at = \(now)
        WHERE resource_type = \(settings.kind)
        """, expecting: 1)
    }
  }

  public static func note(
    beyondBudget count: Int, of kind: ResourceKind, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE purchase_settings SET beyond_budget = \(Int32(clamping: count)) WHERE resource_type = \(kind)
      """, expecting: 1)
  }

  /// What this month's orders cost: those placed since its start, and those that are still to be placed,
  /// whenever they were asked for. What failed costs nothing, as far as it was not delivered.
  public static func spent(since start: Timestamp, in transaction: inout Transaction) throws -> Int {
    let rows = try transaction.query(
      """
      SELECT coalesce(sum(
        (CASE WHEN status = 'failed' THEN delivered ELSE quantity END)::bigint * unit_price_cents), 0)::bigint
      FROM resource_orders
      WHERE placed_at >= \(start) OR placed_at IS NULL AND closed_at IS NULL
      """)
    return try rows[0].decode(at: 0)
  }
}
