import Domain
import Engine
import JSON

extension LeadImport: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("kind", kind.rawValue)
      object.field("name", name)
      object.field("source", source)
      object.field("format", format)
      object.field("is_rehearsal", isRehearsal)
      object.field("state", state.rawValue)
      object.field("rows", place.row)
      object.field("bytes", place.offset)
      object.object("verdicts") { object in
        for verdict in LeadRowVerdict.allCases { object.field(named: verdict.rawValue, counts[verdict]) }
      }
      object.field("failure", failure)
      object.field("actor", actor)
      object.field("started_at", startedAt)
      object.field("finished_at", finishedAt)
    }
  }
}

extension LeadImportRow: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("row", row)
      object.field("verdict", verdict.rawValue)
      object.field("lead_id", leadID)
      object.field("earlier_row", earlierRow)
      object.field("conflict_id", conflictID)
      object.field("detail", detail)
      object.field("undone", undone?.rawValue)
    }
  }
}

/// What undoing an import did: the import, and how many rows ended how.
public struct LeadUndoAnswer: JSONWritable {
  let run: LeadImport
  let outcomes: [LeadUndoOutcome: Int]

  public init(_ run: LeadImport, _ outcomes: [LeadUndoOutcome: Int]) {
    self.run = run
    self.outcomes = outcomes
  }

  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("import", run)
      object.object("undone") { object in
        for outcome in LeadUndoOutcome.allCases {
          object.field(named: outcome.rawValue, outcomes[outcome] ?? 0)
        }
      }
    }
  }
}
