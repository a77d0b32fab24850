import Domain
import Engine
import JSON
import Synchronization
import Terminal

extension ReservoirProgram {
  var importNumbers: Command {
    command(
      "import", "Adds and updates numbers from a file, all of them or none.",
      discussion: """
        CSV needs a header: vapi_phone_number_id, number and name; optional are
        assigned_broker_company, territories (separated by ';'), notes and status. JSON is an
        array of objects with these fields, or such an array under "numbers". A number that is
        leased stays with its lead.
        """,
      options: [
        .value("format", "csv|json", "The form of the file; by default what its name or content tells."),
        .flag("create-clients", "Makes clients of companies that are unknown; otherwise they are errors."),
        .flag("dry-run", "Checks everything and tells what would happen."),
      ],
      positionals: [.required("file", "What to read; - is standard input.")],
      examples: [
        Example("reservoir numbers import pool.csv --dry-run", "Looks for mistakes."),
        Example(
          "reservoir numbers import pool.json --create-clients", "Fills the pool, also for new companies."),
        Example("zcat pool.csv.gz | reservoir numbers import - --format csv", "From a pipe."),
      ]
    ) { context in
      let words = context.invocation
      let form = try words.optional("format", expected: "csv or json") { ImportFile.Form(rawValue: $0) }
      let path = words.text("file")
      guard let bytes = try TextFile.bytes(path) else {
        throw CommandFailure("there is no file \(visible(path))")
      }
      let content = try ImportFile.read(bytes, form ?? ImportFile.form(of: path, bytes))
      let checked = NumberImport(content.rows)
      let errors = (content.errors + checked.errors).sorted { $0.row < $1.row }
      guard errors.isEmpty else { return context.refuse(errors) }
      guard !checked.numbers.isEmpty else { throw CommandFailure("the file has no numbers") }
      let options = NumberImportOptions(
        createClients: words.flag("create-clients"), isDryRun: words.flag("dry-run"))
      return try await context.withServices { services in
        try await context.load(checked.numbers, options, services)
      }
    }
  }
}

extension CommandContext {
  fileprivate func load(
    _ numbers: [ImportNumber], _ options: NumberImportOptions, _ services: Services
  ) async throws -> ExitCode {
    let bar = Progress("import", total: numbers.count, on: console.err)
    let shown = Mutex(0)
    let answer = try await services.numbers.importNumbers(numbers, options: options, actor: .commandLine) {
      done, _ in
      let step = shown.withLock { shown in
        defer { shown = max(shown, done) }
        return max(0, done - shown)
      }
      bar.advance(by: step)
    }
    bar.finish()
    guard case .fresh(let outcome) = answer else {
      preconditionFailure("a command without an idempotency key was answered from memory")
    }
    switch outcome {
    case .refused(let errors): return refuse(errors)
    case .imported(let report):
      print(Self.text(report)) { writer in
        writer.object {
          $0.field("inserted", report.inserted)
          $0.field("updated", report.updated)
          $0.field("unchanged", report.unchanged)
          $0.field("clients_created", report.clientsCreated)
          $0.field("dry_run", report.isDryRun)
        }
      }
      return .success
    }
  }

  private static func text(_ report: NumberImportReport) -> String {
    let parts = [
      "\(HumanText.count(report.inserted)) new", "\(HumanText.count(report.updated)) updated",
      "\(HumanText.count(report.unchanged)) unchanged",
    ]
    let clients =
      report.clientsCreated > 0 ? ", \(HumanText.count(report.clientsCreated, "client")) created" : ""
    return (report.isDryRun ? "nothing was changed; an import would give " : "")
      + parts.joined(separator: ", ") + clients
  }

  /// Tells what is wrong, row by row.
  fileprivate func refuse(_ errors: [NumberImport.RowError]) -> ExitCode {
    if isJSON {
      print { writer in
        writer.object { writer in
          writer.array("errors") { writer in
            for one in errors {
              writer.object {
                $0.field("row", one.row)
                $0.field("field", one.error.field)
                $0.field("detail", one.error.detail)
              }
            }
          }
        }
      }
    }
    let most = 50
    for one in errors.prefix(most) {
      let place = one.row > 0 ? "row \(one.row): " : ""
      console.note("\(place)\(visible(one.error.field)): \(one.error.detail)")
    }
    if errors.count > most { console.note("and \(HumanText.count(errors.count - most)) more") }
    console.fail("\(HumanText.count(errors.count, "mistake")) found; nothing was imported")
    return .failure
  }
}
