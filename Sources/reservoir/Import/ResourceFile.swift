import Domain
import Engine
import Terminal

/// A CSV file of resources: a row for each, as what it says or the reason why it cannot be taken.
enum ResourceFile {
  struct Row {
    let line: Int
    let content: Result<ResourceService.NewResource, FieldError>
  }

  static let columns = [
    "resource_type", "resource_value", "resource_name", "max_clients", "warmed", "reputation_score",
    "provider", "provider_id", "time_zone",
  ]

  /// - Throws: `CommandFailure` when the whole cannot be read.
  static func rows(_ bytes: [UInt8]) throws(CommandFailure) -> [Row] {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CommandFailure("the file is not UTF-8 text")
    }
    let records: [CSVReader.Record]
    do { records = try CSVReader.records(bytes) } catch {
      throw CommandFailure("line \(error.line): a double quote stands where it may not, or is never closed")
    }
    guard let header = records.first else { throw CommandFailure("the file is empty") }
    let places = try CSVHeader.places(header, columns: columns, required: 2)
    return records.dropFirst().map { record in
      Row(line: record.line, content: Result { () throws(FieldError) in try row(record, header, places) })
    }
  }

  /// Mailboxes last: their domains may stand anywhere in the file.
  static func domainsFirst(_ rows: [Row]) -> [Row] {
    func isMailbox(_ row: Row) -> Bool { (try? row.content.get())?.kind == .mailbox }
    return rows.filter { !isMailbox($0) } + rows.filter(isMailbox)
  }

  private static func row(
    _ record: CSVReader.Record, _ header: CSVReader.Record, _ places: [String: Int]
  ) throws(FieldError) -> ResourceService.NewResource {
    guard record.fields.count == header.fields.count else {
      throw FieldError(
        field: "record", detail: "expected \(header.fields.count) fields, found \(record.fields.count)")
    }
    func field(_ name: String) -> String? {
      places[name].map { record.fields[$0].trimmed }.flatMap { $0.isEmpty ? nil : $0 }
    }
    func read<Value>(
      _ name: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(FieldError) -> Value? {
      guard let text = field(name) else { return nil }
      guard let value = parse(text) else { throw FieldError(field: name, detail: "expected \(expected)") }
      return value
    }
    let kinds = ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")
    guard let kind = try read("resource_type", kinds, ResourceKind.init(rawValue:)) else {
      throw FieldError(field: "resource_type", detail: "expected \(kinds)")
    }
    let value: ResourceValue
    do { value = try ResourceValue(field("resource_value") ?? "", kind: kind) } catch {
      throw FieldError(field: "resource_value", detail: error.detail)
    }
    return ResourceService.NewResource(
      kind: kind, value: value,
      name: try read("resource_name", "1 to 200 characters on one line") {
        $0.isPlainLine(Resource.nameLength) ? $0 : nil
      },
      maxClients: try read("max_clients", "1 to 10000") {
        Int($0).flatMap { Resource.places ~= $0 ? $0 : nil }
      } ?? 1,
      isWarmed: try read("warmed", "true or false") { Bool($0.lowercased()) } ?? false,
      reputationScore: try read("reputation_score", "0 to 100") {
        Int($0).flatMap { Resource.reputations ~= $0 ? $0 : nil }
      } ?? 0,
      provider: try read("provider", "one line") { $0.isPlainLine(Resource.providerLength) ? $0 : nil },
      providerID: try read("provider_id", "one line") {
        $0.isPlainLine(Resource.providerIDLength) ? $0 : nil
      },
      timeZone: try read("time_zone", "an IANA name such as America/New_York", { TimeZoneName($0) }) ?? .utc)
  }
}
