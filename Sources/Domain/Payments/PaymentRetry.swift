/// When an event that could not be processed is tried again by itself.
public enum PaymentRetry {
  /// What was stored and not processed at once, because the server died or the database was away.
  public static let first: Duration = .seconds(30)
  /// Then an operator must look at it: about four days.
  public static let most = 24

  /// 30 s, 1 min, 2 min … up to 6 hours after the attempt; nil when it has been tried often enough.
  ///
  /// - Parameter attempts: made so far, at least 1.
  public static func next(after attempts: Int, now: Timestamp) -> Timestamp? {
    guard attempts < most else { return nil }
    return now + min(.seconds(30 << min(max(attempts - 1, 0), 10)), .hours(6))
  }
}
