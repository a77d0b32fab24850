/// Lists of a large inventory and of a small one.
enum ListRows {
  static func run(_ bench: Bench) throws -> [Figure] {
    let (small, large) = (try side(bench, 1_000), try side(bench, 1_000_000))
    defer { [small, large].forEach { $0.server.stop() } }
    let (few, many) = (try small.lists(), try large.lists())
    return try few.keys.sorted().map { name in
      guard let short = few[name], let long = many[name] else { throw Failure("no list \(name)") }
      var (ours, baseline) = ([Double](), [Double]())
      for _ in 0..<min(bench.plan.rounds, 3) {
        ours.append(try large.median(long, seconds: max(1, bench.plan.seconds / 2)))
        baseline.append(try small.median(short, seconds: max(1, bench.plan.seconds / 2)))
      }
      return Figure(
        "\(name) of 1,000,000 resources, median", against: "of 1,000", .atMost(1.5), .milliseconds,
        ours: ours, baseline: baseline)
    }
  }

  private static func side(_ bench: Bench, _ resources: Int) throws -> Lists {
    Progress.tell("loading \(Text.whole(resources)) resources into a database of their own")
    let database = try bench.cluster.makeDatabase("resources_\(resources)")
    let server = try Server(bench.reservoir, ["--database-url", database.conninfo], in: bench.scratch)
    let inventory = Inventory(resources: resources, clients: 10)
    try ReservoirInventory(database: database, inventory: inventory).load()
    let lists = Lists(server: server, resources: try database.count("SELECT count(*) FROM resource_pool"))
    // One client has its forty-four among all of them.
    _ = try SignUps(server: server).post(1, "subscription", #"{"tier":"dominance"}"#, parallel: 1)
    return lists
  }
}
