import Engine
import Records
import Terminal

/// The import of a list of any size: read, taken and reported part by part.
struct SuppressionImport {
  let context: CommandContext
  let service: SuppressionService
  /// The file, or `-` for standard input.
  let path: String

  /// Rows in a transaction.
  private static let part = 5_000
  /// How many wrong rows are told one by one; all of them stand in the report.
  private static let told = 50

  private struct Counts {
    var added = 0
    var known = 0
    var rejected = 0
    var report = ""
  }

  func run(_ defaults: SuppressionList.Defaults) async throws -> ExitCode {
    let source = try CommandContext.readable(path) {
      path == "-" ? ByteSource(descriptor: 0) : try ByteSource(path: path)
    }
    let bar = Progress("import", total: source.size, on: context.console.err)
    let report = try context.invocation.optional("report").map { try ReportFile($0) }
    try report?.write("row,verdict,detail\n")
    var list = SuppressionList(defaults)
    var reader = try CommandContext.readable(path) {
      try CSVRecordsReader(withoutHeading: source, limit: SuppressionList.longestRecord)
    }
    var rows: [SuppressionList.Row] = []
    var counts = Counts()
    var done = 0
    while let record = try CommandContext.readable(path, { try reader.next() }) {
      if let row = list.row(record) { rows.append(row) }
      guard rows.count == Self.part else { continue }
      try await take(rows, &counts, report)
      rows.removeAll(keepingCapacity: true)
      bar.advance(by: record.end.offset - done)
      done = record.end.offset
    }
    if !rows.isEmpty { try await take(rows, &counts, report) }
    bar.finish()
    try report?.finish()
    return show(counts)
  }

  private func take(
    _ rows: [SuppressionList.Row], _ counts: inout Counts, _ report: ReportFile?
  ) async throws {
    guard case .fresh(.done(let found)) = try await service.take(rows, actor: .commandLine) else {
      throw CommandFailure("there is no such client")
    }
    counts.added += found.added
    counts.known += found.known
    var text = ""
    for row in found.rows {
      switch row.verdict {
      case .added: text += "\(row.place),added,\n"
      case .known: text += "\(row.place),known,\n"
      case .rejected(let error):
        counts.rejected += 1
        text += "\(row.place),rejected,\"\(error.description.replacing("\"", with: "\"\""))\"\n"
        if counts.rejected <= Self.told {
          context.console.note("row \(row.place): \(visible(error.description))")
        }
      }
    }
    try report?.write(text)
  }

  private func show(_ counts: Counts) -> ExitCode {
    if counts.rejected > Self.told {
      context.console.note("and \(HumanText.count(counts.rejected - Self.told)) more")
    }
    context.print(
      "\(HumanText.count(counts.added)) added, \(HumanText.count(counts.known)) known, "
        + "\(HumanText.count(counts.rejected)) rejected"
    ) { writer in
      writer.object { object in
        object.field("added", counts.added)
        object.field("known", counts.known)
        object.field("rejected", counts.rejected)
      }
    }
    return counts.rejected == 0 ? .success : .failure
  }
}
