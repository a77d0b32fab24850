import Domain
import Testing

@Suite struct `The level of a pool` {
  @Test(
    arguments: [
      (5, 5, 0, .ok), (1, 5, 0, .ok), (0, 5, 0, .exhausted), (3, 5, 2, .ok), (2, 5, 2, .low), (1, 5, 2, .low),
      (0, 5, 2, .exhausted), (5, 5, 9, .low), (0, 0, 2, .ok),
    ] as [(Int, Int, Int, PoolLevel)])
  func `is low at its mark and exhausted at nothing`(available: Int, total: Int, mark: Int, level: PoolLevel)
  {
    #expect(PoolLevel(available: available, total: total, lowWaterMark: mark) == level)
  }

  @Test func `cannot have more available than it has`() async {
    await #expect(processExitsWith: .failure) { _ = PoolLevel(available: 2, total: 1, lowWaterMark: 0) }
  }
}
