import Domain
import Engine
import HTTP
import JSON

/// The body of `POST /v1/resources/import`.
struct ResourceImportWish {
  /// One row: well formed, but its value may be no value of its kind.
  typealias SeedRow = Result<ResourceService.NewResource, ResourceValueFault>

  static let mostRows = 10_000

  let rows: [SeedRow]

  init(_ object: JSONObjectReader) throws {
    let rows = object.required(
      "resources", .array(of: JSONShape<SeedRow>.object(Self.row), 1...Self.mostRows))
    self.rows = try rows()
  }

  /// The rows that the engine is asked about.
  var accepted: [ResourceService.NewResource] { rows.compactMap { try? $0.get() } }

  private static func row(_ object: JSONObjectReader) throws -> SeedRow {
    let kind = object.required("resource_type", .oneOf as JSONShape<ResourceKind>)
    let text = object.required("resource_value", .string(0...1_000))
    let name = object.nullable("resource_name", .text(.line(Resource.nameLength)))
    let maxClients = object.optional("max_clients", .int(Resource.places), default: 1)
    let isWarmed = object.optional("warmed", .bool, default: false)
    let reputation = object.optional("reputation_score", .reputation, default: 0)
    let provider = object.nullable("provider", .text(.line(Resource.providerLength)))
    let providerID = object.nullable("provider_id", .text(.line(Resource.providerIDLength)))
    let timeZone = object.optional("time_zone", .text(.timeZone), default: .utc)
    var new = ResourceService.NewResource(
      kind: try kind(), value: ResourceValue(unchecked: try text(), kind: try kind()), name: try name(),
      maxClients: try maxClients(), isWarmed: try isWarmed(), reputationScore: try reputation(),
      provider: try provider(), providerID: try providerID(), timeZone: try timeZone())
    do throws(ResourceValueFault) {
      new.value = try ResourceValue(new.value.text, kind: new.kind)
      return .success(new)
    } catch {
      return .failure(error)
    }
  }

  /// The verdicts of all rows, in order, from those of the accepted ones.
  func report(_ verdicts: [ResourceService.Verdict]) -> ResourceImportReport {
    // Where the accepted rows stand among all.
    let places = rows.indices.filter { (try? rows[$0].get()) != nil }
    var all = rows.map { row in
      switch row {
      case .success: ResourceImportReport.RowVerdict(.rejected)
      case .failure(let fault): ResourceImportReport.RowVerdict(.rejected, detail: fault.detail)
      }
    }
    for (place, verdict) in zip(places, verdicts) {
      all[place] = ResourceImportReport.RowVerdict(verdict) { places[$0] }
    }
    return ResourceImportReport(rows: all)
  }
}

/// What became of each row.
struct ResourceImportReport: JSONWritable {
  enum Kind: String, CaseIterable {
    case added, known, duplicate
    case domainMissing = "domain_missing"
    case otherKind = "other_kind"
    case rejected
  }

  struct RowVerdict {
    let kind: Kind
    var resourceID: ID<Resource>?
    var duplicateOf: Int?
    var detail: String?

    init(_ kind: Kind, detail: String? = nil) {
      self.kind = kind
      self.detail = detail
    }

    /// - Parameter place: where an accepted row stands among all.
    init(_ verdict: ResourceService.Verdict, place: (Int) -> Int) {
      switch verdict {
      case .added(let id):
        self.init(.added)
        resourceID = id
      case .known(let id):
        self.init(.known)
        resourceID = id
      case .duplicate(let row):
        self.init(.duplicate, detail: "an earlier row says the same")
        duplicateOf = place(row)
      case .domainMissing:
        self.init(.domainMissing, detail: "its domain is neither in the pool nor in this import")
      case .otherKind(let kind):
        self.init(.otherKind, detail: "the pool has it as another kind: \(kind.rawValue)")
      }
    }
  }

  let rows: [RowVerdict]

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.object("counts") { counts in
        for kind in Kind.allCases {
          counts.field(named: kind.rawValue, rows.count { $0.kind == kind })
        }
      }
      object.array("verdicts") { list in
        for row in rows {
          list.object { object in
            object.field("verdict", row.kind.rawValue)
            object.field("resource_id", row.resourceID)
            object.field("duplicate_of", row.duplicateOf)
            object.field("detail", row.detail)
          }
        }
      }
    }
  }
}
