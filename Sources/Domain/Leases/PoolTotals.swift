/// How many numbers a client's pool has, and when the next one comes free.
public struct PoolTotals: Hashable, Sendable {
  public var total: Int
  /// Active and free by the one rule (`LeaseRule.isFree`).
  public var available: Int
  /// Active and leased; what is due counts as available.
  public var leased: Int
  /// Inactive or in maintenance, leased or not.
  public var outOfService: Int
  /// When the next lease of an active number is due, if one is available or not.
  public var nextFreeAt: Timestamp?

  public init(total: Int, available: Int, leased: Int, outOfService: Int, nextFreeAt: Timestamp?) {
    self.total = total
    self.available = available
    self.leased = leased
    self.outOfService = outOfService
    self.nextFreeAt = nextFreeAt
  }
}
