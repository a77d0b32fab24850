/// What one run of one side gave.
struct LoadResult {
  /// Leases that stand in the database afterwards, for each second of the run.
  let leasesPerSecond: Double
  /// Latencies in milliseconds; zero where the tool does not tell.
  var median = 0.0
  var p99 = 0.0
  /// Microseconds of processor time for each lease: tool, server and PostgreSQL.
  var processorTime = ProcessorTime()
  /// Requests of leads that already held a number of the company, of all that were answered well.
  var heldShare = 0.0
}

/// A side under load: which pool, and how to drive it.
protocol Side {
  associatedtype Content: Pool
  var pool: Content { get }

  func run(connections: Int, seconds: Int) throws -> LoadResult
}
