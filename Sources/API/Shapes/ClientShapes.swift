import Domain
import JSON

extension Client: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("company_name", companyName.text)
      object.field("time_zone", timeZone.identifier)
      object.field("low_water_mark", lowWaterMark)
      object.field("created_at", createdAt)
    }
  }
}

extension NewClient {
  /// The body of `POST /v1/clients`.
  init(_ object: JSONObjectReader) throws {
    let name = object.required("company_name", .text(.company))
    let timeZone = object.optional("time_zone", .text(.timeZone), default: .utc)
    let mark = object.optional("low_water_mark", .int(lowWaterMarks), default: 1)
    self.init(companyName: try name(), timeZone: try timeZone(), lowWaterMark: try mark())
  }
}

extension ClientUpdate {
  /// The body of `PATCH /v1/clients/{client_id}`.
  init(_ object: JSONObjectReader) throws {
    let name = object.optional("company_name", .text(.company))
    let timeZone = object.optional("time_zone", .text(.timeZone))
    let mark = object.optional("low_water_mark", .int(lowWaterMarks))
    self.init(companyName: try name(), timeZone: try timeZone(), lowWaterMark: try mark())
    if self == ClientUpdate() { object.refuse("expected at least one field") }
  }
}

private let lowWaterMarks = 0...1_000_000
