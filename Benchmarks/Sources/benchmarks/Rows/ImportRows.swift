import Foundation

/// Files of people on their way into the pool.
enum ImportRows {
  /// A file of Apollo's records into an empty pool, against psql's `\copy` of the same file.
  static func whole(_ bench: Bench) throws -> [Figure] {
    let file = try LeadFile.make("people.jsonl", 0..<bench.plan.imported, .whole, in: bench.scratch)
    defer { file.remove() }
    var (ours, baseline) = ([Double](), [Double]())
    for round in 0..<min(bench.plan.rounds, 3) {
      let steps: [() throws -> Void] = [
        { ours.append(try rate(of: [file], into: freshPool(bench), bench, expecting: file.count)) },
        { baseline.append(try copyRate(file, bench)) },
      ]
      for step in round.isMultiple(of: 2) ? steps : steps.reversed() { try step() }
    }
    let size = Text.decimal(Double(file.bytes) / Double(file.count) / 1_000, 1)
    return [
      Figure(
        "import of \(Text.whole(file.count)) of Apollo's records, with dedupe",
        against: "psql \\copy of the same file into one jsonb column", .atLeast(0.4), .perSecond, ours: ours,
        baseline: baseline, note: "\(size) KB a record; the command's whole time, its start included")
    ]
  }

  /// As many people as the pool has already, all of them known, each with something new.
  static func dedupe(_ bench: Bench) throws -> [Figure] {
    let count = bench.plan.deduped
    let known = try LeadFile.make("known.jsonl", 0..<count, .slim, in: bench.scratch)
    let newer = try LeadFile.make("newer.jsonl", 0..<count, .slim, round: 1, in: bench.scratch)
    defer {
      known.remove()
      newer.remove()
    }
    let pool = try freshPool(bench)
    let first = try rate(of: [known], into: pool, bench, expecting: count)
    let second = try rate(of: [newer], into: pool, bench, expecting: count)
    return [
      Figure(
        "import of \(Text.whole(count)) people into a pool that knows them all",
        against: "into an empty pool",
        .none, .perSecond, ours: [second], baseline: [first],
        note: "0.6 KB a record; every lead learns something new; none is there twice")
    ]
  }

  /// Sixteen files at once; each person stands in two of them.
  static func importers(_ bench: Bench) throws -> [Figure] {
    let share = bench.plan.imported / 16
    let files = try (0..<16).map { index in
      try LeadFile.make(
        "importer-\(index).jsonl", index * share..<(index + 2) * share, .slim, round: index, in: bench.scratch
      )
    }
    defer { files.forEach { $0.remove() } }
    let alone = try rate(of: [files[0]], into: freshPool(bench), bench, expecting: 2 * share)
    let together = try rate(of: files, into: freshPool(bench), bench, expecting: 17 * share)
    return [
      Figure(
        "16 imports at once, each person in two of them", against: "one of them alone", .none, .perSecond,
        ours: [together], baseline: [alone], note: "each person is one lead afterwards, and none is missing")
    ]
  }

  private static func freshPool(_ bench: Bench) throws -> Database {
    try bench.cluster.database("postgres").run("DROP DATABASE IF EXISTS pool WITH (FORCE)")
    let database = try bench.cluster.makeDatabase("pool")
    _ = try Program.run(
      bench.reservoir, ["migrate", "--database-url", database.conninfo], in: bench.scratch)
    try database.run("CHECKPOINT")
    return database
  }

  /// Records a second, from the start of the commands to the end of the last.
  private static func rate(
    of files: [LeadFile], into pool: Database, _ bench: Bench, expecting leads: Int
  ) throws -> Double {
    let start = Date().timeIntervalSince1970
    let programs = try files.map { file in
      try Program(
        bench.reservoir, ["leads", "import", file.path, "--database-url", pool.conninfo], in: bench.scratch)
    }
    for program in programs { try program.wait() }
    let seconds = Date().timeIntervalSince1970 - start
    let found = try pool.count("SELECT count(*) FROM lead_pool WHERE merged_into_id IS NULL")
    let known = try pool.count("SELECT count(DISTINCT apollo_id) FROM lead_pool")
    guard found == leads, known == leads else {
      throw Failure("the pool has \(found) leads and \(known) people, not \(leads)")
    }
    return Double(files.reduce(0) { $0 + $1.count }) / seconds
  }

  /// One line is one value: neither the quote nor the delimiter occurs in JSON.
  private static func copyRate(_ file: LeadFile, _ bench: Bench) throws -> Double {
    try bench.cluster.database("postgres").run("DROP DATABASE IF EXISTS copied WITH (FORCE)")
    let database = try bench.cluster.makeDatabase("copied")
    try database.run("CREATE TABLE people (record jsonb); CHECKPOINT")
    let start = Date().timeIntervalSince1970
    try database.run(
      "\\copy people FROM '\(file.path)' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')")
    let seconds = Date().timeIntervalSince1970 - start
    let found = try database.count("SELECT count(*) FROM people")
    guard found == file.count else { throw Failure("\\copy took \(found) records, not \(file.count)") }
    return Double(file.count) / seconds
  }
}
