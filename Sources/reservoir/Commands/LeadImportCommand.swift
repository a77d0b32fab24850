import API
import Domain
import Engine
import JSON
import Records
import Synchronization
import Terminal

extension ReservoirProgram {
  var importLeads: Command {
    command(
      "import", "Imports a file of leads into the pool; a verdict for each row.",
      discussion: """
        JSON Lines, JSON (an array, or Apollo's answers) and CSV with a heading, of any size. Each
        person is one lead, however many rows and files tell of it. What stops the import is gone on
        with by the same command: nothing is taken twice. Ends with 1 when a row was rejected.
        Columns of CSV are told by their headings; --map says otherwise.
        """,
      options: Option.leadFile + [
        .flag("dry-run", "Gives the same verdicts and changes nothing in the pool."),
        .flag("restart", "Begins anew where a run of this file is not at its end."),
        .value("report", "FILE", "Writes the verdict of each row here, as CSV."),
      ],
      positionals: [.required("file", "What to read; - is standard input.")],
      examples: [
        Example("reservoir leads import people.jsonl", "Apollo's records, a line for each."),
        Example(
          "reservoir leads import list.csv --dry-run", "What would happen, and which columns are read."),
        Example(
          "reservoir leads import list.csv --map 'Work mail=email' --map 'Notes='", "Names columns."),
        Example("reservoir leads import undo 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Takes an import back."),
      ]
    ) { context in
      let words = context.invocation
      let options = try context.leadFileOptions()
      let file = try LeadImportFile(words.text("file"), format: try context.recordFormat(), context)
      return try await context.withServices { services in
        try await context.importLeads(file, options, services)
      }
    }.with(subcommands: [listLeadImports, showLeadImport, reportLeadImport, undoLeadImport])
  }
}

extension CommandContext {
  fileprivate func importLeads(
    _ file: LeadImportFile, _ options: LeadFileOptions, _ services: Services
  ) async throws -> ExitCode {
    let source = invocation.optional("source") ?? (file.format == .csv ? "csv" : "apollo")
    guard source.isPlainLine(1...50) else { throw usage("--source: expected 1 to 50 characters on one line") }
    // Before anything is begun: whether it can be read at all.
    let first = try Self.readable(file.path) {
      try LeadFile(
        file.format, options: options, source: source, startedAt: services.time.now, opening: file.opening)
    }
    let begun = try await services.leadImports.begin(
      .init(
        name: file.name, source: source, format: file.format.rawValue, fingerprint: file.fingerprint,
        isRehearsal: invocation.flag("dry-run"), options: options.text,
        restarts: invocation.flag("restart")), actor: .commandLine)
    tell(first.columns)
    let reader: LeadFile
    if file.isStandardInput {
      reader = first
    } else {
      try checkOptions(begun, options.text)
      reader = try Self.readable(file.path) {
        try LeadFile(
          file.format, from: begun.run.place, options: options, source: begun.run.source,
          startedAt: begun.run.startedAt, opening: file.opening)
      }
    }
    let done = try await run(begun, from: reader, total: file.size, services)
    return try await show(done, services)
  }

  /// Which columns are read, and which are not: nothing is dropped in silence.
  func tell(_ columns: [(heading: String, field: String?)]) {
    guard !columns.isEmpty else { return }
    let read = columns.compactMap { one in one.field.map { "\(visible(one.heading)) as \($0)" } }
    console.note("Columns read: \(read.joined(separator: ", "))")
    let others = columns.filter { $0.field == nil }.map { visible($0.heading) }
    if !others.isEmpty {
      console.note("Kept in the record only: \(others.joined(separator: ", "))")
    }
  }

  /// A run goes on as it began.
  func checkOptions(_ begun: LeadImportService.Beginning, _ options: String) throws {
    guard case .resumed(let run) = begun,
      LeadFileOptions(text: run.options) != LeadFileOptions(text: options)
    else { return }
    throw CommandFailure(
      "a run of this file is not at its end and was begun with other options: \(run.id); "
        + "give the same ones, or --restart to begin anew")
  }

  /// Takes all of it, with a bar of bytes or rows.
  func run(
    _ begun: LeadImportService.Beginning, from source: some LeadImportSource, total: Int?,
    byRows: Bool = false, _ services: Services
  ) async throws -> LeadImport {
    if case .resumed(let run) = begun {
      console.note("Going on with import \(run.id) after row \(HumanText.count(run.place.row)).")
    }
    let start = byRows ? begun.run.place.row : begun.run.place.offset
    let bar = Progress("import", total: total.map { max($0, start) }, on: console.err)
    let shown = Mutex(0)
    let done = try await services.leadImports.run(begun.run.id, from: source, actor: .commandLine) { run in
      let place = byRows ? run.place.row : run.place.offset
      let step = shown.withLock { shown in
        defer { shown = place }
        return place - shown
      }
      bar.advance(by: step)
    }
    bar.finish()
    return done
  }

  /// The outcome of a run; writes the report that was asked for.
  func show(_ run: LeadImport, _ services: Services) async throws -> ExitCode {
    if let path = invocation.optional("report") { try await writeReport(of: run.id, to: path, services) }
    let rejected = run.counts[.rejected]
    if rejected > 0 {
      let rows = try await services.leadImports.rows(of: run.id, verdicts: [.rejected], limit: 20)
      for row in rows { console.note("row \(row.row): \(visible(row.detail ?? ""))") }
      if rejected > rows.count { console.note("and \(HumanText.count(rejected - rows.count)) more") }
    }
    print(Self.summary(run)) { $0.value(run) }
    if let failure = run.failure { console.fail("the import failed: \(visible(failure))") }
    return run.state == .failed || rejected > 0 ? .failure : .success
  }

  static func summary(_ run: LeadImport) -> String {
    let counts = LeadRowVerdict.allCases.filter { run.counts[$0] > 0 }
      .map { "\(HumanText.count(run.counts[$0])) \($0.rawValue)" }
    let text = counts.isEmpty ? "no rows" : counts.joined(separator: ", ")
    return (run.isRehearsal ? "nothing was changed; an import would give " : "") + text + "\n\(run.id)"
  }

  func writeReport(of id: ID<LeadImport>, to path: String, _ services: Services) async throws {
    let file = try ReportFile(path)
    try file.write(LeadImportReport.heading)
    var row = 0
    while true {
      let rows = try await services.leadImports.rows(of: id, after: row, limit: 5_000)
      try file.write(rows.map(LeadImportReport.line).joined())
      guard rows.count == 5_000, let last = rows.last else { break }
      row = last.row
    }
    try file.finish()
  }
}
