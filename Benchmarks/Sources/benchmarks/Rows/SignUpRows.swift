import Foundation

/// Clients that sign up: what one costs, and how many go through at once.
enum SignUpRows {
  private static let connections = 32
  /// As many for each of pgbench's clients: 1,024 in all.
  private static let each = 32
  private static let alone = 200
  private static let inventory = Inventory(resources: 60_000, clients: connections * each)

  static func run(_ bench: Bench) throws -> [Figure] {
    Progress.tell("loading \(Text.whole(inventory.resources)) resources for each side")
    let ours = ReservoirInventory(
      database: try bench.cluster.makeDatabase("inventory"), inventory: inventory)
    let server = try Server(bench.reservoir, ["--database-url", ours.database.conninfo], in: bench.scratch)
    defer { server.stop() }
    try ours.load()
    let theirs = DocumentInventory(
      database: try bench.cluster.makeDatabase("document_inventory"), inventory: inventory)
    try theirs.load()
    let one = try alone(bench, server, ours, theirs)
    return [one, try together(bench, server, ours, theirs)]
  }

  private static func alone(
    _ bench: Bench, _ server: Server, _ ours: ReservoirInventory, _ theirs: DocumentInventory
  ) throws -> Figure {
    let commit = SingleRow(database: theirs.database)
    try commit.prepare()
    var (assign, single) = ([Double](), [Double]())
    for _ in 0..<min(bench.plan.rounds, 3) {
      try ours.empty()
      let counts = zip(["email_domains", "mailboxes", "phone_numbers", "linkedin_seats"], Inventory.tier)
      let body = "{" + counts.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
      let times = try SignUps(server: server).post(alone, "assign", body, parallel: 1).times
      try expect(ours.assignments(), alone)
      assign.append(Statistics.median(times) * 1_000)
      single.append(try commit.median(seconds: max(2, bench.plan.seconds / 2)))
    }
    return Figure(
      "assign a dominance client (44 resources) over HTTP, median", against: "a commit of one row by pgbench",
      .below(10), .milliseconds, ours: assign, baseline: single)
  }

  private static func together(
    _ bench: Bench, _ server: Server, _ ours: ReservoirInventory, _ theirs: DocumentInventory
  ) throws -> Figure {
    let count = connections * each
    var (mine, document) = ([Double](), [Double]())
    for _ in 0..<min(bench.plan.rounds, 3) {
      try ours.empty()
      let seconds = try SignUps(server: server).post(
        count, "subscription", #"{"tier":"dominance"}"#, parallel: connections
      ).seconds
      try expect(ours.assignments(), count)
      mine.append(Double(count) / seconds)
      try theirs.empty()
      let rate = try PgBench(theirs.database).rate(
        theirs.script, clients: connections, transactions: each)
      try expect(theirs.assignments(), count)
      document.append(rate)
    }
    return Figure(
      "\(Text.whole(count)) sign-ups from 32 connections, 60,000 resources",
      against: "the document's Python, row by row, in pgbench", .none, .perSecond, ours: mine,
      baseline: document, note: "the document's side locks what it reads; it keeps no history")
  }

  private static func expect(_ assignments: Int, _ clients: Int) throws {
    guard assignments == clients * Inventory.tierSize else {
      throw Failure("\(assignments) assignments came of \(clients) sign-ups")
    }
  }
}
