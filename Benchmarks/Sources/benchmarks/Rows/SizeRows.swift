/// The same leases from a large pool and from a small one.
enum SizeRows {
  static func run(_ bench: Bench) throws -> [Figure] {
    let (small, large) = (try side(bench, bench.plan.smallPool), try side(bench, bench.plan.largePool))
    defer {
      small.server.stop()
      large.server.stop()
    }
    for side in [small, large] {
      _ = try side.runWithReleases(connections: 64, seconds: bench.plan.warmUpSeconds)
    }
    let together = try measure(bench, large, small, connections: 64)
    let alone = try measure(bench, large, small, connections: 1)
    let sizes = (Text.whole(large.pool.dataset.numbers), Text.whole(small.pool.dataset.numbers))
    func time(_ results: [LoadResult]) -> [Double] { results.map { 1_000 / $0.leasesPerSecond } }
    return [
      Figure(
        "lease and release at \(sizes.0) numbers, 64 connections", against: "itself at \(sizes.1)",
        .atMost(1.2), .milliseconds, ours: time(together.ours), baseline: time(together.baseline),
        note: "wall-clock time for each lease with its release"),
      Figure(
        "one lease alone at \(sizes.0) numbers, median", against: "itself at \(sizes.1)", .atMost(1.2),
        .milliseconds, ours: alone.ours.map(\.median), baseline: alone.baseline.map(\.median),
        note: "the lease only, of leases and releases in turn"),
    ]
  }

  private static func side(_ bench: Bench, _ dataset: Dataset) throws -> ReservoirSide {
    Progress.tell("loading \(Text.whole(dataset.numbers)) numbers into a database of their own")
    let database = try bench.cluster.makeDatabase("pool_\(dataset.numbers)")
    let server = try Server(bench.reservoir, ["--database-url", database.conninfo], in: bench.scratch)
    let pool = ReservoirPool(database: database, dataset: dataset)
    try pool.load()
    return ReservoirSide(server: server, pool: pool)
  }

  private static func measure(
    _ bench: Bench, _ large: ReservoirSide, _ small: ReservoirSide, connections: Int
  ) throws -> (ours: [LoadResult], baseline: [LoadResult]) {
    try bench.alternate {
      try large.runWithReleases(connections: connections, seconds: bench.plan.seconds)
    } _: {
      try small.runWithReleases(connections: connections, seconds: bench.plan.seconds)
    }
  }
}
