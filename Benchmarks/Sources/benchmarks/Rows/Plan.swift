/// How long and how large a run is.
struct Plan {
  let isQuick: Bool
  var rounds: Int
  /// Of one side in one round.
  var seconds: Int
  /// Long enough to touch most pages once: the first write to a page after a checkpoint logs all of it, on
  /// both sides, and hides what the sides differ in.
  var warmUpSeconds: Int
  /// The pool that both sides lease from.
  var dataset: Dataset
  var smallPool: Dataset
  var largePool: Dataset
  /// Records to import.
  var imported = 100_000
  /// People whom the pool knows, and who come again.
  var deduped = 200_000
  /// Leases to sweep.
  let expired = 100_000

  static let full = Plan(
    isQuick: false, rounds: 5, seconds: 10, warmUpSeconds: 15,
    dataset: Dataset(numbers: 1_000_000, leads: 1_000_000),
    smallPool: Dataset(numbers: 2_000, leads: 200_000), largePool: Dataset(numbers: 2_000_000, leads: 200_000)
  )

  static let quick = Plan(
    isQuick: true, rounds: 3, seconds: 3, warmUpSeconds: 4,
    dataset: Dataset(numbers: 200_000, leads: 200_000),
    smallPool: Dataset(numbers: 2_000, leads: 100_000),
    largePool: Dataset(numbers: 2_000_000, leads: 100_000),
    imported: 32_000, deduped: 50_000)
}
