import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var importResources: Command {
    command(
      "import", "Adds resources from a CSV file; a verdict for each row.",
      discussion: """
        The header names resource_type and resource_value; optional are resource_name, max_clients,
        warmed, reputation_score, provider, provider_id and time_zone. What the pool has already
        stays as it is. A mailbox needs its domain, in the pool or in the file.
        Ends with 1 when a row was rejected.
        """,
      options: [.value("report", "FILE", "Writes the verdict of each row here, as CSV.")],
      positionals: [.required("file", "What to read; - is standard input.")],
      examples: [
        Example("reservoir resources import domains.csv", "Adds what is new."),
        Example("reservoir resources import domains.csv --report verdicts.csv", "And keeps the verdicts."),
      ]
    ) { context in
      let path = context.invocation.text("file")
      guard let bytes = try TextFile.bytes(path) else {
        throw CommandFailure("there is no file \(visible(path))")
      }
      let rows = ResourceFile.domainsFirst(try ResourceFile.rows(bytes))
      guard !rows.isEmpty else { throw CommandFailure("the file has no resources") }
      return try await context.withServices { services in
        let verdicts = try await context.add(rows, services)
        if let report = context.invocation.optional("report") {
          try TextFile.writePrivate(verdicts.csv, to: report)
        }
        return context.show(verdicts)
      }
    }
  }
}

/// What became of each row of a file, by line.
private struct ResourceVerdicts {
  enum Verdict {
    case added, known
    case rejected(String)

    var name: String {
      switch self {
      case .added: "added"
      case .known: "known"
      case .rejected: "rejected"
      }
    }
    var detail: String? {
      guard case .rejected(let detail) = self else { return nil }
      return detail
    }

    init(_ verdict: ResourceService.Verdict) {
      self =
        switch verdict {
        case .added: .added
        case .known, .duplicate: .known
        case .domainMissing: .rejected("resource_value: its domain is not in the pool")
        case .otherKind(let kind): .rejected("resource_type: the pool has it as \(kind.rawValue)")
        }
    }
  }

  var rows: [(line: Int, verdict: Verdict)] = []

  func count(_ name: String) -> Int { rows.count { $0.verdict.name == name } }
  var rejected: [(line: Int, detail: String)] {
    rows.compactMap { row in row.verdict.detail.map { (row.line, $0) } }
  }

  /// RFC 4180; in the order of the file's lines.
  var csv: String {
    rows.sorted { $0.line < $1.line }.reduce(into: "row,verdict,detail\n") { text, row in
      let detail = (row.verdict.detail ?? "").replacing("\"", with: "\"\"")
      text += "\(row.line),\(row.verdict.name),\"\(detail)\"\n"
    }
  }
}

extension CommandContext {
  /// Adds the rows that are right, a thousand in a transaction, and tells what became of each.
  fileprivate func add(_ rows: [ResourceFile.Row], _ services: Services) async throws -> ResourceVerdicts {
    let bar = Progress("import", total: rows.count, on: console.err)
    var verdicts = ResourceVerdicts()
    for start in stride(from: 0, to: rows.count, by: 1_000) {
      let chunk = rows[start..<min(start + 1_000, rows.count)]
      var right: [(line: Int, new: ResourceService.NewResource)] = []
      for row in chunk {
        switch row.content {
        case .success(let new): right.append((row.line, new))
        case .failure(let fault):
          verdicts.rows.append((row.line, .rejected("\(fault.field): \(fault.detail)")))
        }
      }
      guard
        case .fresh(let answers) = try await services.resources.add(right.map(\.new), actor: .commandLine)
      else { preconditionFailure("a command without an idempotency key was answered from memory") }
      verdicts.rows += zip(right, answers).map { ($0.line, .init($1)) }
      bar.advance(by: chunk.count)
    }
    bar.finish()
    return verdicts
  }

  fileprivate func show(_ verdicts: ResourceVerdicts) -> ExitCode {
    let (added, known, rejected) = (verdicts.count("added"), verdicts.count("known"), verdicts.rejected)
    for one in rejected.prefix(50) { console.note("row \(one.line): \(visible(one.detail))") }
    if rejected.count > 50 { console.note("and \(HumanText.count(rejected.count - 50)) more") }
    print(
      "\(HumanText.count(added)) added, \(HumanText.count(known)) known, "
        + "\(HumanText.count(rejected.count)) rejected"
    ) { writer in
      writer.object { writer in
        writer.field("added", added)
        writer.field("known", known)
        writer.array("rejected") { writer in
          for one in rejected {
            writer.object {
              $0.field("row", one.line)
              $0.field("detail", one.detail)
            }
          }
        }
      }
    }
    return rejected.isEmpty ? .success : .failure
  }
}
