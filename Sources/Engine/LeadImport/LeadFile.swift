import Domain
import JSON
import Records

/// A file of leads, read chunk by chunk: never more than one chunk is in memory.
///
/// An actor, so that the next chunk can be read while the database takes the last one.
public actor LeadFile: LeadImportSource {
  /// Rows of a chunk, and bytes after which it is full earlier.
  static let chunkRows = 1_000
  static let chunkBytes = 8 << 20

  /// Opens the file from a byte on.
  public typealias Opening = @Sendable (_ offset: Int) throws -> ByteSource

  private enum Reader {
    case csv(CSVRecordsReader, LeadTableReader)
    case lines(JSONLinesReader)
    case json(JSONRecordsReader)
  }

  private var reader: Reader
  private var place: LeadImportPlace
  private let asOf: Timestamp
  private let source: String
  private let region: String
  /// Headings that mean nothing here: their cells are kept, and counted.
  public nonisolated let unknownColumns: [String]
  /// Which column is read as which field.
  public nonisolated let columns: [(heading: String, field: String?)]

  /// - Parameters:
  ///   - special: columns that hold claims; see `LeadClaimColumns`.
  ///   - startedAt: when the import began: records are as of then, unless the options say otherwise.
  /// - Throws: `RecordsError`, `LeadColumnMapping.Fault`.
  public init(
    _ format: RecordFormat, from place: LeadImportPlace = .start, options: LeadFileOptions,
    claims: LeadClaimColumns? = nil, source: String, startedAt: Timestamp, opening: Opening
  ) throws {
    let start = RecordPlace(offset: place.offset, row: place.row, line: place.line, mode: place.mode)
    var unknown: [String] = []
    var columns: [(String, String?)] = []
    switch format {
    case .csv:
      var records = try CSVRecordsReader(try opening(0))
      let claims = try claims?.resolved(in: records.heading)
      let mapping = try LeadColumnMapping(
        headings: records.heading, wishes: options.wishes.map { ($0.column, $0.field) },
        special: claims?.all ?? [])
      unknown = mapping.unknown
      columns = zip(mapping.headings, mapping.meanings).map { ($0, $1.field?.name) }
      if place != .start { records.resume(try opening(place.offset), from: start) }
      reader = .csv(records, LeadTableReader(mapping, claims: claims, region: options.region))
    case .jsonl: reader = .lines(JSONLinesReader(try opening(place.offset), from: start))
    case .json:
      reader = .json(
        JSONRecordsReader(
          try opening(place.offset), lists: ["people", "matches", "contacts", "leads", "data"],
          single: "person", from: start))
    }
    self.place = place
    self.source = source
    region = options.region
    asOf = options.asOf ?? startedAt
    unknownColumns = unknown
    self.columns = columns
  }

  public func next() throws -> LeadImportChunk? {
    var rows: [LeadImportInput] = []
    var end = place
    var bytes = 0
    while rows.count < Self.chunkRows, bytes < Self.chunkBytes, let record = try record() {
      rows.append(input(record))
      bytes += record.end.offset - end.offset
      end = LeadImportPlace(
        offset: record.end.offset, row: record.end.row, line: record.end.line, mode: record.end.mode)
    }
    guard !rows.isEmpty else { return nil }
    defer { place = end }
    return LeadImportChunk(start: place, end: end, rows: rows)
  }

  private func record() throws -> Record? {
    switch reader {
    case .csv(var records, let table):
      defer { reader = .csv(records, table) }
      return try records.next()
    case .lines(var records):
      defer { reader = .lines(records) }
      return try records.next()
    case .json(var records):
      defer { reader = .json(records) }
      return try records.next()
    }
  }

  private func input(_ record: Record) -> LeadImportInput {
    switch record.content {
    case .fault(let detail):
      return LeadImportInput(
        row: record.row,
        content: .failure(FieldError(field: "record", detail: "line \(record.line): \(detail)")))
    case .object(let bytes):
      return LeadImportInput(
        row: record.row, content: incoming(bytes, record).mapError { $0.at(line: record.line) })
    case .fields(let cells):
      guard case .csv(_, let table) = reader else { preconditionFailure("only CSV has cells") }
      let read = table.read(cells, row: record.row, source: source, asOf: asOf)
      return LeadImportInput(
        row: record.row, content: read.lead.mapError { $0.at(line: record.line) }, claim: read.claim)
    }
  }

  private func incoming(_ bytes: [UInt8], _ record: Record) -> Result<IncomingLead, FieldError> {
    LeadObject.incoming(bytes, row: record.row, asOf: asOf, source: source, region: region)
  }
}

extension FieldError {
  /// Tells where in the file it is, since rows are counted without headings and blank lines.
  func at(line: Int) -> FieldError { FieldError(field: field, detail: "line \(line): \(detail)") }
}
