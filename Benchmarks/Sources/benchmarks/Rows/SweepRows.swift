import Foundation

/// A sweep against the SQL that does as little as possible, and what leases feel of it.
enum SweepRows {
  static func run(_ bench: Bench) throws -> [Figure] {
    try bench.loaded.get()
    let count = bench.plan.expired
    var (sweep, bare, whole) = ([Double](), [Double](), [Double]())
    var (calm, disturbed, covered) = ([Double](), [Double](), [Double]())
    for _ in 0..<min(bench.plan.rounds, 3) {
      sweep.append(try quietSweep(bench))
      bare.append(try update(ReservoirPool.bareUpdate, bench))
      whole.append(try update(ReservoirPool.wholeUpdate, bench))
      let seconds = max(2, Int((sweep.last ?? 0).rounded(.up)))
      let pair = try leasesMeanwhile(bench, seconds: seconds)
      calm.append(pair.calm)
      disturbed.append(pair.disturbed)
      covered.append(pair.covered * 100)
    }
    return [
      Figure(
        "sweep of \(Text.whole(count)) expired leases", against: "one UPDATE of the same rows", .atMost(1.5),
        .seconds, ours: sweep, baseline: bare, note: "the UPDATE neither writes history nor touches leads"),
      Figure(
        "sweep of \(Text.whole(count)) expired leases", against: "numbers, leads, ledger in one statement",
        .none, .seconds, ours: sweep, baseline: whole),
      Figure(
        "lease p99 during a sweep, 64 connections", against: "its p99 without", .below(2), .milliseconds,
        ours: disturbed, baseline: calm,
        note: "the sweep ran in \(Text.whole(Statistics.median(covered))) % of the time measured"),
    ]
  }

  /// Seconds, by the server's own clock.
  private static func quietSweep(_ bench: Bench) throws -> Double {
    try bench.ours.pool.expire(bench.plan.expired)
    let run = try bench.server.startJob("sweep")()
    guard run.processed == bench.plan.expired else {
      throw Failure("the sweep ended \(run.processed) leases of \(bench.plan.expired)")
    }
    let (start, end) = try instants(run, bench)
    return end - start
  }

  private static func update(_ sql: String, _ bench: Bench) throws -> Double {
    let pool = bench.ours.pool
    try pool.expire(bench.plan.expired)
    let seconds = try pool.database.time(sql)
    let left = try pool.database.count(
      "SELECT count(*) FROM signalwire_phone_numbers WHERE assignment_status = 'assigned'")
    guard left == 0 else { throw Failure("the UPDATE left \(left) leases") }
    return seconds
  }

  /// The p99 of leases without and with a sweep at the same time, both from the same start.
  private static func leasesMeanwhile(
    _ bench: Bench, seconds: Int
  ) throws -> (calm: Double, disturbed: Double, covered: Double) {
    try bench.ours.pool.refill()
    try bench.ours.pool.settle()
    let calm = try bench.ours.run(connections: 64, seconds: seconds).p99
    try bench.ours.pool.expire(bench.plan.expired)
    let start = Date().timeIntervalSince1970
    let sweep = try bench.server.startJob("sweep")
    let disturbed = try bench.ours.run(connections: 64, seconds: seconds).p99
    let run = try instants(try sweep(), bench)
    let end = start + Double(seconds)
    let covered = max(0, min(end, run.end) - max(start, run.start)) / Double(seconds)
    return (calm, disturbed, covered)
  }

  private static func instants(_ run: Server.JobRun, _ bench: Bench) throws -> (start: Double, end: Double) {
    func seconds(_ time: String) throws -> Double {
      try bench.ours.pool.database.number("SELECT extract(epoch FROM '\(time)'::timestamptz)")
    }
    return (try seconds(run.startedAt), try seconds(run.finishedAt))
  }
}
