import Domain
import Engine
import JSON
import Store
import Terminal

extension ReservoirProgram {
  var check: Command {
    command(
      "check", "Proves from the tables that nothing is leased twice or forgotten.",
      discussion:
        "Ends with 1 when a rule is broken, and names every row concerned. Reads only; servers may go on.",
      examples: [
        Example("reservoir check", "Runs every check."),
        Example("reservoir check --json", "The findings, for programs."),
      ]
    ) { context in
      try await context.withServices { services in
        let progress = Progress("check", total: Check.all.count, on: context.console.err)
        let results = try await services.check.run { _, _, _ in progress.advance() }
        progress.finish()
        context.print(CheckReport.text(results)) { writer in
          writer.object { writer in
            writer.field("is_clean", results.allSatisfy(\.isClean))
            writer.field("checks", results.map(CheckReport.init))
          }
        }
        return results.allSatisfy(\.isClean) ? .success : .failure
      }
    }
  }
}

/// The JSON of one check's result.
private struct CheckReport: JSONWritable {
  let result: CheckResult

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", result.check.name)
      writer.field("invariant", result.check.invariant)
      writer.field("rule", result.check.rule)
      writer.field("violation_count", result.count)
      writer.array("violations") { writer in
        for violation in result.violations {
          writer.object {
            $0.field("provider_number_id", violation.numberID?.text)
            $0.field("resource_id", violation.resourceID?.description)
            $0.field("lease_id", violation.leaseID?.description)
            $0.field("lead_id", violation.leadID?.description)
            $0.field("client_id", violation.clientID?.description)
            $0.field("detail", violation.detail)
          }
        }
      }
    }
  }

  static func text(_ results: [CheckResult]) -> String {
    var lines: [String] = []
    for result in results where !result.isClean {
      lines.append("\(result.check.name) (invariant \(result.check.invariant)): \(result.check.rule)")
      lines += result.violations.map { "  " + visible(line($0)) }
      let hidden = result.count - result.violations.count
      if hidden > 0 { lines.append("  and \(HumanText.count(hidden)) more") }
    }
    let broken = results.count { !$0.isClean }
    lines.append(
      broken == 0
        ? "clean: \(HumanText.count(results.count, "check")), no violation"
        : "\(broken) of \(HumanText.count(results.count, "check")) found violations")
    return lines.joined(separator: "\n")
  }

  private static func line(_ violation: Violation) -> String {
    var parts: [String] = []
    if let id = violation.numberID { parts.append("number \(id.text)") }
    if let id = violation.resourceID { parts.append("resource \(id)") }
    if let id = violation.leaseID { parts.append("lease \(id)") }
    if let id = violation.leadID { parts.append("lead \(id)") }
    if let id = violation.clientID { parts.append("client \(id)") }
    return parts.joined(separator: ", ") + ": " + violation.detail
  }
}
