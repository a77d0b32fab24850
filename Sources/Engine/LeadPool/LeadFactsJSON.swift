import Domain
import JSON

/// Facts as JSON: an object with a member for each known field, by its name, in the order of `LeadField.all`.
extension LeadFacts: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      for field in known {
        if let value = self[field] { object.field(named: field.name, value) }
      }
    }
  }
}

extension LeadValue: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let value): writer.string(value)
    case .integer(let value): writer.int(value)
    case .number(let value): writer.double(value)
    case .flag(let value): writer.bool(value)
    case .date(let value): writer.string(value.description)
    case .texts(let values): values.write(to: &writer)
    case .json(let text): writer.raw(Array(text.utf8))
    }
  }
}
