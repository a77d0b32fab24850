import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  private static let example = "019aa07d-f280-7c3e-9f21-6b0d4e8a1c52"

  var listLeadImports: Command {
    command(
      "list", "Lists imports, newest first.",
      options: [
        .value("kind", "KIND", "Only file, scout or migration."),
        .value("state", "STATE", "Only running, done, failed, undoing or undone."), .limit,
      ],
      examples: [Example("reservoir leads import list --state running", "Those that are not at their end.")]
    ) { context in
      let words = context.invocation
      let kind = try words.optional("kind", expected: "file, scout or migration") {
        LeadImport.Kind(rawValue: $0)
      }
      let state = try words.optional("state", expected: "running, done, failed, undoing or undone") {
        LeadImport.State(rawValue: $0)
      }
      return try await context.withServices { services in
        let found: [LeadImport] = try await context.gather { last, limit in
          try await services.leadImports.list(kind: kind, state: state, after: last?.id, limit: limit)
        }
        context.print(
          found,
          [
            .text("STARTED"), .text("KIND"), .text("NAME"), .text("STATE"), .number("ROWS"), .number("NEW"),
            .number("REJECTED"), .whole("ID"),
          ], empty: "there are no imports"
        ) {
          [
            $0.startedAt.description, $0.kind.rawValue + ($0.isRehearsal ? " (dry run)" : ""),
            visible($0.name), $0.state.rawValue, HumanText.count($0.place.row),
            HumanText.count($0.counts[.new]),
            HumanText.count($0.counts[.rejected]), "\($0.id)",
          ]
        }
        return .success
      }
    }
  }

  var showLeadImport: Command {
    command(
      "show", "Shows what came of an import.", positionals: [.required("id", "The import's id.")],
      examples: [Example("reservoir leads import show \(Self.example)", "How many rows got which verdict.")]
    ) { context in
      let id = try context.leadImportID()
      return try await context.withServices { services in
        guard let run = try await services.leadImports.find(id) else {
          throw CommandFailure("there is no such import")
        }
        context.print("\(run.state.rawValue): " + CommandContext.summary(run)) { $0.value(run) }
        return .success
      }
    }
  }

  var reportLeadImport: Command {
    command(
      "report", "Writes the verdict of each row of an import, as CSV.",
      options: [
        .value("verdict", "VERDICT", "Only rows of this verdict, such as rejected or conflict."),
        .value("out", "FILE", "Where to write it. Default: standard output."),
      ],
      positionals: [.required("id", "The import's id.")],
      examples: [
        Example(
          "reservoir leads import report \(Self.example) --verdict rejected", "What was not taken, and why.")
      ]
    ) { context in
      let id = try context.leadImportID()
      let words = LeadRowVerdict.allCases.map(\.rawValue).joined(separator: ", ")
      let verdict = try context.invocation.optional("verdict", expected: "one of \(words)") {
        LeadRowVerdict(rawValue: $0)
      }
      return try await context.withServices { services in
        guard try await services.leadImports.find(id) != nil else {
          throw CommandFailure("there is no such import")
        }
        let file = try context.invocation.optional("out").map { try ReportFile($0) }
        func write(_ text: String) throws {
          if let file { try file.write(text) } else { context.console.out.write(text) }
        }
        try write(LeadImportReport.heading)
        var row = 0
        while true {
          let rows = try await services.leadImports.rows(
            of: id, verdicts: verdict.map { [$0] }, after: row, limit: 5_000)
          try write(rows.map(LeadImportReport.line).joined())
          guard rows.count == 5_000, let last = rows.last else { break }
          row = last.row
        }
        try file?.finish()
        return .success
      }
    }
  }

  var undoLeadImport: Command {
    command(
      "undo", "Takes an import back: leads that it made, fields that it changed.",
      discussion: """
        A lead that anybody has to do with since stays, and so does a field that something else
        changed; the report says which and why. What stops it is gone on with by the same command.
        """,
      positionals: [.required("id", "The import's id.")],
      examples: [Example("reservoir leads import undo \(Self.example)", "As if it had not been.")]
    ) { context in
      let id = try context.leadImportID()
      return try await context.withServices { services in try await context.undo(id, services) }
    }
  }
}

extension CommandContext {
  func leadImportID() throws -> ID<LeadImport> {
    guard let id = ID<LeadImport>(invocation.text("id")) else { throw usage("<id>: expected a UUID") }
    return id
  }

  func undo(_ id: ID<LeadImport>, _ services: Services) async throws -> ExitCode {
    guard let run = try await services.leadImports.find(id) else {
      throw CommandFailure("there is no such import")
    }
    let bar = Progress("undo", total: run.place.row, on: console.err)
    let outcome = try await services.leadImports.undoWhole(id, actor: .commandLine) { bar.advance(by: $0) }
    bar.finish()
    switch outcome {
    case .unknown: throw CommandFailure("there is no such import")
    case .rehearsal: throw CommandFailure("a dry run changed nothing: there is nothing to undo")
    case .more: preconditionFailure("the whole was undone")
    case .done(let run, let outcomes):
      let parts = LeadUndoOutcome.allCases.filter { $0 != .nothing && outcomes[$0, default: 0] > 0 }.map {
        "\(HumanText.count(outcomes[$0, default: 0])) \($0.rawValue.replacing("_", with: " "))"
      }
      print(parts.isEmpty ? "there was nothing to undo" : parts.joined(separator: ", ")) {
        $0.value(LeadUndoAnswer(run, outcomes))
      }
      if outcomes.contains(where: { $0.key.isKept && $0.value > 0 }) {
        console.note("'reservoir leads import report \(id)' tells which were kept, and why.")
      }
      return .success
    }
  }
}
