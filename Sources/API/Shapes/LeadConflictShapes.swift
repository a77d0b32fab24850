import Domain
import Engine
import JSON
import Store

extension StoredLeadConflict: JSONWritable {
  public func write(to writer: inout JSONWriter) { write(to: &writer, isWhole: true) }

  /// - Parameter isWhole: with the record as it came, which lists leave out.
  func write(to writer: inout JSONWriter, isWhole: Bool) {
    writer.object { object in
      object.field("id", id)
      object.field("why", why.rawValue)
      object.field("status", status.rawValue)
      object.field("lead_ids", leads)
      object.field("source", source)
      object.field("as_of", asOf)
      object.name("fields")
      object.raw(Array(facts.utf8))
      if isWhole {
        object.name("record")
        if let record { object.raw(Array(record.utf8)) } else { object.null() }
      }
      object.field("import_id", importID)
      object.field("found_at", foundAt)
      object.field("resolved_at", resolvedAt)
      object.field("resolved_by", resolvedBy)
      object.field("merge_ids", merges)
    }
  }
}

extension StoredLeadMerge: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("kept_id", kept)
      object.field("merged_id", merged)
      object.field("merged_at", mergedAt)
      object.field("merged_by", mergedBy)
      object.field("undone_at", undoneAt)
    }
  }
}

extension LeadConflictService.Resolution {
  private enum Word: String, CaseIterable { case merge, separate }

  /// The body of `POST /v1/lead-conflicts/{conflict_id}/resolve`.
  init(_ object: JSONObjectReader) throws {
    let resolution = object.required("resolution", .oneOf as JSONShape<Word>)
    let into = object.optional("into", .id() as JSONShape<ID<Lead>>)
    switch (try resolution(), try into()) {
    case (.merge, let kept?): self = .merge(into: kept)
    case (.merge, nil):
      object.refuse("into", "required to merge")
      self = .separate
    case (.separate, nil): self = .separate
    case (.separate, _?):
      object.refuse("into", "only to merge")
      self = .separate
    }
  }
}
