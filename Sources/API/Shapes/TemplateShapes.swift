import Domain
import Engine
import HTTP
import JSON

extension Template: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("client_id", clientID)
      object.field("name", name.text)
      object.field("channel", channel.rawValue)
      object.field("version", version)
      object.field("subject", content.subject)
      object.field("body", content.body)
      object.field("format", content.format.rawValue)
      object.field("variables", content.variables)
      object.field("created_at", createdAt)
      object.field("updated_at", updatedAt)
    }
  }
}

extension TemplateLint: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("matching", matching.value)
      object.field("is_estimate", matching.isEstimate)
      object.field("leads", report.leads)
      object.field("is_sample", isSample)
      object.array("fields") { array in
        for field in report.fields {
          array.object { object in
            object.field("field", field.field.name)
            object.field("is_needed", field.isNeeded)
            object.field("empty", field.empty)
          }
        }
      }
      object.field("failing", report.failing)
      object.field("too_long", report.tooLong)
      object.field("longest_sms", report.longest)
    }
  }
}

extension SMSLength: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("encoding", encoding.rawValue)
      object.field("units", units)
      object.field("limit", limit)
    }
  }
}

extension TemplateError {
  /// As a member of a problem.
  var json: JSONValue {
    [
      "code": .string(code.rawValue), "pointer": .string("/\(part.rawValue)"), "line": .int(line),
      "column": .int(column), "name": name.map { .string($0) } ?? .null, "detail": .string(detail),
    ]
  }

  var fault: Problem.Fault {
    let place = code == .part ? "" : "line \(line), column \(column): "
    return Problem.Fault(place + detail, pointer: "/\(part.rawValue)")
  }
}

extension TemplateContent {
  /// The members of a template's text, which may stand beside others.
  static func reading(_ object: JSONObjectReader) -> () throws -> TemplateContent {
    let subject = object.nullable("subject", .string(0...longestSubject))
    let body = object.required("body", .string(0...longestBody))
    let format = object.optional("format", .oneOf as JSONShape<Format>, default: .text)
    let variables = object.optional(
      "variables", .array(of: .text(.templateVariable), 0...mostVariables), default: [])
    return {
      TemplateContent(
        subject: try subject(), body: try body(), format: try format(), variables: try variables())
    }
  }
}

extension TextShape where Value == String {
  static var templateVariable: TextShape {
    TextShape("a name with a dot, such as sender.name") { TemplateContent.isVariable($0) ? $0 : nil }
  }
}

extension TextShape where Value == TemplateName {
  static var templateName: TextShape {
    let line = TextShape<String>.line(1...200)
    return TextShape(line.expected) { line.parse($0).flatMap { TemplateName($0) } }
  }
}

extension JSONShape where Value == [String: String] {
  /// Values of a template's variables.
  static var templateValues: JSONShape {
    let most = TemplateContent.mostVariables
    return JSONShape<JSONValue>.any.map("an object of at most \(most) texts of 1,000 characters") { value in
      guard let members = value.object, members.count <= most else { return nil }
      var values: [String: String] = [:]
      for (name, member) in members {
        guard let text = member.string, text.unicodeScalars.count <= 1_000 else { return nil }
        values[name] = text
      }
      return values
    }
  }
}
