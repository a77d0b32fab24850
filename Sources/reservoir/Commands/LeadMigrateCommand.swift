import API
import Crypto
import Domain
import Engine
import JSON
import Records
import Terminal

extension ReservoirProgram {
  var migrateLeads: Command {
    command(
      "migrate", "Takes the leads of an older platform into the pool, each with its client.",
      discussion: """
        From a table of the same database (--table leads takes rows of the telephoning side that have
        no lead of the pool yet) or from CSV. Each person becomes one lead; where several clients had
        it, the one keeps it to whom it converted, else who was in touch last, else who had it first,
        else by the client's id; who has the lead in the pool already keeps it. The others are listed.
        What stops it is gone on with by the same command; 'migrate undo' takes it back.
        Ends with 1 when a row was rejected.
        """,
      options: [
        .value("table", "NAME", "The table or view, perhaps with its schema."),
        .value("csv", "FILE", "A CSV file in its place."),
        .value("client-column", "NAME", "Whose the lead is: a client's id or company name."),
        .value("converted-column", "NAME", "When it converted, or whether."),
        .value("replied-column", "NAME", "When it replied."),
        .value("contacted-column", "NAME", "When the client was in touch last."),
        .value("contacts-column", "NAME", "How often it was in touch."),
        .value("assigned-column", "NAME", "Since when the client has it."),
        .values("map", "HEADER=FIELD", "Reads a column as this field; HEADER= ignores it."),
        .value("region", "CC", "The country of telephone numbers without a plus.", default: "US"),
        .value("as-of", "TIME", "When the older platform knew what it says. Default: now."),
        .flag("dry-run", "Counts, and lists collisions; changes nothing."),
        .flag("restart", "Begins anew where a run of the same is not at its end."),
        .value("report", "FILE", "Writes the verdict of each row here, as CSV."),
        .value("collisions", "FILE", "Writes who does not get a lead that it had here, as CSV."),
      ],
      examples: [
        Example("reservoir leads migrate --table old_leads --dry-run", "Counts, and who loses what."),
        Example(
          "reservoir leads migrate --csv old.csv --client-column Agency --collisions lost.csv", "From a file."
        ),
        Example("reservoir leads migrate --table leads", "Rows that have no lead of the pool yet."),
        Example("reservoir leads migrate undo 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Takes it back."),
      ]
    ) { context in
      let words = context.invocation
      let options = try context.leadFileOptions()
      let claims = LeadClaimColumns(
        client: words.optional("client-column"), converted: words.optional("converted-column"),
        replied: words.optional("replied-column"), lastContacted: words.optional("contacted-column"),
        contacts: words.optional("contacts-column"), assigned: words.optional("assigned-column"))
      switch (words.optional("table"), words.optional("csv")) {
      case (let table?, nil):
        return try await context.withServices { try await context.migrate(table: table, options, claims, $0) }
      case (nil, let path?):
        let file = try LeadImportFile(path, format: .csv, context)
        return try await context.withServices { try await context.migrate(file, options, claims, $0) }
      default: throw context.usage("say either --table or --csv")
      }
    }.with(subcommands: [undoMigration])
  }

  private var undoMigration: Command {
    command(
      "undo", "Takes a migration back: owners, leads that it made, fields that it changed.",
      discussion: "A lead that a client has worked with since stays, and so does its owner.",
      positionals: [.required("id", "The import's id.")],
      examples: [
        Example("reservoir leads migrate undo 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "As if it had not been.")
      ]
    ) { context in
      let id = try context.leadImportID()
      return try await context.withServices { services in try await context.undo(id, services) }
    }
  }
}

extension CommandContext {
  fileprivate func migrate(
    table name: String, _ options: LeadFileOptions, _ claims: LeadClaimColumns, _ services: Services
  ) async throws -> ExitCode {
    guard let table = try await services.leadImports.table(name) else {
      throw CommandFailure(
        "there is no table \(visible(name)) with a primary key of one column, or that is stored")
    }
    let imports = services.leadImports
    let first = try Self.readable(name) {
      try imports.open(
        table, from: .start, options: options, claims: claims, source: "migration",
        startedAt: services.time.now)
    }
    let begun = try await begin(table.name, format: "table", table.name, options, claims, services)
    tell(first.columns)
    let reader = try Self.readable(name) {
      try imports.open(
        table, from: begun.run.place, options: options, claims: claims, source: "migration",
        startedAt: begun.run.startedAt)
    }
    let total = table.estimate > 0 ? table.estimate : nil
    return try await finish(
      try await run(begun, from: reader, total: total, byRows: true, services), services)
  }

  fileprivate func migrate(
    _ file: LeadImportFile, _ options: LeadFileOptions, _ claims: LeadClaimColumns, _ services: Services
  ) async throws -> ExitCode {
    guard let print = file.fingerprint else { throw usage("--csv: a file is needed") }
    func open(_ place: LeadImportPlace, _ startedAt: Timestamp) throws -> LeadFile {
      try Self.readable(file.path) {
        try LeadFile(
          .csv, from: place, options: options, claims: claims, source: "migration", startedAt: startedAt,
          opening: file.opening)
      }
    }
    let first = try open(.start, services.time.now)
    let begun = try await begin(file.name, format: "csv", print, options, claims, services)
    tell(first.columns)
    let reader = try open(begun.run.place, begun.run.startedAt)
    return try await finish(try await run(begun, from: reader, total: file.size, services), services)
  }

  /// The same source, read in the same way, is the same migration.
  private func begin(
    _ name: String, format: String, _ print: String, _ options: LeadFileOptions, _ claims: LeadClaimColumns,
    _ services: Services
  ) async throws -> LeadImportService.Beginning {
    let columns = [
      claims.client, claims.converted, claims.replied, claims.lastContacted, claims.contacts, claims.assigned,
    ].map { $0 ?? "" }
    let whole = ([format, print, options.text] + columns).joined(separator: "\n")
    return try await services.leadImports.begin(
      .init(
        kind: .migration, name: name, source: "migration", format: format,
        fingerprint: Hexadecimal.encode(sha256(whole)), isRehearsal: invocation.flag("dry-run"),
        options: options.text, restarts: invocation.flag("restart")), actor: .commandLine)
  }

  private func finish(_ run: LeadImport, _ services: Services) async throws -> ExitCode {
    if let path = invocation.optional("report") { try await writeReport(of: run.id, to: path, services) }
    if let path = invocation.optional("collisions") {
      let file = try ReportFile(path)
      try file.write(LeadImportReport.collisionHeading)
      var row = 0
      while true {
        let found = try await services.leadImports.collisions(of: run.id, after: row, limit: 5_000)
        try file.write(found.map(LeadImportReport.line).joined())
        guard found.count == 5_000, let last = found.last else { break }
        row = last.row
      }
      try file.finish()
    }
    let owners = try await services.leadImports.owners(of: run.id)
    let lost = owners[.loses, default: 0] + owners[.ownedBefore, default: 0]
    let shown = try await services.leadImports.collisions(of: run.id, limit: 20)
    for one in shown {
      let keeper = one.keeperID.map { "\($0) keeps it" } ?? "nobody keeps it"
      console.note("row \(one.row): client \(one.clientID) does not get the lead: \(keeper)")
    }
    if lost > shown.count { console.note("and \(HumanText.count(lost - shown.count)) more") }
    let rejected = run.counts[.rejected]
    for row in try await services.leadImports.rows(of: run.id, verdicts: [.rejected], limit: 20) {
      console.note("row \(row.row): \(visible(row.detail ?? ""))")
    }
    let text =
      Self.summary(run) + "\n\(HumanText.count(owners[.keeps, default: 0])) owners"
      + ", \(HumanText.count(owners[.sameClient, default: 0])) rows of the same client"
      + ", \(HumanText.count(owners[.loses, default: 0])) lose to another client"
      + ", \(HumanText.count(owners[.ownedBefore, default: 0])) owned by another in the pool"
    print(text) { writer in
      writer.object { object in
        object.field("import", run)
        object.object("owners") { object in
          for outcome in FormerClaim.Outcome.allCases {
            object.field(named: outcome.rawValue, owners[outcome, default: 0])
          }
        }
      }
    }
    if let failure = run.failure { console.fail("the migration failed: \(visible(failure))") }
    return run.state == .failed || rejected > 0 ? .failure : .success
  }
}
