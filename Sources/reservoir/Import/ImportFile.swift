import Domain
import JSON
import Terminal

/// A file of numbers, as the records that it holds or the reason why none can be read.
enum ImportFile {
  enum Form: String, CaseIterable, Sendable { case csv, json }

  /// What was read, before anything is known to be right.
  struct Content {
    var rows: [NumberImportRow] = []
    /// Records of the wrong form, which are not among the rows.
    var errors: [NumberImport.RowError] = []
  }

  /// The form that the end of the name tells, else the one that the first character does.
  static func form(of path: String, _ bytes: [UInt8]) -> Form {
    let name = path.lowercased()
    if name.hasSuffix(".json") { return .json }
    if name.hasSuffix(".csv") { return .csv }
    let first = bytes.first { !"\u{20}\t\r\n".utf8.contains($0) }
    return first == UInt8(ascii: "[") || first == UInt8(ascii: "{") ? .json : .csv
  }

  /// - Throws: `CommandFailure` when the whole cannot be read.
  static func read(_ bytes: [UInt8], _ form: Form) throws(CommandFailure) -> Content {
    switch form {
    case .csv: try csv(bytes)
    case .json: try json(bytes)
    }
  }

  // MARK: CSV

  private static let columns = [
    "vapi_phone_number_id", "number", "name", "assigned_broker_company", "territories", "notes", "status",
  ]

  private static func csv(_ bytes: [UInt8]) throws(CommandFailure) -> Content {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CommandFailure("the file is not UTF-8 text")
    }
    let records: [CSVReader.Record]
    do { records = try CSVReader.records(bytes) } catch {
      throw CommandFailure("line \(error.line): a double quote stands where it may not, or is never closed")
    }
    guard let header = records.first else { throw CommandFailure("the file is empty") }
    let places = try CSVHeader.places(header, columns: columns, required: 3)
    var content = Content()
    content.rows.reserveCapacity(records.count)
    for record in records.dropFirst() {
      guard record.fields.count == header.fields.count else {
        let detail = "expected \(header.fields.count) fields, found \(record.fields.count)"
        content.errors.append(.init(row: record.line, error: FieldError(field: "record", detail: detail)))
        continue
      }
      content.rows.append(row(record, places))
    }
    return content
  }

  private static func row(_ record: CSVReader.Record, _ places: [String: Int]) -> NumberImportRow {
    func field(_ name: String) -> String? { places[name].map { record.fields[$0] } }
    return NumberImportRow(
      row: record.line, vapiPhoneNumberID: field("vapi_phone_number_id"), number: field("number"),
      name: field("name"), assignedBrokerCompany: field("assigned_broker_company"),
      territories: field("territories").map(NumberImportRow.territories(fromText:)) ?? [],
      notes: field("notes"), status: field("status"))
  }

  // MARK: JSON

  private static func json(_ bytes: [UInt8]) throws(CommandFailure) -> Content {
    let isList = bytes.first { !"\u{20}\t\r\n".utf8.contains($0) } == UInt8(ascii: "[")
    let list = JSONShape<[NumberImportRow]>.array(of: .object { try row($0) })
    let whole = JSONShape<[NumberImportRow]>.object { try $0.required("numbers", list)() }
    do {
      var rows = try JSON.read(bytes, isList ? list : whole)
      for place in rows.indices { rows[place].row = place + 1 }
      return Content(rows: rows)
    } catch let issues as JSONIssues {
      return Content(errors: issues.issues.map { rowError($0, isList: isList) })
    } catch {
      throw CommandFailure("this is not JSON: \(error)")
    }
  }

  private static func row(_ object: JSONObjectReader) throws -> NumberImportRow {
    let id = object.nullable("vapi_phone_number_id", .string())
    let number = object.nullable("number", .string())
    let name = object.nullable("name", .string())
    let company = object.nullable("assigned_broker_company", .string())
    let territories = object.nullable("territories", .array(of: .string()))
    let notes = object.nullable("notes", .string())
    let status = object.nullable("status", .string())
    return NumberImportRow(
      row: 0, vapiPhoneNumberID: try id(), number: try number(), name: try name(),
      assignedBrokerCompany: try company(), territories: try territories() ?? [], notes: try notes(),
      status: try status())
  }

  /// `/numbers/3/name` is the field `name` of row 4.
  private static func rowError(_ issue: JSONIssue, isList: Bool) -> NumberImport.RowError {
    var steps = issue.pointer.split(separator: "/").map(String.init)
    if !isList, steps.count > 1, steps[0] == "numbers" { steps.removeFirst() }
    let index = steps.first.flatMap { Int($0) }
    let field = (index == nil ? steps : Array(steps.dropFirst())).joined(separator: "/")
    return .init(
      row: index.map { $0 + 1 } ?? 0,
      error: FieldError(field: field.isEmpty ? "record" : field, detail: issue.detail))
  }
}
