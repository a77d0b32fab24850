/// The rows that can be chosen, in the order in which they run.
enum Row: String, CaseIterable {
  case lease, alone, held, sweep, size, memory, signups, lists, `import`, dedupe, importers, claims
  case leadPages = "lead-pages"

  var help: String {
    switch self {
    case .lease: "leases over HTTP with 64 connections against pgbench with 64 clients"
    case .alone: "one lease alone against pgbench with 1 client, medians"
    case .held: "leases while one transaction is held open all the time, both sides"
    case .sweep: "a sweep of 100,000 expired leases against one UPDATE, and leases meanwhile"
    case .size: "leases at 2,000,000 numbers against 2,000"
    case .memory: "resident memory of the server, idle and under load"
    case .signups: "clients that sign up, alone and 1,024 at once"
    case .lists: "lists of 1,000,000 resources against 1,000"
    case .import: "an import of Apollo's records with dedupe against psql's \\copy of the same file"
    case .dedupe: "an import of people whom the pool knows all"
    case .importers: "16 imports of overlapping people at once"
    case .claims: "a claim of 10,000 leads from 2,000,000 against one INSERT"
    case .leadPages: "lists and searches of 2,000,000 leads, each page under 200 ms"
    }
  }

  func run(_ bench: Bench) throws -> [Figure] {
    switch self {
    case .lease: try LeaseRows.together(bench)
    case .alone: try LeaseRows.alone(bench)
    case .held: try HeldRows.run(bench)
    case .sweep: try SweepRows.run(bench)
    case .size: try SizeRows.run(bench)
    case .memory: try MemoryRows.run(bench)
    case .signups: try SignUpRows.run(bench)
    case .lists: try ListRows.run(bench)
    case .import: try ImportRows.whole(bench)
    case .dedupe: try ImportRows.dedupe(bench)
    case .importers: try ImportRows.importers(bench)
    case .claims: try ClaimRows.run(bench)
    case .leadPages: try LeadPageRows.run(bench)
    }
  }
}
