/// How full a client's pool is, as its alert sees it.
public enum PoolLevel: String, CaseIterable, Hashable, Sendable {
  case ok
  /// At the client's low-water mark or below it.
  case low
  /// Nothing is available.
  case exhausted

  /// `available` and `total` count the client's active numbers; available ones are free by the one rule.
  /// A client without numbers is `ok`: its pool cannot run out, and a lease says so with its totals.
  public init(available: Int, total: Int, lowWaterMark: Int) {
    precondition(0 <= available && available <= total, "\(available) of \(total) numbers available")
    self =
      if total == 0 { .ok } else if available == 0 { .exhausted } else if available <= lowWaterMark {
        .low
      } else { .ok }
  }
}
