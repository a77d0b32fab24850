import Domain
import JSON
import Postgres
import Store

/// Everything that is known of a person, for the person.
public struct PersonExport: Hashable, Sendable {
  public let exportedAt: Timestamp
  /// The lead that speaks for the person first, then those that were merged into it.
  public let leads: [PoolLead]
  public let sections: [PersonExportStore.Section]
}

extension ErasureService {
  /// Nil when there is no such lead.
  public func export(_ lead: ID<Lead>) async throws -> PersonExport? {
    let now = time.now
    let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
    return try await database.transaction(options) { transaction in
      let rows = try PersonStore.rows(of: lead, in: &transaction)
      guard !rows.isEmpty else { return nil }
      let leads = try PoolLeadStore.find(rows, in: &transaction)
      return PersonExport(
        exportedAt: now,
        leads: leads.filter { $0.mergedIntoID == nil } + leads.filter { $0.mergedIntoID != nil },
        sections: try PersonExportStore.sections(of: rows, in: &transaction))
    }
  }
}

extension PersonExport: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("exported_at", exportedAt.description)
      object.array("leads") { list in
        for lead in leads { list.value(ExportedLead(lead: lead)) }
      }
      for section in sections {
        object.name(dynamic: section.name)
        object.raw(Array(section.json.utf8))
      }
    }
  }
}

/// A row of the pool, whole.
private struct ExportedLead: JSONWritable {
  let lead: PoolLead

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("lead_id", lead.id.description)
      object.field("merged_into_id", lead.mergedIntoID?.description)
      object.field("created_at", lead.createdAt.description)
      object.field("updated_at", lead.updatedAt.description)
      object.field("bounced_at", lead.bouncedAt?.description)
      object.field("complained_at", lead.complainedAt?.description)
      object.field("unsubscribed_at", lead.unsubscribedAt?.description)
      object.field("erased_at", lead.erasedAt?.description)
      object.field("fields", lead.facts)
      object.object("provenance") { groups in
        for group in LeadFactGroup.allCases {
          guard let known = lead.provenance[group] else { continue }
          groups.field(named: group.rawValue, ExportedProvenance(known: known))
        }
      }
    }
  }
}

private struct ExportedProvenance: JSONWritable {
  let known: Provenance

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("source", known.source)
      object.field("at", known.at.description)
    }
  }
}
