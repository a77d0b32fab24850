import Domain
import Postgres
import Runtime
import Terminal

extension ReservoirProgram {
  var migrate: Command {
    command(
      "migrate", "Brings the database's schema up to date, or tells how far it is.",
      discussion:
        "'serve' does this by itself. Migrations are applied one by one; each of them whole or not at all.",
      options: [.flag("dry-run", "Tells what would be applied and changes nothing.")],
      positionals: [.optional("what", "'status': shows every migration and changes nothing.")],
      examples: [
        Example("reservoir migrate", "Applies what is pending."),
        Example("reservoir migrate --dry-run", "Only tells what is pending."),
        Example("reservoir migrate status --json", "Every migration, for programs."),
      ]
    ) { context in
      let what = context.invocation.optional("what")
      guard what == nil || what == "status" else {
        throw UsageError("<what>: expected status or nothing", command: ["migrate"])
      }
      return try await context.withDatabase(requiresCurrent: false) { database in
        if what == "status" { return try await context.showMigrations(database) }
        if context.invocation.flag("dry-run") { return try await context.showPending(database) }
        return try await context.applyMigrations(database)
      }
    }
  }
}

extension CommandContext {
  fileprivate func showMigrations(_ database: Database) async throws -> ExitCode {
    let status = try await DatabaseHome.migrator.status(of: database)
    var table = Table([.number("NUMBER"), .text("NAME"), .whole("APPLIED")])
    for one in status.applied {
      let at = Timestamp(microseconds: one.appliedAtMicroseconds)
      table.add(["\(one.number)", one.name, "\(at)"])
    }
    for one in status.pending { table.add(["\(one.number)", one.name, "pending"]) }
    print(String(table.text(for: console.out).dropLast())) { writer in
      writer.object { writer in
        writer.field("is_current", status.isCurrent)
        writer.array("migrations") { writer in
          for one in status.applied {
            writer.object {
              $0.field("number", one.number)
              $0.field("name", one.name)
              $0.field("applied_at", Timestamp(microseconds: one.appliedAtMicroseconds).description)
            }
          }
          for one in status.pending {
            writer.object {
              $0.field("number", one.number)
              $0.field("name", one.name)
              $0.field("applied_at", String?.none)
            }
          }
        }
      }
    }
    return .success
  }

  fileprivate func showPending(_ database: Database) async throws -> ExitCode {
    report(try await DatabaseHome.migrator.status(of: database).pending, verb: "would apply", key: "pending")
    return .success
  }

  fileprivate func applyMigrations(_ database: Database) async throws -> ExitCode {
    var applied: [Migration] = []
    try await DatabaseHome.migrator.apply(to: database) { applied.append($0) }
    report(applied, verb: "applied", key: "applied")
    return .success
  }

  private func report(_ migrations: [Migration], verb: String, key: StaticString) {
    let lines = migrations.map { "\(verb) \($0.number) \($0.name)" }
    print(lines.isEmpty ? "nothing to apply: the schema is up to date" : lines.joined(separator: "\n")) {
      writer in
      writer.object { writer in
        writer.array(key) { writer in
          for one in migrations {
            writer.object {
              $0.field("number", one.number)
              $0.field("name", one.name)
            }
          }
        }
      }
    }
  }
}
