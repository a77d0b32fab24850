/// Lists and searches of a pool of leads.
enum LeadPageRows {
  /// The longest that a page may take, in milliseconds.
  static let bound = 200.0

  static func run(_ bench: Bench) throws -> [Figure] {
    let leads = bench.plan.isQuick ? 200_000 : 2_000_000
    Progress.tell("loading \(Text.whole(leads)) leads into a database of their own")
    let database = try bench.cluster.makeDatabase("leads_\(leads)")
    let server = try Server(bench.reservoir, ["--database-url", database.conninfo], in: bench.scratch)
    defer { server.stop() }
    let seed = LeadPoolSeed(database: database, leads: leads)
    try seed.load()
    let pages = LeadPages(
      server: server, database: database, client: try seed.assign(every: 400, to: "Acme"), leads: leads)
    return try pages.pages().map { page in
      let times = try (0..<min(bench.plan.rounds, 3)).map { _ in
        try pages.median(page, seconds: max(1, bench.plan.seconds / 3))
      }
      return Figure(
        "\(page.name) of \(Text.whole(leads)) leads, median", against: "200 ms", .atMost(1), .milliseconds,
        ours: times, baseline: [bound])
    }
  }
}
