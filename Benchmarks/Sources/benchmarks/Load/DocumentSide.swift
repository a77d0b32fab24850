/// The baseline: pgbench over the socket, one server-side transaction a lease.
struct DocumentSide: Side {
  let pool: DocumentPool
  let flow: DocumentPool.Flow

  /// Tries both forms of the flow and keeps the faster.
  init(_ pool: DocumentPool, trySeconds seconds: Int) throws {
    self.pool = pool
    var best: (flow: DocumentPool.Flow, rate: Double)?
    for flow in DocumentPool.Flow.allCases {
      let rate = try Self(pool, flow).run(connections: 64, seconds: seconds).leasesPerSecond
      Progress.tell("  baseline as \(flow.rawValue): \(Text.whole(rate))/s")
      if best.map({ rate > $0.rate }) ?? true { best = (flow, rate) }
    }
    guard let best else { preconditionFailure("there are flows") }
    flow = best.flow
  }

  private init(_ pool: DocumentPool, _ flow: DocumentPool.Flow) {
    self.pool = pool
    self.flow = flow
  }

  /// - Throws: if any transaction failed or found no number.
  func run(connections: Int, seconds: Int) throws -> LoadResult {
    let cluster = pool.database.cluster
    let script = try cluster.scratch.write(pool.script(flow), "lease.sql")
    let before = try pool.leases()
    var options = [
      "-n", "-M", "prepared", "-c", "\(connections)", "-j", "\(min(2, connections))", "-T", "\(seconds)",
      "-f", script,
    ]
    // Each latency is logged only where the median is asked for: logging costs.
    let log = cluster.scratch.file("latency").path
    if connections == 1 { options += ["-l", "--log-prefix", log] }
    let start = ProcessorTime.now
    let output = try Program.run(cluster.pgbench, options + [pool.database.conninfo], in: cluster.scratch)
    let spent = ProcessorTime.now - start
    let done = try PgBench.figure("number of transactions actually processed: ", output)
    let rate = try PgBench.figure("tps = ", output)
    let made = try pool.leases() - before
    guard made == Int(done), done > 0 else {
      throw Failure("pgbench did \(Text.whole(done)) transactions, but \(made) leases were made")
    }
    return LoadResult(
      leasesPerSecond: rate, median: connections == 1 ? try PgBench.median(log) : 0,
      processorTime: spent.each(done))
  }
}
