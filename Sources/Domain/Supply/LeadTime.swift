/// How long it takes from an order to a resource that can be assigned (specs/resource-pool.md, "Warmup Lead
/// Time"), in days.
public struct LeadTime: Hashable, Sendable {
  public let purchase: Int
  /// Until DNS has spread.
  public let propagation: Int
  /// From an operator who completes it early to R11's own completion.
  public let warmup: ClosedRange<Int>

  public init(purchase: Int, propagation: Int, warmup: ClosedRange<Int>) {
    self.purchase = purchase
    self.propagation = propagation
    self.warmup = warmup
  }

  public var days: ClosedRange<Int> {
    purchase + propagation + warmup.lowerBound...purchase + propagation + warmup.upperBound
  }

  /// Domains, and the mailboxes on them, 1 + 1 + 14 to 21. The document is silent about numbers and seats: a
  /// day for the purchase; their ramps limit what they do, not when they start.
  public static func of(_ kind: ResourceKind) -> LeadTime {
    switch kind {
    case .emailDomain, .mailbox: LeadTime(purchase: 1, propagation: 1, warmup: 14...21)
    case .phoneNumber, .linkedInSeat: LeadTime(purchase: 1, propagation: 0, warmup: 0...0)
    }
  }
}
