import Domain
import Testing

@Suite struct `The standing of a pool` {
  static let now = Timestamp(microseconds: 1_795_219_200_000_000)

  func change(
    _ available: Int, of total: Int, mark: Int, alert kind: PoolAlert.Kind? = nil, seen ago: Duration = .zero
  ) -> PoolAlertChange {
    let alert = kind.map { PoolStanding.OpenAlert(kind: $0, seenAt: Self.now - ago) }
    return PoolStanding(available: available, total: total, lowWaterMark: mark, alert: alert)
      .change(at: Self.now)
  }

  @Test(
    arguments: [
      (2, 5, 1, .keep), (1, 5, 1, .raise(.low)), (0, 5, 1, .raise(.exhausted)), (0, 5, 0, .raise(.exhausted)),
      (1, 5, 0, .keep), (0, 0, 1, .keep),
    ] as [(Int, Int, Int, PoolAlertChange)])
  func `raises an alert at once`(available: Int, total: Int, mark: Int, change: PoolAlertChange) {
    #expect(self.change(available, of: total, mark: mark) == change)
  }

  @Test(
    arguments: [
      // A margin of one number.
      (1, 5, 1, .keep), (2, 5, 1, .keep), (3, 5, 1, .clear), (11, 19, 10, .keep), (12, 19, 10, .clear),
      // A margin of a tenth.
      (15, 50, 10, .keep), (16, 50, 10, .clear), (110, 1_000, 10, .keep), (111, 1_000, 10, .clear),
      // A pool that is wholly free is over it, though the margin would be larger.
      (2, 2, 1, .clear), (10, 10, 9, .clear), (1, 1, 0, .clear), (0, 0, 3, .clear),
      // It never leaves its mark.
      (5, 5, 5, .keep), (5, 5, 9, .keep),
      (0, 5, 1, .raise(.exhausted)),
    ] as [(Int, Int, Int, PoolAlertChange)])
  func `clears low with a margin above the mark`(
    available: Int, total: Int, mark: Int, change: PoolAlertChange
  ) {
    #expect(self.change(available, of: total, mark: mark, alert: .low) == change)
  }

  @Test(
    arguments: [
      (0, 1, .minutes(60), .confirm), (1, 1, .minutes(5) - .microseconds(1), .keep),
      (1, 1, .minutes(5), .raise(.low)), (2, 1, .minutes(5) - .microseconds(1), .keep),
      (2, 1, .minutes(5), .clear), (5, 1, .seconds(10), .keep), (5, 9, .minutes(5), .raise(.low)),
    ] as [(Int, Int, Duration, PoolAlertChange)])
  func `clears exhausted when nobody has found it so for five minutes`(
    available: Int, mark: Int, ago: Duration, change: PoolAlertChange
  ) {
    #expect(self.change(available, of: 5, mark: mark, alert: .exhausted, seen: ago) == change)
  }

  @Test(arguments: 0...40, [0, 1, 3, 12])
  func `never raises again at the number at which it has cleared`(total: Int, mark: Int) {
    for available in 0...total where change(available, of: total, mark: mark, alert: .low) == .clear {
      #expect(change(available, of: total, mark: mark) == .keep)
      #expect(available == total || change(available - 1, of: total, mark: mark) == .keep)
    }
  }
}
