import Domain
import Postgres
import Store

/// The leads of an older platform, in a table of the same database, read page by page.
public actor LeadTable: LeadImportSource {
  private static let page = 1_000

  private let database: Database
  private let table: LeadTableStore.Table
  private let reader: LeadTableReader
  private let source: String
  private let asOf: Timestamp
  private var place: LeadImportPlace
  public nonisolated let unknownColumns: [String]
  public nonisolated let columns: [(heading: String, field: String?)]
  /// The rows that the table is thought to have.
  public nonisolated let estimate: Int

  /// - Throws: `LeadColumnMapping.Fault`
  public init(
    _ table: LeadTableStore.Table, in database: Database, from place: LeadImportPlace = .start,
    options: LeadFileOptions, claims: LeadClaimColumns, source: String, startedAt: Timestamp
  ) throws {
    var claims = try claims.resolved(in: table.columns)
    if table.isLeads { claims.oldLead = "id" }
    let mapping = try LeadColumnMapping(
      headings: table.columns, wishes: options.wishes.map { ($0.column, $0.field) }, special: claims.all)
    self.database = database
    self.table = table
    self.place = place
    self.source = source
    asOf = options.asOf ?? startedAt
    reader = LeadTableReader(mapping, claims: claims, region: options.region)
    unknownColumns = mapping.unknown
    columns = zip(mapping.headings, mapping.meanings).map { ($0, $1.field?.name) }
    estimate = table.estimate
  }

  public func next() async throws -> LeadImportChunk? {
    let (table, key) = (table, place.key)
    let found = try await database.transaction(.init(isReadOnly: true)) {
      try LeadTableStore.rows(of: table, after: key, limit: Self.page, in: &$0)
    }
    guard let last = found.last else { return nil }
    var row = place.row
    let inputs = found.map { cells -> LeadImportInput in
      row += 1
      var (lead, claim) = reader.read(cells.cells, row: row, source: source, asOf: asOf)
      if cells.isFree, let old = claim?.oldLeadID, case .success(var incoming) = lead {
        incoming.newID = old
        lead = .success(incoming)
      }
      return LeadImportInput(row: row, content: lead, claim: claim)
    }
    let end = LeadImportPlace(row: row, key: last.key)
    defer { place = end }
    return LeadImportChunk(start: place, end: end, rows: inputs)
  }
}

extension LeadImportService {
  /// A table of this database; nil when there is none that can be read in pieces.
  public func table(_ name: String) async throws -> LeadTableStore.Table? {
    try await database.transaction(.init(isReadOnly: true)) { try LeadTableStore.find(name, in: &$0) }
  }

  /// - Throws: `LeadColumnMapping.Fault`
  public func open(
    _ table: LeadTableStore.Table, from place: LeadImportPlace, options: LeadFileOptions,
    claims: LeadClaimColumns, source: String, startedAt: Timestamp
  ) throws -> LeadTable {
    try LeadTable(
      table, in: database, from: place, options: options, claims: claims, source: source, startedAt: startedAt
    )
  }
}
