import Foundation

/// Scripts for pgbench.
struct PgBench {
  let database: Database

  init(_ database: Database) { self.database = database }

  /// Transactions a second, of so many for each client.
  func rate(_ script: String, clients: Int, transactions: Int) throws -> Double {
    let output = try run(script, ["-c", "\(clients)", "-j", "2", "-t", "\(transactions)"])
    return try Self.figure("tps = ", output)
  }

  /// The median latency of one client in milliseconds.
  func median(_ script: String, seconds: Int) throws -> Double {
    let log = database.cluster.scratch.file("latency").path
    _ = try run(script, ["-c", "1", "-T", "\(seconds)", "-l", "--log-prefix", log])
    return try Self.median(log)
  }

  private func run(_ script: String, _ options: [String]) throws -> String {
    let cluster = database.cluster
    let file = try cluster.scratch.write(script, "pgbench.sql")
    return try Program.run(
      cluster.pgbench, ["-n", "-M", "prepared"] + options + ["-f", file, database.conninfo],
      in: cluster.scratch)
  }

  static func figure(_ label: String, _ output: String) throws -> Double {
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(label) }),
      let word = line.dropFirst(label.count).split(whereSeparator: { " /".contains($0) }).first,
      let value = Double(word)
    else { throw Failure("pgbench told no '\(label)': \(output.suffix(500))") }
    return value
  }

  /// The median of a log of pgbench's one client, in milliseconds; its third column has microseconds.
  static func median(_ prefix: String) throws -> Double {
    let directory = (prefix as NSString).deletingLastPathComponent
    let name = (prefix as NSString).lastPathComponent
    var latencies: [Double] = []
    let files = try FileManager.default.contentsOfDirectory(atPath: directory)
    for file in files where file.hasPrefix(name + ".") {
      let path = "\(directory)/\(file)"
      for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count > 2, let latency = Double(words[2]) { latencies.append(latency) }
      }
      try FileManager.default.removeItem(atPath: path)
    }
    guard !latencies.isEmpty else { throw Failure("pgbench logged no latency") }
    return Statistics.median(latencies) / 1_000
  }
}

/// A commit of one small row: the least that anything durable costs.
struct SingleRow {
  let database: Database

  func prepare() throws {
    try database.run("CREATE TABLE single_row (id uuid PRIMARY KEY, at timestamptz NOT NULL);")
  }

  func median(seconds: Int) throws -> Double {
    try PgBench(database).median(
      "INSERT INTO single_row VALUES (gen_random_uuid(), now());\n", seconds: seconds)
  }
}
