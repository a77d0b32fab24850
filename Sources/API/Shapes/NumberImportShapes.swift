import Domain
import Engine
import HTTP
import JSON

/// The body of `POST /v1/numbers/import`.
struct NumberImportWish {
  static let mostRows = 10_000

  let numbers: [ImportNumber]
  let options: NumberImportOptions

  init(_ object: JSONObjectReader) throws {
    // An element that is no object is not counted, but then the whole body is refused.
    var row = 0
    let shape = JSONShape<ImportNumber>.object { object in
      row += 1
      return try Self.number(object, row: row)
    }
    let numbers = object.required("numbers", .array(of: shape, 1...Self.mostRows))
    let createClients = object.optional("create_clients", .bool, default: false)
    let isDryRun = object.optional("dry_run", .bool, default: false)
    self.numbers = try numbers()
    options = NumberImportOptions(createClients: try createClients(), isDryRun: try isDryRun())
  }

  /// One row: first its types, then the domain's rules.
  private static func number(_ object: JSONObjectReader, row: Int) throws -> ImportNumber {
    let id = object.required("vapi_phone_number_id", .string())
    let number = object.required("number", .string())
    let name = object.required("name", .string())
    let company = object.required("assigned_broker_company", .text(.company))
    let territories = object.optional("territories", .territories, default: [])
    let notes = object.nullable("notes", .notes)
    let status = object.optional("status", .oneOf as JSONShape<PhoneNumberStatus>)
    let record = NumberImportRow(
      row: row, vapiPhoneNumberID: try id(), number: try number(), name: try name(),
      assignedBrokerCompany: try company().text, territories: try territories(), notes: try notes(),
      status: try status()?.rawValue)
    switch record.validated() {
    case .success(let number): return number
    case .failure(let wrong):
      for error in wrong.errors { object.refuse(error.field, error.detail) }
      throw JSONFault.recorded
    }
  }
}

extension NumberImportReport: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("inserted", inserted)
      object.field("updated", updated)
      object.field("unchanged", unchanged)
      object.field("clients_created", clientsCreated)
      object.field("dry_run", isDryRun)
    }
  }
}

extension Problem {
  /// 422 that names every bad row, up to the first thousand errors.
  static func badRows(_ errors: [NumberImport.RowError]) -> Problem {
    let faults = errors.prefix(1_000).map {
      Fault($0.error.detail, pointer: "/numbers/\($0.row - 1)/\($0.error.field)")
    }
    let omitted = errors.count - faults.count
    return Problem(
      .validation, omitted > 0 ? "\(omitted) more errors are not listed" : nil, faults: faults)
  }
}
