/// A lease over HTTP against the document's flow in pgbench.
enum LeaseRows {
  static func together(_ bench: Bench) throws -> [Figure] {
    let (ours, baseline) = try run(bench, connections: 64)
    let held = Statistics.median(ours.map(\.heldShare)) * 100
    let flow = try bench.baseline().flow.rawValue
    return [
      Figure(
        "lease over HTTP, 64 connections", against: "pgbench, 64 clients, the document's flow", .atLeast(2.5),
        .perSecond, ours: ours.map(\.leasesPerSecond), baseline: baseline.map(\.leasesPerSecond),
        note: "baseline as \(flow); \(Text.decimal(held)) % of our requests found the lead "
          + "holding a number already and are not counted"),
      Figure(
        "processor time of that lease", against: "of pgbench's", .none, .microseconds,
        ours: ours.map(\.processorTime.total), baseline: baseline.map(\.processorTime.total),
        note: "ours: \(parts(ours)); baseline: \(parts(baseline))"),
    ]
  }

  /// Where the time goes.
  private static func parts(_ results: [LoadResult]) -> String {
    func median(_ part: KeyPath<ProcessorTime, Double>) -> String {
      Text.whole(Statistics.median(results.map { $0.processorTime[keyPath: part] }))
    }
    return "PostgreSQL \(median(\.postgres)), reservoir \(median(\.reservoir)), tool \(median(\.tools)) µs"
  }

  static func alone(_ bench: Bench) throws -> [Figure] {
    let (ours, baseline) = try run(bench, connections: 1)
    return [
      Figure(
        "one lease alone, median", against: "pgbench, 1 client", .atMost(1.5), .milliseconds,
        ours: ours.map(\.median), baseline: baseline.map(\.median))
    ]
  }

  private static func run(
    _ bench: Bench, connections: Int
  ) throws -> (ours: [LoadResult], baseline: [LoadResult]) {
    try bench.loaded.get()
    let (ours, baseline) = (bench.ours, try bench.baseline())
    // The checkpoint at the end of the last load was for both sides.
    for run in [ours.run, baseline.run] { _ = try run(64, bench.plan.warmUpSeconds) }
    return try bench.alternate {
      try ours.pool.prepare()
      return try ours.run(connections: connections, seconds: bench.plan.seconds)
    } _: {
      try baseline.pool.prepare()
      return try baseline.run(connections: connections, seconds: bench.plan.seconds)
    }
  }
}
