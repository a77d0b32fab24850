/// Resident memory of the server's process.
enum MemoryRows {
  static func run(_ bench: Bench) throws -> [Figure] {
    // Whatever rows ran before, this load is part of it.
    try bench.loaded.get()
    try bench.ours.pool.prepare()
    _ = try bench.ours.run(connections: 64, seconds: bench.plan.seconds)
    return [
      Figure("memory of the server, idle", atMost: 60, .megabytes, megabytes(bench.idleMemory)),
      Figure(
        "memory of the server, under load", atMost: 150, .megabytes,
        megabytes(try bench.server.memory("VmHWM")), note: "the most since its start, over all rows so far"),
    ]
  }

  private static func megabytes(_ kilobytes: Double) -> Double { kilobytes * 1_024 / 1e6 }
}
