/// Leases while one transaction is held open: no dead row can be cleaned away, and claims walk past them all.
enum HeldRows {
  static func run(_ bench: Bench) throws -> [Figure] {
    try bench.loaded.get()
    let (ours, baseline) = (bench.ours, try bench.baseline())
    var (free, held) = ([Double](), [Double]())
    var (freeBaseline, heldBaseline) = ([Double](), [Double]())
    for _ in 0..<min(bench.plan.rounds, 3) {
      let mine = try both(ours, bench.plan)
      let theirs = try both(baseline, bench.plan)
      free.append(mine.free)
      held.append(mine.held)
      freeBaseline.append(theirs.free)
      heldBaseline.append(theirs.held)
    }
    return [
      Figure(
        "lease, one transaction held open", against: "itself without", .none, .perSecond, ours: held,
        baseline: free),
      Figure(
        "pgbench, one transaction held open", against: "itself without", .none, .perSecond,
        ours: heldBaseline, baseline: freeBaseline, note: "both columns are the baseline's here"),
      Figure(
        "lease, one transaction held open", against: "pgbench, the same held open", .none, .perSecond,
        ours: held, baseline: heldBaseline),
    ]
  }

  private static func both(_ side: some Side, _ plan: Plan) throws -> (free: Double, held: Double) {
    let seconds = plan.seconds * 2
    try side.pool.prepare()
    let free = try side.run(connections: 64, seconds: seconds).leasesPerSecond
    try side.pool.prepare()
    let transaction = try HeldTransaction(in: side.pool.database)
    let held = try side.run(connections: 64, seconds: seconds).leasesPerSecond
    try transaction.release()
    return (free, held)
  }
}
