/// How much may be spent on resources in a calendar month of the platform's zone, in cents.
public struct PurchaseBudget: Hashable, Sendable {
  /// Nil: no limit.
  public var monthlyInCents: Int?
  /// An order that costs more than this waits for an operator; nil: none does.
  public var approvalAboveInCents: Int?

  public init(monthlyInCents: Int?, approvalAboveInCents: Int?) {
    precondition((monthlyInCents ?? 0) >= 0 && (approvalAboveInCents ?? 0) >= 0, "money below zero")
    self.monthlyInCents = monthlyInCents
    self.approvalAboveInCents = approvalAboveInCents
  }
}

/// What becomes of a wish to buy.
public enum PurchaseDecision: Hashable, Sendable {
  /// Nothing is wanted.
  case nothing
  /// An order of `quantity`, `approved` or `requested`; what the budget does not cover is left out, and an
  /// alert tells of it.
  case order(quantity: Int, status: OrderStatus, beyondBudget: Int)
  /// Not one can be paid this month.
  case overBudget(leftInCents: Int)

  /// - Parameters:
  ///   - spentInCents: this month's, orders that are under way or wait for approval included.
  public static func decide(
    _ wanted: Int, unitPriceInCents: Int, spentInCents: Int, budget: PurchaseBudget
  ) -> PurchaseDecision {
    precondition(unitPriceInCents >= 0 && spentInCents >= 0, "money below zero")
    guard wanted > 0 else { return .nothing }
    let left = budget.monthlyInCents.map { max(0, $0 - spentInCents) }
    let affordable =
      unitPriceInCents == 0 ? wanted : left.map { min(wanted, $0 / unitPriceInCents) } ?? wanted
    guard affordable > 0 else { return .overBudget(leftInCents: left ?? 0) }
    let (cost, overflows) = affordable.multipliedReportingOverflow(by: unitPriceInCents)
    let waits = budget.approvalAboveInCents.map { overflows || cost > $0 } ?? false
    return .order(
      quantity: affordable, status: waits ? .requested : .approved, beyondBudget: wanted - affordable)
  }
}
