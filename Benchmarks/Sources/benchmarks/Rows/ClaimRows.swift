import Foundation

/// A client that gets 10,000 leads of a large pool in one command.
enum ClaimRows {
  private static let count = 10_000

  static func run(_ bench: Bench) throws -> [Figure] {
    // Of which the client wants about a tenth: enough for every round.
    let leads = bench.plan.isQuick ? 500_000 : 2_000_000
    let pool = ClaimPool(
      database: try bench.cluster.makeDatabase("claims"), reservoir: bench.reservoir, scratch: bench.scratch)
    Progress.tell("loading \(Text.whole(leads)) leads")
    try pool.load(leads)
    let indexing = try seconds { try pool.reservoir("leads", "rescore") }
    Progress.tell("  indexed for the allocator in \(Text.decimal(indexing)) s")
    var (command, bare) = ([Double](), [Double]())
    for round in 0..<min(bench.plan.rounds, 3) {
      let before = try pool.assigned()
      command.append(
        try seconds {
          try pool.reservoir(
            "leads", "assign", "--client", "Acme", "--count", "\(count)", "--seed", "\(round)")
        })
      guard try pool.assigned() == before + count else { throw Failure("not all leads were assigned") }
      bare.append(try pool.database.time(ClaimPool.bareInsert(count)))
    }
    return [
      Figure(
        "claim of \(Text.whole(count)) leads from \(Text.whole(leads)) in one command",
        against: "one INSERT … SELECT of as many assignments", .none, .seconds, ours: command, baseline: bare,
        note: "the command matches, scores, plans, locks and keeps scores; the INSERT takes any leads")
    ]
  }

  private static func seconds(_ work: () throws -> Void) throws -> Double {
    let start = Date()
    try work()
    return Date().timeIntervalSince(start)
  }
}
